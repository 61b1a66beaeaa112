"""Listings of the seller as cards (Avito API, items): active ones by the list, the others by their number."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from pydantic import ValidationError

from agentiq_core.connectors.avito import wire
from agentiq_core.connectors.avito.limits import ITEM, ITEMS, ITEMS_PAGE
from agentiq_core.connectors.avito.line import AvitoLine
from agentiq_core.connectors.errors import ChannelClosed, Refused, Unintelligible
from agentiq_core.connectors.mapping import present
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import ProductCard

log = logging.getLogger(__name__)

_BY_NUMBER: Final = 20
"""Listings that are asked for one by one at a time."""
_STATUSES: Final = {
    "active": "активно",
    "removed": "удалено",
    "old": "срок размещения истёк",
    "blocked": "заблокировано",
    "rejected": "отклонено",
}
"""Others (`not_found`, `another_user`) tell of no listing of this seller."""


async def cards_of(line: AvitoLine, external_ids: Sequence[str]) -> tuple[ProductCard, ...]:
    """The cards of these listings. The newest active ones come with title, price and address; of the others Avito tells
    the status alone. Nothing where the key has no right to listings."""
    wanted = [id for id in dict.fromkeys(external_ids) if id.isascii() and id.isdigit()]
    if not wanted:
        return ()
    try:
        listed = await _listed(line)
        missing = [id for id in wanted if id not in listed][:_BY_NUMBER]
        asked = [await _asked(line, id) for id in missing]
    except (ChannelClosed, Refused, Unintelligible) as error:
        log.info("avito: no cards of listings (%s)", error.code)
        return ()
    return (*(listed[id] for id in wanted if id in listed), *(card for card in asked if card is not None))


async def _listed(line: AvitoLine) -> dict[str, ProductCard]:
    answer = await line.read(ITEMS, "/core/v1/items", params={"per_page": ITEMS_PAGE, "page": 1})
    cards: dict[str, ProductCard] = {}
    for item in read(wire.OwnItems, answer.body).resources or ():
        try:
            told = wire.OwnItem.model_validate(item)
        except ValidationError:
            continue
        price = f"{told.price} ₽" if told.price is not None else None
        category = told.category.name if told.category is not None else None
        facts = (
            ("Цена", price),
            ("Категория", category),
            ("Адрес", told.address),
            ("Объявление", _STATUSES.get(told.status or "")),
            ("Ссылка", told.url),
        )
        cards[told.id] = ProductCard(told.id, title=present(told.title), facts=_told(facts))
    return cards


async def _asked(line: AvitoLine, id: str) -> ProductCard | None:
    path = f"/core/v1/accounts/{quote(await line.own_id(), safe='')}/items/{id}/"
    try:
        told = read(wire.ItemInfo, (await line.read(ITEM, path)).body)
    except Refused:
        return None
    status = _STATUSES.get(told.status or "")
    if status is None:
        return None
    return ProductCard(id, facts=_told((("Объявление", status), ("Ссылка", told.url))))


def _told(facts: Sequence[tuple[str, str | None]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in facts if value is not None and not value.isspace())
