"""The goods on sale."""

from __future__ import annotations

from typing import Final

from agentiq_core.sandbox.buyers.catalogue.clothing import CLOTHING
from agentiq_core.sandbox.buyers.catalogue.electronics import ELECTRONICS
from agentiq_core.sandbox.buyers.catalogue.home import HOME, KIDS
from agentiq_core.sandbox.buyers.catalogue.kitchen import KITCHEN
from agentiq_core.sandbox.buyers.goods import Good

GOODS: Final[tuple[Good, ...]] = (*KITCHEN, *CLOTHING, *ELECTRONICS, *HOME, *KIDS)

__all__ = ["CLOTHING", "ELECTRONICS", "GOODS", "HOME", "KIDS", "KITCHEN"]
