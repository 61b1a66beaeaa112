"""Marketplaces that misbehave on demand, over real HTTP, peopled by buyers who write Russian."""

from __future__ import annotations

from agentiq_core.sandbox.conversation import Moderation, Photo
from agentiq_core.sandbox.faults import Fault, FaultKind, Faults
from agentiq_core.sandbox.history import History
from agentiq_core.sandbox.market import Market, Roles
from agentiq_core.sandbox.server import Sandbox
from agentiq_core.sandbox.shop import Shop
from agentiq_core.sandbox.wildberries.market import WildberriesMarket
from agentiq_core.sandbox.wildberries.records import (
    Behaviour,
    Boundary,
    Message,
    Sender,
    SignPolicy,
    Source,
)
from agentiq_core.sandbox.wildberries.seller import SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Account, Scope

__all__ = [
    "Account",
    "Behaviour",
    "Boundary",
    "Fault",
    "FaultKind",
    "Faults",
    "History",
    "Market",
    "Message",
    "Moderation",
    "Photo",
    "Roles",
    "Sandbox",
    "SandboxSeller",
    "Scope",
    "Sender",
    "Shop",
    "SignPolicy",
    "Source",
    "WildberriesMarket",
]
