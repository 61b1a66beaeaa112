"""Switches of one shop's account."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any


@dataclass(slots=True)
class Behaviour:
    """What a marketplace does to a shop beyond its specification; a marketplace adds switches by a subclass.

    echo_delay: a message sent through the API is shown that many seconds later, keeping its time.
    quirks: the irregular shapes seen in real answers.
    """

    echo_delay: float = 0.0
    quirks: bool = True

    def change(self, values: dict[str, Any]) -> None:
        """Set switches by name; ValueError for a name or value that does not exist."""
        kinds: dict[str, type[Any]] = {each.name: type(each.default) for each in fields(self)}
        for name, value in values.items():
            if name not in kinds:
                raise ValueError(f"no such switch: {name}")
            setattr(self, name, kinds[name](value))
