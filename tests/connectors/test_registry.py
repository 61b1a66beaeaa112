"""The marketplaces AgentIQ speaks with, and what it costs to ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentiq_core.connectors.base import Credentials, KeyReport, RateLimit
from agentiq_core.connectors.registry import MARKETPLACES, marketplace
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.domain.errors import NotFound
from tests.connectors.wildberries_answers import make_key


def test_every_marketplace_is_listed_under_its_own_id() -> None:
    assert all(known.id == name for name, known in MARKETPLACES.items())
    assert "wildberries" in MARKETPLACES


def test_an_unknown_marketplace_is_not_found() -> None:
    with pytest.raises(NotFound):
        marketplace("bazaar")


async def test_connecting_makes_the_marketplaces_own_line() -> None:
    line = marketplace("wildberries").connect(Credentials(make_key()))
    assert isinstance(line, WildberriesConnector)
    await line.aclose()


def test_wildberries_declares_its_limits_on_replies() -> None:
    capabilities = marketplace("wildberries").capabilities("chat")
    assert capabilities.text_limit == 1000
    assert capabilities.files.content_types == {"image/jpeg", "image/png", "application/pdf"}
    assert (capabilities.files.max_bytes, capabilities.files.max_total_bytes) == (5 << 20, 30 << 20)
    assert (capabilities.can_mark_read, capabilities.has_receipts, capabilities.echo_reads_back) == (
        False,
        False,
        True,
    )


def test_a_usual_key_has_ten_requests_at_once_and_one_a_second() -> None:
    assert dict(marketplace("wildberries").limits(KeyReport())) == dict.fromkeys(
        ("chats", "events", "message", "download"), RateLimit(interval=1.0, burst=10)
    )


def test_a_base_key_has_one_request_an_hour_and_a_download_in_six_minutes() -> None:
    limits = marketplace("wildberries").limits(KeyReport(slow=True))
    assert limits["events"] == limits["chats"] == limits["message"] == RateLimit(interval=3600.0, burst=1)
    assert limits["download"] == RateLimit(interval=360.0, burst=1)


def test_importing_the_registry_loads_no_http_and_no_models() -> None:
    heavy = ("httpx", "pydantic", "tenacity", "jwt", "cryptography", "ssl")
    program = f"import sys, agentiq_core.connectors.registry; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"
