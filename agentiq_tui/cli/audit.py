"""`agentiq audit`: who did what, as the database wrote it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_tui.cli.chat_team import somebody
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, local, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.domain.team import AuditLine


def audit(
    seller: Annotated[
        int | None, typer.Option("--seller", help="Only of this seller; 0 for the team itself.")
    ] = None,
    by: Annotated[str | None, typer.Option("--by", help="Only what this person did.", metavar="WHO")] = None,
    action: Annotated[
        str | None,
        typer.Option("--action", help="Only this kind, or kinds that begin so: chats., outbox.insert."),
    ] = None,
    chat: Annotated[
        int | None, typer.Option("--chat", help="Only what was decided about this conversation.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """Who changed what, the newest first. Phones and secrets are masked."""

    async def work() -> Exit:
        lines: list[AuditLine] = []
        async with open_desk() as desk:
            who = None if by is None else await somebody(desk, by)
            before = None
            while len(lines) < limit:
                page = await desk.audit.page(
                    before,
                    min(limit - len(lines), 500),
                    seller_id=seller,
                    operator_id=who,
                    action=action or (None if chat is None else "chats."),
                    subject=None if chat is None else str(chat),
                )
                lines.extend(page.lines)
                before = page.before
                if before is None:
                    break
        if as_json:
            data([_json(one) for one in lines])
        elif not lines:
            say(_("Nothing is written there"))
        else:
            rows = [
                (
                    local(one.at),
                    one.operator or "—",
                    one.seller_name or "—",
                    one.action,
                    one.subject,
                    json.dumps(one.change, ensure_ascii=False),
                )
                for one in lines
            ]
            table(rows, (_("when"), _("who"), _("seller"), _("what"), "id", _("change")))
        return Exit.DONE

    perform(work, as_json=as_json)


def _json(one: AuditLine) -> dict[str, Any]:
    return {
        "at": one.at,
        "seller_id": one.seller_id,
        "seller": one.seller_name,
        "operator_id": one.operator_id,
        "operator": one.operator,
        "action": one.action,
        "subject": one.subject,
        "change": one.change,
    }
