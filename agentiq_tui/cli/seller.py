"""`agentiq seller`: connect a marketplace account, list them, try their keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.errors import AgentIQError, Forbidden, NotFound, Rejected
from agentiq_core.domain.views import SellerState
from agentiq_tui.cli.expiry import days_left, warning
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import read_text
from agentiq_tui.cli.key_report import key_json, tell_key
from agentiq_tui.cli.output import Exit, data, failed, local, say, table
from agentiq_tui.cli.prompts import ask_line, ask_secret, ask_yes, somebody_there
from agentiq_tui.cli.session import only_who_may_write, open_desk, perform
from agentiq_tui.cli.sync import report_json, sync_seller, trouble_line
from agentiq_tui.explain import explain_trouble
from agentiq_tui.locale import _, mark
from agentiq_tui.shop_words import STATES
from agentiq_tui.wording import where_in_trouble

if TYPE_CHECKING:
    from agentiq_core.domain.views import SellerStatus
    from agentiq_core.engine.desk import Desk
    from agentiq_core.engine.pull import PullReport

app = typer.Typer(help="Sellers: their marketplace accounts and keys.", no_args_is_help=True)
_LONGEST_KEY = 16_384
Seller = Annotated[int, typer.Argument(help="The seller's number.")]
TokenStdin = Annotated[bool, typer.Option("--token-stdin", help="Read the key from standard input.")]


def _marketplace(value: str) -> str:
    if value not in MARKETPLACES:
        raise typer.BadParameter(_("choose from: {names}").format(names=", ".join(MARKETPLACES)))
    return value


@app.command("add")
def add(
    marketplace: Annotated[
        str, typer.Argument(callback=_marketplace, help="wildberries, ozon, yandex-market or avito")
    ],
    name: Annotated[
        str | None, typer.Option("--name", help="How the seller is called here; asked without it.")
    ] = None,
    token_stdin: TokenStdin = False,
    client_id: Annotated[
        str | None, typer.Option("--client-id", help="Where the marketplace has one.")
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--account", help="Which of the accounts behind the key (Yandex Market: businessId)."),
    ] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Another address (sandbox, proxy).")
    ] = None,
    sync: Annotated[
        bool | None, typer.Option("--sync/--no-sync", help="Fetch its conversations now; asked without it.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Connect a seller: its key is read from stdin (or asked without echo), checked, encrypted and stored."""
    _require_key_source(token_stdin)
    if name is None and (token_stdin or not somebody_there()):
        raise typer.BadParameter(_("give the seller's name with --name"))

    async def work() -> Exit:
        from agentiq_core.connectors.base import Credentials
        from agentiq_core.engine.sellers import add_seller

        async with open_desk() as desk:
            called = " ".join((ask_line(_("Name of the seller")) if name is None else name).split())
            credentials = Credentials(
                secret=_read_key(token_stdin),
                client_id=_client_id(marketplace, client_id),
                base_url=base_url,
                account_id=account,
            )
            seller_id, checked = await add_seller(desk.engine, marketplace, called, credentials)
            shown = {"seller_id": seller_id, "name": called, "marketplace": marketplace} | key_json(checked)
            if not as_json:
                say(_("Connected: {name} (seller {id})").format(name=called, id=seller_id))
                tell_key(checked, marketplace)
            if not _fetch_now(sync, as_json):
                if not as_json:
                    say(_("Fetch its conversations now: agentiq sync --seller {id}").format(id=seller_id))
                return _done(shown, as_json)
            report = await _first_sync(desk, seller_id, called, quiet=as_json)
        shown["sync"] = report_json(report)
        if report.trouble is not None:
            line = _("{name} is connected, but: {why}").format(name=called, why=trouble_line(report))
            return failed(report.trouble, line, as_json=as_json, also=shown)
        return _done(shown, as_json)

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
                "; ".join(_troubles(seller)),
            )
            for seller in sellers
        ]
        header = ("id", "", _("name"), _("state"), _("last sync"), _("messages"), _("trouble"))
        table(rows, header)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("test")
def try_key(seller: Seller, as_json: Json = False) -> None:
    """Try a seller's key now: what it can do, when it ends, whether the marketplace answers."""

    async def work() -> Exit:
        from agentiq_core.engine.sellers import try_seller

        async with open_desk() as desk:
            checked = await try_seller(desk.engine, seller)
            marketplace = (await desk.seller(seller)).marketplace
        if as_json:
            data({"seller_id": seller} | key_json(checked))
        else:
            tell_key(checked, marketplace)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("rotate")
def rotate(
    seller: Seller,
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
            marketplace = (await desk.seller(seller)).marketplace
        if as_json:
            data({"seller_id": seller} | key_json(checked))
        else:
            say(_("Seller {id} has its new key").format(id=seller))
            tell_key(checked, marketplace)
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the old key is kept"))


@app.command("pause")
def pause(seller: Seller, as_json: Json = False) -> None:
    """Stop asking a seller for news and sending its replies, until it is resumed; nothing is lost."""
    perform(lambda: _set_state(seller, SellerState.PAUSED, as_json), as_json=as_json)


@app.command("resume")
def resume(seller: Seller, as_json: Json = False) -> None:
    """Let a seller's messages arrive and its replies leave again."""
    perform(lambda: _set_state(seller, SellerState.ACTIVE, as_json), as_json=as_json)


@app.command("remove")
def remove(
    seller: Seller,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the seller's name.")] = False,
    as_json: Json = False,
) -> None:
    """Forget a seller, its key and all its conversations here; at the marketplace nothing changes."""
    if not yes and not somebody_there():
        raise typer.BadParameter(_("--yes says that the seller's conversations here may go"))

    async def work() -> Exit:
        from agentiq_core.store import sellers

        async with open_desk() as desk:
            only_who_may_write(desk)
            async with desk.engine.store.transaction() as session:
                name = (await sellers.get(session, seller)).name
            if not yes:
                say(_("This forgets “{name}”: its key, conversations and history here").format(name=name))
                if ask_line(_("Type the seller's name to remove it")) != name:
                    raise Rejected(_("this is not its name"))
            await _removed(desk, seller)
        if as_json:
            data({"seller_id": seller, "name": name, "removed": True})
        else:
            say(_("Removed: {name} (seller {id})").format(name=name, id=seller))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the seller stays as it is"))


async def _removed(desk: Desk, seller_id: int) -> None:
    from agentiq_core.store import sellers

    try:
        async with desk.engine.store.transaction() as session:
            await sellers.remove(session, seller_id)
    except NotFound:
        # it was seen a moment ago: the role may not
        raise Forbidden("not allowed for this role") from None


async def _set_state(seller_id: int, state: SellerState, as_json: bool) -> Exit:
    async with open_desk() as desk:
        only_who_may_write(desk)
        seller = await desk.seller(seller_id)
        await (desk.shops.resume if state is SellerState.ACTIVE else desk.shops.pause)(seller_id)
    if as_json:
        data({"seller_id": seller_id, "name": seller.name, "state": state.value})
    else:
        say(
            _("{name} (seller {id}) is now: {state}").format(
                name=seller.name, id=seller_id, state=_(STATES[state])
            )
        )
    return Exit.DONE


def _require_key_source(token_stdin: bool) -> None:
    if not token_stdin and not somebody_there():
        raise typer.BadParameter(_("give the key on standard input with --token-stdin"))


def _read_key(token_stdin: bool) -> str:
    secret = read_text(_LONGEST_KEY) if token_stdin else ask_secret(_("Key"))
    return secret.strip()


def _client_id(marketplace: str, given: str | None) -> str | None:
    """The second part of the key, where the marketplace has one; asked without --client-id."""
    if given is None and MARKETPLACES[marketplace].needs_client_id and somebody_there():
        return ask_line("Client-Id").strip()
    return given


def _fetch_now(wanted: bool | None, as_json: bool) -> bool:
    if wanted is None and not as_json and somebody_there():
        return ask_yes(_("Fetch its conversations now?"))
    return bool(wanted)


async def _first_sync(desk: Desk, seller_id: int, name: str, *, quiet: bool) -> PullReport:
    """The first full sync; from here on the seller is connected, whatever happens."""
    from agentiq_core.engine.pull import PullReport

    try:
        return await sync_seller(desk, seller_id, name, quiet=quiet)
    except AgentIQError as error:
        return PullReport(seller_id, trouble=error.code, detail=str(error))


def _done(shown: dict[str, Any], as_json: bool) -> Exit:
    if as_json:
        data(shown)
    return Exit.DONE


def _troubles(seller: SellerStatus) -> Iterator[str]:
    if seller.trouble:
        yield where_in_trouble(seller) + explain_trouble(seller.trouble, seller.trouble_detail)
    ending = warning(seller.key_expires_at)
    if ending is not None:
        yield ending


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
        "oldest_at": seller.oldest_at,
        "history_begins_at": seller.begins_at,
        "history_read_from": seller.read_from,
        "quarantined": seller.quarantined,
        "key_expires_at": seller.key_expires_at,
        "key_days_left": days_left(seller.key_expires_at),
        "channels": [
            {
                "channel": one.channel,
                "last_sync_at": one.last_sync_at,
                "trouble": one.trouble,
                "detail": one.trouble_detail,
            }
            for one in seller.channels
        ],
    }
