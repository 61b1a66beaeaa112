"""`agentiq sharing`: how a seller's new conversations come to somebody."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from agentiq_core.domain.team import AssignmentMode, AssignmentRule
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, pairs
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _

app = typer.Typer(help="How new conversations come to somebody.", no_args_is_help=True)


@app.command("show")
def show(seller: Seller, as_json: Json = False) -> None:
    """How a seller's conversations are shared out, and how long a claim lasts."""

    async def work() -> Exit:
        async with open_desk() as desk:
            _show(seller, await desk.assignment.rule(seller), as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def change(
    seller: Seller,
    mode: Annotated[
        AssignmentMode | None,
        typer.Option("--mode", help="By hand, in turn among those at their desks, or to whoever has least."),
    ] = None,
    minutes: Annotated[
        int | None, typer.Option("--claim-minutes", min=1, help="How long a claim lasts by itself.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Share a seller's conversations out another way; what is not named stays."""
    if mode is None and minutes is None:
        raise typer.BadParameter(_("give --mode or --claim-minutes"))

    async def work() -> Exit:
        async with open_desk() as desk:
            rule = await desk.assignment.rule(seller)
            rule = replace(rule, mode=mode or rule.mode, claim_minutes=minutes or rule.claim_minutes)
            await desk.assignment.set_rule(seller, rule)
            _show(seller, rule, as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


def _show(seller: int, rule: AssignmentRule, *, as_json: bool) -> None:
    if as_json:
        data({"seller_id": seller, "mode": rule.mode.value, "claim_minutes": rule.claim_minutes})
    else:
        pairs([(_("mode"), rule.mode.value), (_("a claim lasts, minutes"), str(rule.claim_minutes))])
