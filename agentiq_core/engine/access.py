"""This machine's sign-in: who works here, and a token that is always good while the sign-in lasts."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from agentiq_core.domain.errors import AgentIQError, Forbidden, SignedOut, SignInNeeded, WrongPassword
from agentiq_core.identity import passwords
from agentiq_core.identity.secret_store import SecretStore
from agentiq_core.store import accounts
from agentiq_core.store.accounts import HashParameters, Tokens
from agentiq_core.store.database import Door

log = logging.getLogger(__name__)

REFRESH = "refresh"
"""The name under which the secret store keeps the refresh token."""
LIFE_SECONDS = 900.0
"""How long the database takes an access token (store, 0002_identity.sql)."""
RENEW_AFTER = 0.8 * LIFE_SECONDS
"""From then on a token is renewed in the background, while the old one still works."""
TOO_OLD = LIFE_SECONDS - 30.0


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who works here."""

    operator_id: int
    email: str
    role: str

    @property
    def may_write(self) -> bool:
        """Whether this role may change anything: a viewer's terminal runs no worker."""
        return self.role != "viewer"

    @property
    def may_manage(self) -> bool:
        """Whether this role decides for shops and for the team."""
        return self.role in ("admin", "owner")


class Turn(Protocol):
    """Gives one process of this machine at a time the right to use up the stored refresh token."""

    def __call__(self) -> AbstractContextManager[object]:
        """Blocking; held while the token is exchanged and the next one kept."""
        ...


class Access:
    """Tokens for one process. `keep` is where the refresh token of a person lives between processes.

    A sign-in that was given (`given`: of the embedded server, or AGENTIQ_TOKEN) is not kept and does not rotate.
    `clock` counts seconds from anywhere; it must go on while the machine sleeps, or a token is renewed late.
    """

    def __init__(
        self,
        door: Door,
        *,
        keep: SecretStore | None = None,
        given: str | None = None,
        turn: Turn = nullcontext,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._door = door
        self._keep = keep
        self._given = given
        self._turn = turn
        self._clock = clock
        self._access: str | None = None
        self._since = 0.0
        self._who: SignedIn | None = None
        self._ended: SignInNeeded | None = None
        self._lock = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None

    def only_writers(self) -> None:
        """Raises `Forbidden` for a viewer: the database passes over rows that a role may not lock, and says nothing."""
        if self.who is not None and not self.who.may_write:
            raise Forbidden("a viewer only looks")

    def only_admins(self) -> None:
        """Raises `Forbidden` for whoever manages no sellers: the database passes over rows that they may not change."""
        if self.who is not None and not self.who.may_manage:
            raise Forbidden("an admin decides this")

    @property
    def who(self) -> SignedIn | None:
        """Who works here; None until the first token, and after a sign-out."""
        return self._who

    @property
    def personal(self) -> bool:
        """Whether a person signs in here, with a password."""
        return self._keep is not None

    async def token(self) -> str:
        """A token that is good now. Raises `SignInNeeded`, `SignedOut`, `StoreUnavailable`."""
        age = self._clock() - self._since
        if self._access is not None and age < TOO_OLD:
            if age > RENEW_AFTER and (self._renewing is None or self._renewing.done()):
                self._renewing = asyncio.create_task(self._renew_quietly(self._access))
            return self._access
        return await self._exchanged(self._access)

    async def renewed(self, refused: str) -> str:
        """Another token than this one, which the database no longer takes. Raises as `token`."""
        return await self._exchanged(refused)

    async def sign_in(self, email: str, password: str) -> SignedIn:
        """Sign a person in. Raises `WrongPassword`, `SignInDelayed`, `StoreUnavailable`, `VaultLocked`."""
        async with self._door.anonymous() as session:
            parameters = await accounts.password_parameters(session, email)
        proof = await _proof(password, parameters)
        ticket = await self._tried(email, proof)
        async with self._door.anonymous() as session:
            said = await accounts.sign_in(session, ticket, socket.gethostname())
        return await self._begun(accounts.tokens(said, refused=WrongPassword))

    async def accept(self, code: str, password: str) -> SignedIn:
        """Spend an invitation: set this password and sign in. Raises as `sign_in`."""
        parameters = HashParameters(passwords.fresh_salt())
        proof = await _proof(password, parameters)
        async with self._door.anonymous() as session:
            said = await accounts.accept_invitation(session, code, parameters, proof, socket.gethostname())
        return await self._begun(accounts.tokens(said, refused=WrongPassword))

    async def change_password(self, old: str, new: str) -> None:
        """Replace this operator's password; other sign-ins of the account end. Raises `WrongPassword`, `Rejected` for a weak one."""
        token = await self.token()
        email = self._who.email if self._who else ""
        passwords.check_strength(new, email)
        async with self._door.anonymous() as session:
            known = await accounts.password_parameters(session, email)
        parameters = HashParameters(passwords.fresh_salt())
        old_proof, proof = await _proof(old, known), await _proof(new, parameters)
        ticket = await self._tried(email, old_proof)
        async with self._door.anonymous() as session:
            await session.execute(accounts.ENTER, {"token": token})
            if not await accounts.change_password(session, ticket, parameters, proof):
                raise WrongPassword("the old password is wrong")

    async def sign_out(self, *, everywhere: bool = False) -> int:
        """End this sign-in, or every one of this operator; how many ended. What is kept here goes in any case."""
        ended = 0
        try:
            token = await self.token()
            async with self._door.anonymous() as session:
                await session.execute(accounts.ENTER, {"token": token})
                ended = await accounts.sign_out(session, everywhere=everywhere)
        except SignInNeeded:
            pass
        finally:
            self._end(SignedOut("signed out here"))
            if self._keep is not None:
                await asyncio.to_thread(self._keep.delete, REFRESH)
        return ended

    async def renewal(self) -> None:
        """Wait for a renewal in the background, if one runs."""
        if self._renewing is not None:
            await asyncio.shield(self._renewing)

    async def aclose(self) -> None:
        """End what runs in the background."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)

    async def _tried(self, email: str, proof: bytes) -> str:
        # in a transaction of its own: the database judges only a try that is counted already
        async with self._door.anonymous() as session:
            said = await accounts.try_password(session, email, proof)
        return accounts.ticket(said)

    async def _begun(self, tokens: Tokens) -> SignedIn:
        if self._keep is not None:
            await asyncio.to_thread(self._keep.set, REFRESH, tokens.refresh)
            self._given = None
        else:
            self._given = tokens.refresh
        return self._took(tokens)

    def _took(self, tokens: Tokens) -> SignedIn:
        self._access, self._since, self._ended = tokens.access, self._clock(), None
        self._who = SignedIn(tokens.operator_id, tokens.email, tokens.role)
        return self._who

    def _end(self, error: SignInNeeded) -> None:
        self._access, self._who, self._ended = None, None, error

    async def _renew_quietly(self, former: str) -> None:
        try:
            await self._exchanged(former)
        except AgentIQError as error:
            # the old token works a while longer, and the next one that is asked for says it
            log.warning("the sign-in could not be renewed: %s", error)

    async def _exchanged(self, former: str | None) -> str:
        async with self._lock:
            if self._access is not None and self._access != former:
                return self._access
            if self._ended is not None:
                raise self._ended
            try:
                return await self._exchange()
            except SignInNeeded as error:
                self._end(error)
                raise

    async def _exchange(self) -> str:
        if self._given is not None:
            tokens = await self._refreshed(self._given)
            self._given = tokens.refresh
            return self._took_access(tokens)
        if self._keep is None:
            raise SignInNeeded("nobody has signed in here: agentiq login")
        turn = self._turn()
        await asyncio.to_thread(turn.__enter__)
        try:
            kept = await asyncio.to_thread(self._keep.get, REFRESH)
            if kept is None:
                raise SignInNeeded("nobody has signed in here: agentiq login")
            tokens = await self._refreshed(kept)
            await asyncio.to_thread(self._keep.set, REFRESH, tokens.refresh)
        finally:
            await asyncio.to_thread(turn.__exit__, None, None, None)
        return self._took_access(tokens)

    async def _refreshed(self, refresh_token: str) -> Tokens:
        async with self._door.anonymous() as session:
            said = await accounts.refresh(session, refresh_token)
        return accounts.tokens(said, refused=SignedOut)

    def _took_access(self, tokens: Tokens) -> str:
        self._took(tokens)
        return tokens.access


async def _proof(password: str, parameters: HashParameters) -> bytes:
    return await asyncio.to_thread(
        passwords.proof,
        password,
        salt=parameters.salt,
        time_cost=parameters.time_cost,
        memory_kib=parameters.memory_kib,
        lanes=parameters.lanes,
    )
