"""The right pane: the ready reply, what was checked, and where it comes from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.views import SuggestionView
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _
from agentiq_tui.suggestion_text import body
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.still_text import StillText

LOOK = timedelta(seconds=0.7)
"""A suggestion that changed this recently was not read yet: no key sends it."""


class SuggestionPane(Vertical):
    """Shows a suggestion. `spent` ones were used, or were overtaken by another reply: they are not sent by a key."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        super().__init__(id="suggestion-pane", classes="pane")
        self.clock = clock
        self.suggestion: SuggestionView | None = None
        self.spent = False
        self.send_key = "F5"
        self.details = False
        self.awaited = True
        """Whether nothing was shown yet for the chat that is being opened."""
        self._changed_at: datetime | None = None

    def compose(self) -> ComposeResult:
        yield VerticalScroll(StillText(id="suggestion-body"), id="suggestion-scroll")
        yield ActionText(id="suggestion-links")

    def show(
        self, suggestion: SuggestionView | None, *, spent: bool = False, send_key: str | None = None
    ) -> None:
        """Show this one. Under the eyes of an operator it changes what a key would send: `just_changed` says so for a while."""
        before = self.suggestion.text if self.suggestion is not None else None
        after = suggestion.text if suggestion is not None else None
        if not self.awaited and before != after:
            self._changed_at = self.clock()
        self.awaited = False
        self.suggestion, self.spent = suggestion, spent
        self.send_key = send_key or self.send_key
        self._draw()

    @property
    def just_changed(self) -> bool:
        """Whether the text that a key would send is so new that nobody can have read it."""
        return self._changed_at is not None and self.clock() - self._changed_at < LOOK

    def show_details(self, *, details: bool) -> None:
        """Say, or no longer say, what is wanted seldom: topics, time, tokens, cost."""
        self.details = details
        self._draw()

    def forget(self) -> None:
        """The next suggestion is another chat's. What is drawn stays until it comes, and is nobody's to send."""
        self.suggestion = None
        self.awaited, self._changed_at = True, None

    def say(self, line: str) -> None:
        """What stands here while there is nothing to suggest; the next suggestion is another chat's."""
        self.forget()
        self.query_one("#suggestion-body", Static).update(Content.styled(line, "$faint"))
        self.query_one("#suggestion-links", Static).update(Content())

    def on_resize(self) -> None:
        self.query_one("#suggestion-links", Static).update(self._links())

    def _draw(self) -> None:
        content = body(self.suggestion, spent=self.spent, details=self.details)
        self.query_one("#suggestion-body", Static).update(content)
        self.query_one("#suggestion-links", Static).update(self._links())

    def _links(self) -> Content:
        if self.suggestion is None:
            return Content()
        links = [
            link(_("edit"), "edit"),
            link(_("insert"), "insert"),
        ]
        if not self.screen.has_class("-low"):
            # a second line of words would cost one of the reply's
            links.append(link(_("variants"), "variants", key=shown_key("variants", letter=True)))
        if self.suggestion.rejected is not None:
            links.insert(0, link(_("take the rejection back"), "undo", key=shown_key("undo", letter=True)))
        if not self.spent:
            links.insert(0, link(_("send"), "send", key=self.send_key))
        return Content("  ").join(links)
