"""Marketplaces that misbehave on demand, over real HTTP, peopled by buyers who write Russian."""

from __future__ import annotations

from agentiq_core.sandbox.faults import Fault, FaultKind, Faults
from agentiq_core.sandbox.server import Sandbox
from agentiq_core.sandbox.wildberries.market import History, WildberriesMarket
from agentiq_core.sandbox.wildberries.records import (
    Behaviour,
    Boundary,
    Message,
    Moderation,
    Sender,
    SignPolicy,
    Source,
)
from agentiq_core.sandbox.wildberries.seller import Photo, SandboxSeller
from agentiq_core.sandbox.wildberries.tokens import Account, Scope

__all__ = [
    "Account",
    "Behaviour",
    "Boundary",
    "Fault",
    "FaultKind",
    "Faults",
    "History",
    "Message",
    "Moderation",
    "Photo",
    "Sandbox",
    "SandboxSeller",
    "Scope",
    "Sender",
    "SignPolicy",
    "Source",
    "WildberriesMarket",
]
