"""Lines to a scripted Wildberries on loopback."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agentiq_core.connectors.wildberries.client import WildberriesConnector
from tests.connectors.avito_answers import TOKEN, make_token
from tests.connectors.avito_lines import AvitoLines
from tests.connectors.ozon_lines import OzonLines
from tests.connectors.scripted_host import ScriptedHost, self_signed
from tests.connectors.wildberries_lines import Lines
from tests.connectors.yandex_lines import YandexLines


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def host() -> AsyncIterator[ScriptedHost]:
    """A scripted host over plain HTTP."""
    scripted = ScriptedHost()
    await scripted.serve()
    yield scripted
    await scripted.close()


@pytest.fixture
async def untrusted_host(tmp_path: Path) -> AsyncIterator[ScriptedHost]:
    """The same over TLS with a certificate that nobody signed."""
    scripted = ScriptedHost()
    await scripted.serve(self_signed(tmp_path))
    yield scripted
    await scripted.close()


@pytest.fixture
async def lines() -> AsyncIterator[Lines]:
    """Lines that are closed afterwards."""
    opened = Lines()
    yield opened
    await opened.aclose()


@pytest.fixture
def line(host: ScriptedHost, lines: Lines) -> WildberriesConnector:
    """A line to the scripted host."""
    return lines.open(host.url)


@pytest.fixture
async def ozon(host: ScriptedHost) -> AsyncIterator[OzonLines]:
    """Lines to Ozon's channels at the scripted host, closed afterwards."""
    opened = OzonLines(host.url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def yandex(host: ScriptedHost) -> AsyncIterator[YandexLines]:
    """Lines to Yandex Market's channels at the scripted host, closed afterwards."""
    opened = YandexLines(host.url)
    yield opened
    await opened.aclose()


@pytest.fixture
async def avito(host: ScriptedHost) -> AsyncIterator[AvitoLines]:
    """Lines to Avito's channels at the scripted host, which has a token for each of them; closed afterwards."""
    host.script(TOKEN, host.json(make_token()))
    opened = AvitoLines(host.url)
    yield opened
    for connector in opened.opened:
        await connector.aclose()
