"""Lines for tests: short time-outs, and no pause is slept."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar

from agentiq_core.connectors.base import Connector, Gate
from agentiq_core.connectors.http import Timeouts

ConnectorT = TypeVar("ConnectorT", bound=Connector)


@dataclass(kw_only=True)
class BriskLines:
    """`naps` are the pauses that the lines asked for, none of which was slept; `opened` are to be closed."""

    naps: list[float] = field(default_factory=list)
    opened: list[Connector] = field(default_factory=list)

    def usual(self, gate: Gate | None, timeouts: dict[str, float]) -> dict[str, Any]:
        """What every line is opened with."""

        async def nap(seconds: float) -> None:
            self.naps.append(seconds)

        limits = Timeouts(**{"connect": 2.0, "read": 2.0, "total": 10.0, **timeouts})
        return {"gate": gate, "timeouts": limits, "sleep": nap}

    def kept_open(self, connector: ConnectorT) -> ConnectorT:
        """The connector, to be closed with the others."""
        self.opened.append(connector)
        return connector

    async def aclose(self) -> None:
        """Close all of them."""
        for connector in self.opened:
            await connector.aclose()
