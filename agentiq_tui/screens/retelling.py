"""What a model does for the operator's eyes: the conversation in a few lines, a message in Russian. It may take its time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from textual.message import Message

from agentiq_core.domain.text import inert
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import start, waited_for
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed, ReplyTranslated, Retold, TranslationFetched
from agentiq_tui.screens.reading import ReadingScreen
from agentiq_tui.shown import steady
from agentiq_tui.unforeseen import explained

_REPLY = "reply"


class RetellingScreen(ReadingScreen):
    """The part of the desk that asks a model while somebody waits. Nothing of it reaches the reply field unasked."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._asked: set[tuple[ChatRef, str]] = set()

    def action_summary(self) -> None:
        """The conversation in a few lines above the messages; once more hides them."""
        chat, desk = self.conversation, self.desk
        if chat is None or desk is None:
            return
        if self.chat_pane.summary:
            self.chat_pane.show_summary(())
            return
        ref = chat.ref

        async def retell() -> Retold:
            return Retold(ref, await desk.summary(ref))

        self._ask_model(ref, "", retell)

    def on_retold(self, event: Retold) -> None:
        self._asked.discard((event.ref, ""))
        if event.ref == self.current:
            self.chat_pane.show_summary(event.lines)

    def action_translate(self) -> None:
        """The marked message, else the buyer's last, in Russian below its own words; once more hides it."""
        chat, desk, chosen = self.conversation, self.desk, self.chosen_message()
        if chat is None or desk is None:
            return
        if chosen is None or chosen.message_id is None or not chosen.text:
            self.hint(_("There is nothing to translate here"))
            return
        ref, message_id = chat.ref, chosen.message_id
        if self.chat_pane.translations.pop((ref, message_id), None) is not None:
            self.call_later(self.chat_pane.redraw)
            return

        async def translate() -> TranslationFetched:
            made = await desk.translate(ref, message_id)
            return TranslationFetched(ref, message_id, made.text)

        self._ask_model(ref, message_id, translate)

    async def on_translation_fetched(self, event: TranslationFetched) -> None:
        self._asked.discard((event.ref, event.message_id))
        self.chat_pane.translations[event.ref, event.message_id] = steady(event.text)
        if event.ref == self.current:
            await self.chat_pane.redraw()

    def action_translate_reply(self) -> None:
        """What stands in the reply field, in the language that the buyer writes, in its place; one step to undo."""
        chat, desk, composer = self.conversation, self.desk, self.chat_pane.composer
        if chat is None or desk is None or composer is None:
            return
        ref, reply = chat.ref, composer.text.strip()
        if not reply:
            self.hint(_("Write the reply first: it is then put into the buyer's language"))
            return

        async def translate() -> ReplyTranslated:
            made = await desk.translate_reply(ref, reply)
            return ReplyTranslated(ref, reply, made.text, made.language)

        self._ask_model(ref, _REPLY, translate)

    def on_reply_translated(self, event: ReplyTranslated) -> None:
        self._asked.discard((event.ref, _REPLY))
        composer = self.chat_pane.composer
        if event.ref != self.current or composer is None or composer.text.strip() != event.reply:
            self.hint(_("The text is another one by now: it was not translated"))
        elif event.text == event.reply:
            self.hint(_("The buyer writes Russian"))
        else:
            composer.rewrite(inert(event.text))

    def _ask_model(self, ref: ChatRef, what: str, question: Callable[[], Awaitable[Message]]) -> None:
        """Ask once, without the patience that a database gets: a small model thinks for half a minute."""
        if (ref, what) in self._asked:
            self.hint(_("The model is at it"))
            return
        self._asked.add((ref, what))
        self.notify(_("Asking the model…"), markup=False, timeout=2)

        async def work() -> None:
            try:
                with waited_for(self):
                    self.post_message(await question())
            except asyncio.CancelledError:
                self._asked.discard((ref, what))
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the screen stays and says so
                self._asked.discard((ref, what))
                self.post_message(Failed(explained(error)))

        start(self, work, group="model")
