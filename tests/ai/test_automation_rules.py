"""What never leaves by itself, whatever a seller allows; one objection is enough, and each is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.ai.automation import FLAGGED, FRESH, NEVER, Circumstances, held
from agentiq_core.ai.intents import Intent, Sentiment
from agentiq_core.ai.stop_classes import StopClass
from agentiq_core.ai.suggest import CONTENT_FROM
from agentiq_core.domain.automation import Automation, AutomationSettings, Held, Mode

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CALM = Circumstances(
    intent=Intent.SIZE_ADVICE,
    sentiment=Sentiment.NEUTRAL,
    confidence=0.9,
    source="model",
    stop_class=None,
    violations=0,
    injection=0.0,
    stars=None,
    asked_at=NOW - timedelta(minutes=1),
    waits=True,
)
ALLOWED = AutomationSettings(1, intents=tuple(Automation(intent, Mode.ON) for intent in Intent))


def nearly(whole: Any, **differences: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """The whole with at most two of these differences: with all of them at once nothing would ever leave."""
    one = st.sampled_from(sorted(differences)).flatmap(
        lambda name: st.tuples(st.just(name), differences[name])
    )
    return st.lists(one, max_size=2).map(lambda some: replace(whole, **dict(some)))


circumstances = nearly(
    CALM,
    intent=st.sampled_from(list(Intent)),
    sentiment=st.sampled_from(list(Sentiment)),
    confidence=st.floats(0, 1),
    source=st.sampled_from(["model", "template"]),
    stop_class=st.sampled_from([None, *StopClass]),
    violations=st.integers(0, 2),
    injection=st.floats(0, 1),
    stars=st.one_of(st.none(), st.integers(1, 5)),
    asked_at=st.integers(0, 10_000).map(lambda seconds: NOW - timedelta(seconds=seconds)),
    waits=st.just(False),
    closed=st.just(True),
    files=st.just(True),
    person=st.just(True),
    assigned=st.just(True),
    under_way=st.just(True),
    last_automatic=st.just(True),
    chat_today=st.integers(0, 3),
    today=st.integers(0, 30),
)
settings = nearly(
    ALLOWED,
    stopped=st.just(True),
    per_chat=st.integers(1, 3),
    intents=st.lists(
        st.builds(
            Automation,
            intent=st.sampled_from(list(Intent)),
            mode=st.sampled_from(list(Mode)),
            daily_cap=st.integers(0, 30),
            least_confidence=st.floats(0, 1),
            templates=st.booleans(),
        ),
        unique_by=lambda one: one.intent,
    ).map(tuple),
)


def test_a_calm_question_that_a_model_answered_may_leave() -> None:
    assert held(CALM, ALLOWED, NOW) == ()


def test_nothing_leaves_by_default() -> None:
    assert held(CALM, AutomationSettings(1), NOW) == (Held.OFF,)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"sentiment": Sentiment.NEGATIVE}, Held.DISPLEASED),
        ({"stars": CONTENT_FROM - 1}, Held.LOW_RATING),
        ({"violations": 1}, Held.VIOLATION),
        ({"injection": FLAGGED}, Held.INJECTION),
        ({"confidence": 0.7}, Held.UNSURE),
        ({"source": "template"}, Held.TEMPLATE),
        ({"closed": True}, Held.CLOSED),
        ({"asked_at": NOW - FRESH - timedelta(seconds=1)}, Held.OLD),
        ({"files": True}, Held.FILES),
        ({"person": True}, Held.PERSON),
        ({"waits": False}, Held.PERSON),
        ({"assigned": True}, Held.ASSIGNED),
        ({"under_way": True}, Held.UNDER_WAY),
        ({"last_automatic": True}, Held.DUEL),
        ({"chat_today": 2}, Held.CHAT_CAP),
        ({"today": 20}, Held.DAILY_CAP),
        *[({"intent": intent}, Held.DISPLEASED) for intent in sorted(NEVER)],
        *[({"stop_class": str(stop)}, Held.STOP_CLASS) for stop in StopClass],
    ],
)
def test_one_objection_is_enough_and_is_named(change: dict[str, Any], why: Held) -> None:
    assert held(replace(CALM, **change), ALLOWED, NOW) == (why,)


def test_a_template_may_leave_where_the_seller_says_so() -> None:
    allowed = AutomationSettings(1, intents=(Automation(Intent.SIZE_ADVICE, Mode.ON, templates=True),))
    assert held(replace(CALM, source="template"), allowed, NOW) == ()


@given(circumstances, settings)
def test_whatever_a_seller_allows_some_things_never_leave(
    found: Circumstances, allowed: AutomationSettings
) -> None:
    against = [
        allowed.stopped,
        allowed.of(found.intent).mode is Mode.OFF,
        found.intent in NEVER,
        found.sentiment == Sentiment.NEGATIVE,
        found.stars is not None and found.stars < 4,
        found.violations > 0,
        found.stop_class is not None,
        found.injection >= FLAGGED,
        not found.waits,
        found.closed,
        found.files,
        found.person,
        found.assigned,
        found.under_way,
        found.last_automatic,
        found.chat_today >= allowed.per_chat,
        found.today >= allowed.of(found.intent).daily_cap,
    ]
    if any(against):
        assert held(found, allowed, NOW)


@given(circumstances, settings)
def test_stopping_holds_everything_back(found: Circumstances, allowed: AutomationSettings) -> None:
    assert Held.STOPPED in held(found, replace(allowed, stopped=True), NOW)


@given(circumstances, settings, st.integers(0, 20))
def test_more_replies_never_make_room_for_another(
    found: Circumstances, allowed: AutomationSettings, more: int
) -> None:
    if held(found, allowed, NOW):
        later = replace(found, today=found.today + more, chat_today=found.chat_today + more)
        assert held(later, allowed, NOW)


@given(circumstances, settings)
def test_each_objection_is_told_once(found: Circumstances, allowed: AutomationSettings) -> None:
    reasons = held(found, allowed, NOW)
    assert len(set(reasons)) == len(reasons)


def test_complaints_are_among_what_only_people_answer() -> None:
    assert {Intent.COMPLAINT, Intent.DEFECT, Intent.REFUND_STATUS, Intent.OTHER} <= NEVER
