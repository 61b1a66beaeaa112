"""The log tells every change, by whom, and nothing else; nobody writes it but the database. Raw psycopg."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.isolation.team import HERS, PEOPLE, SECRET, Team, refusal

REPLY = "insert into outbox (seller_id, chat_id, client_id, body{}) values (1, 1, gen_random_uuid(), {}{}) returning id"
WORDS = "Слова, которых в журнале нет"


def logged(team: Team, after: int = 0) -> list[tuple[Any, ...]]:
    """Lines of the log: number, seller, e-mail's name, action, subject, change."""
    with team.superuser() as connection:
        return connection.execute(
            "select a.id, a.seller_id, split_part(o.email, '@', 1), a.action, a.subject, a.change"
            " from audit_log a left join operators o on o.id = a.operator_id where a.id > %s order by a.id",
            [after],
        ).fetchall()


def last(team: Team) -> int:
    return max((line[0] for line in logged(team)), default=0)


CHANGES = (
    ("admin", "update sellers set name = 'новое' where id = 1 returning id", HERS, "sellers.update", "1", {"name": ["first", "новое"]}),
    ("operator", "update sellers set state = 'stopped', reason = 'key_refused' where id = 1 returning id", HERS, "sellers.update", "1",
        {"state": ["active", "stopped"], "reason": [None, "key_refused"]}),
    ("admin", "update seller_credentials set ciphertext = 'x' returning seller_id", HERS, "seller_credentials.update", "1", {}),
    ("admin", "update seller_credentials set client_id = null returning seller_id", HERS, "seller_credentials.update", "1",
        {"client_id": ["свой текст", None]}),
    ("admin", "update sla_rules set minutes = 5 returning position", HERS, "sla_rules.update", "1", {"minutes": [60, 5]}),
    ("admin", "delete from sla_rules returning position", HERS, "sla_rules.delete", "1",
        {"name": "свой текст", "minutes": 60, "priority": 1, "position": 1, "phrases": [], "seller_id": 1}),
    ("admin", "update calendars set zone = 'Asia/Omsk' returning zone", HERS, "calendars.update", "1", {"zone": ["свой текст", "Asia/Omsk"]}),
    ("admin", "delete from calendars returning zone", HERS, "calendars.delete", "1", None),
    ("admin", "update guard_rules set rules = '[]' returning seller_id", HERS, "guard_rules.update", "1", None),
    ("admin", "delete from guard_rules returning seller_id", HERS, "guard_rules.delete", "1", None),
    ("operator", "update outbox set state = 'cancelled' returning id", HERS, "outbox.update", "1", {"state": ["queued", "cancelled"]}),
    ("admin", "select change_operator('operator@team.example', 'viewer', null)", 0, "operators.update", "{operator}",
        {"role": ["operator", "viewer"]}),
    ("owner", "select change_operator('operator@team.example', null, '{1, 2}')", 2, "memberships.insert", "{operator}", None),
    ("admin", "select change_operator('operator@team.example', null, '{}')", HERS, "memberships.delete", "{operator}", None),
    ("admin", "select add_operator('x@team.example', 'Икс', 'viewer', '{}')", 0, "operators.insert", None, None),
    ("owner", "select disable_operator('operator@team.example')", 0, "operators.update", "{operator}", None),
)  # fmt: skip


@pytest.mark.parametrize(
    ("by", "statement", "seller", "action", "subject", "change"), CHANGES, ids=[c[1][:48] for c in CHANGES]
)
def test_a_change_is_written_with_its_operator(
    team: Team,
    by: str,
    statement: str,
    seller: int,
    action: str,
    subject: str | None,
    change: dict[str, Any] | None,
) -> None:
    before = last(team)
    team.said(statement, by=by)
    [(_, of_seller, who, what, about, how)] = logged(team, before)
    assert (of_seller, who, what) == (seller, by, action)
    if subject is not None:
        assert about == subject.replace("{operator}", str(team.person_id("operator")))
    if change is not None:
        assert how == change


def test_letting_an_operator_in_again_is_written_too(team: Team) -> None:
    team.said("select disable_operator('operator@team.example')", by="admin")
    before = last(team)
    team.said("select disable_operator('operator@team.example', false)", by="owner")
    [(_, _, who, action, _, change)] = logged(team, before)
    assert (who, action) == ("owner", "operators.update")
    assert change["disabled_at"][1] is None


def test_a_reply_its_override_and_its_fate_are_written_without_its_words(team: Team) -> None:
    before = last(team)
    override = Jsonb(
        [{"rule": "no_phone", "severity": "error", "start": 0, "end": 3, "reason": "номер телефона"}]
    )
    reply = team.said(
        REPLY.format(", file_name, file_type, file_content, detail, anyway, overridden", "%s", ", %s, 'text/plain', convert_to(%s, 'UTF8'), %s, true, %s"),
        WORDS, f"{WORDS}.txt", WORDS, WORDS, override, by="operator",
    )  # fmt: skip
    for state in ("sending", "unknown", "needs_operator", "confirmed"):
        team.said(
            "update outbox set state = %s, detail = %s where id = %s returning id",
            state,
            WORDS,
            reply,
            by="admin",
        )
    lines = logged(team, before)
    assert [(who, action, subject) for _, _, who, action, subject, _ in lines] == [
        ("operator", "outbox.insert", str(reply)), *[("admin", "outbox.update", str(reply))] * 4
    ]  # fmt: skip
    assert lines[0][5]["anyway"] is True
    assert lines[0][5]["overridden"][0]["rule"] == "no_phone"
    assert [line[5]["state"] for line in lines[1:]] == [
        ["queued", "sending"], ["sending", "unknown"], ["unknown", "needs_operator"], ["needs_operator", "confirmed"]
    ]  # fmt: skip
    assert WORDS not in repr(lines)


def test_connecting_and_removing_a_seller_is_written_and_owners_read_it_afterwards(team: Team) -> None:
    before = last(team)
    seller = team.said("select connect_seller('third', 'ozon', '3', null, 'aiq_hidden')", by="admin")
    team.said(
        "insert into seller_credentials (seller_id, ciphertext) values (%s, 'sealed') returning seller_id",
        seller,
        by="admin",
    )
    team.said("delete from sellers where id = %s returning id", seller, by="admin")
    with team.acting("owner") as connection:
        lines = connection.execute(
            "select action, operator_id, change from audit_log where seller_id = %s and id > %s order by id",
            [seller, before],
        ).fetchall()
    assert [action for action, _, _ in lines][:2] == ["sellers.insert", "memberships.insert"]
    assert {action for action, _, _ in lines} == {
        "sellers.insert", "memberships.insert", "seller_credentials.insert", "seller_credentials.delete", "memberships.delete", "sellers.delete",
    }  # fmt: skip
    assert {who for _, who, _ in lines} == {team.person_id("admin")}
    assert "aiq_hidden" not in repr(lines)
    assert "sealed" not in repr(lines)


SET_ASIDE = "update quarantine set dismissed_at = {}, raw = %s, reason = %s where seller_id = 1 returning id"


def test_who_sets_an_item_of_the_quarantine_aside_is_written_without_what_was_kept_of_it(team: Team) -> None:
    before = last(team)
    item = team.said(SET_ASIDE.format("now()"), WORDS, WORDS, by="operator")
    team.said(SET_ASIDE.format("null"), WORDS, WORDS, by="admin")
    # reading it again, and another reason, are no word of a person
    team.said(
        "update quarantine set replayed_at = now(), reason = 'x' where id = %s returning id", item, by="admin"
    )
    lines = logged(team, before)
    assert [line[1:5] for line in lines] == [
        (HERS, "operator", "quarantine.update", str(item)),
        (HERS, "admin", "quarantine.update", str(item)),
    ]
    aside, back = (line[5] for line in lines)
    assert set(aside) == set(back) == {"dismissed_at"}
    assert aside["dismissed_at"][0] is None
    assert back["dismissed_at"] == [aside["dismissed_at"][1], None]


def test_an_item_that_is_kept_as_set_aside_is_written_too(team: Team) -> None:
    before = last(team)
    for number, at in enumerate(("null", "now()")):
        team.said(
            f"insert into quarantine (seller_id, digest, raw, reason, dismissed_at) values (1, %s, 'x', 'x', {at})"
            " returning id",
            bytes([7, number]),
            by="operator",
        )
    assert [line[1:4] for line in logged(team, before)] == [(HERS, "operator", "quarantine.insert")]


def test_the_log_holds_no_key_no_channel_and_no_text_of_anybody(team: Team) -> None:
    with team.superuser() as superuser:
        superuser.execute("delete from audit_log")
        for seller, text in ((1, "свой текст"), (2, SECRET)):
            superuser.execute(
                "update outbox set state = 'cancelled', detail = %s where seller_id = %s", [text, seller]
            )
            superuser.execute(
                "update seller_credentials set ciphertext = convert_to(%s, 'UTF8') where seller_id = %s",
                [f"key {text}", seller],
            )
    for seller in (1, 2):
        team.said(
            "update sla_rules set name = 'правило' where seller_id = %s returning 1", seller, by="owner"
        )
        team.said("delete from sellers where id = %s returning 1", seller, by="owner")
    with team.superuser() as superuser:
        text = "\n".join(
            row
            for (row,) in superuser.execute(
                "select to_jsonb(a)::text from audit_log a where action not like 'sla_rules%' and action not like 'calendars%' and action not like 'automations%' and action not like 'guard_rules%' and action not like 'model_settings%' and action not like 'snippets%' and action not like 'seller_credentials%'"
            )
        )
        hidden = superuser.execute(
            "select bool_or(a.change ?| array['ciphertext', 'body', 'file_content', 'file_name', 'feed']) from audit_log a"
        ).fetchone()
    assert "свой текст" not in text
    assert SECRET not in text
    assert hidden == (False,)


@pytest.mark.parametrize("by", [None, *PEOPLE])
def test_nobody_writes_alters_or_deletes_a_line(attacked: Team, by: str | None) -> None:
    for statement in (
        "insert into audit_log (seller_id, operator_id, action, subject) values (1, 1, 'sellers.update', '1')",
        "insert into audit_log default values",
        "update audit_log set operator_id = 1",
        "update audit_log set change = '{}' where seller_id = 1",
        "delete from audit_log",
        "truncate audit_log",
        "select id from audit_log for update",
        "merge into audit_log a using (values (1)) v on true when matched then delete",
        "copy audit_log from stdin",
        "alter table audit_log disable trigger all",
        "alter table outbox disable trigger audited",
        "drop trigger audited on outbox",
        "alter table quarantine disable trigger dismissal_noted",
        "set session_replication_role = replica",
    ):
        assert refusal(attacked, by, statement) == "42501", statement


@pytest.mark.parametrize(
    "statement",
    [
        # the second row is made once the first has passed the policies
        """insert into outbox (seller_id, chat_id, client_id, body) select 1, 1, gen_random_uuid(),
            case n when 1 then 'x' else 'x' || set_config('agentiq.token', %s, true) end from generate_series(1, 2) n""",
        """insert into outbox (seller_id, chat_id, client_id, body) values (1, 1, gen_random_uuid(), 'x')
            returning set_config('agentiq.token', %s, true)""",
        "update outbox set state = 'cancelled' where state = 'queued' returning set_config('agentiq.token', %s, true)",
        "update sellers set name = 'x' returning set_config('agentiq.token', %s, true)",
        "update seller_credentials set ciphertext = 'x' returning set_config('agentiq.token', %s, true)",
        "update sla_rules set minutes = 1 returning set_config('agentiq.token', %s, true)",
        "update calendars set zone = 'UTC' returning set_config('agentiq.token', %s, true)",
        "update guard_rules set rules = '[]' returning set_config('agentiq.token', %s, true)",
        "update model_settings set tone = 'x' returning set_config('agentiq.token', %s, true)",
        "update snippets set body = 'x' returning set_config('agentiq.token', %s, true)",
        "update automations set mode = 'on' returning set_config('agentiq.token', %s, true)",
        "update automation_switches set stopped = true returning set_config('agentiq.token', %s, true)",
        "update assignment set mode = 'manual' returning set_config('agentiq.token', %s, true)",
        "update quarantine set dismissed_at = now() returning set_config('agentiq.token', %s, true)",
        """insert into sla_rules (seller_id, position, name, priority, minutes) values (1, 7, 'x', 1, 1)
            returning set_config('agentiq.token', %s, true)""",
    ],
)
@pytest.mark.parametrize("instead", ["", "garbage", "their_operator"])
def test_a_statement_that_puts_its_token_away_or_takes_anothers_is_undone(
    attacked: Team, statement: str, instead: str
) -> None:
    token = attacked.token(instead) if instead in PEOPLE else instead
    with attacked.superuser() as superuser:
        before = superuser.execute("select count(*) from outbox").fetchone()
    assert refusal(attacked, "admin", statement, token) in ("AQ401", "42501")
    with attacked.superuser() as superuser:
        assert superuser.execute("select count(*) from outbox").fetchone() == before
        assert superuser.execute("select minutes, name from sla_rules where seller_id = 1").fetchall() == [
            (60, "свой текст")
        ]


def test_a_removal_whose_token_is_put_away_is_undone(attacked: Team) -> None:
    for statement in (
        "delete from sla_rules returning set_config('agentiq.token', '', true)",
        "delete from calendars returning set_config('agentiq.token', '', true)",
        "delete from guard_rules returning set_config('agentiq.token', '', true)",
        "delete from sellers returning set_config('agentiq.token', '', true)",
    ):
        assert refusal(attacked, "admin", statement) == "AQ401"


def test_a_reply_is_its_writers_whatever_the_client_says(team: Team) -> None:
    reply = team.said(REPLY.format(", operator_id", "'x'", ", %s"), team.person_id("owner"), by="operator")
    with team.superuser() as superuser:
        assert superuser.execute("select operator_id from outbox where id = %s", [reply]).fetchone() == (
            team.person_id("operator"),
        )


@pytest.mark.parametrize(
    ("by", "sellers", "of_team"),
    [("viewer", set(), False), ("operator", set(), False), ("admin", {1}, False), ("owner", {1, 2}, True)],
)
def test_who_reads_the_log(attacked: Team, by: str, sellers: set[int], of_team: bool) -> None:
    with attacked.acting(by) as connection:
        found = {seller for (seller,) in connection.execute("select distinct seller_id from audit_log")}
    assert found - {0} >= sellers
    assert (0 in found) is of_team
    if by != "owner":
        assert found == sellers


def test_the_owner_of_the_database_acts_without_a_name(team: Team) -> None:
    before = last(team)
    with psycopg.connect(team.dsn, autocommit=True) as connection:
        connection.execute("update agentiq.sellers set name = 'x' where id = 1")
    assert [(who, action) for _, _, who, action, _, _ in logged(team, before)] == [(None, "sellers.update")]
