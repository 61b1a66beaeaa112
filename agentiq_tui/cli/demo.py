"""`agentiq demo`: the whole desk on a sandbox marketplace; no account, key or network needed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from agentiq_tui.cli.output import Exit, data, failed, say
from agentiq_tui.cli.session import current_settings, perform
from agentiq_tui.locale import _


def demo(
    headless: Annotated[
        bool, typer.Option("--headless", help="Play the operator instead of showing the app.")
    ] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=5, help="How long --headless plays.")] = 40.0,
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same buyers.")] = 1,
    chats: Annotated[int, typer.Option("--chats", min=2, help="Conversations at the start.")] = 60,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON line (with --headless).")
    ] = False,
) -> None:
    """Try AgentIQ: buyers write, you answer, the marketplace is a sandbox on this machine."""
    if not headless:
        from agentiq_tui.demo.screen import show

        raise typer.Exit(show(seed=seed, chats=chats))

    async def work() -> Exit:
        from agentiq_tui.demo.headless import play

        if not as_json:
            say(_("Playing an operator for {n} seconds").format(n=round(seconds)))
        played = await play(current_settings(), seconds=seconds, seed=seed, chats=chats)
        if not played.good:
            line = _(
                "{sent} replies sent, {confirmed} confirmed, {duplicates} duplicates: it should be all, once"
            )
            return failed("demo_failed", line.format(**asdict(played)), as_json=as_json, also=asdict(played))
        if as_json:
            data(asdict(played))
        else:
            say(
                _(
                    "{pulled} messages pulled, {sent} replies sent, {confirmed} confirmed, {duplicates} duplicates"
                ).format(**asdict(played))
            )
        return Exit.DONE

    perform(work, as_json=as_json)
