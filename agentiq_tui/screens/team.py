"""What a conversation is to the team: whose it is, who looks and types there, notes and tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.team import Colleague, NoteView, Tag
from agentiq_core.domain.views import ChatRef
from agentiq_tui.asking import Latest, ask
from agentiq_tui.locale import _
from agentiq_tui.messages import (
    ChatTagsFetched,
    ColleaguesFetched,
    OnlookersFetched,
    PresenceChanged,
    Settled,
)
from agentiq_tui.screens.writing import WritingScreen
from agentiq_tui.widgets.composer import Composer

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.screens.choose import Choice

Given = tuple[Colleague, ...]


class TeamScreen(WritingScreen):
    """The part of the desk that colleagues hear of. Its dialogs are imported when first asked for."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._unkept: dict[ChatRef, str] = {}
        self._onlookers = Latest(self, self._fetch_onlookers, quiet=True)

    def tell_presence(self) -> None:
        """Colleagues hear that this chat is on this screen; to be called again and again, for it is soon forgotten."""
        if self.desk is not None:
            self.desk.presence.look(self.current)

    @on(Composer.Edited)
    def _types(self) -> None:
        if self.desk is not None and self.current is not None:
            self.desk.presence.typing(self.current)

    def on_presence_changed(self, event: PresenceChanged) -> None:
        if event.ref == self.current:
            self._onlookers.request()

    async def _fetch_onlookers(self) -> OnlookersFetched | None:
        desk, ref = self.desk, self.current
        if desk is None or ref is None:
            return None
        moves = self.words.moves(DraftKey(ref))
        onlookers = await desk.presence.others(ref)
        return OnlookersFetched(ref, onlookers, *await desk.drafts.of_reply(ref), moves)

    def on_onlookers_fetched(self, event: OnlookersFetched) -> None:
        chat = self.conversation
        if chat is not None and event.ref == chat.ref:
            self.chat_pane.show_head(replace(chat, presence=event.onlookers))
            self.heard(chat.ref, event.draft, event.left, event.moves)

    def action_note(self) -> None:
        """Write a note; one of one's own that is marked is changed instead."""
        marked = self.chat_pane.transcript.marked_entry
        note = marked.note if marked is not None and marked.note is not None and marked.note.own else None
        self._with_colleagues(lambda colleagues: self._write_note(colleagues, note))

    def _write_note(self, colleagues: Given, note: NoteView | None) -> None:
        from agentiq_tui.screens.note import NoteScreen

        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready

        def written(answer: tuple[str, bool] | None) -> None:
            text, keep = answer or ("", False)
            if not keep or (not text and note is None):
                if note is None:
                    self._unkept[ref] = text
                return

            async def put() -> Settled:
                if note is None:
                    await desk.notes.add(ref, text)
                    self._unkept.pop(ref, None)
                elif text:
                    await desk.notes.edit(ref, note.id, text)
                else:
                    await desk.notes.delete(ref, note.id)
                return Settled(ref, _("Kept for the team") if text else _("The note is deleted"))

            if note is None:
                # until the database has it
                self._unkept[ref] = text
            ask(self, put)

        title = _("Note for the team") if note is None else _("Change the note; empty: delete it")
        text = self._unkept.get(ref, "") if note is None else note.text
        self.app.push_screen(NoteScreen(title, colleagues, text), written)

    def action_claim(self) -> None:
        """This chat is the operator's for a while, then nobody's again."""
        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready

        async def claim() -> Settled:
            await desk.assignment.claim(ref)
            return Settled(ref, _("It is yours for a while"))

        ask(self, claim)

    def action_assign(self) -> None:
        """Give the chat to somebody, or to nobody."""
        self._with_colleagues(self._choose_assignee)

    def _choose_assignee(self, colleagues: Given) -> None:
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready
        choices = [*_people(colleagues), Choice(0, _("nobody"))]

        def chosen(to: int | None) -> None:
            if to is None:
                return

            async def assign() -> Settled:
                await desk.assignment.assign(ref, to or None)
                return Settled(ref, _("Given") if to else _("It is nobody's now"))

            ask(self, assign)

        self.app.push_screen(ChooseScreen(_("Whose is it from now on?"), choices), chosen)

    def action_hand_over(self) -> None:
        """Give the chat to a colleague with a word about it."""
        self._with_colleagues(self._choose_successor)

    def _choose_successor(self, colleagues: Given) -> None:
        from agentiq_tui.screens.choose import ChooseScreen
        from agentiq_tui.screens.note import NoteScreen

        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready
        names = {one.id: one.name for one in colleagues}

        def chosen(to: int | None) -> None:
            if to is not None:
                title = _("Hand over to {who}: what should they know?").format(who=names[to])
                self.app.push_screen(
                    NoteScreen(title, colleagues, self._unkept.get(ref, "")), lambda answer: said(to, answer)
                )

        def said(to: int, answer: tuple[str, bool] | None) -> None:
            word, keep = answer or ("", False)
            self._unkept[ref] = word
            if not keep or not word:
                return

            async def hand_over() -> Settled:
                await desk.assignment.hand_over(ref, to, word)
                self._unkept.pop(ref, None)
                return Settled(ref, _("Handed over to {who}").format(who=names[to]))

            ask(self, hand_over)

        others = tuple(one for one in colleagues if one.id != desk.assignment.me)
        self.app.push_screen(ChooseScreen(_("To whom?"), _people(others)), chosen)

    def action_tag(self) -> None:
        """Put a tag on the chat, or take it off; a new word makes a new tag."""
        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready

        async def fetch() -> ChatTagsFetched:
            return ChatTagsFetched(ref, await desk.tags.of(ref.seller_id))

        ask(self, fetch)

    def on_chat_tags_fetched(self, event: ChatTagsFetched) -> None:
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or chat.ref != event.ref or self.app.screen is not self:
            return
        ref, borne = chat.ref, chat.tags
        choices = [
            Choice(name, f"#{name}", _("take off") if name in borne else "")
            for name in _names(event.tags, borne)
        ]

        def chosen(name: str | None) -> None:
            if name is None:
                return

            async def change() -> Settled:
                if name in borne:
                    await desk.tags.remove(ref, name)
                    return Settled(ref, _("Without #{tag}").format(tag=name))
                await desk.tags.add(ref, name)
                return Settled(ref, _("With #{tag}").format(tag=name))

            ask(self, change)

        placeholder = _("A tag, or a new word")
        self.app.push_screen(ChooseScreen(_("Tags"), choices, placeholder=placeholder, read=_tag), chosen)

    def _ready(self) -> tuple[Desk, ChatRef] | None:
        """The desk and the chat, if this operator may change something there now."""
        if self.desk is None or self.conversation is None or self.app.screen is not self:
            return None
        if self.read_only:
            self.hint(_("Your role may only read"))
            return None
        return self.desk, self.conversation.ref

    def _with_colleagues(self, then: Callable[[Given], None]) -> None:
        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready

        async def fetch() -> ColleaguesFetched:
            return ColleaguesFetched(await desk.colleagues.of(ref.seller_id), then)

        ask(self, fetch)

    def on_colleagues_fetched(self, event: ColleaguesFetched) -> None:
        event.then(event.colleagues)


def _people(colleagues: Given) -> list[Choice[int]]:
    from agentiq_tui.screens.choose import Choice

    return [Choice(one.id, one.name, _("at the desk") if one.here else "") for one in colleagues]


def _names(tags: tuple[Tag, ...], borne: tuple[str, ...]) -> list[str]:
    """What the chat bears first, then the others."""
    return [*borne, *(tag.name for tag in tags if tag.name not in borne)]


def _tag(words: str) -> str:
    name = words.removeprefix("#")
    if not name or len(name) > 40 or any(sign.isspace() or sign in "#@," for sign in name):
        raise ValueError(_("A tag is one word of at most 40 letters, without # @ ,"))
    return name
