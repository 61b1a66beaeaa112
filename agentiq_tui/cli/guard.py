"""`agentiq guard`: check replies against the guardrails; only a seller's own rules need a database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.errors import Rejected
from agentiq_tui.cli.guard_rules import app as rules_app
from agentiq_tui.cli.input import json_lines, read_text
from agentiq_tui.cli.output import Exit, data, line, say
from agentiq_tui.cli.own_rules import read_rules
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.guardrails import RuleSet

app = typer.Typer(help="Check replies against the guardrails.")
app.add_typer(rules_app, name="rules")
CHANNELS = ("chat", "review", "question")
_LONGEST_TEXT = 1024 * 1024


@app.callback(invoke_without_command=True)
def guard(
    context: typer.Context,
    channel: Annotated[str, typer.Option("--channel", help="chat, review or question.")] = "chat",
    jsonl: Annotated[
        bool, typer.Option("--jsonl", help='Lines {"channel","buyer_text","reply"} in, a verdict a line out.')
    ] = False,
    buyer: Annotated[str, typer.Option("--buyer", help="What the buyer wrote.")] = "",
    rules: Annotated[
        Path | None,
        typer.Option("--rules", help="A JSON file with rules of your own beside the built-in ones."),
    ] = None,
    seller: Annotated[
        int | None, typer.Option("--seller", help="With the rules of this seller's own, from the database.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the verdict as JSON.")] = False,
) -> None:
    """Check the reply on standard input. Exit code 1 when it may not be sent."""
    if context.invoked_subcommand is not None:
        return
    if rules is not None and seller is not None:
        raise typer.BadParameter(_("either --rules or --seller: both name rules of one's own"))
    if channel not in CHANNELS:
        raise typer.BadParameter(_("choose from: {names}").format(names=", ".join(CHANNELS)))

    async def work() -> Exit:
        own = read_rules(rules) if rules else None
        if seller is not None:
            async with open_desk() as desk:
                own = await desk.guard_rules.read(seller)
        return _each_line(channel, own) if jsonl else _one(channel, buyer, own, as_json)

    perform(work, as_json=as_json)


def _one(channel: str, buyer: str, own: RuleSet | None, as_json: bool) -> Exit:
    from agentiq_core.guardrails import check

    text = read_text(_LONGEST_TEXT).strip("\r\n")
    verdict = check(text, channel=channel, buyer_texts=[buyer] if buyer else [], own=own)
    if as_json:
        data(verdict.to_json())
    else:
        for one in verdict.violations:
            line(
                f"{one.severity.value} {one.rule} [{one.start}:{one.end}] «{text[one.start : one.end]}»: {one.reason}"
            )
    say(_("may be sent") if verdict.allowed else _("may not be sent"))
    return Exit.DONE if verdict.allowed else Exit.FAILED


def _each_line(default: str, own: RuleSet | None) -> Exit:
    from agentiq_core.guardrails import check

    for number, item in json_lines():
        channel = item.get("channel") or default
        if channel not in CHANNELS:
            raise Rejected(
                _("line {n}: channel is one of {names}").format(n=number, names=", ".join(CHANNELS))
            )
        buyer = str(item.get("buyer_text") or "")
        verdict = check(
            str(item.get("reply") or ""), channel=channel, buyer_texts=[buyer] if buyer else [], own=own
        )
        data(verdict.to_json())
    return Exit.DONE
