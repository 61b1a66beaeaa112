"""A crash with a half-typed draft costs nothing: alone without an account, and in a team whose server is away."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentiq_core.store.embedded import EmbeddedPostgres
from tests.cli.cli_team import PASSPHRASE, Team
from tests.cli.conftest import Market
from tests.e2e.shift.people import COMMAND, Buyers, Operator, environment
from tests.e2e.shift.wire import Wire

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


def test_words_typed_while_the_server_is_away_outlive_a_crash_and_reach_it_later(
    team: Team, market: Market
) -> None:
    buyers = Buyers(market, seed=7)
    buyers.write(1)
    key = ("--base-url", market.url, "--token-stdin", "--sync", "--json")
    added = team.boss("seller", "add", "wildberries", "--name", "Дом", *key, stdin=buyers.shop.token)
    seller = str(added.json["seller_id"])
    anna = team.joined("anna@example.org", "operator", "чайник на плите 7", "--seller", seller)
    server = anna.kept("server")
    assert server is not None
    with Wire(server) as wire:
        env = environment(anna.home, AGENTIQ_DATABASE_URL=wire.dsn, AGENTIQ_VAULT_PASSPHRASE=PASSPHRASE)
        env["AGENTIQ_WORKER"] = "false"
        with Operator(env) as one:
            one.has_open()
            wire.cut()
            one.wait_for("✗ Нет связи с базой")
            one.writes(HALF)
            one.wait_for("ответ · на этой машине")
            one.crash()
        wire.mend()
        with Operator(env) as one:
            one.until(lambda: one.field == HALF)
            one.writes(REST)
            one.saved()
            one.leave()
        kept = [path for path in (anna.home / "unsaved").rglob("*") if path.is_file()]
        assert kept == []
