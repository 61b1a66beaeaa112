"""The commands as people and scripts run them, against a sandbox marketplace and a database of the test's own."""

from __future__ import annotations

import asyncio
import io
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote, urlsplit

import pytest
from cryptography.fernet import Fernet

from agentiq_core.config import settings
from agentiq_core.sandbox import Fault, Sandbox, SandboxSeller
from agentiq_tui import locale
from agentiq_tui.cli import run

if TYPE_CHECKING:
    from tests.cli.cli_team import Team
    from tests.databases import Server

T = TypeVar("T")
ASKED = "Здравствуйте! Кружка пришла с трещиной, что делать?"


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        """The lines of narration."""
        return self.err.splitlines()


class Market:
    """A sandbox in a thread with its own loop: the commands run a loop of theirs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox")
        self._thread.start()
        self.sandbox = Sandbox(seed=11, rate_limits=False)
        self._wait(self.sandbox.__aenter__())

    def close(self) -> None:
        self._wait(self.sandbox.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def url(self) -> str:
        return f"{self.sandbox.url}/wildberries"

    def do(self, work: Callable[[], T]) -> T:
        """Change the sandbox in its own thread."""

        async def there() -> T:
            return work()

        return self._wait(there())

    def shop(self, **how: Any) -> SandboxSeller:
        """A new seller's account."""
        return self.do(lambda: self.sandbox.wildberries.add_seller("Дом и чай", **how))

    def token(self, shop: SandboxSeller, **how: Any) -> str:
        """Another key to the same account."""
        return self.do(lambda: self.sandbox.wildberries.issue_token(shop, **how))

    def asks(self, shop: SandboxSeller, *texts: str) -> str:
        """A buyer opens a chat; its id at the marketplace."""

        def write() -> str:
            chat = shop.open_chat(client_name="Алёна")
            for text in texts or (ASKED,):
                shop.buyer_says(chat, text)
            return chat

        return self.do(write)

    def goes_wrong(self, shop: SandboxSeller, operation: str, kind: str, **how: Any) -> Fault:
        """Plan a misbehaviour for this seller's requests."""
        match = {"seller": shop.id}
        return self.do(lambda: self.sandbox.faults.add(Fault(operation, kind, match=match, **how)))  # type: ignore[arg-type]

    def sent_there(self, shop: SandboxSeller) -> list[str | None]:
        """What the marketplace accepted from this seller through its API."""
        return self.do(lambda: [message.text for message in shop.api_messages()])

    def _wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@dataclass
class Cli:
    """Runs commands; whatever they printed is kept, so that the end of each test can look for secrets in it."""

    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch
    home: Path
    market: Market
    secrets: list[str] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)

    def __call__(self, *arguments: str, stdin: str | bytes = "", hands_out: bool = False) -> Result:
        """In this process, to be quick. `hands_out`: a secret on stdout is what the command is for."""
        self.arguments += arguments
        raw = stdin.encode() if isinstance(stdin, str) else stdin
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
        settings.cache_clear()
        self.capsys.readouterr()
        code = run(arguments)
        result = Result(code, *self.capsys.readouterr())
        if hands_out:
            self.printed.append(result.err)
            return result
        return self._kept(result)

    def process(self, *arguments: str, stdin: str = "", **more: str) -> Result:
        """As the shell does: a process of its own, with these further environment variables."""
        self.arguments += arguments
        done = subprocess.run(
            self.command(*arguments),
            input=stdin.encode(),
            capture_output=True,
            env=os.environ | more,
            timeout=60,
            check=False,
        )
        return self._kept(Result(done.returncode, done.stdout.decode(), done.stderr.decode()))

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
        """A process that goes on; the caller ends it."""
        self.arguments += arguments
        return subprocess.Popen(
            self.command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | more
        )

    def ended(self, process: subprocess.Popen[bytes], within: float) -> Result:
        """How a started process ended, at most so many seconds from now."""
        try:
            out, err = process.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            raise
        return self._kept(Result(process.returncode, out.decode(), err.decode()))

    @staticmethod
    def command(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "agentiq_tui", *arguments]

    def add(
        self, shop: SandboxSeller, token: str | None = None, *more: str, name: str = "Дом и чай"
    ) -> Result:
        """Connect a shop of the sandbox."""
        key = token or shop.token
        self.secrets.append(key)
        where = ("--name", name, "--base-url", self.market.url, "--token-stdin")
        return self("seller", "add", "wildberries", *where, *more, stdin=key)

    def connected(self, shop: SandboxSeller, token: str | None = None) -> int:
        """Connect a shop and fetch its conversations; the seller's id."""
        added = self.add(shop, token, "--json")
        assert added.code == 0, added
        seller_id: int = added.json["seller_id"]
        assert self("sync", "--seller", str(seller_id)).code == 0
        return seller_id

    def chat(self, *texts: str, shop: SandboxSeller | None = None) -> int:
        """A conversation of a connected shop in which the buyer wrote this; its number."""
        shop = shop or self.market.shop()
        self.market.asks(shop, *texts)
        self.connected(shop)
        number: int = self("chats", "list", "--json").json[0]["id"]
        return number

    def _kept(self, result: Result) -> Result:
        self.printed += [result.out, result.err]
        return result


@pytest.fixture(scope="session")
def market() -> Iterator[Market]:
    """A marketplace for all tests of this worker; each test has shops of its own."""
    market = Market()
    yield market
    market.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any trace of AgentIQ; English is spoken."""
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AGENTIQ_LANGUAGE", "en")
    return tmp_path / "home"


@pytest.fixture
def bare(
    home: Path,
    market: Market,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Cli]:
    """Commands without a team's database. At the end nothing secret and no traceback may have been printed or logged."""
    before = locale.language()
    cli = Cli(capsys, monkeypatch, home, market)
    yield cli
    settings.cache_clear()
    locale.use(before)
    told = "\n".join([*cli.printed, *cli.arguments, caplog.text])
    assert not [secret[:4] for secret in cli.secrets if secret and secret in told]
    assert "Traceback" not in told
    assert "unexpected" not in told


@pytest.fixture
def cli(bare: Cli, dsn: str, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands on a database of this test's own, with the team key in the environment."""
    team_key = Fernet.generate_key().decode()
    monkeypatch.setenv("AGENTIQ_DATABASE_URL", dsn)
    monkeypatch.setenv("AGENTIQ_TEAM_KEY", team_key)
    bare.secrets += [team_key, unquote(urlsplit(dsn).password or "")]
    return bare


@pytest.fixture
def owners_dsn(server: Server, empty_dsn: str) -> Iterator[str]:
    """The address of an empty database, as a login role that owns it and is no superuser."""
    from tests.cli.cli_team import owned

    dsn, forget = owned(server, empty_dsn)
    yield dsn
    forget()


@pytest.fixture
def team(bare: Cli, owners_dsn: str) -> Team:
    """A team founded on a server of its own by its first owner."""
    from tests.cli.cli_team import BOSS, BOSS_PASSWORD, PASSPHRASE, Team, machine

    boss = machine(bare, bare.home)
    bare.secrets += [BOSS_PASSWORD, PASSPHRASE, unquote(urlsplit(owners_dsn).password or "")]
    made = boss(
        "init", "--email", BOSS, "--password-stdin", stdin=BOSS_PASSWORD, AGENTIQ_DATABASE_URL=owners_dsn
    )
    assert made.code == 0, made
    for name in ("server", "refresh", "team-key"):
        assert boss.kept(name)
    return Team(bare, bare.home, owners_dsn, boss)
