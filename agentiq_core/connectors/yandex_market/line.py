"""One seller's line to Yandex Market, whatever the channel: the token, the account behind it, files, cards of goods."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from agentiq_core.connectors.answers import accepted, hidden
from agentiq_core.connectors.base import Credentials, Download, Gate, GoAhead, KeyReport, Memory, NoMemory
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    Refused,
    ServerFailed,
    SeveralAccounts,
)
from agentiq_core.connectors.fetching import Fetcher
from agentiq_core.connectors.http import Answer, Sleep, Timeouts, ahead_of
from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.sending import nothing_sent
from agentiq_core.connectors.wire import Model, read
from agentiq_core.connectors.yandex_market import wire
from agentiq_core.connectors.yandex_market.answers import failure
from agentiq_core.connectors.yandex_market.key import (
    API_KEY,
    bare_key,
    business_of,
    headers_of,
    kind_of,
    report_of,
)
from agentiq_core.connectors.yandex_market.limits import (
    ANSWER,
    ANSWERS,
    CAMPAIGNS,
    CAMPAIGNS_AT_ONCE,
    OFFERS,
    OFFERS_AT_ONCE,
    QUESTIONS,
    RIGHTS,
)
from agentiq_core.connectors.yandex_market.mapping import card_of
from agentiq_core.connectors.yandex_market.parallel import Place
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import ProductCard

log = logging.getLogger(__name__)

HOST: Final = "https://api.partner.market.yandex.ru"
FILE_HOSTS: Final = ("yandex.net", "yandex.ru")
KEYED_HOSTS: Final = ("files.messenger.yandex.net",)
"""Where a chat's files are kept; an Api-Key does not open all of them (a running CRM needed a user's OAuth token)."""
OWN_FILES: Final = re.compile(r"/files/")
"""In the path of a file at the address in use: the live API keeps none itself, a stand-in for it may."""

_MOST_PAGES: Final = 50
_SKU: Final = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f]{1,255}")
_FIRST_VERSION: Final = frozenset({QUESTIONS, ANSWERS, ANSWER})

AcceptedT = TypeVar("AcceptedT", bound=wire.Accepted)


class YandexLine:
    """What the channels share. Reads are repeated (`http.retrying`), what changes something is asked once.

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
        self._chosen = bool(credentials.account_id and credentials.account_id.strip())
        self._business = business_of(credentials)
        self._key = bare_key(credentials.secret)
        self._headers = headers_of(self._key)
        self._gate = gate
        base_url = (credentials.base_url or HOST).strip().rstrip("/")
        self._api = Caller(
            base_url,
            self._headers,
            failure=self._failure,
            gate=self._pass_gate,
            place=Place(self._key),
            timeouts=timeouts,
            sleep=sleep,
        )
        self._files = Fetcher(
            base_url,
            self._headers,
            hosts=FILE_HOSTS,
            keyed=KEYED_HOSTS,
            own_files=OWN_FILES,
            timeouts=timeouts,
            sleep=sleep,
        )

    async def ask(
        self, method: str, model: type[Model], body: dict[str, Any], **params: str | int | None
    ) -> tuple[Model, datetime, float | None]:
        """A read below the account: the answer, the Market's time of it, and by how many seconds its clock was ahead."""
        path = await self._path(method)
        given = {name: str(value) for name, value in params.items() if value is not None}
        answer = await self._api.read(method, "POST", path, json=body, params=given)
        now = self.clock()
        return read(model, answer.body), now, ahead_of(answer.headers, now)

    async def deliver(
        self,
        method: str,
        model: type[AcceptedT],
        *,
        text: str = "",
        go_ahead: GoAhead | None = None,
        **request: Any,
    ) -> AcceptedT:
        """What changes something, exactly once. A success that does not say OK is ServerFailed: nobody knows.

        Until it is written every failure is NotDelivered, KeyRefused or SeveralAccounts: only the account was asked for.
        """
        with nothing_sent("no account to reply from", SeveralAccounts):
            path = await self._path(method)
        answer = await self._api.once(
            method, "POST", path, go_ahead=go_ahead, secrets=hidden(text), **request
        )
        told = accepted(f"yandex market {method}", model, answer)
        if told.status != "OK":
            raise ServerFailed(
                f"yandex market {method}: a success that does not say so", status=answer.status
            )
        return told

    async def account(self) -> KeyReport:
        """The account behind the token and, for an Api-Key, its scopes. Raises SeveralAccounts where nobody chose one."""
        business = await self._find_business()
        self._business = business
        return report_of(business, self._key, await self._scopes())

    async def fetch(self, url: str) -> Download:
        """A file by its link. Raises Refused for one that the token does not open."""
        return await self._files.fetch(url)

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these SKUs, up to a hundred in a request; none where the token has no scope for goods."""
        wanted = [sku for sku in dict.fromkeys(external_ids) if _SKU.fullmatch(sku)]
        cards: list[ProductCard] = []
        for start in range(0, len(wanted), OFFERS_AT_ONCE):
            body = {"offerIds": wanted[start : start + OFFERS_AT_ONCE]}
            try:
                answer, _, _ = await self.ask(OFFERS, wire.OffersAnswer, body)
            except (ChannelClosed, Refused) as error:
                log.info("yandex market: no cards of goods (%s)", error.code)
                break
            cards += [card for item in answer.result.offer_mappings if (card := card_of(item)) is not None]
        return tuple(card for card in cards if card.external_id in set(wanted))

    async def aclose(self) -> None:
        """Close connections."""
        await asyncio.gather(self._api.aclose(), self._files.aclose())

    async def _path(self, method: str) -> str:
        if self._business is None:
            self._business = await self._find_business()
        version = "v1" if method in _FIRST_VERSION else "v2"
        return f"/{version}/businesses/{self._business}/{method}"

    async def _find_business(self) -> str:
        """The account that the token opens; the one that was chosen where there are several."""
        found = await self._businesses()
        if self._chosen:
            if self._business is None or self._business not in found:
                detail = "the businessId is not one of this token's"
                raise KeyRefused(f"yandex market {CAMPAIGNS}: {detail}", detail=detail)
            return self._business
        if not found:
            raise KeyRefused(f"yandex market {CAMPAIGNS}: no shop", detail="the token opens no shop")
        if len(found) > 1:
            raise SeveralAccounts("the token opens several accounts", choices=tuple(found.items()))
        return next(iter(found))

    async def _businesses(self) -> dict[str, str]:
        found: dict[str, str] = {}
        token: str | None = None
        for _ in range(_MOST_PAGES):
            params = {"limit": str(CAMPAIGNS_AT_ONCE)} | ({"pageToken": token} if token else {})
            answer = await self._api.read(CAMPAIGNS, "GET", "/v2/campaigns", params=params)
            page = read(wire.CampaignsAnswer, answer.body)
            for item in page.campaigns:
                business = _business(item)
                if business is not None and business.id is not None:
                    found.setdefault(business.id, present(business.name) or "")
            if page.more is None or page.more == token:
                break
            token = page.more
        return found

    async def _scopes(self) -> frozenset[str] | None:
        if kind_of(self._key) != API_KEY:
            return None
        try:
            answer = await self._api.read(RIGHTS, "POST", "/v2/auth/token")
            told = read(wire.TokenAnswer, answer.body).result.api_key.scopes
        except KeyRefused:
            raise
        except MarketplaceError as error:
            log.info("yandex market: the scopes are not told (%s)", error.code)
            return None
        return None if told is None else frozenset(scope for scope in told if isinstance(scope, str))

    def _failure(self, method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
        return failure(method, answer, secrets=(self._key, *secrets))

    async def _pass_gate(self, method: str) -> None:
        if not self._headers:
            raise KeyRefused("the token cannot be a header: it is empty or holds other than ASCII characters")
        if self._gate is not None:
            await self._gate(method)


def _business(item: object) -> wire.Business | None:
    try:
        return wire.Campaign.model_validate(item).business
    except ValidationError:
        return None
