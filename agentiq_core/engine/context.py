"""What every part of the engine works with."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_hex

from agentiq_core.config import Settings
from agentiq_core.engine.access import Access
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.model_lines import ModelLines
from agentiq_core.identity.secret_store import SecretStore
from agentiq_core.identity.vault import Vault
from agentiq_core.store.database import Store

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time of this machine, aware. Leases and due times use the database's instead."""
    return datetime.now(UTC)


def worker_name() -> str:
    """A name no other worker has, readable in a log."""
    return f"{socket.gethostname()}:{os.getpid()}:{token_hex(3)}"


@dataclass(frozen=True)
class Engine:
    """A worker's hands: the store, the lines to marketplaces and models, its settings and its name."""

    store: Store
    lines: Lines
    vault: Vault
    settings: Settings
    access: Access
    clock: Clock = utc_now
    models: ModelLines = field(default_factory=ModelLines)
    worker: str = field(default_factory=worker_name)
    secrets: SecretStore | None = None
    """Where this machine keeps what is its own; None where its environment gives everything."""
