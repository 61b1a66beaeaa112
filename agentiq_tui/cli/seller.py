"""`agentiq seller`: connect a marketplace account, list them, try their keys."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.views import SellerState
from agentiq_tui.cli.explain import KEYS, explain_trouble
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import read_text
from agentiq_tui.cli.output import Exit, data, local, pairs, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.domain.views import SellerStatus
    from agentiq_core.engine.sellers import KeyCheck

app = typer.Typer(help="Sellers: their marketplace accounts and keys.", no_args_is_help=True)
_LONGEST_KEY = 16_384
STATES = {
    SellerState.ACTIVE: mark("active"),
    SellerState.PAUSED: mark("paused"),
    SellerState.STOPPED: mark("stopped"),
}
TokenStdin = Annotated[bool, typer.Option("--token-stdin", help="Read the key from standard input.")]


def _marketplace(value: str) -> str:
    if value not in MARKETPLACES:
        raise typer.BadParameter(_("choose from: {names}").format(names=", ".join(MARKETPLACES)))
    return value


@app.command("add")
def add(
    marketplace: Annotated[str, typer.Argument(callback=_marketplace, help="wildberries")],
    name: Annotated[str, typer.Option("--name", help="How the seller is called here.")],
    token_stdin: TokenStdin = False,
    client_id: Annotated[
        str | None, typer.Option("--client-id", help="Where the marketplace has one.")
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Another address (sandbox, proxy).")
    ] = None,
    as_json: Json = False,
) -> None:
    """Connect a seller: its key is read from stdin (or asked without echo), checked, encrypted and stored."""
    _require_key_source(token_stdin)

    async def work() -> Exit:
        from agentiq_core.connectors.base import Credentials
        from agentiq_core.engine.sellers import add_seller

        credentials = Credentials(secret=_read_key(token_stdin), client_id=client_id, base_url=base_url)
        async with open_desk() as desk:
            seller_id, checked = await add_seller(desk.engine, marketplace, name, credentials)
        if as_json:
            data({"seller_id": seller_id, "name": name, "marketplace": marketplace} | _report(checked))
        else:
            say(_("Connected: {name} (seller {id})").format(name=name, id=seller_id))
            _tell(checked)
            say(_("Fetch its conversations now: agentiq sync --seller {id}").format(id=seller_id))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the seller was not connected"))


@app.command("list")
def every(as_json: Json = False) -> None:
    """All sellers, their state and their last sync."""

    async def work() -> Exit:
        async with open_desk() as desk:
            sellers = (await desk.overview()).sellers
        if as_json:
            data([_status(seller) for seller in sellers])
            return Exit.DONE
        if not sellers:
            say(_("No sellers yet: agentiq seller add wildberries --name NAME --token-stdin"))
            return Exit.DONE
        rows = [
            (
                str(seller.seller_id),
                MARKETPLACES[seller.marketplace].short
                if seller.marketplace in MARKETPLACES
                else seller.marketplace,
                seller.name,
                _(STATES[seller.state]),
                local(seller.last_sync_at),
                str(seller.messages),
                explain_trouble(seller.trouble, seller.trouble_detail) if seller.trouble else "",
            )
            for seller in sellers
        ]
        header = ("id", "", _("name"), _("state"), _("last sync"), _("messages"), _("trouble"))
        table(rows, header)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("test")
def try_key(
    seller: Annotated[int, typer.Argument(help="The seller's number.")], as_json: Json = False
) -> None:
    """Try a seller's key now: what it can do, when it ends, whether the marketplace answers."""

    async def work() -> Exit:
        from agentiq_core.engine.sellers import try_seller

        async with open_desk() as desk:
            checked = await try_seller(desk.engine, seller)
        if as_json:
            data({"seller_id": seller} | _report(checked))
        else:
            _tell(checked)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("rotate")
def rotate(
    seller: Annotated[int, typer.Argument(help="The seller's number.")],
    token_stdin: TokenStdin = False,
    as_json: Json = False,
) -> None:
    """Give a seller a new key to the same account; one that was stopped starts again, and its replies leave."""
    _require_key_source(token_stdin)

    async def work() -> Exit:
        from agentiq_core.engine.sellers import replace_key

        secret = _read_key(token_stdin)
        async with open_desk() as desk:
            checked = await replace_key(desk.engine, seller, secret)
        if as_json:
            data({"seller_id": seller} | _report(checked))
        else:
            say(_("Seller {id} has its new key").format(id=seller))
            _tell(checked)
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the old key is kept"))


def _require_key_source(token_stdin: bool) -> None:
    if not token_stdin and (sys.stdin is None or not sys.stdin.isatty()):
        raise typer.BadParameter(_("give the key on standard input with --token-stdin"))


def _read_key(token_stdin: bool) -> str:
    secret: str = read_text(_LONGEST_KEY) if token_stdin else typer.prompt(_("Key"), hide_input=True)
    return secret.strip()


def _report(checked: KeyCheck) -> dict[str, Any]:
    report = checked.report
    return {
        "kind": report.kind,
        "scopes": sorted(report.scopes),
        "read_only": report.read_only,
        "slow": report.slow,
        "expires_at": report.expires_at,
        "tried": checked.tried,
        "chats": checked.chats if checked.tried else None,
        "problems": [problem.value for problem in report.problems],
    }


def _tell(checked: KeyCheck) -> None:
    report = checked.report
    if report.slow:
        say(
            _(
                "Slow mode: this is a base key, Wildberries allows it one request an hour. Messages arrive and replies"
                " leave about once an hour. A personal key has no such limit."
            )
        )
    if report.read_only:
        say(_("This key may only read: conversations are shown, replies cannot be sent."))
    for problem in report.problems:
        say(_(KEYS[problem.value]))
    pairs(
        [
            (_("kind"), report.kind),
            (_("access"), ", ".join(sorted(report.scopes))),
            (_("valid until"), local(report.expires_at)),
            (
                _("conversations"),
                str(checked.chats) if checked.tried else _("not asked: it would use up the hour"),
            ),
        ]
    )


def _status(seller: SellerStatus) -> dict[str, Any]:
    return {
        "seller_id": seller.seller_id,
        "name": seller.name,
        "marketplace": seller.marketplace,
        "state": seller.state.value,
        "trouble": seller.trouble,
        "detail": seller.trouble_detail,
        "last_sync_at": seller.last_sync_at,
        "next_sync_at": seller.next_sync_at,
        "slow": seller.slow,
        "pages": seller.pages,
        "messages": seller.messages,
        "quarantined": seller.quarantined,
        "key_expires_at": seller.key_expires_at,
    }
