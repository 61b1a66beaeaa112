"""Signing in, staying signed in and being invited, as whoever holds the team's address may try it. Raw psycopg."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.isolation.team import HASHING, PEOPLE, Team, refusal, sign_in

WRONG = b"w" * 32
OPERATOR = PEOPLE["operator"]
UNKNOWN = "nobody@team.example"


def later(team: Team, seconds: float) -> None:
    """Let time pass for what was tried so far."""
    with team.superuser() as superuser:
        superuser.execute("update agentiq_private.tries set at = at - make_interval(secs => %s)", [seconds])


def judged(team: Team, ticket: str | None) -> dict[str, Any]:
    said: dict[str, Any] = team.said("select sign_in(%s::uuid)", ticket)
    return said


@pytest.mark.parametrize("email", [OPERATOR.email, UNKNOWN])
def test_ten_wrong_passwords_slow_that_account_and_no_other(team: Team, email: str) -> None:
    answers = [sign_in(team, email, WRONG) for _ in range(10)]
    assert [answer["status"] for answer in answers] == ["refused"] * 5 + ["wait"] * 5
    assert answers[-1]["seconds"] == 1
    # the right password waits like a wrong one
    assert sign_in(team, email, OPERATOR.proof)["status"] == "wait"
    assert sign_in(team, PEOPLE["viewer"].email, PEOPLE["viewer"].proof)["status"] == "ok"


@pytest.mark.parametrize("email", [OPERATOR.email, UNKNOWN])
def test_each_wrong_password_doubles_the_wait_up_to_five_minutes(team: Team, email: str) -> None:
    for _ in range(5):
        sign_in(team, email, WRONG)
    waits = []
    for _ in range(11):
        waits.append(sign_in(team, email, WRONG)["seconds"])
        later(team, waits[-1])
        assert sign_in(team, email, WRONG)["status"] == "refused"
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_whoever_waited_signs_in_and_begins_anew(team: Team) -> None:
    for _ in range(5):
        sign_in(team, OPERATOR.email, WRONG)
    later(team, 1)
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "ok"
    assert [sign_in(team, OPERATOR.email, WRONG)["status"] for _ in range(6)] == ["refused"] * 5 + ["wait"]
    later(team, 86_400)
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "ok"
    with team.superuser() as superuser:
        assert superuser.execute("select count(*) from agentiq_private.tries").fetchone() == (0,)


@pytest.mark.parametrize("email", [OPERATOR.email.upper(), f"  {OPERATOR.email} ", OPERATOR.email])
def test_another_spelling_of_the_e_mail_is_the_same_account(team: Team, email: str) -> None:
    for _ in range(5):
        sign_in(team, email, WRONG)
    assert sign_in(team, OPERATOR.email, WRONG)["status"] == "wait"


def test_undoing_a_try_tells_nothing_about_the_password(team: Team) -> None:
    with team.connect() as connection:
        for proof in (OPERATOR.proof, WRONG):
            tried = connection.execute("select try_password(%s, %s)", [OPERATOR.email, proof]).fetchone()[0]  # type: ignore[index]
            assert set(tried) == {"status", "ticket"}
            # not before it is committed, not in a part of the same transaction either
            with connection.transaction():
                assert (
                    connection.execute("select sign_in(%s::uuid)", [tried["ticket"]]).fetchone()[0]["status"]
                    == "refused"
                )  # type: ignore[index]
            connection.rollback()
            assert judged(team, tried["ticket"])["status"] == "refused"


def test_undoing_the_judgement_does_not_undo_the_try(team: Team) -> None:
    for _ in range(5):
        ticket = team.said("select try_password(%s, %s)", OPERATOR.email, WRONG)["ticket"]
        with team.connect() as connection:
            for _ in range(3):
                connection.execute("select sign_in(%s::uuid)", [ticket])
                connection.rollback()
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "wait"


@pytest.mark.parametrize("order", [1, -1])
def test_tries_made_side_by_side_get_no_more_judgements_than_one_after_another(
    team: Team, order: int
) -> None:
    """Open transactions do not see one another's tries; what is judged later does."""
    connections = [team.connect() for _ in range(12)]
    try:
        tickets = []
        for connection in connections:
            tried = connection.execute("select try_password(%s, %s)", [OPERATOR.email, WRONG]).fetchone()[0]  # type: ignore[index]
            tickets.append(tried["ticket"])
        answers = []
        for connection, ticket in list(zip(connections, tickets, strict=True))[::order]:
            connection.commit()
            answers.append(judged(team, ticket)["status"])
    finally:
        for connection in connections:
            connection.close()
    assert answers == ["refused"] * 5 + ["wait"] * 7


def test_nobody_holds_up_another_ones_sign_in_with_an_open_transaction(team: Team) -> None:
    with team.superuser() as superuser:
        superuser.execute(
            "insert into agentiq_private.tries (account, verifier, at) values (sha256('old'), '\\x00', now() - interval '2 days')"
        )
    ticket = team.said("select try_password(%s, %s)", PEOPLE["viewer"].email, PEOPLE["viewer"].proof)[
        "ticket"
    ]
    with ThreadPoolExecutor(1) as pool, team.connect() as holding:
        # this one sweeps what is old, and keeps it locked
        assert holding.execute("select sign_in(%s::uuid)", [ticket]).fetchone()[0]["status"] == "ok"  # type: ignore[index]
        holding.execute("select try_password(%s, %s)", [OPERATOR.email, WRONG])
        holding.execute("select sign_in(gen_random_uuid())")
        holding.execute("select accept_invitation('x', %s, %s)", [HASHING, WRONG])
        holding.execute("select refresh('x')")
        assert pool.submit(sign_in, team, OPERATOR.email, OPERATOR.proof).result(timeout=5)["status"] == "ok"


def test_a_ticket_is_good_once_for_a_minute_and_only_for_its_password(team: Team) -> None:
    ticket = team.said("select try_password(%s, %s)", OPERATOR.email, OPERATOR.proof)["ticket"]
    assert judged(team, ticket)["status"] == "ok"
    assert judged(team, ticket)["status"] == "refused"
    ticket = team.said("select try_password(%s, %s)", OPERATOR.email, OPERATOR.proof)["ticket"]
    later(team, 61)
    assert judged(team, ticket)["status"] == "refused"
    assert judged(team, "00000000-0000-0000-0000-000000000000")["status"] == "refused"
    assert judged(team, None)["status"] == "refused"


@pytest.mark.parametrize(
    "proof", [b"", b"\0", None, WRONG, OPERATOR.proof[:-1], OPERATOR.proof + b"\0", b"\0" * 32]
)
def test_only_the_whole_hash_signs_in(team: Team, proof: bytes | None) -> None:
    if proof is None:
        assert refusal(team, None, "select try_password(%s, %s)", OPERATOR.email, proof) == "23502"
    else:
        assert sign_in(team, OPERATOR.email, proof)["status"] == "refused"


def test_who_has_no_password_yet_or_is_disabled_does_not_sign_in(team: Team) -> None:
    team.said("select add_operator('new@team.example', '', 'viewer', '{}')", by="owner")
    for proof in (b"", b"\0", WRONG):
        assert sign_in(team, "new@team.example", proof)["status"] == "refused"
    team.said("select disable_operator(%s)", OPERATOR.email, by="owner")
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "refused"


def test_parameters_look_the_same_and_stay_for_known_and_unknown_e_mails(team: Team) -> None:
    team.said("select add_operator('new@team.example', '', 'viewer', '{}')", by="owner")
    fresh = json.dumps(json.loads(HASHING) | {"salt": "5a" * 16})
    code = team.said("select invite_operator('viewer@team.example')", by="owner")
    team.said("select accept_invitation(%s, %s, %s)", code, fresh, PEOPLE["viewer"].proof)
    salts = set()
    for email in ("viewer@team.example", UNKNOWN, "another@team.example", "new@team.example", ""):
        first = team.said("select password_parameters(%s)", email)
        assert first == team.said("select password_parameters(%s)", f" {email.upper()}")
        assert (len(first["salt"]), first["time_cost"], first["memory_kib"], first["lanes"]) == (
            32,
            3,
            65536,
            1,
        )
        salts.add(first["salt"])
    assert len(salts) == 5
    assert set(team.said("select password_parameters(%s)", UNKNOWN)) == {
        "salt",
        "time_cost",
        "memory_kib",
        "lanes",
    }


@pytest.mark.parametrize(
    "wrong",
    [{"salt": "00" * 15}, {"salt": "00" * 17}, {"memory_kib": 1024}, {"salt": None}, {"memory_kib": None}],
)
def test_a_password_hashed_in_a_weak_or_telling_way_is_refused(team: Team, wrong: dict[str, object]) -> None:
    code = team.said("select invite_operator('viewer@team.example')", by="owner")
    parameters = json.dumps(json.loads(HASHING) | wrong)
    assert refusal(team, None, "select accept_invitation(%s, %s, %s)", code, parameters, WRONG) in (
        "AQ422",
        "23502",
    )
    assert refusal(team, None, "select accept_invitation(%s, %s, %s)", code, HASHING, b"short") == "AQ422"
    # nothing was spent
    assert team.said("select accept_invitation(%s, %s, %s)", code, HASHING, WRONG)["status"] == "ok"


def refresh(team: Team, token: str) -> dict[str, Any]:
    said: dict[str, Any] = team.said("select refresh(%s)", token)
    return said


def test_a_refresh_token_is_replaced_and_a_lost_answer_may_be_asked_again(team: Team) -> None:
    first = team.sign_in("operator")
    lost = refresh(team, first["refresh"])
    second = refresh(team, first["refresh"])
    assert lost["status"] == second["status"] == "ok"
    assert len({first["refresh"], lost["refresh"], second["refresh"]}) == 3
    third = refresh(team, second["refresh"])
    assert third["status"] == "ok"
    assert team.said("select enter(%s)", third["access"]) == first["operator"]


def test_a_refresh_token_that_comes_again_after_the_next_was_used_ends_the_sign_in(team: Team) -> None:
    first = team.sign_in("operator")
    second = refresh(team, first["refresh"])
    third = refresh(team, second["refresh"])
    assert refresh(team, first["refresh"]) == {"status": "revoked"}
    for token in (first, second, third):
        assert refresh(team, token["refresh"]) == {"status": "refused"}
        assert refusal(team, None, "select enter(%s)", token["access"]) == "AQ401"
    # the operator's other sign-ins go on
    assert team.said("select enter(%s)", team.token("operator")) == first["operator"]


def test_of_two_machines_with_one_copied_token_one_is_found_out(team: Team) -> None:
    first = team.sign_in("operator")
    hers, thiefs = refresh(team, first["refresh"]), refresh(team, first["refresh"])
    statuses = {refresh(team, thiefs["refresh"])["status"], refresh(team, hers["refresh"])["status"]}
    assert statuses == {"ok", "revoked"}


@pytest.mark.parametrize(
    "token", [None, "", "x", "00000000-0000-0000-0000-000000000000." + "A" * 43, "-" * 36 + "." + "A" * 43]
)
def test_what_is_no_refresh_token_is_refused(attacked: Team, token: str | None) -> None:
    if token is not None and token.startswith("-"):
        assert refusal(attacked, None, "select refresh(%s)", token) in (None, "22P02")
    else:
        assert refresh(attacked, token) == {"status": "refused"}  # type: ignore[arg-type]


def test_an_expired_sign_in_is_refused_and_swept_at_the_next(team: Team) -> None:
    old = team.sign_in("operator")
    with team.superuser() as superuser:
        superuser.execute("update agentiq_private.sessions set expires_at = now() - interval '1 second'")
    assert refresh(team, old["refresh"]) == {"status": "refused"}
    team.sign_in("operator")
    with team.superuser() as superuser:
        left = superuser.execute(
            "select count(*) from agentiq_private.sessions where operator_id = %s", [old["operator"]]
        ).fetchone()
    assert left == (1,)


def test_signing_out_everywhere_ends_every_sign_in_of_that_person_alone(team: Team) -> None:
    one, two = team.sign_in("operator"), team.sign_in("operator")
    machine = team.said("select service_token(%s, 'm')", OPERATOR.email, by="owner")
    team.token("operator")
    team.token("viewer")
    assert team.said("select sign_out()", by="operator") == 1
    assert refresh(team, one["refresh"])["status"] == "ok"
    with team.connect() as connection:
        connection.execute("select enter(%s)", [two["access"]])
        # the invitation's, one and two
        assert connection.execute("select sign_out(true)").fetchone() == (3,)
    assert [refresh(team, said["refresh"])["status"] for said in (one, two)] == ["refused"] * 2
    assert refresh(team, machine)["status"] == "ok"
    assert team.said("select enter(%s)", team.token("viewer"))


def test_a_machines_token_does_not_rotate_and_ends_with_its_operator(team: Team) -> None:
    machine = team.said("select service_token(%s, 'm')", OPERATOR.email, by="admin")
    said = [refresh(team, machine) for _ in range(3)]
    assert [(answer["status"], answer["refresh"]) for answer in said] == [("ok", machine)] * 3
    with team.connect() as connection:
        connection.execute("select enter(%s)", [said[0]["access"]])
        assert connection.execute("select my_rank(), my_sellers()").fetchone() == (2, [1])
    team.said("select disable_operator(%s)", OPERATOR.email, by="admin")
    assert refresh(team, machine) == {"status": "refused"}


def test_an_invitation_is_taken_once(team: Team) -> None:
    code = team.said("select invite_operator(%s)", OPERATOR.email, by="admin")
    accept = "select accept_invitation(%s, %s, %s)"
    said = team.said(accept, code, HASHING, WRONG)
    assert (said["status"], said["email"]) == ("ok", OPERATOR.email)
    assert team.said(accept, code, HASHING, WRONG) == {"status": "refused"}
    # the new password signs in, the old one does not, and what was signed in before is out
    assert sign_in(team, OPERATOR.email, WRONG)["status"] == "ok"
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "refused"


def test_two_machines_that_race_for_an_invitation_take_it_once(team: Team) -> None:
    code = team.said("select invite_operator(%s)", OPERATOR.email, by="admin")
    begin = threading.Barrier(4)

    def take(_: int) -> str:
        begin.wait()
        return str(team.said("select accept_invitation(%s, %s, %s)", code, HASHING, WRONG)["status"])

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(take, range(4))) == ["ok", "refused", "refused", "refused"]


def test_an_invitation_ends_when_it_is_replaced_late_or_its_operator_disabled(team: Team) -> None:
    def taken(code: str) -> str:
        return str(team.said("select accept_invitation(%s, %s, %s)", code, HASHING, WRONG)["status"])

    def invited() -> str:
        return str(team.said("select invite_operator(%s)", OPERATOR.email, by="admin"))

    replaced, late = invited(), invited()
    assert taken(replaced) == "refused"
    with team.superuser() as superuser:
        superuser.execute("update agentiq_private.invitations set expires_at = now()")
    assert taken(late) == "refused"
    before = invited()
    team.said("select disable_operator(%s)", OPERATOR.email, by="admin")
    assert taken(before) == "refused"
    assert refusal(team, "admin", "select invite_operator(%s)", OPERATOR.email) == "AQ409"
    team.said("select disable_operator(%s, false)", OPERATOR.email, by="admin")
    assert taken(before) == "refused"
    assert taken(invited()) == "ok"
    for nothing in ("", "x", "'"):
        assert taken(nothing) == "refused"
    assert team.said("select accept_invitation(null, %s, %s)", HASHING, WRONG) == {"status": "refused"}


def test_a_password_is_changed_by_who_knows_the_old_one_and_other_sign_ins_end(team: Team) -> None:
    change = "select change_password(%s::uuid, %s, %s)"
    others = team.sign_in("operator")

    def tried(email: str, proof: bytes) -> Any:
        return team.said("select try_password(%s, %s)", email, proof)["ticket"]

    assert team.said(change, tried(OPERATOR.email, WRONG), HASHING, b"n" * 32, by="operator") is False
    assert team.said(change, None, HASHING, b"n" * 32, by="operator") is False
    # a colleague's right password is no key to one's own account, nor anybody's without a token
    assert (
        team.said(
            change, tried(PEOPLE["viewer"].email, PEOPLE["viewer"].proof), HASHING, b"n" * 32, by="operator"
        )
        is False
    )
    assert team.said(change, tried(OPERATOR.email, OPERATOR.proof), HASHING, b"n" * 32) is False
    assert sign_in(team, OPERATOR.email, OPERATOR.proof)["status"] == "ok"
    assert team.said(change, tried(OPERATOR.email, OPERATOR.proof), HASHING, b"n" * 32, by="operator") is True
    assert team.said("select enter(%s)", team.token("operator"))
    assert refresh(team, others["refresh"]) == {"status": "refused"}
    assert sign_in(team, OPERATOR.email, b"n" * 32)["status"] == "ok"


def test_nothing_that_was_sent_is_kept_as_it_was(team: Team) -> None:
    said = team.sign_in("operator")
    code = team.said("select invite_operator(%s)", OPERATOR.email, by="admin")
    sign_in(team, OPERATOR.email, WRONG)
    with team.superuser() as superuser:
        kept = "".join(
            row
            for table in ("passwords", "sessions", "invitations", "tries")
            for (row,) in superuser.execute(f"select to_jsonb(t)::text from agentiq_private.{table} t")
        )
    for secret in (
        OPERATOR.proof.hex(),
        WRONG.hex(),
        code,
        said["refresh"].partition(".")[2],
        said["access"],
    ):
        assert secret not in kept
