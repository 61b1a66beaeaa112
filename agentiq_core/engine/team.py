"""The team: colleagues, invitations, machines without a person, and the key that seals the marketplace keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Rejected, StoreUnavailable, VaultLocked
from agentiq_core.engine.access import REFRESH, Access, SignedIn
from agentiq_core.engine.context import Engine
from agentiq_core.identity import passwords
from agentiq_core.identity.addresses import secured
from agentiq_core.identity.invitation import Invitation
from agentiq_core.identity.secret_store import SecretStore, open_secret_store
from agentiq_core.identity.vault import TEAM_KEY, new_key, open_vault, vault_of
from agentiq_core.store import accounts, owner, sellers
from agentiq_core.store.accounts import HashParameters, Operator
from agentiq_core.store.database import Door, Store
from agentiq_core.store.schema import is_there, migrate

ROLES = ("viewer", "operator", "admin", "owner")
SERVER = "server"
"""The name under which the secret store keeps the address of the team's database."""
MARKER = "team"
"""The file in a home that says: this machine belongs to a team, its database's address is in the secret store."""

EMBEDDED = "postgres"
"""The directory in a home that the embedded server made (`store.embedded.layout`)."""


async def colleagues(engine: Engine) -> list[Operator]:
    """The operators that this one may see."""
    async with engine.store.transaction() as session:
        return await accounts.operators(session)


async def add(engine: Engine, email: str, name: str, role: str, seller_ids: Sequence[int]) -> str:
    """Add a colleague; the invitation to give to them. Raises `Forbidden`, `Rejected`, `NotFound`."""
    email = checked_email(email)
    async with engine.store.transaction() as session:
        await _only_the_teams_address(session)
        await accounts.add_operator(session, email, " ".join(name.split()), role, seller_ids)
        code = await accounts.invite_operator(session, email)
    return Invitation(engine.store.dsn, code).pack()


async def invite(engine: Engine, email: str) -> str:
    """A fresh invitation for a colleague: one string, good once and for three days. Raises as `add`.

    It carries the address this machine uses, so an address of the database's owner is refused: with it a colleague
    would be above every rule.
    """
    async with engine.store.transaction() as session:
        await _only_the_teams_address(session)
        code = await accounts.invite_operator(session, email)
    return Invitation(engine.store.dsn, code).pack()


async def _only_the_teams_address(session: AsyncSession) -> None:
    if await accounts.is_owners_address(session):
        raise Rejected(
            "this machine uses the address of the database's owner; invitations need the team's: agentiq init made it"
        )


async def change(
    engine: Engine, email: str, *, role: str | None = None, seller_ids: Sequence[int] | None = None
) -> None:
    """Give a colleague another role or other sellers. Raises `Forbidden`, `Rejected`, `NotFound`."""
    async with engine.store.transaction() as session:
        await accounts.change_operator(session, email, role=role, sellers=seller_ids)


async def disable(engine: Engine, email: str, *, disabled: bool = True) -> None:
    """Shut a colleague out at once, or let them in again. Raises as `change`."""
    async with engine.store.transaction() as session:
        await accounts.disable_operator(session, email, disabled=disabled)


async def service_token(engine: Engine, email: str, client: str) -> str:
    """A token for AGENTIQ_TOKEN on a machine without a person. Raises as `change`."""
    async with engine.store.transaction() as session:
        return await accounts.service_token(session, email, client)


async def found(settings: Settings, secrets: SecretStore, email: str, password: str) -> SignedIn:
    """Make a team's database ready with the address of its owner: schema, the team's own user, the first owner, team key.

    This machine then uses the team's address, and is signed in. Repeating it sets the owner's password anew and keeps
    everything else. Raises `Forbidden`, `Rejected`, `StoreUnavailable`.
    """
    assert settings.database_url is not None
    dsn = settings.database_url.get_secret_value()
    email = checked_email(email)
    passwords.check_strength(password, email)
    await asyncio.to_thread(migrate, dsn)
    parameters = HashParameters(passwords.fresh_salt())
    proof = await asyncio.to_thread(
        passwords.proof,
        password,
        salt=parameters.salt,
        time_cost=parameters.time_cost,
        memory_kib=parameters.memory_kib,
        lanes=parameters.lanes,
    )
    await asyncio.to_thread(owner.first_owner, dsn, email, parameters, proof)
    known = await asyncio.to_thread(secrets.get, SERVER)
    if known is None or owner.place(known) != owner.place(dsn):
        name, secret = await asyncio.to_thread(owner.app_user, dsn)
        known = owner.with_user(dsn, name, secret)
    # a new password of the team's user would lock every other machine out
    return await _settle(settings, secrets, known, email, password)


async def join(settings: Settings, secrets: SecretStore, invitation: Invitation, password: str) -> SignedIn:
    """Take an invitation on a new machine: set the password, sign in, remember the team's address.

    Raises `WrongPassword` when the invitation is spent or too old, `Rejected` for a weak password.
    """
    passwords.check_strength(password, "")
    door = Door(secured(invitation.server), pool_size=1)
    access = Access(door, keep=secrets)
    try:
        who = await access.accept(invitation.code, password)
    finally:
        await access.aclose()
        await door.aclose()
    await asyncio.to_thread(_remember, settings, secrets, invitation.server)
    return who


async def enter(
    settings: Settings, secrets: SecretStore, address: str, email: str, password: str
) -> SignedIn:
    """Sign in at a team's server from a new machine, which remembers its address then; it pulls and sends once it has the team key.

    Raises `Misconfigured` for what is no address, `StoreUnavailable` (`refused` as of `store.schema.is_there`), `WrongPassword`, `SignInDelayed`; nothing is kept then.
    """
    email, safe = checked_email(email), secured(address)
    if not await asyncio.to_thread(is_there, safe):
        raise StoreUnavailable(
            "the database cannot be reached: the schema agentiq does not exist there", refused="database"
        )
    door = Door(safe, pool_size=1)
    access = Access(door, keep=secrets)
    try:
        who = await access.sign_in(email, password)
    finally:
        await access.aclose()
        await door.aclose()
    await asyncio.to_thread(_remember, settings, secrets, address)
    return who


def untouched(settings: Settings) -> bool:
    """Whether nothing says yet where this machine's conversations are kept: no address, no team, no database of its own."""
    if settings.database_url is not None or settings.token is not None:
        return False
    return not (settings.home / MARKER).exists() and not (settings.home / EMBEDDED).exists()


async def _settle(settings: Settings, secrets: SecretStore, dsn: str, email: str, password: str) -> SignedIn:
    door = Door(secured(dsn), pool_size=1)
    access = Access(door, keep=secrets)
    try:
        who = await access.sign_in(email, password)
        async with Store(door, access).transaction() as session:
            connected = bool(await sellers.sealed_keys(session))
    finally:
        await access.aclose()
        await door.aclose()
    await asyncio.to_thread(_remember, settings, secrets, dsn)
    if settings.team_key is None and await asyncio.to_thread(secrets.get, TEAM_KEY) is None:
        key = await asyncio.to_thread(_key_before, settings) if connected else new_key()
        # what is connected was sealed elsewhere: a fresh key would open none of it
        if key:
            await asyncio.to_thread(secrets.set, TEAM_KEY, key)
    return who


def _key_before(settings: Settings) -> str:
    """The key that sealed what was connected from this home before the team had an owner, or nothing."""
    return open_vault(settings, open_secret_store(settings, embedded=True), make=False).packed()


def _remember(settings: Settings, secrets: SecretStore, dsn: str) -> None:
    secrets.set(SERVER, dsn)
    # a keyring needs no home
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    (settings.home / MARKER).write_text(f"{secrets.kind}\n", encoding="utf-8")


def forget(settings: Settings, secrets: SecretStore) -> None:
    """This machine leaves the team: address, sign-in and team key go. Blocking."""
    for name in (SERVER, REFRESH, TEAM_KEY):
        secrets.delete(name)
    (settings.home / MARKER).unlink(missing_ok=True)


async def keep_team_key(engine: Engine, key: str) -> None:
    """Keep the team key, as another machine shows it, on this one, which can pull and send from now on.

    Raises `VaultLocked` for what is no key, for one that does not open what the team has stored, and where no secrets
    are kept; nothing is changed then.
    """
    fresh = vault_of(key)
    if engine.secrets is None:
        raise VaultLocked("this machine keeps no secrets: set AGENTIQ_TEAM_KEY")
    async with engine.store.transaction() as session:
        sealed = await sellers.sealed_key(session)
    if sealed is not None:
        try:
            await asyncio.to_thread(fresh.open, sealed)
        except VaultLocked:
            raise VaultLocked(
                "this team key does not open what the team has stored", reason="another key"
            ) from None
    await asyncio.to_thread(engine.secrets.set, TEAM_KEY, fresh.packed())
    engine.vault.take(fresh)


async def rotate_team_key(engine: Engine, secrets: SecretStore) -> tuple[str, int]:
    """Seal every marketplace key anew with a fresh team key; the key for the team's other machines, and how many.

    Only an owner sees every seller, so only an owner can. One transaction: either all are sealed anew or none, and
    the fresh key is kept here before it ends. Raises `Rejected` for everybody else, `VaultLocked`.
    """
    async with engine.store.transaction() as session:
        if not await accounts.is_owner(session):
            raise Rejected("only an owner rotates the team key")
        vault, key = engine.vault.with_new_key()
        sealed = await sellers.sealed_keys(session)
        for seller_id, ciphertext in sealed:
            await sellers.seal_anew(session, seller_id, vault.reseal(ciphertext))
        await asyncio.to_thread(secrets.set, TEAM_KEY, vault.packed())
    return key, len(sealed)


def checked_email(email: str) -> str:
    """An e-mail as it is compared: lower case, no spaces around. Raises `Rejected`."""
    email = email.strip().lower()
    name, at, host = email.partition("@")
    if not (name and at and host) or " " in email or len(email) > 254:
        raise Rejected(f"this is not an e-mail address: {email[:80]}", email=email[:80])
    return email
