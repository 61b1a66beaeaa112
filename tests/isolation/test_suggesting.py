"""What sellers teach their models is theirs: nobody reads, finds, spends or signs in another's name."""

from __future__ import annotations

import pytest

from tests.isolation.team import HERS, SECRET, THEIRS, Team, refusal

TABLES = ("model_settings", "model_spending", "snippets", "examples")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("who", ["admin", "operator", "viewer"])
def test_nothing_of_another_seller_is_seen(attacked: Team, table: str, who: str) -> None:
    sellers = attacked.said(f"select array_agg(distinct seller_id) from {table}", by=who)
    assert sellers == [HERS]
    with attacked.connect() as nobody:
        assert nobody.execute(f"select count(*) from {table}").fetchone() == (0,)  # type: ignore[arg-type]


@pytest.mark.parametrize("table", TABLES)
def test_nothing_is_written_into_another_seller(attacked: Team, table: str) -> None:
    assert refusal(attacked, "admin", f"update {table} set seller_id = {THEIRS}") == "42501"
    into = {
        "model_settings": "insert into model_settings (seller_id, profile) values (%s, 'x')",
        "model_spending": "insert into model_spending (seller_id, day, model) values (%s, current_date, 'x')",
        "snippets": "insert into snippets (seller_id, kind, name, body) values (%s, 'template', 'x', 'x')",
        "examples": "insert into examples (seller_id, chat_id, outbox_id, channel, intent, question, reply, lemmas)"
        " values (%s, 2, 9, 'chat', '', '', '', '')",
    }
    assert refusal(attacked, "admin", into[table], THEIRS) == "42501"


def test_a_search_for_examples_finds_only_those_of_the_own_seller_whatever_it_asks(attacked: Team) -> None:
    ask = "select count(*) from similar_examples(%s, %s, %s, 100)"
    assert attacked.said(ask, HERS, "текст", "", by="viewer") == 1
    for words, strange in (
        ("секрет", ""),
        ("seller2 | секрет", ""),
        ("", SECRET),
        ("секрет | магазин", SECRET),
    ):
        assert attacked.said(ask, THEIRS, words, strange, by="admin") == 0
        found = attacked.said(
            "select coalesce(string_agg(question, ''), '') from similar_examples(%s, %s, %s, 100)",
            HERS, words, strange, by="admin",
        )  # fmt: skip
        assert SECRET not in found
    assert refusal(attacked, None, ask, THEIRS, "секрет", "") in (None, "AQ401")
    with attacked.connect() as nobody:
        assert nobody.execute(ask, [THEIRS, "секрет", ""]).fetchone() == (0,)


def test_a_snippet_is_signed_by_whoever_wrote_it(team: Team) -> None:
    number = team.said(
        "insert into snippets (seller_id, kind, name, body) values (1, 'template', 'x', 'x') returning id",
        by="operator",
    )
    assert team.said("select updated_by from snippets where id = %s", number, by="viewer") == team.person_id(
        "operator"
    )
    for column in ("updated_by", "updated_at", "kind", "id"):
        assert refusal(team, "admin", f"update snippets set {column} = {column}") == "42501"
    team.said("update snippets set body = 'y' where id = %s returning id", number, by="admin")
    assert team.said("select updated_by from snippets where id = %s", number, by="viewer") == team.person_id(
        "admin"
    )
    noted = team.said(
        "select array_agg(operator_id order by id) from audit_log where action like 'snippets%%' and subject = %s",
        str(number), by="owner",
    )  # fmt: skip
    assert noted == [team.person_id("operator"), team.person_id("admin")]


def test_an_operator_makes_no_knowledge_of_a_template(attacked: Team) -> None:
    knowledge = "insert into snippets (seller_id, kind, name, body) values (1, 'knowledge', 'y', 'y')"
    assert refusal(attacked, "operator", knowledge) == "42501"
    assert (
        attacked.said("update snippets set body = 'x' where kind = 'knowledge' returning id", by="operator")
        is None
    )
