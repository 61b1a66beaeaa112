"""Sign-in, operators and invitations: the functions of the database that decide, called as they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.errors import SignedOut, SignInDelayed, WrongPassword

ENTER = text("select enter(:token)")
"""Signs a transaction of the door by hand, where there is no store yet."""


@dataclass(frozen=True, slots=True)
class HashParameters:
    """How argon2id hashes an account's password (store: password_parameters)."""

    salt: bytes
    time_cost: int = 3
    memory_kib: int = 65536
    lanes: int = 1


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a sign-in gives. `access` lasts fifteen minutes, `refresh` thirty days or until it was replaced."""

    access: str
    refresh: str
    operator_id: int
    email: str
    role: str


@dataclass(frozen=True, slots=True)
class Operator:
    """A colleague as this operator may see them."""

    id: int
    email: str
    name: str
    role: str
    created_at: datetime
    disabled_at: datetime | None
    sellers: tuple[int, ...]


async def password_parameters(session: AsyncSession, email: str) -> HashParameters:
    """How to hash this account's password; an unknown e-mail has parameters too."""
    found = await session.scalar(text("select password_parameters(:email)"), {"email": email})
    assert found is not None
    return HashParameters(
        bytes.fromhex(found["salt"]), found["time_cost"], found["memory_kib"], found["lanes"]
    )


async def try_password(session: AsyncSession, email: str, proof: bytes) -> dict[str, Any]:
    """Say a password's argon2id hash; for `ticket` to read. The try counts once this transaction is committed."""
    return await _said(session, "select try_password(:email, :proof)", {"email": email, "proof": proof})


def ticket(said: dict[str, Any]) -> str:
    """The try that `sign_in` and `change_password` judge in a later transaction. Raises `SignInDelayed`."""
    _refuse_haste(said)
    return str(said["ticket"])


async def sign_in(session: AsyncSession, ticket: str, client: str) -> dict[str, Any]:
    """Sign in with a committed try; for `tokens` to read once the transaction is committed."""
    statement = "select sign_in(cast(:ticket as uuid), :client)"
    return await _said(session, statement, {"ticket": ticket, "client": client})


async def accept_invitation(
    session: AsyncSession, code: str, parameters: HashParameters, proof: bytes, client: str
) -> dict[str, Any]:
    """Spend an invitation's code: sets the password and signs in; for `tokens` to read."""
    values = {"code": code, "parameters": _json(parameters), "proof": proof, "client": client}
    statement = "select accept_invitation(:code, cast(:parameters as jsonb), :proof, :client)"
    return await _said(session, statement, values)


async def refresh(session: AsyncSession, refresh_token: str) -> dict[str, Any]:
    """Exchange a refresh token; for `tokens` to read once the transaction is committed."""
    return await _said(session, "select refresh(:token)", {"token": refresh_token})


def tokens(said: dict[str, Any], *, refused: type[WrongPassword] | type[SignedOut]) -> Tokens:
    """The tokens in an answer of the database. Raises `refused`, `SignInDelayed`, `SignedOut`.

    The database returns a refusal instead of raising it, so that a stolen token ends.
    """
    _refuse_haste(said)
    if said["status"] == "ok":
        return Tokens(said["access"], said["refresh"], said["operator"], said["email"], said["role"])
    raise refused("this sign-in is refused")


def _refuse_haste(said: dict[str, Any]) -> None:
    if said["status"] == "wait":
        seconds = int(said["seconds"])
        raise SignInDelayed(f"too many wrong passwords: wait {seconds} seconds", seconds=seconds)


async def sign_out(session: AsyncSession, *, everywhere: bool) -> int:
    """End this sign-in, or every one of this operator; how many ended."""
    ended = await session.scalar(text("select sign_out(:everywhere)"), {"everywhere": everywhere})
    return int(ended or 0)


async def change_password(
    session: AsyncSession, ticket: str, parameters: HashParameters, proof: bytes
) -> bool:
    """Replace this operator's password after a committed try of the old one; False when that was wrong.

    Other sign-ins of the account end.
    """
    values = {"ticket": ticket, "parameters": _json(parameters), "proof": proof}
    statement = text("select change_password(cast(:ticket as uuid), cast(:parameters as jsonb), :proof)")
    return bool(await session.scalar(statement, values))


async def operators(session: AsyncSession) -> list[Operator]:
    """The colleagues this operator may see, in the order they came."""
    rows = await session.execute(
        text("""
            select o.id, o.email, o.name, o.role, o.created_at, o.disabled_at,
                   array(select m.seller_id from memberships m where m.operator_id = o.id order by 1) as sellers
            from operators o order by o.id
        """)
    )
    return [Operator(**{**row, "sellers": tuple(row["sellers"])}) for row in rows.mappings()]


async def add_operator(
    session: AsyncSession, email: str, name: str, role: str, sellers: Sequence[int]
) -> int:
    """Add a colleague, who signs in once invited; the new id. Raises `Forbidden`, `Rejected`, `NotFound`."""
    values = {"email": email, "name": name, "role": role, "sellers": list(sellers)}
    statement = text("select add_operator(:email, :name, :role, cast(:sellers as bigint[]))")
    return int(await session.scalar(statement, values) or 0)


async def change_operator(
    session: AsyncSession, email: str, *, role: str | None = None, sellers: Sequence[int] | None = None
) -> None:
    """Give a colleague a role, or other sellers. Raises `Forbidden`, `Rejected`, `NotFound`."""
    values = {"email": email, "role": role, "sellers": None if sellers is None else list(sellers)}
    statement = text("select change_operator(:email, cast(:role as text), cast(:sellers as bigint[]))")
    await session.execute(statement, values)


async def disable_operator(session: AsyncSession, email: str, *, disabled: bool = True) -> None:
    """Shut a colleague out at once, or let them in again. Raises `Forbidden`, `Rejected`, `NotFound`."""
    await session.execute(
        text("select disable_operator(:email, :disabled)"), {"email": email, "disabled": disabled}
    )


async def invite_operator(session: AsyncSession, email: str) -> str:
    """A one-time code, good for three days, with which a colleague sets a password. Raises as above."""
    return str(await session.scalar(text("select invite_operator(:email)"), {"email": email}))


async def service_token(session: AsyncSession, email: str, client: str) -> str:
    """A token for a machine without a person (AGENTIQ_TOKEN). Raises as above."""
    values = {"email": email, "client": client}
    return str(await session.scalar(text("select service_token(:email, :client)"), values))


async def is_owner(session: AsyncSession) -> bool:
    """Whether the operator of this transaction is an owner of the team."""
    return bool(await session.scalar(text("select my_rank() >= 4")))


async def is_owners_address(session: AsyncSession) -> bool:
    """Whether this connection belongs to the owner of the database, whom no policy could hold back."""
    statement = text("select has_schema_privilege(session_user, 'agentiq_private', 'usage')")
    return bool(await session.scalar(statement))


async def _said(session: AsyncSession, statement: str, values: dict[str, Any]) -> dict[str, Any]:
    said = await session.scalar(text(statement), values)
    assert isinstance(said, dict)
    return said


def _json(parameters: HashParameters) -> str:
    import json

    return json.dumps(
        {
            "salt": parameters.salt.hex(),
            "time_cost": parameters.time_cost,
            "memory_kib": parameters.memory_kib,
            "lanes": parameters.lanes,
        }
    )
