"""`agentiq quarantine`: what could not be read of the feeds: look into it, read it again, or set it aside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, local, pairs, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, mark, ngettext
from agentiq_tui.wording import marketplace_name, replay_line

if TYPE_CHECKING:
    from agentiq_core.domain.views import QuarantinedItem

app = typer.Typer(help="What could not be read of the feeds.", no_args_is_help=True)
Item = Annotated[int, typer.Argument(help="The item's number.")]
Items = Annotated[list[int] | None, typer.Argument(help="The items' numbers.")]
Seller = Annotated[int | None, typer.Option("--seller", help="Only of this seller.")]


@app.command("list")
def every(
    seller: Seller = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """What waits in quarantine, the newest first."""

    async def work() -> Exit:
        items: list[QuarantinedItem] = []
        async with open_desk() as desk:
            before = None
            while len(items) < limit:
                page = await desk.quarantine(seller, before, min(limit - len(items), 500))
                items.extend(page.items)
                before = page.before
                if before is None:
                    break
        if as_json:
            data([_json(item) for item in items])
        elif not items:
            say(_("Nothing is in quarantine"))
        else:
            rows = [
                (
                    str(item.id),
                    item.seller_name,
                    item.channel,
                    local(item.created_at),
                    item.chat_external_id or "—",
                    item.message_external_id or "—",
                    item.reason,
                )
                for item in items
            ]
            header = (
                "id",
                _("seller"),
                _("channel"),
                _("kept"),
                _("conversation"),
                _("message"),
                _("reason"),
            )
            table(rows, header)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("show")
def show(item: Item, as_json: Json = False) -> None:
    """What was kept of an item. Phones and secrets are masked, control characters are written as numbers."""

    async def work() -> Exit:
        async with open_desk() as desk:
            found = await desk.quarantined(item)
        if as_json:
            data(_json(found) | {"raw": found.raw})
            return Exit.DONE
        pairs(
            [
                (_("seller"), f"{marketplace_name(found.marketplace)} · {found.seller_name}"),
                (_("kept"), local(found.created_at)),
                (_("conversation"), found.chat_external_id or "—"),
                (_("message"), found.message_external_id or "—"),
                (_("reason"), found.reason),
            ]
        )
        if found.settled_at is not None:
            settled = _("dismissed {when}") if found.dismissed else _("read after all {when}")
            line(settled.format(when=local(found.settled_at)))
        line(found.raw or "")
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("replay")
def replay(
    items: Items = None,
    everything: Annotated[bool, typer.Option("--all", help="Everything that waits.")] = False,
    seller: Seller = None,
    as_json: Json = False,
) -> None:
    """Read items again, as after an update: messages land in their conversations, what cannot be read yet stays."""
    if bool(items) is everything:
        raise typer.BadParameter(_("give the items' numbers, or --all"))
    if seller is not None and not everything:
        raise typer.BadParameter(_("--seller goes with --all"))

    async def work() -> Exit:
        from agentiq_core.domain.views import ReplayReport

        report = ReplayReport()
        async with open_desk() as desk:
            if items:
                report = await desk.replay(items)
            else:
                async for so_far in desk.replay_all(seller):
                    report = so_far
        if as_json:
            data(
                {
                    "tried": report.tried,
                    "replayed": report.replayed,
                    "new": report.new,
                    "confirmed": report.confirmed,
                    "unreadable": report.unreadable,
                }
            )
        else:
            say(replay_line(report))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("what was read is kept"))


@app.command("dismiss")
def dismiss(
    items: Annotated[list[int], typer.Argument(help="The items' numbers.")], as_json: Json = False
) -> None:
    """Set items aside that a person has looked at: they are kept, and no longer counted."""

    async def work() -> Exit:
        async with open_desk() as desk:
            dismissed = await desk.dismiss(items)
        if as_json:
            data({"dismissed": dismissed})
        else:
            say(ngettext("{n} item set aside", "{n} items set aside", dismissed).format(n=dismissed))
        return Exit.DONE

    perform(work, as_json=as_json)


def _json(item: QuarantinedItem) -> dict[str, Any]:
    return {
        "id": item.id,
        "seller_id": item.seller_id,
        "seller": item.seller_name,
        "marketplace": item.marketplace,
        "channel": item.channel,
        "created_at": item.created_at,
        "reason": item.reason,
        "chat_external_id": item.chat_external_id,
        "message_external_id": item.message_external_id,
        "settled_at": item.settled_at,
        "dismissed": item.dismissed,
    }
