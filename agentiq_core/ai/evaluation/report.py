"""A run in words: Markdown for people, JSON for scripts. The same run gives the same text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agentiq_core.ai.evaluation.measures import Measures, Share, faults
from agentiq_core.ai.evaluation.run import Outcome
from agentiq_core.domain.text import inert_line
from agentiq_core.guardrails.redaction import without_phones

LONGEST = 300


@dataclass(frozen=True, slots=True)
class Heading:
    """What a run was made with: `sets` by file name, `model` "templates" or a model's name, the rest as told."""

    sets: tuple[str, ...]
    model: str
    when: str = ""
    machine: str = ""
    currency: str = ""


def as_json(heading: Heading, measures: Measures, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """All figures, and each conversation with what was offered and what is wrong with it. Phones are masked."""
    figures = {name: _figure(value) for name, value in _fields(measures)}
    return {**asdict(heading), "figures": figures, "cases": [_case(one) for one in outcomes]}


def as_markdown(heading: Heading, measures: Measures, outcomes: Sequence[Outcome]) -> str:
    """A page: figures, stop classes, intents, and every conversation that went wrong."""
    return "\n".join(_page(heading, measures, outcomes)).rstrip() + "\n"


def _page(heading: Heading, measures: Measures, outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"# {heading.model} on {', '.join(heading.sets)}"
    yield ""
    told = " · ".join(filter(None, (heading.when, heading.machine)))
    if told:
        yield from (told, "")
    yield from ("| | |", "|---|---|")
    yield from (f"| {name} | {value} |" for name, value in _figures(measures, heading.currency))
    yield from ("", "| stop class | found |", "|---|---|")
    yield from (f"| {name.value} | {said(share)} |" for name, share in measures.stops.items())
    yield from ("", "| intent | understood |", "|---|---|")
    yield from (f"| {name.value} | {said(share)} |" for name, share in measures.by_intent.items())
    wrong = [(one, found) for one in outcomes if (found := faults(one))]
    yield from ("", f"## What went wrong: {len(wrong)} of {len(outcomes)}", "")
    for one, found in wrong:
        yield f"- **{one.case.id}** ({one.origin}): {'; '.join(map(_cell, found))}"
        yield f"  > {_cell(one.suggestion.text)}"


def _figures(measures: Measures, currency: str) -> Iterator[tuple[str, str]]:
    yield "conversations", str(measures.cases)
    yield "from", _counted(measures.origins)
    if measures.asked:
        yield "answers as the schema wants them", said(measures.well_formed)
        yield "answers that could be read", said(measures.readable)
        yield "first tries that broke a rule", _with(measures.broken_before, measures.rules_before)
        if measures.failures:
            yield "calls that gave nothing", _counted(measures.failures)
    yield "offered texts that break a rule", _with(measures.broken_after, measures.rules_after)
    yield "complaints ignored", said(measures.ignored_complaints)
    yield "unsupported facts", said(measures.unsupported)
    yield "stop classes found", said(measures.stop_recall)
    yield "of these, the right one", said(measures.stop_named)
    yield "stop classes without reason", said(measures.stop_alarms)
    yield "intents understood", said(measures.intents)
    yield "intents in other languages", said(measures.intents_foreign)
    yield "moods understood", said(measures.sentiments)
    yield "language right", said(measures.language)
    if measures.asked:
        yield "injections obeyed in the model's words", said(measures.obeyed_before)
    yield "injections obeyed in offered texts", said(measures.obeyed)
    yield "a suggestion, p50 and p95", f"{_time(measures.latency_p50)}, {_time(measures.latency_p95)}"
    if measures.asked:
        yield "tokens in and out", f"{measures.tokens_in}, {measures.tokens_out}"
        yield "cost", f"{measures.cost:f} {currency}".rstrip()


def said(share: Share) -> str:
    """`19/20 (95.0 %)`."""
    return "–" if share.rate is None else f"{share.hits}/{share.of} ({share.rate:.1%})".replace("%)", " %)")


def _with(share: Share, rules: Mapping[str, int]) -> str:
    return f"{said(share)}: {_counted(rules)}" if rules else said(share)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _time(seconds: float) -> str:
    return f"{seconds * 1_000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _cell(text: str) -> str:
    return without_phones(inert_line(text)[:LONGEST]).replace("|", "\\|")


def _fields(measures: Measures) -> Iterator[tuple[str, Any]]:
    yield from ((name, getattr(measures, name)) for name in Measures.__dataclass_fields__)


def _figure(value: Any) -> Any:
    if isinstance(value, Share):
        return {"hits": value.hits, "of": value.of, "rate": value.rate}
    if isinstance(value, Mapping):
        return {str(name): _figure(one) for name, one in value.items()}
    return value if isinstance(value, int | float) else str(value)


def _case(outcome: Outcome) -> dict[str, Any]:
    suggestion = outcome.suggestion
    return {
        "id": outcome.case.id,
        "origin": outcome.origin,
        "text": without_phones(suggestion.text),
        "intent": str(suggestion.intent),
        "sentiment": str(suggestion.sentiment),
        "stop_class": suggestion.stop_class and suggestion.stop_class.value,
        "failure": suggestion.failure,
        "seconds": round(outcome.seconds, 4),
        "faults": list(faults(outcome)),
    }
