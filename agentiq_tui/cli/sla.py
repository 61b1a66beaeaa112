"""`agentiq sla`: which rule a message meets, and by when it must be answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.messages import Channel
from agentiq_tui.cli import calendar, rules
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import json_lines, moment
from agentiq_tui.cli.output import Exit, data, local, pairs
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import PRIORITIES

if TYPE_CHECKING:
    from agentiq_core.sla.deadline import Decision, Terms

app = typer.Typer(help="Deadlines.", no_args_is_help=True)
app.add_typer(calendar.app, name="calendar")
app.add_typer(rules.app, name="rules")
DEFAULT_ZONE = "Europe/Moscow"
_MOST_STARS = 5


@app.callback()
def deadlines() -> None:
    """Deadlines."""


@app.command("preview")
def preview(
    text: Annotated[str, typer.Option("--text", help="The buyer's message.")] = "",
    at: Annotated[str, typer.Option("--at", help="When it came, ISO 8601; now without it.")] = "",
    seller: Annotated[
        int | None,
        typer.Option("--seller", help="This seller's rules and calendar; the defaults without it."),
    ] = None,
    channel: Annotated[
        Channel, typer.Option("--channel", help="chat, review, question or claim.")
    ] = Channel.CHAT,
    stars: Annotated[int | None, typer.Option("--stars", min=1, max=5, help="Of a review.")] = None,
    jsonl: Annotated[
        bool,
        typer.Option("--jsonl", help='Lines {"text","at","channel","stars"} in, a decision a line out.'),
    ] = False,
    as_json: Json = False,
) -> None:
    """Which rule a message meets, its priority, its deadline, and why."""
    if not text and not jsonl:
        raise typer.BadParameter(_("give --text, or --jsonl"))

    async def work() -> Exit:
        terms = await _terms(seller)
        if jsonl:
            for number, item in json_lines():
                came = _came(str(item.get("at") or ""), number)
                where, rating = _kind(item, number, channel, stars)
                data(_json(_decide(str(item.get("text") or ""), came, terms, where, rating)))
            return Exit.DONE
        decision = _decide(text, _came(at), terms, channel, stars)
        if as_json:
            data(_json(decision))
        else:
            pairs(
                [
                    (_("rule"), decision.rule),
                    (_("priority"), _(PRIORITIES[decision.priority])),
                    (_("answer by"), local(decision.due_at)),
                    (
                        _("because"),
                        "; ".join(f"{rule}: {', '.join(words) or '—'}" for rule, words in decision.why),
                    ),
                    (_("outside working hours"), _("yes") if decision.off_hours else _("no")),
                ]
            )
        return Exit.DONE

    perform(work, as_json=as_json)


async def _terms(seller_id: int | None) -> Terms:
    from agentiq_core.sla.deadline import Terms
    from agentiq_core.sla.rules import DEFAULT_RULES

    if seller_id is None:
        return Terms(DEFAULT_RULES, DEFAULT_ZONE)
    async with open_desk() as desk:
        return await desk.terms(seller_id)


def _decide(text: str, at: datetime, terms: Terms, channel: str, stars: int | None) -> Decision:
    return terms.decide([(at, text)], channel, stars)


def _kind(
    item: Mapping[str, Any], number: int, channel: Channel, stars: int | None
) -> tuple[Channel, int | None]:
    """The channel and the stars of a line, else those of the command. Raises `Rejected`."""
    rating = item.get("stars", stars)
    if item.get("channel", channel) not in set(Channel) or not (
        rating is None or (isinstance(rating, int) and 1 <= rating <= _MOST_STARS)
    ):
        names = ", ".join(Channel)
        raise Rejected(
            _("line {n}: channel is one of {names}, stars are 1 to 5").format(n=number, names=names),
            line=number,
        )
    return Channel(item.get("channel", channel)), rating


def _came(at: str, number: int | None = None) -> datetime:
    """The moment that was given, else this one. Raises `Rejected` that names the line."""
    return moment(at, number) if at else datetime.now(UTC)


def _json(decision: Decision) -> dict[str, Any]:
    return {
        "rule": decision.rule,
        "priority": decision.priority.name.lower(),
        "due_at": decision.due_at,
        "off_hours": decision.off_hours,
        "why": [{"rule": rule, "words": list(words)} for rule, words in decision.why],
    }
