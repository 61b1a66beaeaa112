"""What helps reading a conversation: the card of the good, one message to act on, the way to a day long ago."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from urllib.parse import urlsplit

from agentiq_core.domain.messages import Author
from agentiq_core.domain.text import inert
from agentiq_core.domain.views import ChatRef, Conversation, MessageKey
from agentiq_tui.asking import Latest, ask
from agentiq_tui.destination import Day, Destination, Noted
from agentiq_tui.finding_messages import NotesSeen, PlaceWanted
from agentiq_tui.locale import _
from agentiq_tui.messages import CardFetched, ChatChosen, OlderFetched, OlderWanted
from agentiq_tui.screens.writing import WritingScreen
from agentiq_tui.transcript import Entry
from agentiq_tui.widgets.product_card import ProductCardView

AT_ONCE = 200
"""Messages of a page on the way to a place long ago; one page is drawn in about as many milliseconds."""
MOST_LOADED = 3_000
"""Messages on screen at which the way back ends: more would make every key slow."""


class ReadingScreen(WritingScreen):
    """The part of the desk around the messages."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self._sought: Destination | None = None
        self._older_asked: MessageKey | None = None
        self._card = Latest(self, self._fetch_card, quiet=True)

    @property
    def _card_view(self) -> ProductCardView:
        return self.query_one(ProductCardView)

    def action_card(self) -> None:
        """Fold the card of the good out, or away."""
        if self.conversation is None:
            return
        self._card_view.display = not self._card_view.display
        self.show_card(self.conversation)

    def show_card(self, chat: Conversation) -> None:
        """The card of this chat, if it is unfolded."""
        if self._card_view.display:
            self._card_view.show(chat.product, None)
            self._card.request()

    async def _fetch_card(self) -> CardFetched | None:
        if self.desk is None or self.current is None:
            return None
        ref = self.current
        return CardFetched(ref, await self.desk.cards.of(ref))

    def on_card_fetched(self, event: CardFetched) -> None:
        if event.ref == self.current and self.conversation is not None:
            self._card_view.show(self.conversation.product, event.card)

    def action_open_photo(self) -> None:
        """The picture of the good, in this machine's browser."""
        card = self._card_view.card
        url = card.photo_url if card else None
        if url is None or urlsplit(url).scheme not in ("http", "https"):
            self.hint(_("There is no picture of this good"))
        else:
            self.app.open_url(url)

    def chosen_message(self) -> Entry | None:
        """The marked message; without one the buyer's last."""
        marked = self.chat_pane.transcript.marked_entry
        if marked is not None:
            return marked
        said = [entry for entry in self.chat_pane.all_entries if entry.author is Author.BUYER and entry.text]
        return said[-1] if said else None

    def action_copy(self) -> None:
        """What is selected, else the marked message, else the buyer's last words."""
        text = self.get_selected_text()
        if not text and (chosen := self.chosen_message()) is not None:
            text = inert(chosen.text)
        if text:
            self.app.copy_to_clipboard(text)
        else:
            self.hint(_("There is nothing to copy"))

    def action_to_day(self) -> None:
        """Ask for a day, and go there."""
        # its form is imported when first asked for: the first frame does not need it
        from agentiq_tui.screens.day import DayScreen

        chat = self.conversation
        if chat is None or self.app.screen is not self:
            return
        ref = chat.ref

        def chosen(day: date | None) -> None:
            if day is not None:
                self.post_message(PlaceWanted(Day(ref, day)))

        self.app.push_screen(DayScreen(self.clock().astimezone().date()), chosen)

    def on_place_wanted(self, event: PlaceWanted) -> None:
        """Go to a place of a conversation, which is opened if it is another one."""
        self._sought = event.place
        self.front_pane("chat")
        if event.place.ref == self.current:
            self.seek()
        else:
            self.post_message(ChatChosen(event.place.ref))

    def forget_place(self, ref: ChatRef) -> None:
        """This conversation was chosen: a way through another one ends."""
        if self._sought is not None and self._sought.ref != ref:
            self._sought = None

    def seek(self) -> None:
        """One step of the way to the place that is sought: an older run is asked for, or the place is on screen."""
        place, pane, chat = self._sought, self.chat_pane, self.conversation
        if place is None or chat is None or place.ref != chat.ref:
            return
        loaded = pane.all_messages
        there = not loaded or place.behind(loaded[0])
        if not there and pane.older_key is not None and len(loaded) < MOST_LOADED:
            self.fetch_older(AT_ONCE)
            return
        self._sought = None
        self._arrive(place, too_far=not there and pane.older_key is not None)

    def _arrive(self, place: Destination, *, too_far: bool) -> None:
        pane = self.chat_pane
        entries = pane.all_entries
        entry = place.among(entries)
        if entry is None and too_far and entries:
            entry = entries[0]
        if too_far:
            self.hint(_("That is too far back: the oldest messages shown are the end of the way"))
        elif entry is None and not isinstance(place, Day):
            self.hint(_("This is no longer in the conversation"))
        if entry is not None:
            pane.transcript.to_entry(entry.key)
        elif isinstance(place, Day):
            pane.transcript.to_end()
        if isinstance(place, Noted):
            # also when it lies before what an opened conversation shows by itself
            self.notes_seen(place.ref)

    def notes_seen(self, ref: ChatRef) -> None:
        """What names the operator in this conversation has been read."""
        desk = self.desk
        if desk is None:
            return

        async def seen() -> NotesSeen:
            return NotesSeen(await desk.notes.seen(ref))

        ask(self, seen, quiet=True)

    def on_older_wanted(self, event: OlderWanted) -> None:
        if self.chat_pane.transcript.has_older:
            self.fetch_older()

    def fetch_older(self, limit: int = 50) -> None:
        """Ask for an older run of the conversation, once."""
        chat, desk, key = self.conversation, self.desk, self.chat_pane.older_key
        if chat is None or desk is None or key is None or key == self._older_asked:
            return
        self._older_asked = key

        async def older() -> OlderFetched:
            try:
                return OlderFetched(await desk.conversation(chat.ref, key, limit), key)
            except BaseException:
                self._sought = None
                raise
            finally:
                self._older_asked = None
                # an answer brings the next key; without one the same page may be asked for again
                if self.current == chat.ref:
                    self.chat_pane.expect_older()

        self.chat_pane.transcript.has_older = False
        ask(self, older)

    async def on_older_fetched(self, event: OlderFetched) -> None:
        if event.conversation.ref == self.current and event.before == self.chat_pane.older_key:
            await self.chat_pane.show_older(event.conversation)
            self.seek()
