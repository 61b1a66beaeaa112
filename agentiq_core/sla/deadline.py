"""By when a conversation must be answered, and why: pure functions over its unanswered messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from agentiq_core.domain.chats import Priority
from agentiq_core.sla.calendar import ALWAYS, Calendar, Pause, after, is_open, zone_named
from agentiq_core.sla.rules import SlaRule, applicable, in_order, matched

ESCALATE_WITHIN = timedelta(minutes=30)
"""A chat whose deadline is this near becomes urgent (docs: SLA, "Escalation")."""
OFF_HOURS_FACTOR = 1.5


@dataclass(frozen=True, slots=True)
class Hours:
    """Spans of the day in local time, the end excluded; a span whose end is not later runs past midnight."""

    spans: tuple[tuple[time, time], ...]

    def covers(self, local: time) -> bool:
        """Whether a moment of the day lies in one of the spans."""
        return any(
            begin <= local < end if begin < end else local >= begin or local < end
            for begin, end in self.spans
        )


OFF_HOURS = Hours(((time(22), time(9)),))
"""Outside working hours, unless a seller says otherwise."""
ALWAYS_OPEN = Hours(())


@dataclass(frozen=True, slots=True)
class Decision:
    """The deadline of a conversation. `rule` is the strictest rule, `why` every rule that matched, with its words.
    `off_hours`: the oldest message came outside working hours."""

    rule: str
    priority: Priority
    due_at: datetime
    why: tuple[tuple[str, tuple[str, ...]], ...]
    off_hours: bool


def decide(
    texts: Sequence[tuple[datetime, str]],
    rules: Sequence[SlaRule],
    timezone: str,
    off_hours: Hours = OFF_HOURS,
    *,
    channel: str = "chat",
    stars: int | None = None,
    calendar: Calendar | None = None,
    pauses: Sequence[Pause] = (),
) -> Decision:
    """The deadline of the unanswered messages of one conversation, each with the marketplace's time (aware).

    The clock starts at the oldest of them and never again; a later one may raise the priority or bring the
    deadline nearer. With a `calendar` the minutes are working minutes of it. Without one the clock goes on day and night: when
    the oldest came outside working hours of `timezone` (IANA name), the priority goes one level up and the minutes are
    multiplied by 1.5. Either clock stands in `pauses`. Only rules for its `channel` and `stars` are tried. ValueError when
    there is no message or no rule matches; Misconfigured when the zone is unknown, `NoWorkingHours` when nothing is ever due.
    """
    if not texts:
        raise ValueError("a deadline needs at least one unanswered message")
    ordered = sorted(texts)
    meant = in_order(applicable(rules, channel, stars))
    matches: dict[SlaRule, tuple[str, ...]] = {}
    for _, text in ordered:
        _collect(text, meant, matches)
    if not matches:
        raise ValueError("no rule matches; a set of rules ends with one that matches everything")
    strictest = min(matches, key=lambda rule: (rule.minutes, -rule.priority, rule.position, rule.name))
    priority = max(rule.priority for rule in matches)
    minutes: float = strictest.minutes
    start = ordered[0][0]
    if calendar is None:
        outside = off_hours.covers(start.astimezone(zone_named(timezone)).time())
    else:
        outside = not is_open(calendar, start)
    if outside and calendar is None:
        priority = Priority(min(priority + 1, Priority.URGENT))
        minutes *= OFF_HOURS_FACTOR
    why = tuple((rule.name, matches[rule]) for rule in in_order(matches))
    allowed = timedelta(minutes=minutes)
    plain = calendar is None and not pauses
    due_at = start + allowed if plain else after(calendar or ALWAYS, start, allowed, pauses)
    return Decision(strictest.name, priority, due_at, why, outside)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a seller's deadlines are counted by."""

    rules: tuple[SlaRule, ...]
    timezone: str
    calendar: Calendar | None = None

    def decide(
        self,
        texts: Sequence[tuple[datetime, str]],
        channel: str = "chat",
        stars: int | None = None,
        pauses: Sequence[Pause] = (),
    ) -> Decision:
        """The deadline of these unanswered messages. Raises what `decide` raises."""
        return decide(
            texts,
            self.rules,
            self.timezone,
            channel=channel,
            stars=stars,
            calendar=self.calendar,
            pauses=pauses,
        )


def escalate(due_at: datetime | None, now: datetime, priority: Priority) -> Priority:
    """The priority as the clock runs: urgent within 30 minutes of the deadline and after it."""
    if due_at is not None and due_at - now <= ESCALATE_WITHIN:
        return Priority.URGENT
    return priority


def _collect(text: str, rules: Sequence[SlaRule], matches: dict[SlaRule, tuple[str, ...]]) -> None:
    special = False
    for rule in rules:
        catches_all = not rule.phrases and rule.pattern is None
        if rule in matches and not catches_all:
            continue
        # "anything else" is for a message that nothing else named
        words = None if catches_all and special else matched(rule, text)
        if words is not None:
            special = special or not catches_all
            matches.setdefault(rule, words)
