"""One seller's line to Ozon, whatever the channel: the two parts of the key, one budget, files, cards of goods."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import ValidationError

from agentiq_core.connectors.answers import accepted, hidden
from agentiq_core.connectors.base import Credentials, Download, Gate, GoAhead, KeyReport, Memory, NoMemory
from agentiq_core.connectors.calling import Caller
from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, Refused, Unintelligible
from agentiq_core.connectors.fetching import Fetcher
from agentiq_core.connectors.http import Answer, Sleep, Timeouts, ahead_of
from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.ozon import wire
from agentiq_core.connectors.ozon.answers import failure
from agentiq_core.connectors.ozon.files import CHAT_FILE, HOSTS
from agentiq_core.connectors.ozon.key import bare_client_id, bare_key, report_of
from agentiq_core.connectors.ozon.limits import (
    PRODUCTS,
    PRODUCTS_AT_ONCE,
    REQUESTS,
    ROLES,
    SELLER,
)
from agentiq_core.connectors.wire import Model, parsed, read
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import ProductCard

log = logging.getLogger(__name__)

HOST: Final = "https://api-seller.ozon.ru"


class OzonLine:
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
        self._client_id = bare_client_id(credentials)
        self._key = bare_key(credentials.secret)
        self._sendable_key = bool(self._key) and self._key.isascii() and self._key.isprintable()
        self._gate = gate
        base_url = (credentials.base_url or HOST).strip().rstrip("/")
        sendable = self._sendable_key and bool(self._client_id)
        self._api = Caller(
            base_url,
            {"Client-Id": self._client_id, "Api-Key": self._key} if sendable else {},
            failure=self._failure,
            gate=self._pass_gate,
            timeouts=timeouts,
            sleep=sleep,
        )
        self._files = Fetcher(
            base_url, {}, hosts=HOSTS, own_files=CHAT_FILE, api=self._api, timeouts=timeouts, sleep=sleep
        )

    async def ask(self, method: str, model: type[Model], **body: Any) -> tuple[Model, float | None]:
        """A read, and by how many seconds Ozon's clock was ahead."""
        answer = await self._api.read(method, "POST", method, json=body)
        return read(model, answer.body), ahead_of(answer.headers, self.clock())

    async def ask_item(self, method: str, **body: Any) -> object:
        """A read whose whole answer is one item, to be read as items of lists are. Raises Unintelligible for no JSON."""
        answer = await self._api.read(method, "POST", method, json=body)
        try:
            return parsed(answer.body or b"")
        except (ValueError, RecursionError) as error:
            raise Unintelligible(f"ozon {method}: not JSON, {type(error).__name__}") from None

    async def tell(self, method: str, body: dict[str, Any]) -> None:
        """Something that changes a status; whatever a success says is of no interest."""
        await self._api.once(method, "POST", method, json=body)

    async def deliver(
        self, method: str, model: type[Model], body: dict[str, Any], *, text: str, go_ahead: GoAhead | None
    ) -> Model:
        """What reaches a buyer, exactly once. A success that cannot be read is ServerFailed: nobody knows."""
        answer = await self._api.once(
            method, "POST", method, json=body, go_ahead=go_ahead, secrets=hidden(text)
        )
        return accepted(f"ozon {method}", model, answer)

    async def account(self) -> KeyReport:
        """The key's expiry and roles; the subscription too, where the key may ask for it."""
        roles, _ = await self.ask(ROLES, wire.RolesAnswer)
        try:
            seller, _ = await self.ask(SELLER, wire.SellerAnswer)
        except MarketplaceError as error:
            log.info("ozon: the subscription is not told (%s)", error.code)
            return report_of(self._client_id, roles, None, self.clock())
        return report_of(self._client_id, roles, seller, self.clock())

    async def fetch(self, url: str) -> Download:
        """A file by its link; only the API's own files are asked for with the key."""
        return await self._files.fetch(url)

    async def products(self, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
        """The cards of these SKUs, up to a thousand in a request; none where the key has no role for goods."""
        wanted = [sku for sku in dict.fromkeys(external_ids) if sku.isascii() and sku.isdigit()]
        cards: list[ProductCard] = []
        for start in range(0, len(wanted), PRODUCTS_AT_ONCE):
            batch = wanted[start : start + PRODUCTS_AT_ONCE]
            try:
                answer, _ = await self.ask(PRODUCTS, wire.CardsAnswer, sku=batch)
            except (ChannelClosed, Refused) as error:
                log.info("ozon: no cards of goods (%s)", error.code)
                break
            cards += [card for item in answer.items or () if (card := _card(item)) is not None]
        return tuple(card for card in cards if card.external_id in set(wanted))

    async def aclose(self) -> None:
        """Close connections."""
        await asyncio.gather(self._api.aclose(), self._files.aclose())

    def _failure(self, method: str, answer: Answer, secrets: tuple[str, ...]) -> MarketplaceError:
        return failure(method, answer, secrets=(self._key, *secrets))

    async def _pass_gate(self, method: str) -> None:
        if not self._client_id:
            raise KeyRefused("the key has no Client-Id, or one that is not a number")
        if not self._sendable_key:
            raise KeyRefused("the key cannot be a header: it is empty or holds other than ASCII characters")
        if self._gate is not None:
            await self._gate(REQUESTS)


def _card(item: object) -> ProductCard | None:
    try:
        card = wire.Card.model_validate(item)
    except ValidationError:
        return None
    if not card.sku:
        return None
    photos = [*(card.primary_image or ()), *(card.images or ())]
    return ProductCard(
        external_id=card.sku,
        title=present(card.name),
        vendor_code=present(card.offer_id),
        photo_url=next((photo for photo in photos if isinstance(photo, str) and photo), None),
    )
