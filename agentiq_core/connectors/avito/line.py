"""One seller's line to Avito, whatever the channel: its token, its account, what is asked with them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from agentiq_core.connectors.answers import accepted, hidden
from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.avito.answers import WINDOW, failure
from agentiq_core.connectors.avito.key import bare, report_of
from agentiq_core.connectors.avito.limits import ACCESS, SELF
from agentiq_core.connectors.avito.tokens import LIFETIME, Token, Tokens, shared_tokens
from agentiq_core.connectors.base import Credentials, Gate, GoAhead, KeyReport, Memory, NoMemory
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import (
    BudgetSpent,
    ChannelClosed,
    KeyRefused,
    Refused,
    Unintelligible,
)
from agentiq_core.connectors.fetching import Fetcher
from agentiq_core.connectors.http import Answer, Sleep, Timeouts
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.connectors.wire import Model, read
from agentiq_core.domain.errors import MarketplaceError

log = logging.getLogger(__name__)

HOST: Final = "https://api.avito.ru"
FILE_HOSTS: Final = ("avito.ru", "avito.st")
"""Pictures and voice messages are kept there (Avito API, samples of messages and getVoiceFiles)."""
_WRONG_KEY: Final = frozenset(
    {"invalid_client", "invalid_grant", "invalid_request", "unauthorized_client", "access_denied"}
)
_JUST_BORN: Final = timedelta(minutes=1)
"""A token this young has not run out: 403 then speaks of rights."""


class AvitoLine:
    """What the channels share. Reads are repeated (`http.retrying`), what changes something is asked once, but for a
    refused token, which carries nothing out: then once more with a new one.

    `sleep` pauses between repeated reads, `clock` tells the time, `memory` what is stored of the channel. Raises
    Misconfigured for an unusable `base_url`.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        gate: Gate | None = None,
        memory: Memory | None = None,
        timeouts: Timeouts | None = None,
        sleep: Sleep = asyncio.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.memory = memory or NoMemory()
        self.clock = clock
        self._client_id = bare(credentials.client_id)
        self._secret = bare(credentials.secret)
        self._account_id = credentials.account_id
        self._gate = gate
        self._base_url = (credentials.base_url or HOST).strip().rstrip("/")
        self._api = Caller(
            self._base_url, {}, failure=self._failure, gate=self._pass_gate, timeouts=timeouts, sleep=sleep
        )
        self.files = Fetcher(self._base_url, {}, hosts=FILE_HOSTS, timeouts=timeouts, sleep=sleep)
        self._tokens: Tokens | None = None
        self._rests_until: dict[str, datetime] = {}

    async def account(self) -> KeyReport:
        """Whose account the key opens, and the scopes of its token where it tells any."""
        told = read(wire.Account, (await self.read(SELF, "/core/v1/accounts/self")).body)
        self._account_id = told.id
        return report_of(told.id, (await self._token()).scopes)

    async def own_id(self) -> str:
        """The account's id, asked for once."""
        if self._account_id is None:
            self._account_id = (await self.account()).account_id or ""
        return self._account_id

    async def account_path(self, version: int, *parts: str) -> str:
        """A path of the messenger: version, the account, then these parts, each kept in its place."""
        steps = [quote(await self.own_id(), safe=""), *(quote(part, safe="") for part in parts)]
        return f"/messenger/v{version}/accounts/{'/'.join(steps)}"

    async def read(self, method: str, path: str, **request: Any) -> Answer:
        """A read, repeated where it fails in passing."""

        async def ask(headers: dict[str, str]) -> Answer:
            return await self._api.read(method, "GET", path, headers=headers, **request)

        return self._noted(method, await self._authorised(ask))

    async def once(
        self, method: str, path: str, *, go_ahead: GoAhead | None = None, text: str = "", **request: Any
    ) -> Answer:
        """What changes something. `text` is cut out of what Avito says of it."""
        secrets = hidden(text)

        async def ask(headers: dict[str, str]) -> Answer:
            return await self._api.once(
                method, "POST", path, go_ahead=go_ahead, secrets=secrets, headers=headers, **request
            )

        return self._noted(method, await self._authorised(ask))

    async def deliver(
        self,
        method: str,
        path: str,
        model: type[Model],
        body: dict[str, Any],
        *,
        text: str = "",
        go_ahead: GoAhead | None,
    ) -> Model:
        """What reaches a buyer. A success that cannot be read is ServerFailed: nobody knows."""
        answer = await self.once(method, path, go_ahead=go_ahead, text=text, json=body)
        return accepted(f"avito {method}", model, answer)

    async def aclose(self) -> None:
        """Close connections."""
        await asyncio.gather(self._api.aclose(), self.files.aclose())

    async def _authorised(self, ask: Callable[[dict[str, str]], Awaitable[Answer]]) -> Answer:
        token = await self._token()
        try:
            return await ask(_bearer(token))
        except (KeyRefused, ChannelClosed, Refused) as refused:
            # 401 in practice, 403 by the specification: a token that ran out (Avito API, auth)
            status = refused.params.get("status")
            young = token.born > self.clock() - _JUST_BORN
            if status != 401 and (status != 403 or young):
                raise
        log.info("avito: the token was refused, taking a new one")
        return await ask(_bearer(await self._token(refused=token)))

    async def _token(self, refused: Token | None = None) -> Token:
        """The client's token. Until there is one nothing was asked, so that every failure but a refused key is
        NotDelivered, whatever became of the request for it."""
        if self._tokens is None:
            self._tokens = shared_tokens(self._base_url, self._client_id, self._secret)
        with nothing_sent("no token", ChannelClosed, Refused):
            return await self._tokens.current(self._ask_for_token, self.clock(), refused=refused)

    async def _ask_for_token(self) -> Token:
        born = self.clock()
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._secret,
        }
        answer = await self._api.read(ACCESS, "POST", "/token", data=form)
        told = read(wire.Token, answer.body)
        if told.access_token is None or not _sendable(told.access_token):
            if told.error in _WRONG_KEY:
                raise KeyRefused("avito token: refused inside a success", detail=told.error or "")
            raise Unintelligible("avito token: there is none in the answer")
        lifetime = timedelta(seconds=min(told.expires_in, 10**8)) if told.expires_in else LIFETIME
        scopes = frozenset((told.scope or "").replace(",", " ").split())
        return Token(told.access_token, born, born + lifetime, scopes)

    def _failure(self, method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
        tokens = self._tokens.secrets if self._tokens is not None else ()
        return failure(method, answer, secrets=(self._secret, *tokens, *secrets))

    def _noted(self, method: str, answer: Answer) -> Answer:
        """Where an answer says that nothing is left of the minute, the method rests for the share of one request."""
        left, limit = (_number(answer.headers.get(f"x-ratelimit-{name}")) for name in ("remaining", "limit"))
        if left == 0 and limit:
            self._rests_until[method] = self.clock() + timedelta(seconds=WINDOW / limit)
        return answer

    async def _pass_gate(self, method: str) -> None:
        if not self._client_id or not self._secret:
            raise KeyRefused("client_id or client_secret is missing, or holds what cannot be one")
        rest = (self._rests_until.get(method, self.clock()) - self.clock()).total_seconds()
        if rest > 0:
            raise BudgetSpent(f"avito {method}: nothing is left of this minute", retry_after=rest)
        if self._gate is not None:
            await self._gate(method)


def _bearer(token: Token) -> dict[str, str]:
    return {"Authorization": f"Bearer {token.value}"}


def _sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable()


def _number(text: str | None) -> int | None:
    told = (text or "").strip()
    return int(told) if told.isascii() and told.isdigit() and len(told) < 10 else None
