"""Shops and their keys in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentiq_core.domain.team import AssignmentMode
from agentiq_core.domain.views import SellerState
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import CHANNELS, KEY_PROBLEMS, said

if TYPE_CHECKING:
    from agentiq_core.engine.sellers import KeyCheck

STATES: dict[SellerState, str] = {
    SellerState.ACTIVE: mark("active"),
    SellerState.PAUSED: mark("paused"),
    SellerState.STOPPED: mark("stopped"),
}
ASSIGNING: dict[AssignmentMode, str] = {
    AssignmentMode.MANUAL: mark("given by hand"),
    AssignmentMode.ROUND_ROBIN: mark("in turn to who is here"),
    AssignmentMode.LOAD: mark("to who has the fewest"),
}
"""How new conversations come to somebody."""


def key_words(checked: KeyCheck, marketplace: str) -> str:
    """What a key can and cannot do, in one line."""
    from agentiq_core.connectors.registry import MARKETPLACES

    report = checked.report
    channels = MARKETPLACES[marketplace].channels if marketplace in MARKETPLACES else ()
    opens = [said(CHANNELS, channel) for channel in channels if report.opens(channel)]
    parts = [_("the key works") if checked.tried else _("the key was not tried: it would use up the hour")]
    if opens:
        parts.append(_("opens {channels}").format(channels=", ".join(opens)))
    if report.read_only:
        parts.append(_("may only read"))
    if report.expires_at is not None:
        parts.append(_("valid until {date}").format(date=report.expires_at.strftime("%d.%m.%Y")))
    parts += [said(KEY_PROBLEMS, problem.value) for problem in report.problems]
    return "; ".join(parts)
