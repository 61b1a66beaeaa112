"""`agentiq sla rules`: which words of a buyer make how much haste."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.messages import Channel
from agentiq_tui.cli.effect import DryRun, say_counted, show_effect
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import CHANNELS, PRIORITIES

if TYPE_CHECKING:
    from agentiq_core.sla.rules import SlaRule

app = typer.Typer(help="A seller's rules for deadlines.", no_args_is_help=True)
Position = Annotated[int, typer.Argument(help="The rule's position.")]
LAST_POSITION = 32_767
MOST_MINUTES = 30 * 24 * 60
"""No marketplace waits longer for an answer."""
WIDTH = 60
"""Characters of a rule's words in a table; `--json` has them all."""


class Haste(StrEnum):
    """A priority as it is written on a command line."""

    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


@app.command("list")
def every(seller: Seller, as_json: Json = False) -> None:
    """The rules in the order they are tried."""

    async def work() -> Exit:
        async with open_desk() as desk:
            _show((await desk.terms(seller)).rules, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("add")
def add(
    seller: Seller,
    name: Annotated[str, typer.Option("--name", help="What the rule is called.")],
    minutes: Annotated[
        int, typer.Option("--minutes", min=1, max=MOST_MINUTES, help="Answer within so many minutes.")
    ],
    position: Annotated[
        int,
        typer.Option("--position", min=1, max=LAST_POSITION, help="Rules are tried by position."),
    ],
    priority: Annotated[Haste, typer.Option("--priority", help="normal, high or urgent.")] = Haste.NORMAL,
    phrases: Annotated[
        list[str] | None,
        typer.Option(
            "--phrase", help="Words that a message holds, in any form; several phrases are alternatives."
        ),
    ] = None,
    pattern: Annotated[str, typer.Option("--pattern", help="Or a regular expression.")] = "",
    channels: Annotated[
        list[Channel] | None, typer.Option("--channel", help="Only there; everywhere without it.")
    ] = None,
    stars: Annotated[
        int | None, typer.Option("--stars", min=1, max=5, help="Only reviews with at most so many.")
    ] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Add a rule at a free position; conversations that wait are counted anew."""

    def with_it(rules: tuple[SlaRule, ...]) -> tuple[SlaRule, ...]:
        from agentiq_core.sla.rules import SlaRule

        _free(rules, position)
        said = tuple(tuple(phrase.split()) for phrase in phrases or () if phrase.split())
        places = frozenset(str(one) for one in channels) if channels else None
        rule = SlaRule(name, said, pattern or None, Priority[priority.name], minutes, position, places, stars)
        return (*rules, rule)

    _change(seller, with_it, dry_run=dry_run, as_json=as_json)


@app.command("remove")
def remove(position: Position, seller: Seller, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Remove a rule; one that matches everything must stay."""

    def without_it(rules: tuple[SlaRule, ...]) -> tuple[SlaRule, ...]:
        gone = _at(rules, position)
        return tuple(rule for rule in rules if rule is not gone)

    _change(seller, without_it, dry_run=dry_run, as_json=as_json)


@app.command("move")
def move(
    position: Position,
    to: Annotated[int, typer.Argument(min=1, max=LAST_POSITION, help="A free position.")],
    seller: Seller,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Give a rule another place in the order."""

    def moved(rules: tuple[SlaRule, ...]) -> tuple[SlaRule, ...]:
        chosen = _at(rules, position)
        _free(rules, to)
        return tuple(replace(rule, position=to) if rule is chosen else rule for rule in rules)

    _change(seller, moved, dry_run=dry_run, as_json=as_json)


def _change(
    seller: int,
    changed: Callable[[tuple[SlaRule, ...]], tuple[SlaRule, ...]],
    *,
    dry_run: bool,
    as_json: bool,
) -> None:
    async def work() -> Exit:
        from agentiq_core.sla.rules import in_order

        async with open_desk() as desk:
            terms = await desk.terms(seller)
            rules = in_order(changed(terms.rules))
            if dry_run:
                show_effect(await desk.effect(seller, replace(terms, rules=rules)), as_json=as_json)
                return Exit.DONE
            counted = await desk.set_rules(seller, rules)
        if as_json:
            data({"seller_id": seller, "rules": [_json(rule) for rule in rules], "recounted": counted})
        else:
            _show(rules, as_json)
            say_counted(counted)
        return Exit.DONE

    perform(work, as_json=as_json)


def _at(rules: tuple[SlaRule, ...], position: int) -> SlaRule:
    found = next((rule for rule in rules if rule.position == position), None)
    if found is None:
        raise Rejected(_("there is no rule at position {n}").format(n=position), position=position)
    return found


def _free(rules: tuple[SlaRule, ...], position: int) -> None:
    taken = next((rule for rule in rules if rule.position == position), None)
    if taken is not None:
        said = _("position {n} is taken by “{name}”").format(n=position, name=taken.name)
        raise Rejected(said, position=position)


def _show(rules: tuple[SlaRule, ...], as_json: bool) -> None:
    if as_json:
        data([_json(rule) for rule in rules])
        return
    rows = [
        (
            str(rule.position),
            rule.name,
            _(PRIORITIES[rule.priority]),
            str(rule.minutes),
            ", ".join(_(CHANNELS[Channel(one)]) for one in sorted(rule.channels or ())) or "—",
            "—" if rule.most_stars is None else f"≤ {rule.most_stars}",
            _words(rule),
        )
        for rule in rules
    ]
    header = (
        _("position"), _("rule"), _("priority"), _("minutes"), _("channel"), _("stars"), _("words"),
    )  # fmt: skip
    table(rows, header)


def _words(rule: SlaRule) -> str:
    words = rule.pattern or ", ".join(" ".join(phrase) for phrase in rule.phrases) or "—"
    return words if len(words) <= WIDTH else f"{words[: WIDTH - 1]}…"


def _json(rule: SlaRule) -> dict[str, Any]:
    return {
        "position": rule.position,
        "name": rule.name,
        "priority": rule.priority.name.lower(),
        "minutes": rule.minutes,
        "phrases": [" ".join(phrase) for phrase in rule.phrases],
        "pattern": rule.pattern,
        "channels": None if rule.channels is None else sorted(rule.channels),
        "most_stars": rule.most_stars,
    }
