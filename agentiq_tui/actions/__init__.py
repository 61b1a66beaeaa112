"""What an operator can do, at the desk and in every window: bindings, footer, help, palette, hints and remapping read it here."""

from agentiq_tui.actions.action import Action, Needs, Where, remap, twins
from agentiq_tui.actions.registry import (
    ACTIONS,
    BY_ID,
    HINTS,
    MODIFIED_ENTER,
    at,
    binding_parts,
    bindings,
    hints,
    key_label,
    send_key,
    shown_key,
    shown_keys,
)

__all__ = [
    "ACTIONS",
    "BY_ID",
    "HINTS",
    "MODIFIED_ENTER",
    "Action",
    "Needs",
    "Where",
    "at",
    "binding_parts",
    "bindings",
    "hints",
    "key_label",
    "remap",
    "send_key",
    "shown_key",
    "shown_keys",
    "twins",
]
