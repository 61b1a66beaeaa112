"""The audit log in words: what happened to what, and each field with what it was and is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from agentiq_core.domain.chats import Priority
from agentiq_core.domain.team import AuditLine
from agentiq_core.domain.text import inert_line
from agentiq_tui.automation_wording import MODES
from agentiq_tui.locale import _, mark
from agentiq_tui.timing import clock_time, day
from agentiq_tui.wording import CHANNELS, DELIVERY, INTENTS, PRIORITIES, ROLES, said

THINGS: dict[str, str] = {
    "chats": mark("conversation"),
    "outbox": mark("reply"),
    "quarantine": mark("item of the quarantine"),
    "sellers": mark("shop"),
    "seller_credentials": mark("key of a shop"),
    "assignment": mark("sharing out of conversations"),
    "sla_rules": mark("rule of deadlines"),
    "calendars": mark("working hours"),
    "guard_rules": mark("guardrails of a shop"),
    "snippets": mark("template or knowledge"),
    "automations": mark("automatic replies of an intent"),
    "automation_switches": mark("switch of automatic replies"),
    "model_settings": mark("language model"),
    "operators": mark("person of the team"),
    "memberships": mark("work for a shop"),
}
"""By the part of an action before its dot."""
_HAPPENED: dict[str, str] = {
    "insert": mark("added"),
    "update": mark("changed"),
    "delete": mark("removed"),
}
_DECISIONS: dict[str, str] = {
    "chats.assign": mark("conversation: given to somebody"),
    "chats.tag": mark("conversation: tags"),
    "chats.snooze": mark("conversation: put off"),
    "chats.close": mark("conversation: no reply needed"),
    "chats.reopen": mark("conversation: needs a reply again"),
    "outbox.insert": mark("reply: queued"),
    "outbox.update": mark("reply: its state"),
}
FIELDS: dict[str, str] = {
    "account_id": mark("account"),
    "accepted_at": mark("accepted"),
    "anyway": mark("sent past a new message"),
    "archived_at": mark("put away since"),
    "assignee": mark("whose"),
    "automatic": mark("left by itself"),
    "base_url": mark("address"),
    "by": mark("how"),
    "channel": mark("channel"),
    "channels": mark("channels"),
    "chat_id": mark("conversation"),
    "claim_minutes": mark("minutes of a claim"),
    "claimed_until": mark("taken until"),
    "concurrency": mark("questions at once"),
    "created_at": mark("made"),
    "currency": mark("currency"),
    "cut": mark("change"),
    "daily_budget": mark("money a day"),
    "daily_cap": mark("a day at most"),
    "days": mark("single days"),
    "disabled_at": mark("let in no more since"),
    "dismissed_at": mark("dismissed since"),
    "email": mark("e-mail"),
    "enabled": mark("in use"),
    "expires_at": mark("valid until"),
    "folder": mark("folder"),
    "guardrails": mark("rules that were broken"),
    "holidays": mark("holidays"),
    "id": mark("number"),
    "intent": mark("intent"),
    "kind": mark("kind"),
    "language": mark("language"),
    "least_confidence": mark("least confidence"),
    "marketplace": mark("marketplace"),
    "minutes": mark("minutes"),
    "mode": mark("mode"),
    "model": mark("model"),
    "most_stars": mark("stars at most"),
    "name": mark("name"),
    "operator_id": mark("person"),
    "overridden": mark("sent against a rule"),
    "pattern": mark("expression"),
    "per_chat": mark("in a conversation a day"),
    "phrases": mark("phrases"),
    "position": mark("position"),
    "price_in": mark("price of reading"),
    "price_out": mark("price of writing"),
    "priority": mark("priority"),
    "profile": mark("provider"),
    "read_only": mark("may only read"),
    "reason": mark("reason"),
    "replaced_at": mark("replaced"),
    "revision": mark("version"),
    "role": mark("role"),
    "rules": mark("rules"),
    "scope": mark("contract"),
    "scopes": mark("rights"),
    "seen_reply": mark("sent behind a colleague's reply"),
    "seller_id": mark("shop"),
    "slow": mark("slow mode"),
    "state": mark("state"),
    "stopped": mark("stopped"),
    "tags": mark("tags"),
    "templates": mark("templates too"),
    "timezone": mark("time zone"),
    "tone": mark("tone"),
    "until": mark("until"),
    "updated_by": mark("changed by"),
    "week": mark("week"),
    "zone": mark("time zone"),
}
"""By the name of a column. One without a word is shown as it is."""
STATES: dict[str, str] = {
    "active": mark("active"),
    "paused": mark("paused"),
    "stopped": mark("stopped"),
}
_ASSIGNED: dict[str, str] = {
    "person": mark("by hand"),
    "manual": mark("by hand"),
    "round-robin": mark("in turn"),
    "load": mark("by load"),
    "claim": mark("for a while"),
    "expiry": mark("the time ran out"),
}
_PEOPLE = frozenset({"assignee", "operator_id", "updated_by"})
LONGEST = 400
"""Characters of one value."""


def action_words(action: str) -> str:
    """What happened to what."""
    if action in _DECISIONS:
        return _(_DECISIONS[action])
    thing, _dot, how = action.partition(".")
    if thing not in THINGS or how not in _HAPPENED:
        return inert_line(action)
    return ": ".join((_(THINGS[thing]), _(_HAPPENED[how])))


def change_words(line: AuditLine, people: Mapping[int, str], now: datetime) -> Iterator[tuple[str, str]]:
    """Each field that changed: its name, and what it was and is."""
    thing = line.action.partition(".")[0]
    paired = line.action.endswith(".update") or line.action in ("chats.assign", "chats.tag")
    for field, value in sorted(line.change.items()):
        told = [value]
        if paired and isinstance(value, list) and len(value) == 2:
            told = value
        words = " → ".join(_value(thing, field, one, people, now) for one in told)
        yield said(FIELDS, field), words


def _value(thing: str, field: str, value: Any, people: Mapping[int, str], now: datetime) -> str:
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if field in _PEOPLE and isinstance(value, int):
        return inert_line(people.get(value, f"#{value}"))
    if field == "priority" and isinstance(value, int) and value in list(Priority):
        return _(PRIORITIES[Priority(value)])
    if isinstance(value, str):
        return _word(thing, field, value, now)
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return ", ".join(said(CHANNELS, one) if field == "channels" else inert_line(one) for one in value)
    if isinstance(value, int | float):
        return str(value)
    return _cut(inert_line(json.dumps(value, ensure_ascii=False)))


def _word(thing: str, field: str, value: str, now: datetime) -> str:
    known: dict[str, dict[str, str]] = {
        "role": ROLES,
        "intent": INTENTS,
        "channel": CHANNELS,
        "mode": _ASSIGNED if thing == "assignment" else MODES,
        "by": _ASSIGNED,
        "state": {state.value: word for state, (_sign, word) in DELIVERY.items()}
        if thing == "outbox"
        else STATES,
    }
    if field in known:
        return said(known[field], value)
    if field.endswith(("_at", "until")):
        return _time(value, now)
    return _cut(inert_line(value))


def _time(value: str, now: datetime) -> str:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return inert_line(value)
    return inert_line(value) if at.tzinfo is None else f"{day(at, now)} {clock_time(at)}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
