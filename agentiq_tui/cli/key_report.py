"""What a marketplace's key can and cannot do, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_tui.cli.expiry import days_left, warning
from agentiq_tui.cli.output import local, pairs, say
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import KEY_PROBLEMS, said

if TYPE_CHECKING:
    from agentiq_core.connectors.base import KeyReport
    from agentiq_core.engine.sellers import KeyCheck

READS = {
    "chat": mark("read chats"),
    "review": mark("read reviews"),
    "question": mark("read questions"),
    "claim": mark("read return claims"),
}
"""By channel."""
KINDS = {
    "personal": mark("personal"),
    "base": mark("base"),
    "service": mark("service"),
    "test": mark("test"),
}


def key_json(checked: KeyCheck) -> dict[str, Any]:
    """A key for scripts."""
    report = checked.report
    return {
        "account_id": report.account_id,
        "kind": report.kind,
        "scopes": sorted(report.scopes),
        "read_only": report.read_only,
        "slow": report.slow,
        "expires_at": report.expires_at,
        "days_left": days_left(report.expires_at),
        "tried": checked.tried,
        "chats": checked.chats,
        "channels": None if report.channels is None else sorted(report.channels),
        "problems": [problem.value for problem in report.problems],
    }


def tell_key(checked: KeyCheck, marketplace: str) -> None:
    """A key for people: what is wrong with it, then a line for each thing it says."""
    report = checked.report
    if report.slow:
        say(
            _(
                "Slow mode: this is a base key, Wildberries allows it one request an hour. Messages arrive and replies"
                " leave about once an hour. A personal key has no such limit."
            )
        )
    if report.read_only:
        say(_("This key may only read: conversations are shown, replies cannot be sent."))
    for problem in report.problems:
        say(_(KEY_PROBLEMS[problem.value]))
    ending = warning(report.expires_at)
    if ending is not None:
        say(ending)
    can, cannot = _abilities(report, marketplace)
    lines = [
        (_("account"), report.account_id or "—"),
        (_("kind"), said(KINDS, report.kind)),
        (_("can"), ", ".join(can) or "—"),
        (_("cannot"), ", ".join(cannot) or "—"),
        (_("valid until"), local(report.expires_at)),
    ]
    if not checked.tried:
        lines.append((_("conversations"), _("not asked: it would use up the hour")))
    elif checked.chats is not None:
        lines.append((_("conversations"), str(checked.chats)))
    pairs(lines)


def _abilities(report: KeyReport, marketplace: str) -> tuple[list[str], list[str]]:
    """What a key can and cannot do, in words: the channels that it opens, and whether it may write there."""
    channels = MARKETPLACES[marketplace].channels if marketplace in MARKETPLACES else {}
    known = {_(READS[channel]): report.opens(channel) for channel in channels if channel in READS}
    if "content" in report.scopes:
        known[_("read product cards")] = True
    known[_("answer buyers")] = not report.read_only and any(
        able.can_reply and report.opens(channel) for channel, able in channels.items()
    )
    return [word for word, has in known.items() if has], [word for word, has in known.items() if not has]
