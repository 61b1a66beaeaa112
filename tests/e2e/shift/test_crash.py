"""Alone, without an account: a crash with a half-typed draft costs nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentiq_core.store.embedded import EmbeddedPostgres
from tests.cli.conftest import Market
from tests.e2e.shift.people import COMMAND, Buyers, Operator, environment

HALF, REST = "Начали разбираться, и вот что", " видно: партия целая."


@pytest.fixture
def place() -> Iterator[Path]:
    """An `$AGENTIQ_HOME` that the embedded server's own user can reach when tests run as root."""
    place = Path(tempfile.mkdtemp(prefix="e2e-", dir=os.environ["AGENTIQ_TEST_HOME"]))
    place.chmod(0o711)
    yield place
    EmbeddedPostgres(place).leave()
    shutil.rmtree(place)


def test_after_a_crash_the_half_typed_draft_is_there_and_each_reply_arrives_once(
    place: Path, market: Market
) -> None:
    buyers = Buyers(market, seed=5)
    buyers.write(2)
    env = environment(place, AGENTIQ_UNDO_SECONDS="1")
    key = ("--name", "Дом и чай", "--base-url", market.url, "--token-stdin", "--sync")
    added = [*COMMAND, "seller", "add", "wildberries", *key]
    subprocess.run(added, env=env, input=buyers.shop.token.encode(), capture_output=True, check=True)
    with Operator(env) as one:
        first = one.has_open()
        one.sends()
        one.wait_for("✓✓")
        second = one.next()
        one.writes(HALF)
        one.saved()
        one.crash()
    with Operator(env) as one:
        one.goes_to(second)
        one.until(lambda: one.field == HALF)
        one.writes(REST)
        one.sends()
        one.wait_for("✓✓")
        one.leave()
    assert [len(buyers.got(name)) for name in (first, second)] == [1, 1]
    assert buyers.got(second) == [HALF + REST]
    assert buyers.duplicates == 0
