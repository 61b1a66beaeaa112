"""Whether the time of a refused sign-in tells a known e-mail from an unknown one."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import psycopg

from benchmarks.figures import Figure, median
from benchmarks.parts import database, postgres

BAR = 0.05
"""0 says nothing, 0.5 tells them apart every time. Chance alone stays within 0.02 at this number of tries."""
PEOPLE = 500
TRIES_EACH = 4
"""A fifth wrong password would make the account wait."""
PROOF = b"\0" * 32

Row = tuple[object, ...]


def advantage(known: Sequence[float], unknown: Sequence[float]) -> float:
    """How much better than guessing it is to call the slower one known: |P(known > unknown) − ½|."""
    ranked = sorted([(value, True) for value in known] + [(value, False) for value in unknown])
    ranks = sum(rank for rank, (_, is_known) in enumerate(ranked, 1) if is_known)
    above = ranks - len(known) * (len(known) + 1) / 2
    return abs(above / (len(known) * len(unknown)) - 0.5)


def _join(dsn: str, people: int) -> None:
    """Operators with passwords; the unknown ones have e-mails of the same length."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into agentiq.operators (email, role) select 'a' || n || '@team.example', 'operator'"
            " from generate_series(10001, 10000 + %s) n",
            [people],
        )
        connection.execute(
            "insert into agentiq_private.passwords (operator_id, salt, time_cost, memory_kib, lanes, verifier)"
            " select id, substr(sha256(email::bytea), 1, 16), 3, 65536, 1, sha256(email::bytea) from agentiq.operators"
        )
        connection.execute("analyze")


def _parameters(connection: psycopg.Connection[Row], email: str) -> float:
    begin = time.perf_counter()
    connection.execute("select agentiq.password_parameters(%s)", [email])
    return time.perf_counter() - begin


def _sign_in(connection: psycopg.Connection[Row], email: str) -> float:
    begin = time.perf_counter()
    said = connection.execute("select agentiq.try_password(%s, %s) ->> 'ticket'", [email, PROOF]).fetchone()
    judged = connection.execute("select agentiq.sign_in(%s::uuid) ->> 'status'", said).fetchone()
    took = time.perf_counter() - begin
    assert judged == ("refused",)
    return took


def run(*, quick: bool) -> list[Figure]:
    """Wrong passwords for known and unknown e-mails in a random order, one after another."""
    people = PEOPLE // 2 if quick else PEOPLE
    figures = []
    with postgres() as admin, database(admin, "sign_in_timing") as dsn:
        _join(dsn, people)
        # the role that every operator's connection takes
        with psycopg.connect(dsn, autocommit=True, options="-c role=agentiq_app") as connection:
            for name, measure in (("hash parameters", _parameters), ("a wrong password", _sign_in)):
                times: dict[str, list[float]] = {"a": [], "b": []}
                emails = [
                    f"{letter}{10001 + n}@team.example" for letter in times for n in range(people)
                ] * TRIES_EACH
                random.shuffle(emails)
                for warm in range(50):
                    measure(connection, f"c{warm}@team.example")
                for email in emails:
                    times[email[0]].append(measure(connection, email))
                beside = f"medians {median(times['a']) * 1e6:,.0f} and {median(times['b']) * 1e6:,.0f} µs"
                figures.append(
                    Figure(
                        f"{name}: how far its time tells who exists",
                        advantage(times["a"], times["b"]),
                        "",
                        BAR,
                        beside=beside,
                    )
                )
    return figures
