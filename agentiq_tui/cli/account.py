"""`agentiq login`, `logout`, `whoami`, `password`: who works on this machine."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import Rejected, StoreUnavailable, VaultLocked, WrongPassword
from agentiq_tui.cli.addresses import place
from agentiq_tui.cli.init import Json, PasswordStdin
from agentiq_tui.cli.output import Exit, data, failed, local, pairs, say
from agentiq_tui.cli.prompts import (
    ask_line,
    ask_new_secret,
    ask_secret,
    passphrase_asker,
    secret_lines,
    somebody_there,
)
from agentiq_tui.cli.session import current_settings, open_access, open_desk, perform, secrets_here
from agentiq_tui.cli.team_key import team_key_here
from agentiq_tui.explain import explain
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import ROLES, SECRET_PLACES, said

if TYPE_CHECKING:
    from agentiq_core.config import Settings
    from agentiq_core.engine.access import SignedIn
    from agentiq_core.identity.secret_store import AskPassphrase, SecretStore

SIGN_IN_LASTS = timedelta(days=30)
"""Since its last use (store, 0002_identity.sql)."""


def login(
    email: Annotated[str | None, typer.Option("--email", help="Your e-mail; asked without it.")] = None,
    password_stdin: PasswordStdin = False,
    invitation_stdin: Annotated[
        bool,
        typer.Option(
            "--invitation-stdin",
            help="Take an invitation: stdin has it in its first line and your new password in the second; on a terminal"
            " both are asked.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Sign in to the team on this machine; the first time with the invitation a colleague gave you."""
    if not somebody_there() and not (invitation_stdin or (email and password_stdin)):
        raise typer.BadParameter(_("give --email and --password-stdin, or --invitation-stdin"))

    async def work() -> Exit:
        _no_service_token()
        invited = invitation_stdin or (email is None and not password_stdin and not _team_known())
        ask = passphrase_asker()
        try:
            who = await (_join(ask) if invited else _sign_in(email, password_stdin, ask))
        except WrongPassword as error:
            if not invited:
                raise
            return failed(error.code, _(_SPENT), as_json=as_json)
        if not as_json:
            say(_("Signed in as {email}, {role}").format(email=who.email, role=said(ROLES, who.role)))
        keyed = await team_key_here(current_settings(), ask, as_json=as_json)
        if as_json:
            data(_json(who) | {"team_key": keyed})
            return Exit.DONE
        if invited and current_settings().database_url is not None:
            say(_("AGENTIQ_DATABASE_URL is set here and goes before the team's address: unset it"))
        return Exit.DONE

    perform(work, as_json=as_json)


def logout(
    everywhere: Annotated[
        bool, typer.Option("--everywhere", help="End your sign-ins on all machines.")
    ] = False,
    leave_team: Annotated[
        bool,
        typer.Option(
            "--leave-team", help="This machine forgets the team: its address and the team key, too."
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Sign out on this machine; nothing of the team's is changed."""

    async def work() -> Exit:
        _no_service_token()
        ask = passphrase_asker()
        settings, secrets = await secrets_here(ask)
        if settings.database_url is None:
            raise Rejected(_(_NO_SIGN_IN))
        ended, trouble = 0, None
        try:
            async with open_access(ask=ask) as engine:
                ended = await engine.access.sign_out(everywhere=everywhere)
        except StoreUnavailable as error:
            # a machine must be able to leave a server that is gone
            trouble = error
        await asyncio.to_thread(_forget, settings, secrets, leave_team)
        if trouble is not None:
            line = _(
                "Signed out here, but the server could not be told, so the sign-in ends by itself: {why}"
            )
            return failed(trouble.code, line.format(why=explain(trouble)), as_json=as_json)
        if as_json:
            data({"ended": ended, "left_team": leave_team})
            return Exit.DONE
        if everywhere:
            say(_("Signed out everywhere; sign-ins ended: {n}").format(n=ended))
        else:
            say(_("Signed out here") if ended else _("Nobody was signed in here"))
        if leave_team:
            say(_("This machine has forgotten the team's address and key; a new invitation brings it back"))
        return Exit.DONE

    perform(work, as_json=as_json)


def whoami(as_json: Json = False) -> None:
    """Who is signed in on this machine, for which sellers, at which database, and until when."""

    async def work() -> Exit:
        from agentiq_core.identity import claims

        ask = passphrase_asker()
        async with open_desk(ask=ask) as desk:
            sellers = (await desk.overview()).sellers
            team = desk.engine.settings.database_url is not None
            kept = await where_kept(desk.engine.settings, ask)
            shown = _json(desk.who) | {
                "sellers": [{"id": one.seller_id, "name": one.name} for one in sellers],
                "database": place(desk.engine.store.dsn) if team else None,
                "tokens_kept": kept,
                "token_expires_at": claims.read(await desk.engine.access.token()).expires_at,
                "sign_in_expires_at": datetime.now(UTC) + SIGN_IN_LASTS if kept not in _ENDLESS else None,
            }
        if as_json:
            data(shown)
            return Exit.DONE
        names = ", ".join(f"{one.name} ({one.seller_id})" for one in sellers)
        pairs(
            [
                (_("e-mail"), shown["email"]),
                (_("role"), said(ROLES, shown["role"])),
                (_("sellers"), names or "—"),
                (_("database"), shown["database"] or _("embedded")),
                (_("the sign-in is kept in"), said(SECRET_PLACES, kept)),
                (_("the token holds until"), local(shown["token_expires_at"])),
            ]
        )
        if shown["sign_in_expires_at"] is not None:
            pairs([(_("without use the sign-in ends"), local(shown["sign_in_expires_at"]))])
        return Exit.DONE

    perform(work, as_json=as_json)


def password(
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="stdin has the old password in its first line, the new one in the second.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Change your own password; your sign-ins on other machines end."""
    if not password_stdin and not somebody_there():
        raise typer.BadParameter(_("give the old and the new password with --password-stdin"))

    async def work() -> Exit:
        _no_service_token()
        async with open_desk() as desk:
            if desk.engine.settings.database_url is None:
                raise Rejected(_(_NO_SIGN_IN))
            if password_stdin:
                old, new = secret_lines(_("the old password"), _("the new password"))
            else:
                old, new = ask_secret(_("Old password")), ask_new_secret(_("New password"))
            await desk.engine.access.change_password(old, new)
        if as_json:
            data({"changed": True})
        else:
            say(_("The password is changed; sign-ins on other machines have ended"))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the old password is kept"))


_ENDLESS = ("environment", "embedded", "nowhere")
_NO_SIGN_IN = mark(
    "this machine uses a database of its own that serves you alone: there is nothing to sign in to. A team's invitation is"
    " taken with agentiq login --invitation-stdin"
)
_SPENT = mark(
    "The invitation is spent, too old or for a disabled operator: ask for a new one (agentiq operator invite)"
)


async def _sign_in(email: str | None, password_stdin: bool, ask: AskPassphrase | None) -> SignedIn:
    async with open_access(ask=ask) as engine:
        if engine.settings.database_url is None:
            raise Rejected(_(_NO_SIGN_IN))
        address = email or ask_line(_("E-mail"))
        secret = secret_lines(_("the password"))[0] if password_stdin else ask_secret(_("Password"))
        return await engine.access.sign_in(address, secret)


async def _join(ask: AskPassphrase | None) -> SignedIn:
    from agentiq_core.engine.team import SERVER, join
    from agentiq_core.identity.invitation import Invitation

    if somebody_there():
        invitation = Invitation.unpack(ask_secret(_("Invitation")).strip())
        secret = ask_new_secret(_("New password"))
    else:
        packed, secret = secret_lines(_("the invitation"), _("the new password"))
        invitation = Invitation.unpack(packed.strip())
    settings, secrets = await secrets_here(ask, team=True)
    known = await asyncio.to_thread(secrets.get, SERVER)
    if known is not None and place(known) != place(invitation.server):
        line = _("this machine belongs to the team at {place}: agentiq logout --leave-team first")
        raise Rejected(line.format(place=place(known)))
    return await join(settings, secrets, invitation, secret)


def _team_known() -> bool:
    from agentiq_core.engine.team import MARKER

    settings = current_settings()
    return settings.database_url is not None or (settings.home / MARKER).exists()


def _forget(settings: Settings, secrets: SecretStore, leave_team: bool) -> None:
    from agentiq_core.engine.access import REFRESH
    from agentiq_core.engine.team import forget

    if leave_team:
        forget(settings, secrets)
    else:
        secrets.delete(REFRESH)


def _no_service_token() -> None:
    if current_settings().token is not None:
        raise Rejected(_("AGENTIQ_TOKEN signs this machine in: unset it to sign in or out as a person"))


async def where_kept(settings: Settings, ask: AskPassphrase | None) -> str:
    """Where the sign-in of this machine is kept, as `wording.SECRET_PLACES` names it; opens the secrets to look."""
    if settings.token is not None:
        return "environment"
    if settings.database_url is None:
        return "embedded"
    try:
        return (await secrets_here(ask))[1].kind
    except VaultLocked:
        # the owner's address of a database without passwords signs in by itself
        return "nowhere"


def _json(who: SignedIn) -> dict[str, Any]:
    return {"email": who.email, "role": who.role}
