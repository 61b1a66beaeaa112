"""`agentiq team-key`: the key that seals the sellers' marketplace keys, on this machine and for the others."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import SecretStr

from agentiq_core.domain.errors import NotFound, SignInNeeded, VaultLocked
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, say
from agentiq_tui.cli.prompts import (
    ask_secret,
    ask_secret_or_nothing,
    passphrase_asker,
    secret_lines,
    somebody_there,
)
from agentiq_tui.cli.session import current_settings, open_desk, perform, secrets_here
from agentiq_tui.explain import explain
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import SECRET_PLACES, said

if TYPE_CHECKING:
    from agentiq_core.config import Settings
    from agentiq_core.identity.secret_store import AskPassphrase

app = typer.Typer(
    help="The team key: a machine that has it can pull and send for the sellers.", no_args_is_help=True
)


@app.command("show")
def show(as_json: Json = False) -> None:
    """Print this machine's team key, for another machine of the team."""

    async def work() -> Exit:
        from agentiq_core.identity.vault import open_vault

        settings, secrets = await secrets_here()
        vault = await asyncio.to_thread(open_vault, settings, secrets, make=False)
        newest = vault.packed().partition(",")[0]
        if not newest:
            raise VaultLocked("this machine has no team key", reason="no team key")
        _hand_out(newest, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def keep(
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    as_json: Json = False,
) -> None:
    """Keep the team key on this machine, so that it can pull and send."""
    if not key_stdin and not somebody_there():
        raise typer.BadParameter(_("give the key on standard input with --key-stdin"))

    async def work() -> Exit:
        from agentiq_core.identity.vault import TEAM_KEY, Vault

        asked = ask_secret(_("Team key")) if not key_stdin else secret_lines(_("the team key"))[0]
        key = asked.strip()
        Vault(*key.split(","))
        ask = passphrase_asker()
        settings, secrets = await secrets_here(ask)
        await _opens_what_is_stored(settings, key, ask)
        await asyncio.to_thread(secrets.set, TEAM_KEY, key)
        if as_json:
            data({"kept_in": secrets.kind})
        else:
            say(_("The team key is kept here: {place}").format(place=said(SECRET_PLACES, secrets.kind)))
        if settings.team_key is not None:
            say(_("AGENTIQ_TEAM_KEY is set here and goes before it"))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the team key was not changed"))


async def team_key_here(settings: Settings, ask: AskPassphrase | None, *, as_json: bool) -> bool:
    """Whether the machine that somebody has just signed in on has the team key, which a terminal is asked for.

    Where it stays without, it is said what that means: nothing else tells that others must send.
    """
    from agentiq_core.engine.opening import open_engine
    from agentiq_core.engine.team import keep_team_key

    async with open_engine(settings, ask_passphrase=ask) as engine:
        if engine.vault.packed():
            return True
        await engine.access.token()
        who = engine.access.who
        if as_json or who is None or not who.may_write:
            return False
        say(_(_WITHOUT))
        key = ask_secret_or_nothing(_("Team key (Enter: without it)")) if somebody_there() else ""
        if key:
            try:
                await keep_team_key(engine, key)
            except VaultLocked as error:
                say(explain(error))
            else:
                say(_("The team key is kept here: this machine can pull and send"))
                return True
    say(_("It can be kept later: agentiq team-key set"))
    return False


_WITHOUT = mark(
    "This machine has no team key: it shows everything, and the team's other machines pull and send. agentiq team-key show"
    " prints it on one that has it"
)


@app.command("rotate")
def rotate(as_json: Json = False) -> None:
    """Seal every seller's key anew with a fresh team key and print it, for the team's other machines."""

    async def work() -> Exit:
        from agentiq_core.engine.team import rotate_team_key

        ask = passphrase_asker()
        async with open_desk(ask=ask) as desk:
            _settings, secrets = await secrets_here(ask)
            key, sealed = await rotate_team_key(desk.engine, secrets)
        say(_("marketplace keys sealed with a fresh team key: {n}").format(n=sealed))
        say(_("Other machines can pull and send again once they have it: agentiq team-key set --key-stdin"))
        if current_settings().team_key is not None:
            say(_("AGENTIQ_TEAM_KEY is set here to the former key and goes before it: change or unset it"))
        _hand_out(key, as_json, sealed=sealed)
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the former team key holds"))


def _hand_out(key: str, as_json: bool, **more: object) -> None:
    say(
        _(
            "The team key: with it and the database every seller's marketplace key can be read. Show it only to whom you"
            " trust with all of them"
        )
    )
    if as_json:
        data({"team_key": key} | more)
    else:
        line(key)


async def _opens_what_is_stored(settings: Settings, key: str, ask: AskPassphrase | None) -> None:
    """Try the key on a seller's stored one, if somebody is signed in who may read any. Raises `VaultLocked`."""
    from agentiq_core.connectors.errors import KeyRefused
    from agentiq_core.engine.desk import Desk

    trying = settings.model_copy(update={"team_key": SecretStr(key)})
    try:
        async with Desk.open(trying, worker=False, ask_passphrase=ask) as desk:
            for seller in (await desk.overview()).sellers[:1]:
                await desk.engine.lines.to(seller.seller_id)
    except (SignInNeeded, NotFound, KeyRefused):
        return
