"""A marketplace is one folder: declared once, it is offered, connected, played by the sandbox and answered in the queue."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from agentiq_core.connectors import registry
from agentiq_core.sandbox import Sandbox
from agentiq_core.sandbox.market import seller_line
from agentiq_tui.screens.add_shop import AddShopScreen
from tests.cli.conftest import Cli
from tests.toy import TOY
from tests.toy.market import ToyMarket

ANSWER = "Здравствуйте! Да, крышка есть в комплекте."


@dataclass
class Toys:
    """A sandbox with the new marketplace, in a thread: the commands run a loop of their own."""

    sandbox: Sandbox
    shop: Any
    line: dict[str, str]


@pytest.fixture
def toys(monkeypatch: pytest.MonkeyPatch) -> Iterator[Toys]:
    monkeypatch.setitem(registry.KNOWN, TOY.id, TOY)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="toys")
    thread.start()
    sandbox = Sandbox(seed=3, rate_limits=False, markets=[ToyMarket])
    asyncio.run_coroutine_threadsafe(sandbox.__aenter__(), loop).result(10)
    market = sandbox.market("toy")
    shop = market.add_seller("Игрушки", key="a-key-of-the-toys")
    try:
        yield Toys(sandbox, shop, seller_line(market, shop, sandbox.url))
    finally:
        asyncio.run_coroutine_threadsafe(sandbox.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_marketplace_in_one_folder_is_connected_read_and_answered(cli: Cli, toys: Toys) -> None:
    question = toys.shop.ask_question("А крышка есть?")
    toys.shop.leave_review(stars=4, text="Хорошая игрушка")
    toys.shop.buyer_says(toys.shop.open_chat(), "Где мой заказ?")
    cli.secrets.append(toys.line["token"])
    where = ("--name", "Игрушки", "--client-id", toys.line["client_id"], "--base-url", toys.line["base_url"])
    added = cli("seller", "add", "toy", *where, "--token-stdin", "--sync", "--json", stdin=toys.line["token"])
    assert added.code == 0, added
    assert added.json["sync"]["new"] == 3
    rows = cli("chats", "list", "--json").json
    assert {(row["marketplace"], row["channel"], row["stars"]) for row in rows} == {
        ("toy", "chat", None),
        ("toy", "review", 4),
        ("toy", "question", None),
    }
    asked = next(row["id"] for row in rows if row["channel"] == "question")
    assert (
        cli("reply", str(asked), "--text-stdin", "--wait", "--json", stdin=ANSWER).json["state"]
        == "confirmed"
    )
    assert [message.text for message in toys.shop.messages(question)] == ["А крышка есть?", ANSWER]
    assert "Игрушка" in cli("chats", "show", str(asked)).out
    assert "TY" in cli("seller", "list").out


def test_without_its_second_part_the_key_is_refused_in_one_line(cli: Cli, toys: Toys) -> None:
    cli.secrets.append(toys.line["token"])
    where = ("--name", "Игрушки", "--base-url", toys.line["base_url"])
    refused = cli("seller", "add", "toy", *where, "--token-stdin", stdin=toys.line["token"])
    assert refused.code == 1
    assert "second part of the key" in refused.err


def test_it_is_offered_wherever_a_seller_can_be_added(cli: Cli, toys: Toys) -> None:
    unknown = cli("seller", "add", "amazon", "--name", "x", "--token-stdin", stdin="k")
    assert unknown.code == 2
    assert "toy" in unknown.err
    assert "toy" in AddShopScreen(None)._marketplaces  # type: ignore[arg-type]


def test_the_sandbox_gives_it_shops_of_its_own(toys: Toys) -> None:
    assert toys.line["base_url"] == f"{toys.sandbox.url}/toy"
    assert toys.sandbox.market("toy").stats()["sellers"] == 1
