"""A provider of models on loopback: real sockets, real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ai.model_host import ModelHost
from tests.connectors.scripted_host import self_signed


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def host() -> AsyncIterator[ModelHost]:
    """A scripted provider over plain HTTP."""
    scripted = ModelHost()
    await scripted.serve()
    yield scripted
    await scripted.close()


@pytest.fixture
async def tls_host(tmp_path: Path) -> AsyncIterator[tuple[ModelHost, Path]]:
    """The same over TLS, with the certificate that signed it."""
    scripted = ModelHost()
    await scripted.serve(self_signed(tmp_path))
    yield scripted, tmp_path / "host.pem"
    await scripted.close()
