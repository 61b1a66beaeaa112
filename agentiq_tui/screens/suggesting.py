"""What an operator asks of a suggestion: another variant, the same anew, its details; and a word against it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from agentiq_core.domain.learning import RejectionReason
from agentiq_core.domain.suggesting import LONGEST_WISH, Wish
from agentiq_core.domain.views import SuggestionView
from agentiq_tui.asking import Latest, ask
from agentiq_tui.automation_wording import REJECTIONS
from agentiq_tui.locale import _
from agentiq_tui.messages import Settled, SuggestionFetched
from agentiq_tui.screens.writing import WritingScreen
from agentiq_tui.suggestion_text import WISHES
from agentiq_tui.transcript import undoable
from agentiq_tui.wording import said

if TYPE_CHECKING:
    from agentiq_tui.screens.choose import Choice

LONGEST_WORDS = 500
Rejection = tuple[RejectionReason, str]


class SuggestingScreen(WritingScreen):
    """The part of the desk around the suggestion. Nothing here touches what was typed."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(clock)
        self.suggestion_wanted = Latest(self, self._fetch_suggestion, quiet=True)
        self._early: SuggestionFetched | None = None

    async def _fetch_suggestion(self) -> SuggestionFetched | None:
        if self.desk is None or self.current is None:
            return None
        return SuggestionFetched(self.current, await self.desk.suggestion(self.current))

    def on_suggestion_fetched(self, event: SuggestionFetched) -> None:
        """Shown beside its chat, not before it: both are laid out at once."""
        if event.ref == self.current:
            self._early = event
            if self.conversation is not None:
                self.show_suggestion()

    def show_suggestion(self) -> None:
        """The chat on screen is new, or newer: its suggestion beside it, as far as there is one yet."""
        pane, event = self.suggestion_pane, self._early
        self._early = None
        if event is not None and event.ref == self.current:
            pane.show(event.suggestion, spent=self.is_spent(event.suggestion))
        elif pane.awaited:
            pane.say("")
        elif pane.suggestion is not None and pane.spent != self.is_spent(pane.suggestion):
            pane.show(pane.suggestion, spent=not pane.spent)

    def action_details(self) -> None:
        """Topics, time, tokens and cost of the suggestion: show, hide."""
        pane = self.suggestion_pane
        if pane.suggestion is None:
            self.hint(_("There is no suggestion"))
        else:
            pane.show_details(details=not pane.details)

    def action_variants(self) -> None:
        """Ask for another wording: by name, or in words of one's own."""
        # its list is imported when first asked for: the first frame does not need it
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        if self._offered() is None:
            return
        choices = [Choice(str(wish), said(WISHES, wish)) for wish in Wish]
        choices.append(Choice("", _("anew, the same way")))

        def chosen(wish: str | None) -> None:
            if wish is not None:
                self._ask_for(wish)

        placeholder = _("…or say it: no apologies, mention the warranty")
        self.app.push_screen(
            ChooseScreen(_("Another variant"), choices, placeholder=placeholder, read=_wish), chosen
        )

    def action_regenerate(self) -> None:
        """The suggestion anew, the same way."""
        if self._offered() is not None:
            self._ask_for("")

    def action_shorter(self) -> None:
        self._ask_for(Wish.SHORTER)

    def action_warmer(self) -> None:
        self._ask_for(Wish.WARMER)

    def action_formal(self) -> None:
        self._ask_for(Wish.FORMAL)

    def _offered(self) -> SuggestionView | None:
        """The suggestion on screen, if something may be asked of it now."""
        suggestion = self.suggestion_pane.suggestion
        if self.app.screen is not self or self.desk is None:
            return None
        if self.read_only:
            self.hint(_("Your role may only read"))
            return None
        if suggestion is None:
            self.hint(_("There is no suggestion"))
        return suggestion

    def _ask_for(self, wish: str) -> None:
        desk, ref = self.desk, self.current
        if desk is None or ref is None or self._offered() is None:
            return

        async def suggest() -> SuggestionFetched:
            return SuggestionFetched(ref, await desk.suggest(ref, wish=wish))

        ask(self, suggest)

    def action_reject(self) -> None:
        """Say that the suggestion is no good, and why; it is not sent by a key any more."""
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        suggestion, desk, ref = self._offered(), self.desk, self.current
        if suggestion is None or desk is None or ref is None:
            return
        choices: list[Choice[Rejection]] = [
            Choice((reason, ""), said(REJECTIONS, reason)) for reason in RejectionReason
        ]

        def chosen(rejection: Rejection | None) -> None:
            if rejection is None:
                return
            reason, words = rejection

            async def reject() -> Settled:
                await desk.learning.reject(ref, suggestion.id, reason, words)
                return Settled(ref, _("Noted. Write your own, or ask for a variant"))

            ask(self, reject)

        placeholder = _("…or say what is wrong with it")
        self.app.push_screen(
            ChooseScreen(
                _("What is wrong with the suggestion?"), choices, placeholder=placeholder, read=_words
            ),
            chosen,
        )

    def action_undo(self) -> None:
        """Take back the queued reply while its countdown runs, else the word against the suggestion."""
        chat, suggestion, desk = self.conversation, self.suggestion_pane.suggestion, self.desk
        held = undoable(chat, self.clock()) if chat is not None else None
        if (
            chat is None
            or held is not None
            or desk is None
            or suggestion is None
            or suggestion.rejected is None
        ):
            super().action_undo()
            return
        ref = chat.ref

        async def take_back() -> Settled:
            await desk.learning.take_back(ref, suggestion.id)
            return Settled(ref, _("The rejection is taken back"))

        ask(self, take_back)


def _wish(words: str) -> str:
    if len(words) > LONGEST_WISH:
        raise ValueError(_("A wish has at most {n} characters").format(n=LONGEST_WISH))
    return words


def _words(words: str) -> Rejection:
    if len(words) > LONGEST_WORDS:
        raise ValueError(_("At most {n} characters").format(n=LONGEST_WORDS))
    return RejectionReason.OTHER, words
