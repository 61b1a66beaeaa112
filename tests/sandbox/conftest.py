"""A sandbox on a free port with one seller and one chat."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from agentiq_core.sandbox import Sandbox, SandboxSeller
from tests.sandbox.sandbox_client import Api, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, rate_limits=False) as running:
        yield running


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as opened:
        yield opened


@pytest.fixture
def seller(sandbox: Sandbox) -> SandboxSeller:
    return sandbox.wildberries.add_seller("Дом и чай")


@pytest.fixture
def api(client: httpx.AsyncClient, sandbox: Sandbox, seller: SandboxSeller) -> Api:
    return Api(client, sandbox, seller)


@pytest.fixture
def chat(seller: SandboxSeller) -> str:
    """A chat in which a buyer has asked something."""
    opened = seller.open_chat(client_name="Алёна")
    seller.buyer_says(opened, "Пришла с трещиной, что делать?")
    return opened
