"""`agentiq init`: the database and the team key, made or brought up to date; on a team's server, the team itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.errors import Rejected
from agentiq_tui.cli.output import Exit, data, say
from agentiq_tui.cli.prompts import ask_new_secret, passphrase_asker, secret_lines, somebody_there
from agentiq_tui.cli.session import current_settings, perform, secrets_here
from agentiq_tui.locale import _
from agentiq_tui.wording import ROLES, SECRET_PLACES, said

if TYPE_CHECKING:
    from agentiq_core.config import Settings

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
PasswordStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from the first line of standard input.")
]


def init(
    email: Annotated[
        str | None,
        typer.Option(
            "--email", help="The first owner of a team, whose server AGENTIQ_DATABASE_URL names as its owner."
        ),
    ] = None,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Create or upgrade the database; with --email on a server, found a team. Repeating it loses nothing."""
    if password_stdin and email is None:
        raise typer.BadParameter(_("--password-stdin needs --email"))
    if email is not None and not password_stdin and not somebody_there():
        raise typer.BadParameter(_("give the password on standard input with --password-stdin"))

    async def work() -> Exit:
        settings = current_settings()
        if email is None:
            return await _upgrade(settings, as_json)
        return await _found(settings, email, password_stdin, as_json)

    perform(work, as_json=as_json)


async def _upgrade(settings: Settings, as_json: bool) -> Exit:
    from agentiq_core.engine.opening import database, located
    from agentiq_core.engine.team import MARKER
    from agentiq_core.identity.vault import open_vault
    from agentiq_core.store.schema import VERSIONS

    ask = passphrase_asker()
    embedded = settings.database_url is None and not (settings.home / MARKER).exists()
    if embedded:
        settings, secrets = await secrets_here(ask)
    else:
        settings, _secrets = await asyncio.to_thread(located, settings, ask)
    async with database(settings):
        if embedded:
            await asyncio.to_thread(open_vault, settings, secrets)
    if as_json:
        data({"schema": VERSIONS[-1], "embedded": embedded, "home": str(settings.home)})
        return Exit.DONE
    say(_("The database is ready (schema {version})").format(version=VERSIONS[-1]))
    if embedded and settings.team_key is None:
        say(_("The team key lies in a file that you alone may read, in {home}").format(home=settings.home))
    elif not embedded:
        say(_("A team that has no owner yet gets one from: agentiq init --email E-MAIL"))
    return Exit.DONE


async def _found(settings: Settings, email: str, password_stdin: bool, as_json: bool) -> Exit:
    from agentiq_core.engine.team import found
    from agentiq_core.identity.vault import TEAM_KEY
    from agentiq_core.store.schema import VERSIONS
    from agentiq_tui.cli.team_key import team_key_here

    if settings.database_url is None:
        raise Rejected(
            _(
                "an owner with an e-mail is for a team's server: set AGENTIQ_DATABASE_URL to the address of the database's"
                " owner; without it this machine has a database of its own and needs no account"
            )
        )
    ask = passphrase_asker()
    settings, secrets = await secrets_here(ask)
    password = secret_lines(_("the password"))[0] if password_stdin else ask_new_secret(_("New password"))
    who = await found(settings, secrets, email, password)
    if as_json:
        shown = {"schema": VERSIONS[-1], "embedded": False, "home": str(settings.home)}
        data(shown | {"email": who.email, "role": who.role, "kept_in": secrets.kind})
        return Exit.DONE
    say(_("The database is ready (schema {version})").format(version=VERSIONS[-1]))
    say(_("Signed in as {email}, {role}").format(email=who.email, role=said(ROLES, who.role)))
    kept = said(SECRET_PLACES, secrets.kind)
    say(
        _(
            "This machine now uses the team's own address, kept in {place}: unset AGENTIQ_DATABASE_URL, which is above every"
            " rule"
        ).format(place=kept)
    )
    if await asyncio.to_thread(secrets.get, TEAM_KEY) is None and settings.team_key is None:
        # what is connected there was sealed with the key of another machine
        await team_key_here(settings.model_copy(update={"database_url": None}), ask, as_json=False)
    elif settings.team_key is None:
        say(
            _(
                "The team key is here, kept in {place}; other machines that pull and send need it, too: agentiq team-key show"
            ).format(place=kept)
        )
    else:
        say(_("The team key is the one of AGENTIQ_TEAM_KEY; other machines that pull and send need it, too"))
    say(_("Colleagues are invited with: agentiq operator add E-MAIL --role operator"))
    return Exit.DONE
