"""`agentiq model`, `agentiq templates` and `agentiq suggest --wish`, with a provider on loopback."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.ai.model_host import CHAT, KEY, ModelHost, chunk
from tests.ai.scripted_model import answered
from tests.cli.conftest import Cli

REPLY = "Здравствуйте! Нам очень жаль, что так вышло с кружкой. Пришлите, пожалуйста, фото: внимательно разберёмся."


class Provider:
    """A scripted provider in a thread of its own: the commands run a loop of theirs."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="provider")
        self._thread.start()
        self.host = self._wait(self._served())

    async def _served(self) -> ModelHost:
        host = ModelHost()
        await host.serve()
        return host

    def says(self, text: str) -> None:
        self._loop.call_soon_threadsafe(
            self.host.script, CHAT, self.host.stream(chunk(text), chunk("", "stop"))
        )

    def refuses(self, status: int) -> None:
        self._loop.call_soon_threadsafe(self.host.script, CHAT, self.host.json({}, status))

    def close(self) -> None:
        self._wait(self.host.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _wait(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    provider = Provider()
    yield provider
    provider.close()


@pytest.fixture
def choose(cli: Cli, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`agentiq model set` on the scripted provider; the key comes from the environment, as in a container."""
    monkeypatch.setenv("AGENTIQ_MODEL_KEY", KEY)
    monkeypatch.setenv("AGENTIQ_MODEL_PROFILE", "custom")
    monkeypatch.setenv("AGENTIQ_MODEL_URL", provider.host.url)
    cli.secrets.append(KEY)

    def chosen(*more: str) -> Any:
        where = ("--profile", "custom", "--model", "small", "--base-url", f"{provider.host.url}/v1")
        return cli("model", "set", "--seller", "1", *where, *more, "--json")

    return chosen


def test_a_model_is_chosen_tried_shown_and_turned_off(
    cli: Cli, provider: Provider, choose: Callable[..., Any]
) -> None:
    cli.chat()
    assert cli("model", "show", "--json").json[0]["settings"] is None
    priced = choose(
        "--price-in", "1", "--price-out", "2", "--currency", "RUB", "--budget", "50", "--tone", "тепло"
    )
    assert priced.code == 0, priced
    assert (priced.json["key_here"], priced.json["currency"]) == (True, "RUB")
    assert priced.json["settings"]["daily_budget"] == 50
    provider.says("да")
    tried = cli("model", "test", "--seller", "1", "--json")
    assert (tried.code, tried.json["model"]) == (0, "custom/small")
    shown = cli("model", "show", "--seller", "1", "--json").json[0]
    assert [one["calls"] for one in shown["today"]] == [1]
    assert "тепло" in cli("model", "show").out
    kept = cli("model", "set", "--seller", "1", "--concurrency", "3", "--json").json["settings"]
    assert (kept["concurrency"], kept["tone"], kept["model"]) == (3, "тепло", "small")
    assert cli("model", "off", "--seller", "1", "--json").json["settings"]["enabled"] is False


def test_a_refused_key_is_one_clear_line(cli: Cli, provider: Provider, choose: Callable[..., Any]) -> None:
    cli.chat()
    choose()
    provider.refuses(401)
    refused = cli("model", "test", "--seller", "1", "--json")
    assert (refused.code, refused.json["error"]) == (1, "unheard")
    assert refused.lines == ["No answer: the model's provider refused the key"]


def test_what_cannot_be_meant_is_said_in_one_line(cli: Cli) -> None:
    cli.chat()
    for arguments in (
        ("model", "set", "--seller", "1"),
        ("model", "set", "--seller", "1", "--profile", "unheard-of"),
        ("model", "set", "--seller", "1", "--profile", "yandexgpt"),
        ("model", "set", "--seller", "1", "--profile", "deepseek", "--price-in", "1"),
        ("model", "set", "--seller", "9", "--profile", "deepseek"),
        ("model", "test", "--seller", "1"),
        ("model", "off", "--seller", "1"),
        ("suggest", "1", "--wish", "shorter"),
    ):
        said = cli(*arguments)
        assert (said.code, len(said.lines)) == (1, 1), (arguments, said)
    assert cli("model", "set", "--seller", "1", "--profile", "deepseek", "--budget", "много").code == 2
    assert cli("model", "key", "--seller", "1").code == 2


def test_a_suggestion_of_the_model_is_waited_for(
    cli: Cli, provider: Provider, choose: Callable[..., Any]
) -> None:
    number = str(cli.chat())
    choose()
    at_once = cli("suggest", number, "--json")
    assert (at_once.json["source"], at_once.json["state"]) == ("template", "wanted")
    provider.says(answered(REPLY))
    written = cli("suggest", number, "--wait", "--json")
    assert written.code == 0, written
    assert (written.json["source"], written.json["text"], written.json["model"]) == (
        "model",
        REPLY,
        "custom/small",
    )
    shorter = "Здравствуйте! Нам очень жаль. Пришлите, пожалуйста, фото кружки."
    provider.says(answered(shorter))
    assert cli("suggest", number, "--wish", "shorter", "--wait").out.strip() == shorter


def test_the_doctor_tells_of_models_and_of_a_key_that_is_not_here(
    cli: Cli, choose: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    cli.chat()
    assert choose("--price-in", "1", "--price-out", "2", "--budget", "50").code == 0

    def finding() -> Any:
        told = cli("doctor", "--json").json["findings"]
        return next(one for one in told if one["what"].startswith("model of"))

    assert finding()["state"] == "ok"
    monkeypatch.delenv("AGENTIQ_MODEL_KEY")
    without = finding()
    assert without["state"] == "warning"
    assert "no key on this machine" in without["said"]


def test_templates_are_written_found_changed_and_removed(cli: Cli) -> None:
    cli.chat()
    seller = ("--seller", "1")
    added = cli(
        "templates", "add", *seller, "--name", "доставка", "--text-stdin", "--intent", "where_is_order", "--json",
        stdin="{name}, заказ в пути.",
    )  # fmt: skip
    assert added.code == 0, added
    number = str(added.json["id"])
    assert cli("templates", "add", *seller, "--name", "Доставка", "--text", "x").code == 1
    fact = ("--kind", "knowledge", "--name", "стирка", "--text", "Плед стирают при 30 градусах.")
    assert cli("templates", "add", *seller, *fact).code == 0
    assert [one["name"] for one in cli("templates", "list", "--json").json] == ["стирка", "доставка"]
    assert [one["name"] for one in cli("templates", "list", *seller, "--find", "пледы", "--json").json] == [
        "стирка"
    ]
    edited = cli("templates", "edit", number, *seller, "--text", "Едет.", "--intent", "", "--json").json
    assert (edited["body"], edited["intent"], edited["name"]) == ("Едет.", None, "доставка")
    assert "стирка" in cli("templates", "list").out
    assert cli("templates", "remove", number, *seller).code == 0
    assert cli("templates", "remove", number, *seller).code == 1
    [removed] = cli("templates", "list", "--removed", "--json").json
    assert removed["name"] == "доставка"
    assert cli("templates", "restore", number, *seller, "--json").json["name"] == "доставка"
    assert cli("templates", "list", "--removed", "--json").json == []
    assert cli("templates", "restore", number, *seller).code == 1


def test_templates_are_read_from_lines_and_a_name_that_is_there_is_said_anew(cli: Cli) -> None:
    cli.chat()
    lines = [
        {"name": "доставка", "body": "В пути."},
        {"name": "стирка", "body": "30 градусов", "kind": "knowledge"},
        {"name": "Доставка", "body": "Уже едет."},
    ]
    read = cli("templates", "import", "--seller", "1", "--json", stdin="\n".join(map(json.dumps, lines)))
    assert (read.code, read.json) == (0, {"seller_id": 1, "added": 2, "changed": 1})
    bodies = {one["body"] for one in cli("templates", "list", "--json").json}
    assert bodies == {"30 градусов", "Уже едет."}
    for wrong in (
        '{"name": "без текста"}',
        '{"name": "a", "body": "b", "kind": "poem"}',
        '{"name": 1, "body": "b"}',
        "[]",
    ):
        said = cli("templates", "import", "--seller", "1", stdin=wrong)
        assert (said.code, len(said.lines)) == (1, 1)
