"""Who comes without a token that is good now sees no row and changes none. Raw psycopg; no code of AgentIQ."""

from __future__ import annotations

import hmac
import json
import time
from typing import Any

import jwt
import psycopg
import pytest
from psycopg import IsolationLevel

from tests.isolation.team import HERS, SECRET, THEIRS, Team, encoded, snapshot, visible

HEADER = {"alg": "HS256", "typ": "JWT"}
A_REPLY = "insert into outbox (seller_id, chat_id, client_id, body) values (%s, %s, gen_random_uuid(), 'чужой ответ')"


def claims_of(team: Team, name: str) -> dict[str, Any]:
    return jwt.decode(team.token(name), options={"verify_signature": False})


def forged(team: Team, name: str) -> dict[str, str]:
    """Tokens that say they are this person's, each wrong in another way."""
    good = team.token(name)
    header, payload, signature = good.split(".")
    claims = claims_of(team, name)
    key = team.signing_key()
    others_key = b"k" * 32
    tokens = {
        "nothing": "",
        "garbage": "garbage",
        "three empty parts": "..",
        "dots": "." * 100,
        "not ASCII": "я.я.я",
        "very long": "a" * 1_000_000,
        "no signature": f"{header}.{payload}.",
        "no payload": f"{header}.{signature}",
        "another key": jwt.encode(claims, others_key, "HS256", HEADER),
        "an empty key": f"{header}.{payload}.{encoded(hmac.digest(b'', f'{header}.{payload}'.encode(), 'sha256'))}",
        "a longer hash": jwt.encode(claims, key * 2, "HS512"),
        "its signature cut": good[:-1],
        "its signature longer": good + "A",
        "its signature padded": good + "=",
        "its last character changed": good[:-1] + ("A" if good[-1] != "A" else "B"),
        "a newline behind": good + "\n",
        "a space before": " " + good,
        "four parts": good + "." + signature,
        "the payload of an owner": f"{header}.{encoded(claims | {'role': 'owner', 'sub': '1'})}.{signature}",
        "expired": jwt.encode(claims | {"exp": int(time.time()) - 1}, key, "HS256", HEADER),
        "without an expiry": jwt.encode(
            {k: v for k, v in claims.items() if k != "exp"}, key, "HS256", HEADER
        ),
        "of no session": jwt.encode(
            claims | {"sid": "00000000-0000-0000-0000-000000000000"}, key, "HS256", HEADER
        ),
        "without a session": jwt.encode(
            {k: v for k, v in claims.items() if k != "sid"}, key, "HS256", HEADER
        ),
        "another order of the header": f"{encoded({'typ': 'JWT', 'alg': 'HS256'})}.{payload}.{signature}",
        "a header with a key id": jwt.encode(claims, key, "HS256", {**HEADER, "kid": "1"}),
    }
    for spelling in ("none", "None", "NONE", "nOnE", "", None, "HS256 ", "hs256", "RS256", "HS384"):
        tokens[f"alg {spelling!r} unsigned"] = f"{encoded({**HEADER, 'alg': spelling})}.{payload}."
        tokens[f"alg {spelling!r} signed"] = f"{encoded({**HEADER, 'alg': spelling})}.{payload}.{signature}"
    return tokens


def refused(team: Team, token: str | None) -> None:
    """With this token, entered or only set, nobody sees or writes anything."""
    with team.connect(autocommit=True) as connection:
        if token is not None:
            with pytest.raises(psycopg.Error) as error, connection.transaction():
                connection.execute("select enter(%s)", [token])
            assert SECRET not in str(error.value)
            connection.execute("select set_config('agentiq.token', %s, false)", [token])
        assert connection.execute("select operator_id(), my_rank(), my_sellers()").fetchone() == (None, 0, [])
        assert set(visible(connection).values()) == {0}
        for seller in (HERS, THEIRS):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(A_REPLY, [seller, seller])
        assert connection.execute("update chats set unread = 7").rowcount == 0
        assert connection.execute("delete from drafts").rowcount == 0


def test_without_a_token_nothing_is_seen_or_written(attacked: Team) -> None:
    before = snapshot(attacked)
    refused(attacked, None)
    assert snapshot(attacked) == before


def test_a_token_that_is_wrong_in_any_way_opens_nothing(attacked: Team) -> None:
    tokens = forged(attacked, "their_operator")
    before = snapshot(attacked)
    for kind, token in tokens.items():
        try:
            refused(attacked, token)
        except BaseException as error:
            raise AssertionError(f"a token with {kind}") from error
    assert snapshot(attacked) == before


def test_pyjwt_and_the_database_agree_about_the_key(attacked: Team) -> None:
    key = attacked.signing_key().rstrip(b"\0")
    claims = jwt.decode(attacked.token("operator"), key, ["HS256"], issuer="agentiq")
    assert claims["email"] == "operator@team.example"
    assert claims["exp"] - claims["iat"] == 900
    by_pyjwt = jwt.encode(claims, key, "HS256", HEADER)
    assert by_pyjwt == attacked.token("operator") or attacked.said("select enter(%s)", by_pyjwt) == int(
        claims["sub"]
    )
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(attacked.token("operator"), key[:-1] + b"\0", ["HS256"])


def test_the_token_of_another_operator_opens_what_that_one_may_see(attacked: Team) -> None:
    with attacked.acting("operator") as connection:
        assert connection.execute("select array_agg(seller_id) from messages").fetchone() == ([HERS],)
    with attacked.acting("their_operator") as connection:
        assert connection.execute("select array_agg(seller_id) from messages").fetchone() == ([THEIRS],)


def test_a_token_lasts_as_long_as_its_transaction(attacked: Team) -> None:
    with attacked.connect() as connection:
        connection.execute("select enter(%s)", [attacked.token("operator")])
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        connection.commit()
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
        connection.rollback()
        connection.execute("select enter(%s)", [attacked.token("operator")])
        connection.rollback()
        assert connection.execute("select count(*) from messages").fetchone() == (0,)


def test_a_token_that_ends_during_a_transaction_ends_it(attacked: Team) -> None:
    claims = claims_of(attacked, "operator") | {"exp": int(time.time()) + 2}
    with attacked.connect() as connection:
        connection.execute("select enter(%s)", [jwt.encode(claims, attacked.signing_key(), "HS256", HEADER)])
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        time.sleep(2.1)
        assert connection.execute("select count(*) from messages").fetchone() == (0,)


def test_a_signed_out_session_is_out_at_once_in_the_middle_of_a_transaction(team: Team) -> None:
    with team.acting("operator") as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        assert team.said("select sign_out()", by="operator") == 1
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(A_REPLY, [HERS, HERS])
    refused(team, team.token("operator"))
    # nor does it end the sign-ins that are left
    other = team.sign_in("operator")
    with team.connect() as connection:
        connection.execute("select set_config('agentiq.token', %s, true)", [team.token("operator")])
        assert connection.execute("select sign_out(true)").fetchone() == (0,)
    assert team.said("select enter(%s)", other["access"]) == team.person_id("operator")


def test_a_disabled_operator_is_out_at_once_for_reads_and_writes(team: Team) -> None:
    refresh = team.sign_in("operator")["refresh"]
    with team.acting("operator") as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        team.said("select disable_operator('operator@team.example')", by="owner")
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(A_REPLY, [HERS, HERS])
    refused(team, team.token("operator"))
    assert team.said("select refresh(%s)", refresh)["status"] == "refused"
    assert team.sign_in("operator")["status"] == "refused"
    # let in again, the sign-ins of before stay ended
    team.said("select disable_operator('operator@team.example', false)", by="owner")
    refused(team, team.token("operator"))
    assert team.sign_in("operator")["status"] == "ok"


@pytest.mark.parametrize("level", [IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE])
def test_a_transaction_with_an_old_snapshot_does_not_outlive_the_sign_in(
    team: Team, level: IsolationLevel
) -> None:
    with team.connect() as connection:
        connection.isolation_level = level
        connection.execute("select set_config('agentiq.token', %s, false)", [team.token("operator")])
        connection.commit()
        connection.execute("select count(*) from chats")
        team.said("select disable_operator('operator@team.example')", by="owner")
        assert set(visible(connection).values()) == {0}
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(A_REPLY, [HERS, HERS])


def test_an_operator_who_loses_a_seller_loses_it_at_once(team: Team) -> None:
    with team.acting("operator") as connection:
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        team.said("select change_operator('operator@team.example', null, '{}')", by="owner")
        assert connection.execute("select count(*) from messages").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(A_REPLY, [HERS, HERS])


def test_an_operator_who_becomes_a_viewer_writes_no_more(team: Team) -> None:
    with team.acting("operator") as connection:
        team.said("select change_operator('operator@team.example', 'viewer', null)", by="owner")
        assert connection.execute("select count(*) from messages").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(A_REPLY, [HERS, HERS])


def test_the_role_in_a_token_decides_nothing(attacked: Team) -> None:
    claims = claims_of(attacked, "operator") | {"role": "owner", "sub": str(attacked.person_id("owner"))}
    token = jwt.encode(claims, attacked.signing_key(), "HS256", HEADER)
    with attacked.connect() as connection:
        connection.execute("select enter(%s)", [token])
        assert connection.execute("select my_rank(), my_sellers()").fetchone() == (2, [HERS])


def test_settings_of_agentiq_and_of_roles_cannot_be_set_to_get_in(attacked: Team) -> None:
    with attacked.connect(autocommit=True) as connection:
        for name, value in (
            ("agentiq.token", json.dumps(claims_of(attacked, "owner"))),
            ("agentiq.operator_id", "1"),
            ("agentiq.operator", "1"),
            ("agentiq.sellers", "{1,2}"),
            ("agentiq.my_sellers", "{1,2}"),
            ("agentiq.role", "owner"),
            ("request.jwt.claims", json.dumps(claims_of(attacked, "owner"))),
        ):
            connection.execute("select set_config(%s, %s, false)", [name, value])
        assert set(visible(connection).values()) == {0}
        for name, value in (
            ("role", "agentiq_guard"),
            ("role", attacked.owner),
            ("role", "pg_read_all_data"),
            ("session_authorization", attacked.owner),
            ("session_authorization", "agentiq_guard"),
            ("is_superuser", "on"),
            ("session_replication_role", "replica"),
            ("allow_system_table_mods", "on"),
        ):
            with pytest.raises(psycopg.Error):
                connection.execute("select set_config(%s, %s, false)", [name, value])
        for statement in (
            "set role agentiq_guard",
            f"set role {attacked.owner}",
            f"set session authorization {attacked.owner}",
        ):
            with pytest.raises(psycopg.Error):
                connection.execute(statement)  # type: ignore[arg-type]


def test_without_the_role_of_the_app_the_database_user_sees_as_little(attacked: Team) -> None:
    with attacked.connect(autocommit=True) as connection:
        for statement in ("reset role", "set role none", "discard all", "reset all"):
            connection.execute(statement)
            connection.execute("set search_path = agentiq, procrastinate")
            assert set(visible(connection).values()) == {0}
        connection.execute("select set_config('agentiq.token', %s, false)", [attacked.token("operator")])
        assert connection.execute("select array_agg(seller_id) from messages").fetchone() == ([HERS],)


def test_one_member_of_the_shared_user_cannot_give_the_others_a_token(attacked: Team) -> None:
    with attacked.connect(autocommit=True) as connection:
        connection.execute("reset role")
        for whose in (attacked.login, "agentiq_app", "all"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"alter role {whose} set agentiq.token = '{attacked.token('operator')}'")  # type: ignore[arg-type]
