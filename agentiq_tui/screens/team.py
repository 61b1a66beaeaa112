"""What a conversation is to the team: whose it is, who looks and types there, notes and tags."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from textual import on

from agentiq_core.domain.drafts import NOTE, DraftKey, note_field
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
from agentiq_tui.widgets.status_bar import StatusBar

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.screens.choose import Choice

Given = tuple[Colleague, ...]


class TeamScreen(WritingScreen):
    """The part of the desk that colleagues hear of. Its dialogs are imported when first asked for."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._onlookers = Latest(self, self._fetch_onlookers, quiet=True)

    def tell_presence(self) -> None:
        """Colleagues hear that this chat is on this screen; to be called again and again, for it is soon forgotten."""
        if self.desk is not None:
            self.desk.presence.look(self.current)
            if self.query_one(StatusBar).status.untold != self.desk.presence.untold:
                self.show_status(untold=self.desk.presence.untold)

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
        field = note_field(note.id if note is not None else None)
        self._with_colleagues(lambda colleagues: self._write_note(colleagues, note), field, alone=True)

    def _write_note(self, colleagues: Given, note: NoteView | None) -> None:
        from agentiq_tui.screens.note import NoteScreen

        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready
        half = HalfTyped(self, DraftKey(ref, note_field(note.id if note is not None else None)), note)

        def written(answer: tuple[str, bool] | None) -> None:
            text, keep = answer or ("", False)
            if not keep or (not text and note is None):
                return

            async def put() -> Settled:
                if note is None:
                    await desk.notes.add(ref, text)
                elif text:
                    await desk.notes.edit(ref, note.id, text)
                else:
                    await desk.notes.delete(ref, note.id)
                await half.taken(text)
                return Settled(ref, _("Kept for the team") if text else _("The note is deleted"))

            ask(self, put)

        title = _("Note for the team") if note is None else _("Change the note; empty: delete it")
        self.app.push_screen(NoteScreen(title, colleagues, half.opened(), half.typed), written)

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
        self._with_colleagues(self._choose_successor, NOTE)

    def _choose_successor(self, colleagues: Given) -> None:
        from agentiq_tui.screens.choose import ChooseScreen
        from agentiq_tui.screens.note import NoteScreen

        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready
        names = {one.id: one.name for one in colleagues}
        half = HalfTyped(self, DraftKey(ref, NOTE))

        def chosen(to: int | None) -> None:
            if to is not None:
                title = _("Hand over to {who}: what should they know?").format(who=names[to])
                screen = NoteScreen(title, colleagues, half.opened(), half.typed)
                self.app.push_screen(screen, lambda answer: said(to, answer))

        def said(to: int, answer: tuple[str, bool] | None) -> None:
            word, keep = answer or ("", False)
            if not keep or not word:
                return

            async def hand_over() -> Settled:
                # what was begun here is offered to them
                await self.saver.flush()
                await desk.assignment.hand_over(ref, to, word)
                await half.taken(word)
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

    def _with_colleagues(
        self, then: Callable[[Given], None], field: str | None = None, *, alone: bool = False
    ) -> None:
        """Go on when the colleagues are known, and what was half typed in this field of a note; `alone`: without them where the
        database is away."""
        ready = self._ready()
        if ready is None:
            return
        desk, ref = ready
        if alone and self.offline:
            then(())
            return

        async def fetch() -> ColleaguesFetched:
            colleagues = await desk.colleagues.of(ref.seller_id)
            if field is not None:
                key = DraftKey(ref, field)
                moves = self.words.moves(key)
                self.words.heard(key, await desk.drafts.read(key), moves)
            return ColleaguesFetched(colleagues, then)

        ask(self, fetch)

    def on_colleagues_fetched(self, event: ColleaguesFetched) -> None:
        event.then(event.colleagues)


class HalfTyped:
    """A note between its first letter and its being kept: saved as it is typed, as a reply is."""

    def __init__(self, screen: TeamScreen, key: DraftKey, note: NoteView | None = None) -> None:
        self._screen = screen
        self._key = key
        self._before = note.text if note is not None else ""

    def opened(self) -> str:
        """What its field begins with: what was typed, here and elsewhere, else the note as it is."""
        words = self._screen.words
        if other := words.other(self._key):
            self.typed("\n\n".join(one for one in (words.text(self._key), other) if one))
        return words.text(self._key) or self._before

    def typed(self, text: str) -> None:
        """The operator changed it."""
        self._screen.words.type(self._key, "" if text == self._before else text)
        self._screen.save_soon()

    async def taken(self, text: str) -> None:
        """The database has this as a note; what was typed since stays half typed."""
        # so that it knows what was typed elsewhere as a part of this
        await self._screen.saver.flush()
        if self._screen.words.text(self._key).strip() in ("", text):
            self._screen.words.type(self._key, "")
            self._screen.save_soon()


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
