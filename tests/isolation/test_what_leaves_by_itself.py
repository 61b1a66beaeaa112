"""What the database itself says about automatic replies, outcomes and figures, whatever a client does. Raw psycopg."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.isolation.team import THEIRS, Team, refusal

QUEUE = (
    "insert into outbox (seller_id, chat_id, client_id, body, suggestion_id, automatic{columns})"
    " values ({seller}, {seller}, gen_random_uuid(), 'Ответ', {seller}, true{values}) returning operator_id"
)


def queue(seller: int = 1, columns: str = "", values: str = "") -> str:
    return QUEUE.format(seller=seller, columns=columns, values=values)


@pytest.fixture
def allowing(team: Team) -> Team:
    """Her seller lets the suggestion of the fixture leave; the other seller does not."""
    team.said("update automations set mode = 'on', intent = '' returning intent", by="admin")
    return team


def looked_at(team: Team, statement: str) -> list[tuple[Any, ...]]:
    with team.superuser() as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def test_a_reply_leaves_by_itself_in_nobodys_name_and_the_log_tells_whose_worker_it_was(
    allowing: Team,
) -> None:
    assert allowing.said(queue(), by="operator") is None
    [(who, change)] = looked_at(
        allowing,
        "select operator_id, change from audit_log where action = 'outbox.insert' order by id desc limit 1",
    )
    assert who == allowing.person_id("operator")
    assert change["automatic"] is True


def test_nobody_hides_a_reply_of_their_own_behind_it(allowing: Team) -> None:
    reply = allowing.said(
        "insert into outbox (seller_id, chat_id, client_id, body) values (1, 1, gen_random_uuid(), 'x') returning id",
        by="operator",
    )
    statement = "update outbox set automatic = true where id = %s returning id"
    assert refusal(allowing, "owner", statement, reply) == "42501"


@pytest.mark.parametrize(
    "setting",
    [
        "update automations set mode = 'shadow' returning intent",
        "update automations set intent = 'thanks' returning intent",
        "delete from automations returning intent",
        "update automation_switches set stopped = true returning seller_id",
    ],
)
def test_none_leaves_that_no_setting_allows(allowing: Team, setting: str) -> None:
    allowing.said(setting, by="admin")
    assert refusal(allowing, "owner", queue()) == "AQ409"


@pytest.mark.parametrize(("columns", "values"), [(", overridden", ", '[]'"), (", anyway", ", true")])
def test_none_leaves_over_a_guardrail_or_past_a_new_message(
    allowing: Team, columns: str, values: str
) -> None:
    assert refusal(allowing, "owner", queue(columns=columns, values=values)) == "AQ409"


def test_the_other_sellers_settings_answer_the_same_whatever_they_are(allowing: Team) -> None:
    before = refusal(allowing, "operator", queue(THEIRS))
    allowing.said(
        "update automations set mode = 'on', intent = '' where seller_id = 2 returning intent", by="owner"
    )
    assert refusal(allowing, "operator", queue(THEIRS)) == before == "AQ409"


def test_an_operator_stops_everything_and_only_an_admin_lets_it_go_on(team: Team) -> None:
    go_on = "update automation_switches set stopped = false returning seller_id"
    assert team.said("update automation_switches set stopped = true returning seller_id", by="operator") == 1
    assert refusal(team, "operator", go_on) == "42501"
    assert refusal(team, "operator", "delete from automation_switches returning seller_id") == "42501"
    assert team.said(go_on, by="admin") == 1
    lines = looked_at(
        team, "select change from audit_log where action = 'automation_switches.update' order by id"
    )
    assert [change["stopped"] for (change,) in lines] == [[False, True], [True, False]]


def test_a_change_of_what_may_leave_is_written_with_its_admin(team: Team) -> None:
    team.said("update automations set mode = 'on', daily_cap = 7 returning intent", by="admin")
    [(who, change)] = looked_at(
        team, "select operator_id, change from audit_log where action = 'automations.update'"
    )
    assert who == team.person_id("admin")
    assert change == {"mode": ["shadow", "on"], "daily_cap": [20, 7]}


def test_a_token_put_away_while_a_setting_changes_fails(team: Team) -> None:
    with team.acting("admin") as connection, pytest.raises(psycopg.Error) as refused:
        connection.execute(
            "update automations set mode = 'on' returning set_config('agentiq.token', '', true)"
        )
    assert refused.value.sqlstate == "AQ401"


def test_a_word_on_a_suggestion_is_its_speakers_and_what_it_was_about_never_changes(team: Team) -> None:
    who = team.said(
        "insert into suggestion_outcomes (seller_id, suggestion_id, outbox_id, chat_id, outcome, intent, model, operator_id)"
        " values (1, 1, 1, 1, 'accepted', '', '', 999) returning operator_id",
        by="operator",
    )
    assert who == team.person_id("operator")
    for column in ("outcome", "operator_id", "intent", "model", "outbox_id", "seller_id"):
        assert refusal(team, "owner", f"update suggestion_outcomes set {column} = {column}") == "42501"
    # of words of rejection only; what a reply made of a suggestion stays
    taken = "with gone as (delete from suggestion_outcomes returning outbox_id) select array_agg(distinct outbox_id) from gone"
    assert team.said(taken, by="viewer") is None
    assert team.said(taken, by="operator") == [0]
    left = "select array_agg(seller_id || ' ' || outbox_id order by seller_id) from suggestion_outcomes"
    assert team.said(left, by="owner") == ["1 1", "2 0"]


def test_what_was_decided_is_never_rewritten(team: Team) -> None:
    for statement in ("update automation_log set reasons = '{}'", "delete from automation_log"):
        assert refusal(team, "owner", statement) == "42501"
