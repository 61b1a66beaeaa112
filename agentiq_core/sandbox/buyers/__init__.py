"""Buyers who write natural, varied Russian about real goods."""

from __future__ import annotations

from agentiq_core.sandbox.buyers.buyer import Buyer, Utterance, draw_buyer
from agentiq_core.sandbox.buyers.catalogue import CLOTHING, ELECTRONICS, GOODS, HOME, KIDS, KITCHEN
from agentiq_core.sandbox.buyers.goods import Category, Good
from agentiq_core.sandbox.buyers.questions import draw_question
from agentiq_core.sandbox.buyers.reviews import Opinion, draw_review
from agentiq_core.sandbox.buyers.situations import Situation

__all__ = [
    "CLOTHING",
    "ELECTRONICS",
    "GOODS",
    "HOME",
    "KIDS",
    "KITCHEN",
    "Buyer",
    "Category",
    "Good",
    "Opinion",
    "Situation",
    "Utterance",
    "draw_buyer",
    "draw_question",
    "draw_review",
]
