"""`agentiq guard rules`: what a seller forbids beside the built-in guardrails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.text import inert_line
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, local, say, table
from agentiq_tui.cli.own_rules import read_rules
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, ngettext
from agentiq_tui.wording import CHANNELS, SEVERITIES, said

if TYPE_CHECKING:
    from agentiq_core.engine.guard_rules import GuardEffect
    from agentiq_core.guardrails import RuleSet

app = typer.Typer(help="A seller's own guardrail rules, kept in the database.", no_args_is_help=True)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Try them on recent replies; change nothing.")]
WIDTH = 50
"""Characters of a rule's words in a table; `--json` has them all."""


@app.command("show")
def show(seller: Seller, as_json: Json = False) -> None:
    """The rules of a seller's own; `--json` prints them as `set` reads them."""

    async def work() -> Exit:
        async with open_desk() as desk:
            _show(await desk.guard_rules.read(seller), as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def set_rules(
    file: Annotated[Path, typer.Argument(help="A JSON file (docs/guardrails.md).")],
    seller: Seller,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Give a seller the rules of a file instead of those it had; `--dry-run` tries them on its recent replies."""

    async def work() -> Exit:
        return await _change(seller, read_rules(file), dry_run=dry_run, as_json=as_json)

    perform(work, as_json=as_json)


@app.command("clear")
def clear(seller: Seller, dry_run: DryRun = False, as_json: Json = False) -> None:
    """Forget a seller's own rules; the built-in ones stay."""

    async def work() -> Exit:
        from agentiq_core.guardrails import RuleSet

        return await _change(seller, RuleSet(), dry_run=dry_run, as_json=as_json)

    perform(work, as_json=as_json)


async def _change(seller: int, rules: RuleSet, *, dry_run: bool, as_json: bool) -> Exit:
    async with open_desk() as desk:
        if dry_run:
            _show_effect(await desk.guard_rules.effect(seller, rules), as_json=as_json)
            return Exit.DONE
        stopped = await desk.guard_rules.set(seller, rules)
    if as_json:
        data({"seller_id": seller, **rules.to_json(), "suggestions_stopped": stopped})
        return Exit.DONE
    _show(rules, as_json=False)
    line = ngettext("{n} suggestion is written anew", "{n} suggestions are written anew", stopped)
    say(line.format(n=stopped))
    return Exit.DONE


def _show(rules: RuleSet, *, as_json: bool) -> None:
    if as_json:
        data(rules.to_json())
        return
    if not rules.rules:
        say(_("No rules of its own: the built-in ones hold"))
        return
    rows = [
        (
            rule.name,
            str(rule.version),
            said(SEVERITIES, rule.severity.value),
            "—" if rule.channel is None else said(CHANNELS, rule.channel),
            _cut(", ".join((*rule.words, *rule.phrases))),
            inert_line(rule.reason),
        )
        for rule in rules.rules
    ]
    table(rows, (_("rule"), _("version"), _("severity"), _("channel"), _("words"), _("reason")))


def _show_effect(effect: GuardEffect, *, as_json: bool) -> None:
    if as_json:
        newest = [
            {
                "chat_id": one.chat_id,
                "sent_at": one.sent_at,
                "rule": one.rule,
                "severity": one.severity,
                "words": one.words,
                "reason": one.reason,
            }
            for one in effect.newest
        ]
        counts = {"replies": effect.replies, "stopped": effect.stopped, "warned": effect.warned}
        data({"dry_run": True, **counts, "by_rule": dict(effect.by_rule), "newest": newest})
        return
    if effect.newest:
        rows = [
            (
                str(one.chat_id),
                local(one.sent_at),
                inert_line(one.rule),
                said(SEVERITIES, one.severity),
                _cut(one.words),
            )
            for one in effect.newest
        ]
        table(rows, (_("conversation"), _("sent"), _("rule"), _("severity"), _("words")))
    line = ngettext(
        "of the last {n} reply {stopped} would have been stopped, {warned} warned of; nothing was changed",
        "of the last {n} replies {stopped} would have been stopped, {warned} warned of; nothing was changed",
        effect.replies,
    )
    say(line.format(n=effect.replies, stopped=effect.stopped, warned=effect.warned))


def _cut(words: str) -> str:
    line = inert_line(words) or "—"
    return line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
