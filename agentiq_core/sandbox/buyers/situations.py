"""Why a buyer writes. The value is the label tests compare with."""

from __future__ import annotations

from enum import StrEnum


class Situation(StrEnum):
    """What the buyer wants; it does not change in the course of a chat."""

    WHERE_ORDER = "where_order"
    LATE = "late"
    DEFECT = "defect"
    WRONG_ITEM = "wrong_item"
    INCOMPLETE = "incomplete"
    RETURN = "return"
    EXCHANGE = "exchange"
    SIZE_ADVICE = "size_advice"
    MATERIAL = "material"
    USAGE = "usage"
    INVOICE = "invoice"
    PRAISE = "praise"
    ANGRY = "angry"
    PRICE = "price"
    GIFT = "gift"
    CANCEL = "cancel"
    ADDRESS = "address"
    VAGUE = "vague"


SHARES: dict[Situation, int] = {
    Situation.WHERE_ORDER: 14,
    Situation.LATE: 7,
    Situation.DEFECT: 14,
    Situation.WRONG_ITEM: 8,
    Situation.INCOMPLETE: 6,
    Situation.RETURN: 9,
    Situation.EXCHANGE: 5,
    Situation.SIZE_ADVICE: 8,
    Situation.MATERIAL: 7,
    Situation.USAGE: 4,
    Situation.INVOICE: 3,
    Situation.PRAISE: 4,
    Situation.ANGRY: 4,
    Situation.PRICE: 4,
    Situation.GIFT: 2,
    Situation.CANCEL: 4,
    Situation.ADDRESS: 3,
    Situation.VAGUE: 4,
}
"""How often each is written about, of 110."""
