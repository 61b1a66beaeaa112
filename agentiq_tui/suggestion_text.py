"""A suggestion in words: what is offered, what it rests on, who wrote it and what that took."""

from __future__ import annotations

from textual.content import Content

from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.views import ClaimView, SuggestionView, ViolationView
from agentiq_tui.automation_wording import REJECTIONS
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.shown import steady, steady_line
from agentiq_tui.timing import clock_time
from agentiq_tui.wording import INTENTS, RULES, SENTIMENTS, SOURCES, STOP_CLASSES, said

SURE, LIKELY = 0.8, 0.5
LOOKS_LIKE_ORDERS = 0.5
"""From here on the buyer's words are said to look like orders to a model."""
_MOODS = {"negative": "$error", "positive": "$success"}
URGENCIES = {"low": mark("not urgent"), "normal": mark("usual urgency"), "high": mark("answer quickly")}
WISHES = {"shorter": mark("shorter"), "warmer": mark("warmer"), "formal": mark("more formal")}
CLAIM_SOURCES = {
    "card": mark("card of the good"),
    "order": mark("order"),
    "conversation": mark("conversation"),
    "snippet": mark("knowledge base"),
}
FAILURES = {
    "over_budget": mark("the day's money for it is spent"),
    "worker_lost": mark("those who asked it vanished"),
    "misconfigured": mark("its settings cannot be used"),
    "broken": mark("a fault of AgentIQ's own, see the log"),
    "unreachable": mark("it did not answer"),
    "insecure": mark("its server did not prove who it is"),
    "busy": mark("it has too many requests"),
    "wrong_key": mark("its key is refused"),
    "no_money": mark("its account is empty"),
    "not_found": mark("there is no such model"),
    "filtered": mark("its provider filtered the question"),
    "refused": mark("its provider refused"),
    "unreadable": mark("its answer could not be read"),
    "broke_rules": mark("its reply broke a rule, twice"),
}


def body(suggestion: SuggestionView | None, *, spent: bool, details: bool) -> Content:
    """Everything the panel says of it; `details` adds what is wanted seldom. Only `suggestion.text` may be sent."""
    if suggestion is None:
        return Content.styled(_("No suggestion yet"), "$faint")
    head = [_judgement(suggestion), *_warnings(suggestion)]
    if suggestion.rejected is not None:
        line = _("No good: {why}").format(why=said(REJECTIONS, suggestion.rejected))
        head.append(Content.styled(f"✗ {line}", "$error bold"))
    elif spent:
        head.append(Content.styled(_("Already answered"), "$faint italic"))
    head.append(text_of(suggestion))
    blocks = [Content("\n").join(head)]
    if (under_way := _under_way(suggestion)) is not None:
        blocks.append(under_way)
    blocks += [_checks(suggestion), _origin(suggestion)]
    if details:
        blocks.append(_details(suggestion))
    return Content("\n\n").join(blocks)


def text_of(suggestion: SuggestionView) -> Content:
    """The reply itself, with what the guardrails object to underlined."""
    text = steady(suggestion.text)
    content = Content(text)
    if len(text) == len(suggestion.text):
        for violation in suggestion.violations:
            content = content.stylize("underline $error", violation.start, violation.end)
    return content


def violation_line(violation: ViolationView) -> Content:
    """A guardrail's objection: sign, rule and reason."""
    grave = violation.severity == "error"
    return Content.assemble(
        (
            f"{'✗' if grave else '!'} {said(RULES, violation.rule)}: ",
            "$error bold" if grave else "$warning bold",
        ),
        steady_line(violation.reason),
    )


def wish_line(wish: str) -> str:
    """A variant that was asked for, in words."""
    return said(WISHES, wish) if wish in WISHES else f"«{steady_line(wish)}»"


def _judgement(suggestion: SuggestionView) -> Content:
    """Intent, mood and how sure we are, in words."""
    sure = suggestion.confidence
    word = _("sure") if sure >= SURE else _("likely") if sure >= LIKELY else _("a guess")
    urgent = f" · {said(URGENCIES, 'high')}" if suggestion.urgency == "high" else ""
    return Content.assemble(
        (said(INTENTS, suggestion.intent), "bold"),
        " · ",
        (said(SENTIMENTS, suggestion.sentiment), _MOODS.get(suggestion.sentiment, "$faint")),
        (f" · {word}, {round(sure * 100)}%", "$faint"),
        (urgent, "$warning bold"),
    )


def _warnings(suggestion: SuggestionView) -> list[Content]:
    lines = []
    if suggestion.stop_class is not None:
        line = _("A person must answer: {why}").format(why=said(STOP_CLASSES, suggestion.stop_class))
        lines.append(Content.styled(f"! {line}", "$warning bold"))
    if suggestion.injection >= LOOKS_LIKE_ORDERS:
        line = _("The buyer's words look like orders to a model: read the reply closely")
        lines.append(Content.styled(f"! {line}", "$warning bold"))
    return lines


def _under_way(suggestion: SuggestionView) -> Content | None:
    """What a model is still doing. Its unfinished words are shown as such: nothing sends them."""
    asked_for = f" ({wish_line(suggestion.wish)})" if suggestion.wish else ""
    if suggestion.state is PassState.WANTED:
        return Content.styled("… " + _("a model will write its own{wish}").format(wish=asked_for), "$faint")
    if suggestion.state is PassState.WRITING:
        line = "✎ " + _("a model is writing{wish}; this cannot be sent yet").format(wish=asked_for)
        written = steady(suggestion.partial)
        return Content.assemble((line, "$warning"), (f"\n{written}▁" if written else "", "$faint italic"))
    if suggestion.failure is not None:
        why = said(FAILURES, suggestion.failure)
        return Content.styled("! " + _("no model helped: {why}").format(why=why), "$warning")
    return None


def _checks(suggestion: SuggestionView) -> Content:
    if not suggestion.violations:
        count = suggestion.rules_checked
        line = ngettext("checked: {n} rule", "checked: {n} rules", count).format(n=count)
        return Content.styled(f"✓ {line}", "$success")
    return Content("\n").join([violation_line(violation) for violation in suggestion.violations])


def _origin(suggestion: SuggestionView) -> Content:
    source = said(SOURCES, suggestion.source)
    if suggestion.source == "model" and suggestion.model:
        source += f" {steady_line(suggestion.model)}"
    if suggestion.source == "model" and suggestion.wish and suggestion.state is PassState.DONE:
        source += f", {wish_line(suggestion.wish)}"
    lines = [Content.styled(_("source: {source}").format(source=source), "$faint")]
    lines += [_claim(claim) for claim in suggestion.claims]
    if not suggestion.claims:
        lines += [Content.styled(f"· {steady_line(item)}", "$faint") for item in suggestion.evidence]
    if suggestion.recommendation:
        lines.append(
            Content.assemble((_("what to do") + ": ", "$accent"), steady_line(suggestion.recommendation))
        )
    return Content("\n").join(lines)


def _claim(claim: ClaimView) -> Content:
    return Content.assemble(
        ("· ", "$faint"),
        f"«{steady_line(claim.text)}»",
        (f" ← {said(CLAIM_SOURCES, claim.source)}: {steady_line(claim.words)}", "$faint"),
    )


def _details(suggestion: SuggestionView) -> Content:
    facts = []
    if suggestion.categories:
        facts.append(_("about: {what}").format(what=", ".join(map(steady_line, suggestion.categories))))
    if suggestion.urgency:
        facts.append(said(URGENCIES, suggestion.urgency))
    if suggestion.repaired:
        facts.append(_("its first try broke a rule and was written anew"))
    if suggestion.latency is not None:
        facts.append(_("written in {n} s").format(n=f"{suggestion.latency:.1f}"))
    if suggestion.tokens_in or suggestion.tokens_out:
        facts.append(
            _("{n_in} + {n_out} tokens").format(n_in=suggestion.tokens_in, n_out=suggestion.tokens_out)
        )
    if suggestion.cost:
        facts.append(_("cost {money}").format(money=f"{suggestion.cost.normalize():f}"))
    facts.append(_("made at {time}").format(time=clock_time(suggestion.analyzed_at or suggestion.created_at)))
    if suggestion.claims:
        facts += [steady_line(item) for item in suggestion.evidence]
    return Content.styled("\n".join(f"· {fact}" for fact in facts), "$faint")
