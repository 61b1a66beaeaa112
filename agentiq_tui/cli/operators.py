"""`agentiq operator`: colleagues, their roles and sellers, invitations and the tokens of machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import ROLES, said

if TYPE_CHECKING:
    from agentiq_core.store.accounts import Operator

app = typer.Typer(help="Colleagues: who works on this team's desk.", no_args_is_help=True)


def _role(value: str) -> str:
    if value not in ROLES:
        raise typer.BadParameter(_("choose from: {names}").format(names=", ".join(ROLES)))
    return value


def _email(value: str) -> str:
    return value.strip().lower()


Email = Annotated[str, typer.Argument(callback=_email, help="The colleague's e-mail.")]
Sellers = Annotated[
    list[int] | None, typer.Option("--seller", help="A seller the colleague works for; may be repeated.")
]


@app.command("add")
def add(
    email: Email,
    role: Annotated[str, typer.Option("--role", callback=_role, help="viewer, operator, admin or owner.")],
    name: Annotated[str, typer.Option("--name", help="What the colleague is called.")] = "",
    seller: Sellers = None,
    as_json: Json = False,
) -> None:
    """Add a colleague and print the invitation to give to them."""

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            invitation = await team.add(desk.engine, email, name, role, seller or [])
        _hand_out(email, invitation, as_json, {"role": role, "sellers": seller or []})
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("list")
def every(as_json: Json = False) -> None:
    """The colleagues you may see, with their roles and sellers."""

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            found = await team.colleagues(desk.engine)
        if as_json:
            data([_json(one) for one in found])
            return Exit.DONE
        rows = [
            (
                one.email,
                one.name,
                said(ROLES, one.role),
                ", ".join(map(str, one.sellers)) or "—",
                _("disabled") if one.disabled_at else "",
            )
            for one in found
        ]
        table(rows, (_("e-mail"), _("name"), _("role"), _("sellers"), _("state")))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("role")
def change(
    email: Email,
    role: Annotated[str, typer.Argument(callback=_role, help="viewer, operator, admin or owner.")],
    seller: Sellers = None,
    no_seller: Annotated[bool, typer.Option("--no-seller", help="Take every seller away.")] = False,
    as_json: Json = False,
) -> None:
    """Give a colleague a role; with --seller these sellers instead of the former ones."""
    if seller and no_seller:
        raise typer.BadParameter(_("give --seller or --no-seller, not both"))
    sellers = [] if no_seller else seller

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            await team.change(desk.engine, email, role=role, seller_ids=sellers)
        if as_json:
            data({"email": email, "role": role} | ({} if sellers is None else {"sellers": sellers}))
        else:
            say(_("{email} is now: {role}").format(email=email, role=said(ROLES, role)))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("disable")
def disable(
    email: Email,
    enable: Annotated[bool, typer.Option("--enable", help="Let the colleague in again.")] = False,
    as_json: Json = False,
) -> None:
    """Shut a colleague out at once, on every machine; what they wrote stays."""

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            await team.disable(desk.engine, email, disabled=not enable)
        if as_json:
            data({"email": email, "disabled": not enable})
        elif enable:
            say(_("{email} may sign in again").format(email=email))
        else:
            say(_("{email} is shut out: every sign-in and invitation has ended").format(email=email))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("invite")
def invite(email: Email, as_json: Json = False) -> None:
    """Print a fresh invitation, for another try or a forgotten password; a former one ends."""

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            invitation = await team.invite(desk.engine, email)
        _hand_out(email, invitation, as_json, {})
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("service-token")
def service_token(
    email: Email,
    name: Annotated[str, typer.Option("--name", help="Which machine it is for.")],
    as_json: Json = False,
) -> None:
    """Print a token for a machine without a person (AGENTIQ_TOKEN), which works as this operator or viewer."""

    async def work() -> Exit:
        from agentiq_core.engine import team

        async with open_desk() as desk:
            token = await team.service_token(desk.engine, email, name)
        say(
            _(
                "The token for AGENTIQ_TOKEN on “{name}”, shown this once. Whoever has it works as {email} until that"
                " operator is disabled: keep it where secrets are kept"
            ).format(name=name, email=email)
        )
        if as_json:
            data({"email": email, "name": name, "token": token})
        else:
            line(token)
        return Exit.DONE

    perform(work, as_json=as_json)


def _hand_out(email: str, invitation: str, as_json: bool, more: dict[str, Any]) -> None:
    say(
        _(
            "The invitation for {email}, good once and for three days: agentiq login --invitation-stdin takes it. Show it"
            " to {email} alone: whoever takes it first signs in as them"
        ).format(email=email)
    )
    if as_json:
        data({"email": email} | more | {"invitation": invitation})
    else:
        line(invitation)


def _json(one: Operator) -> dict[str, Any]:
    return {
        "email": one.email,
        "name": one.name,
        "role": one.role,
        "sellers": list(one.sellers),
        "created_at": one.created_at,
        "disabled_at": one.disabled_at,
    }
