"""The right pane: the ready reply, what was checked, and where it comes from."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.text import inert, inert_line
from agentiq_core.domain.views import SuggestionView, ViolationView
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _, ngettext
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.wording import INTENTS, RULES, SENTIMENTS, SOURCES, STOP_CLASSES, said

SURE, LIKELY = 0.8, 0.5
_MOODS = {"negative": "$error", "positive": "$success"}


class SuggestionPane(Vertical):
    """Shows a suggestion. `spent` ones were used, or were overtaken by another reply: they are not sent by a key."""

    def __init__(self) -> None:
        super().__init__(id="suggestion-pane", classes="pane")
        self.suggestion: SuggestionView | None = None
        self.spent = False
        self.send_key = "F5"

    def compose(self) -> ComposeResult:
        yield VerticalScroll(Static(id="suggestion-body"), id="suggestion-scroll")
        yield ActionText(id="suggestion-links")

    def show(
        self, suggestion: SuggestionView | None, *, spent: bool = False, send_key: str | None = None
    ) -> None:
        self.suggestion, self.spent = suggestion, spent
        self.send_key = send_key or self.send_key
        self.query_one("#suggestion-body", Static).update(_body(suggestion, spent))
        self.query_one("#suggestion-links", Static).update(self._links())

    def say(self, line: str) -> None:
        """What stands here while there is nothing to suggest."""
        self.suggestion = None
        self.query_one("#suggestion-body", Static).update(Content.styled(line, "$faint"))
        self.query_one("#suggestion-links", Static).update("")

    def _links(self) -> Content:
        if self.suggestion is None:
            return Content()
        links = [link(_("edit"), shown_key("edit"), "edit"), link(_("insert"), shown_key("insert"), "insert")]
        if not self.spent:
            links.insert(0, link(_("send"), self.send_key, "send"))
        return Content("  ").join(links)


def _body(suggestion: SuggestionView | None, spent: bool) -> Content:
    if suggestion is None:
        return Content.styled(_("No suggestion yet"), "$faint")
    blocks = [_judgement(suggestion)]
    if suggestion.stop_class is not None:
        line = _("A person must answer: {why}").format(why=said(STOP_CLASSES, suggestion.stop_class))
        blocks.append(Content.styled(f"! {line}", "$warning bold"))
    if spent:
        blocks.append(Content.styled(_("Already answered"), "$faint italic"))
    blocks.append(_text(suggestion))
    return Content("\n\n").join([Content("\n").join(blocks), _checks(suggestion), _origin(suggestion)])


def _judgement(suggestion: SuggestionView) -> Content:
    """Intent, mood and how sure we are, in words."""
    sure = suggestion.confidence
    word = _("sure") if sure >= SURE else _("likely") if sure >= LIKELY else _("a guess")
    return Content.assemble(
        (said(INTENTS, suggestion.intent), "bold"),
        " · ",
        (said(SENTIMENTS, suggestion.sentiment), _MOODS.get(suggestion.sentiment, "$faint")),
        (f" · {word}, {round(sure * 100)}%", "$faint"),
    )


def _text(suggestion: SuggestionView) -> Content:
    text = inert(suggestion.text)
    content = Content(text)
    if len(text) == len(suggestion.text):
        for violation in suggestion.violations:
            content = content.stylize("underline $error", violation.start, violation.end)
    return content


def _checks(suggestion: SuggestionView) -> Content:
    if not suggestion.violations:
        count = suggestion.rules_checked
        line = ngettext("checked: {n} rule", "checked: {n} rules", count).format(n=count)
        return Content.styled(f"✓ {line}", "$success")
    return Content("\n").join([violation_line(violation) for violation in suggestion.violations])


def violation_line(violation: ViolationView) -> Content:
    """A guardrail's objection: sign, rule and reason."""
    grave = violation.severity == "error"
    return Content.assemble(
        (
            f"{'✗' if grave else '!'} {said(RULES, violation.rule)}: ",
            "$error bold" if grave else "$warning bold",
        ),
        inert_line(violation.reason),
    )


def _origin(suggestion: SuggestionView) -> Content:
    lines = [_("source: {source}").format(source=said(SOURCES, suggestion.source))]
    lines += [f"· {inert_line(item)}" for item in suggestion.evidence]
    return Content.styled("\n".join(lines), "$faint")
