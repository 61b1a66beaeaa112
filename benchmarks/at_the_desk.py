"""What fingers feel: another conversation, a long reply under the guardrails, and the same keys while a worker in the app reads.

A real app in a terminal on a server of its own, read from outside. Each key is a letter, or brings a number, that nothing else
on the screen has, so that what is drawn for other reasons counts for nothing.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psycopg
from psycopg import Connection

from agentiq_core.config import Settings
from agentiq_core.engine.access import Access
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.opening import open_engine
from agentiq_core.store.database import Door, Store
from agentiq_core.store.embedded import EmbeddedPostgres
from agentiq_core.store.owner import local_session
from benchmarks.at_work import connect_sellers
from benchmarks.figures import Figure, median, percentile
from benchmarks.parts import RunningSandbox, sandbox
from benchmarks.processes import Process
from benchmarks.screen import fill
from tests.e2e.terminal import CTRL_Q, ENTER, F2, Terminal

CHATS = 200
SHORT, LONG, OF_EACH = 50, 300, 20
"""Messages of the conversations that are opened, and how many such there are."""
KEYS, QUICK_KEYS = 60, 30
BETWEEN_KEYS = 0.1
WRITTEN = 4_000
SELLERS, EVENTS, QUICK_EVENTS = 20, 4_000, 1_000
"""Each answers 50 messages a second: what a marketplace lets a key ask for."""
WORKED, QUICK_WORKED = 10_000, 2_000
"""Events that a worker in the app reads before its memory is looked at."""
SWITCH_BAR_MS, KEY_BAR_MS, MEMORY_BAR_MIB = 60.0, 50.0, 120.0

_MESSAGES = """
insert into messages (seller_id, chat_id, external_id, author, origin, sent_at, body)
select c.seller_id, c.id, 'd' || to_char(k, 'FM0000'), case when k %% 2 = 0 then 'buyer' else 'seller' end,
    case when k %% 2 = 0 then 'buyer' else 'cabinet' end, c.last_at - make_interval(mins => %(most)s - k),
    case when k = %(most)s then 'Вопрос ' || to_char(substr(c.external_id, 2)::int, 'FM0000') || '-й' else 'Посылка всё ещё в пути, '
        || 'обещали привезти на прошлой неделе. Когда её ждать?' end
from (select * from chats where substr(external_id, 2)::int between %(first)s and %(last)s) c, generate_series(1, %(most)s) k
"""
_DRAFT = """
insert into drafts (seller_id, chat_id, operator_id, body)
select seller_id, id, (select min(id) from operators), %s from chats where external_id = %s
"""
_SENTENCE = (
    "Здравствуйте! Спасибо, что написали нам: мы передадим фото старшему смены и ответим, как только узнаем. "
)


def run(*, quick: bool) -> list[Figure]:
    """Without a worker first, then beside one that reads histories."""
    keys = QUICK_KEYS if quick else KEYS
    with tempfile.TemporaryDirectory(prefix="agentiq-bench-") as directory, sandbox() as market:
        home = Path(directory)
        home.chmod(0o711)
        server = EmbeddedPostgres(home)
        try:
            dsn = server.start()
            fill(dsn, CHATS)
            # the draft is its writer's, who is made at the first sign-in
            assert local_session(dsn, embedded=True, client="bench") is not None
            with psycopg.connect(dsn, autocommit=True, options="-c search_path=agentiq") as connection:
                connection.execute("delete from messages")
                for first, most in ((1, SHORT), (1 + OF_EACH, LONG), (1 + 2 * OF_EACH, 1)):
                    places = {"first": first, "last": first + OF_EACH - 1, "most": most}
                    connection.execute(_MESSAGES, places)
                connection.execute(_DRAFT, [(_SENTENCE * 50)[:WRITTEN], f"c{1 + 2 * OF_EACH}"])
                connection.execute("vacuum analyze")
                with _app(home, worker=False) as terminal:
                    figures = _switches(terminal)
                    figures.append(_typing(terminal, keys))
                    terminal.send(CTRL_Q)
                    terminal.wait_exit()
                asyncio.run(_connect(home, dsn, market, 1, QUICK_WORKED if quick else WORKED))
                with _app(home, worker=True) as terminal:
                    figures.append(_after_work(terminal, connection, QUICK_WORKED if quick else WORKED))
                    terminal.send(CTRL_Q)
                    terminal.wait_exit()
                asyncio.run(_connect(home, dsn, market, SELLERS, QUICK_EVENTS if quick else EVENTS))
                with _app(home, worker=True) as terminal:
                    figures.append(_under_load(terminal, connection, dsn, keys))
                    terminal.send(CTRL_Q)
                    terminal.wait_exit()
        finally:
            server.leave()
    return figures


def _app(home: Path, *, worker: bool) -> Terminal:
    env = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {
        "AGENTIQ_HOME": str(home),
        "AGENTIQ_LANGUAGE": "ru",
        "LANG": "C.UTF-8",
        "AGENTIQ_WORKER": str(worker).lower(),
    }
    return Terminal([sys.executable, "-m", "agentiq_tui"], env)


async def _connect(home: Path, dsn: str, market: RunningSandbox, sellers: int, events: int) -> None:
    """Sellers whose keys lie where the app finds them."""
    async with open_engine(Settings(home=home)) as engine:
        token = local_session(dsn, embedded=True, client="bench")
        assert token is not None
        await connect_sellers(dsn, token, engine.vault, market, sellers, chats=events // 8, events=events)


def _switches(terminal: Terminal) -> list[Figure]:
    terminal.wait_for("0001-й")
    terminal.settle()
    figures = []
    for messages, first in ((SHORT, 2), (LONG, 1 + OF_EACH)):
        began = Process(terminal.pid).cpu_seconds()
        numbers = range(first, 1 + OF_EACH if messages == SHORT else 1 + 2 * OF_EACH)
        times = [_until(terminal, F2, f"{number:04}-й") for number in numbers]
        each = (Process(terminal.pid).cpu_seconds() - began) / len(times) * 1000
        name = f"another conversation, {messages} messages"
        figures.append(_figure(name, times, SWITCH_BAR_MS, _of_processor(each)))
    _until(terminal, F2, f"{1 + 2 * OF_EACH:04}-й")
    return figures


def _of_processor(each: float) -> str:
    return f"; {each:.0f} ms of the app's processor time each, all that follows it included"


def _typing(terminal: Terminal, keys: int) -> Figure:
    terminal.send(ENTER)
    terminal.settle()
    began = Process(terminal.pid).cpu_seconds()
    times = _typed(terminal, keys)
    each = (Process(terminal.pid).cpu_seconds() - began) / keys * 1000
    return _figure(f"typing behind {WRITTEN:,} characters", times, beside=_of_processor(each))


def _typed(terminal: Terminal, keys: int) -> list[float]:
    return [_until(terminal, chr(0x0180 + key), chr(0x0180 + key)) for key in range(keys)]


def _after_work(terminal: Terminal, connection: Connection[Any], events: int) -> Figure:
    """A worker in the app reads so many events, an operator goes through forty conversations meanwhile and writes in one."""
    app, before = Process(terminal.pid), _done(connection)[0]
    terminal.wait_for("Ваш ответ", 60)
    for _ in range(2 * OF_EACH):
        terminal.send(F2)
        _wait(terminal, 0.3)
    terminal.send(ENTER)
    _wait(terminal, 1.0)
    _typed(terminal, QUICK_KEYS)
    end = time.monotonic() + 900
    former, done = None, _done(connection)
    while done[0] - before < events or done != former:
        if time.monotonic() > end:
            raise SystemExit(f"{events} events never came: {done[0] - before}")
        _wait(terminal, 5.0)
        former, done = done, _done(connection)
    return Figure(
        f"memory of the app after {events:,} events",
        app.memory(),
        "MiB",
        MEMORY_BAR_MIB,
        beside=f"{app.peak_memory():.0f} MiB at most; {done[1]:,} suggestions and {done[2]:,} texts indexed meanwhile",
    )


def _under_load(terminal: Terminal, connection: Connection[Any], dsn: str, keys: int) -> Figure:
    terminal.wait_for("Ваш ответ", 60)
    terminal.send(ENTER)
    _wait(terminal, 2.0)
    # histories are suggested for at their end only: what waits already is to be suggested for anew, so that both run at once
    asyncio.run(_want_suggestions(dsn, connection))
    before, began = _done(connection), time.monotonic()
    times = _typed(terminal, keys)
    seconds = time.monotonic() - began
    rates = [(now - then) / seconds for now, then in zip(_done(connection), before, strict=True)]
    return _figure(
        "key to screen beside a worker in the app",
        times,
        beside="; a second meanwhile: {:,.0f} messages, {:,.0f} suggestions, {:,.0f} texts indexed".format(
            *rates
        ),
    )


async def _want_suggestions(dsn: str, connection: Connection[Any]) -> None:
    connection.execute("update chats set suggested_for = null where needs_reply and asked is not null")
    waiting = connection.execute(
        "select distinct seller_id from chats where needs_reply and asked is not null"
    )
    token = local_session(dsn, embedded=True, client="bench")
    door = Door(dsn, pool_size=1)
    store = Store(door, Access(door, given=token))
    app = job_app(store)
    async with app.open_async():
        for (seller,) in waiting.fetchall():
            await Dispatch(app).suggest(seller)
    await store.aclose()


def _done(connection: Connection[Any]) -> tuple[int, ...]:
    row = connection.execute(
        "select (select count(*) from messages),"
        # one that takes the place of another counts too
        " (select coalesce(pg_sequence_last_value('suggestions_id_seq'), 0)), (select count(*) from search_index)"
    ).fetchone()
    assert row is not None
    return tuple(row)


def _until(terminal: Terminal, keys: str, sign: str) -> float:
    """Milliseconds until the sign is written; then what else the key brings is let come."""
    before = len(terminal.raw)
    started = time.perf_counter()
    terminal.send(keys)
    while sign not in terminal.raw[before:]:
        terminal.read(0.002)
        if time.perf_counter() - started > 10:
            raise SystemExit(f"{sign!r} never came:\n{terminal.text}")
    spent = (time.perf_counter() - started) * 1000
    _wait(terminal, BETWEEN_KEYS)
    return spent


def _wait(terminal: Terminal, seconds: float) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        terminal.read(left)


def _figure(name: str, times: list[float], bar: float = KEY_BAR_MS, beside: str = "") -> Figure:
    told = f"median {median(times):.3g} ms, slowest {max(times):.3g} ms of {len(times)}{beside}"
    return Figure(f"{name}, p95", percentile(times, 0.95), "ms", bar, beside=told)
