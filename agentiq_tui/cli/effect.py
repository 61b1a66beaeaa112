"""What a change of calendars or rules would do, and what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_tui.cli.output import data, local, say, table
from agentiq_tui.locale import _, ngettext

if TYPE_CHECKING:
    from agentiq_core.engine.deadlines import Effect

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say which deadlines would change; change nothing.")]


def show_effect(effect: Effect, *, as_json: bool) -> None:
    """How many open conversations would get another deadline, and the nearest of them before and after."""
    if as_json:
        data(
            {
                "dry_run": True,
                "open": effect.open,
                "moved": effect.moved,
                "earlier": effect.earlier,
                "nearest": [
                    {"chat_id": one.chat_id, "before": one.before, "after": one.after}
                    for one in effect.nearest
                ],
            }
        )
        return
    if effect.nearest:
        rows = [(str(one.chat_id), local(one.before), local(one.after)) for one in effect.nearest]
        table(rows, (_("conversation"), _("before"), _("after")))
    said = ngettext(
        "{moved} of {n} open conversation would get another deadline; nothing was changed",
        "{moved} of {n} open conversations would get another deadline; nothing was changed",
        effect.open,
    )
    say(said.format(moved=effect.moved, n=effect.open))


def say_counted(counted: int) -> None:
    """How many deadlines follow the change already."""
    said = ngettext(
        "{n} open conversation was counted anew", "{n} open conversations were counted anew", counted
    )
    say(said.format(n=counted))
