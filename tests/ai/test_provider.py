"""A provider that speaks as OpenAI's does: what it may do, and what it never learns or tells."""

from __future__ import annotations

import asyncio
import logging
import traceback
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from agentiq_core.ai.model import (
    Failure,
    ModelBusy,
    ModelFailed,
    ModelRefused,
    ModelRequest,
    ModelUnreachable,
    ModelUnreadable,
    Role,
    Turn,
)
from agentiq_core.ai.profiles import PROFILES, JsonMode, Patience, Prices, profile
from agentiq_core.ai.provider import ATTEMPTS, LONGEST_WAIT, ChatCompletions
from agentiq_core.domain.errors import Misconfigured
from tests.ai import model_host
from tests.ai.model_host import ASK, CHAT, KEY, TOKEN, ModelHost, chunk, model, texts
from tests.connectors.scripted_host import ScriptedHost

USAGE = {
    "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 500_000, "prompt_cache_hit_tokens": 400_000}
}


async def test_text_streams_in_and_its_cost_is_counted(host: ModelHost) -> None:
    seen: list[str] = []

    async def see(text: str) -> None:
        seen.append(text)

    last = {"choices": [], "model": "deepseek-flash", **USAGE}
    host.script(CHAT, host.stream(b": keep-alive\n\n", *texts("При", "вет"), last))
    async with model(host) as client:
        told = await client.complete(ASK, on_text=see)
    assert (told.text, told.cut, told.estimated, seen) == ("Привет", False, False, ["При", "Привет"])
    assert (told.tokens_in, told.tokens_cached, told.tokens_out) == (1_000_000, 400_000, 500_000)
    assert told.cost == Decimal("0.3") * Decimal("0.6") + Decimal("0.006") * Decimal("0.4") + Decimal("0.6")
    assert told.model == client.name == "deepseek/deepseek-flash"
    body = host.body()
    assert body["messages"] == [
        {"role": "system", "content": "Правила"},
        {"role": "user", "content": "Вопрос"},
    ]
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert (body["response_format"], body["thinking"]) == ({"type": "json_object"}, {"type": "disabled"})
    assert host.asked(CHAT)[0].headers["authorization"] == f"Bearer {KEY}"


async def test_an_answer_that_is_no_stream_is_read_too(host: ModelHost) -> None:
    host.script(CHAT, host.answer("Привет"), host.stream(*texts("Привет"), kind="application/octet-stream"))
    async with model(host) as client:
        for _ in range(2):
            told = await client.complete(ASK)
            assert (told.text, told.estimated) == ("Привет", True)
            assert told.tokens_in > 0 < told.tokens_out


async def test_chunks_that_cannot_be_read_are_passed_over(host: ModelHost) -> None:
    bad = (
        b"data: {\n\n",
        b"data: 5\n\n",
        b"data: [1]\n\n",
        b"nonsense\n",
        b"data: \xff\xfe\n\n",
        b"event: ping\n\n",
    )
    odd = (
        {"choices": None},
        {"choices": [7]},
        {"choices": [{"delta": {"content": 7}}]},
        {"usage": {"prompt_tokens": -1}},
    )
    parts = {"choices": [{"delta": {"content": [{"type": "text", "text": "!"}, 3]}}]}
    host.script(CHAT, host.stream(chunk("Да"), *bad, *odd, parts, chunk(None, "stop")))
    async with model(host) as client:
        assert (await client.complete(ASK)).text == "Да!"


@pytest.mark.parametrize(
    ("status", "kind", "failure", "attempts"),
    [
        (401, ModelRefused, Failure.WRONG_KEY, 1),
        (402, ModelRefused, Failure.NO_MONEY, 1),
        (403, ModelRefused, Failure.WRONG_KEY, 1),
        (404, ModelRefused, Failure.NOT_FOUND, 1),
        (301, ModelRefused, Failure.NOT_FOUND, 1),
        (307, ModelRefused, Failure.NOT_FOUND, 1),
        (429, ModelBusy, Failure.BUSY, ATTEMPTS),
        (500, ModelUnreachable, Failure.UNREACHABLE, ATTEMPTS),
        (503, ModelUnreachable, Failure.UNREACHABLE, ATTEMPTS),
        (408, ModelUnreachable, Failure.UNREACHABLE, ATTEMPTS),
    ],
)
async def test_every_status_has_its_meaning(
    host: ModelHost, status: int, kind: type[ModelFailed], failure: Failure, attempts: int
) -> None:
    page = host.raw(f"<html>{KEY}</html>".encode(), status, {"Location": "http://127.0.0.1:9/steal"})
    host.script(CHAT, *[page] * ATTEMPTS)
    async with model(host) as client:
        with pytest.raises(kind) as raised:
            await client.complete(ASK)
    assert raised.value.failure is failure
    assert len(host.received) == attempts
    assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(client)


async def test_a_passing_trouble_is_asked_again(host: ModelHost) -> None:
    host.script(CHAT, host.raw(b"", 502), host.drop(), host.stream(*texts("Да")))
    async with model(host) as client:
        assert (await client.complete(ASK)).text == "Да"


async def test_a_delay_it_asks_for_is_waited_out_and_a_long_one_is_the_callers(host: ModelHost) -> None:
    model_host.slept.clear()
    host.script(CHAT, host.raw(b"", 429, {"Retry-After": "7"}), host.stream(*texts("Да")))
    async with model(host) as client:
        await client.complete(ASK)
        assert model_host.slept == [7.0]
        host.script(CHAT, host.raw(b"", 429, {"Retry-After": str(int(LONGEST_WAIT) + 1)}))
        with pytest.raises(ModelBusy) as raised:
            await client.complete(ASK)
    assert raised.value.wait == LONGEST_WAIT + 1
    assert len(host.received) == 3


async def test_a_quota_that_is_spent_is_not_asked_again(host: ModelHost) -> None:
    host.script(CHAT, host.json({"error": {"code": "insufficient_quota"}}, 429))
    async with model(host) as client:
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert (raised.value.failure, len(host.received)) == (Failure.NO_MONEY, 1)


async def test_json_is_asked_for_in_a_weaker_way_where_the_stronger_is_not_taken(host: ModelHost) -> None:
    host.script(CHAT, host.raw(b"", 400), host.answer("{}"), host.answer("{}"))
    async with model(host, "llamacpp", None) as client:
        await client.complete(ASK)
        await client.complete(ASK)
    formats = [host.body(number)["response_format"]["type"] for number in range(3)]
    assert formats == ["json_schema", "json_object", "json_object"]


async def test_a_request_that_is_refused_anyhow_leaves_the_way_of_asking_as_it_was(host: ModelHost) -> None:
    host.script(CHAT, host.raw(b"", 400), host.raw(b"", 400), host.answer("{}"))
    async with model(host, "llamacpp", None) as client:
        with pytest.raises(ModelRefused):
            await client.complete(ASK)
        await client.complete(ASK)
    assert host.body()["response_format"]["type"] == "json_schema"


@pytest.mark.parametrize(("key", "sent"), [("AQVN-key", "Api-Key AQVN-key"), ("t1.token", "Bearer t1.token")])
async def test_yandex_is_shown_its_own_kind_of_key_and_told_to_keep_nothing(
    host: ModelHost, key: str, sent: str
) -> None:
    host.script(CHAT, host.answer("{}"))
    async with model(host, "yandexgpt", key, folder="b1g") as client:
        await client.complete(ASK)
    headers = host.asked(CHAT)[0].headers
    assert (headers["authorization"], headers["x-data-logging-enabled"]) == (sent, "false")
    assert host.body()["model"] == "gpt://b1g/yandexgpt/latest"


async def test_openrouter_is_asked_not_to_think_and_to_go_only_where_nothing_is_kept(host: ModelHost) -> None:
    host.script(CHAT, host.answer("{}"))
    async with model(host, "openrouter") as client:
        await client.complete(ASK)
    assert host.body()["reasoning"] == {"enabled": False}
    assert host.body()["provider"] == {"data_collection": "deny"}


async def test_free_text_is_asked_for_without_a_format(host: ModelHost) -> None:
    host.script(CHAT, host.answer("Да"))
    async with model(host) as client:
        await client.complete(ModelRequest((Turn(Role.USER, "?"),)))
    assert "response_format" not in host.body()


@pytest.mark.parametrize(
    ("mode", "sent"),
    [
        (
            JsonMode.SCHEMA,
            {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"type": "object"}}},
        ),
        (JsonMode.BARE_SCHEMA, {"type": "json_schema", "schema": {"type": "object"}}),
        (JsonMode.OBJECT, {"type": "json_object"}),
        (JsonMode.NONE, None),
    ],
)
async def test_each_provider_is_asked_for_json_in_its_own_way(
    host: ModelHost, mode: JsonMode, sent: object
) -> None:
    host.script(CHAT, host.answer("{}"))
    async with model(host, json_mode=mode) as client:
        await client.complete(ASK)
    assert host.body().get("response_format") == sent


@pytest.mark.parametrize(
    "line",
    [
        b"data: {}\n\n" * 400,
        b": still here\n" * 400,
        b"data: " + b"x" * 5_000,
        b'data: {"choices":[]}\n\n' * 400,
    ],
    ids=["empty events", "comments", "one long line", "no choices"],
)
async def test_a_stream_without_end_is_left(host: ModelHost, line: bytes) -> None:
    host.script(CHAT, host.endless(line))
    async with model(host) as client:
        with pytest.raises((ModelUnreadable, ModelUnreachable)):
            await client.complete(ASK)


async def test_a_model_that_ignores_its_limit_is_cut(host: ModelHost) -> None:
    host.script(CHAT, host.endless(b'data: {"choices":[{"delta":{"content":"' + b"a" * 500 + b'"}}]}\n\n'))
    async with model(host) as client:
        told = await client.complete(ModelRequest(ASK.turns, max_tokens=100))
    assert told.cut
    assert 1_200 < len(told.text) < 2_000


@pytest.mark.parametrize(
    "text", [b"<html>blocked</html>", b"", b"[]", b"{}", b"null", b'{"choices":[]}', b"[" * 100_000]
)
async def test_a_success_that_says_nothing_is_unreadable(host: ModelHost, text: bytes) -> None:
    host.script(CHAT, host.raw(text, 200, {"Content-Type": "application/json"}))
    async with model(host) as client:
        with pytest.raises(ModelUnreadable):
            await client.complete(ASK)
    host.script(CHAT, host.raw(text, 200, {"Content-Type": "text/html; charset=utf-8"}))
    async with model(host) as client:
        with pytest.raises(ModelUnreadable):
            await client.complete(ASK)


async def test_errors_inside_a_stream_count_as_the_status_they_name(host: ModelHost) -> None:
    host.script(CHAT, host.stream(chunk("Да"), {"error": {"code": 402, "message": KEY}}))
    async with model(host) as client:
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert raised.value.failure is Failure.NO_MONEY
    assert KEY not in str(raised.value)


@pytest.mark.parametrize("finish", ["content_filter", "blacklist"])
async def test_a_filter_of_the_providers_is_a_refusal(host: ModelHost, finish: str) -> None:
    host.script(CHAT, host.stream(chunk("Не хочу менять тему", finish)))
    async with model(host) as client:
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert raised.value.failure is Failure.FILTERED


async def test_what_breaks_off_is_cut_or_asked_again(host: ModelHost) -> None:
    host.script(CHAT, host.stream(chunk("Здравс"), done=False), host.stream(chunk("Здравс", "length")))
    async with model(host) as client:
        assert (await client.complete(ASK)).cut
        assert (await client.complete(ASK)).cut
        host.script(CHAT, host.stream(chunk("Здр"), done=False, ended=False), host.stream(*texts("Да")))
        assert (await client.complete(ASK)).text == "Да"


async def test_silence_and_dripping_end_in_time(host: ModelHost) -> None:
    async with model(host, patience=Patience(connect=1, read=0.2, total=5)) as client:
        host.script(CHAT, *[host.hang()] * ATTEMPTS)
        with pytest.raises(ModelUnreachable):
            await client.complete(ASK)
    async with model(host, patience=Patience(connect=1, read=5, total=0.3)) as client:
        host.script(CHAT, host.drip())
        with pytest.raises(ModelUnreachable, match="in time"):
            await client.complete(ASK)


async def test_a_host_that_is_not_there_is_unreachable() -> None:
    nowhere = ScriptedHost()
    await nowhere.serve()
    await nowhere.close()
    async with model(nowhere) as client:
        with pytest.raises(ModelUnreachable):
            await client.complete(ASK)


async def test_no_more_are_asked_at_once_than_a_provider_takes(host: ModelHost) -> None:
    host.script(CHAT, *[host.hang()] * 3)
    host.script(TOKEN, host.json({"access_token": "t", "expires_at": 9e12}))
    async with model(host, "gigachat", patience=Patience(total=5)) as client:
        asked = [asyncio.create_task(client.complete(ASK)) for _ in range(3)]
        await asyncio.wait(asked, timeout=0.3)
        assert len(host.asked(CHAT)) == PROFILES["gigachat"].concurrency == 1
        for one in asked:
            one.cancel()
        await asyncio.gather(*asked, return_exceptions=True)


async def test_a_certificate_nobody_signed_is_refused_until_it_is_trusted(
    tls_host: tuple[ModelHost, Path],
) -> None:
    host, certificate = tls_host
    async with model(host) as client:
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert raised.value.failure is Failure.INSECURE
    host.script(CHAT, host.stream(*texts("Да")))
    async with model(host, "custom", ca_file=certificate, model="m") as client:
        assert (await client.complete(ASK)).text == "Да"
    async with model(host, ca_file=certificate) as client:
        # a root of one's own vouches for no other provider
        with pytest.raises(ModelRefused):
            await client.complete(ASK)


def test_a_root_certificate_that_is_none_is_told_at_once(tmp_path: Path) -> None:
    for file in (tmp_path / "absent.pem", tmp_path):
        with pytest.raises(Misconfigured, match="root certificate"):
            ChatCompletions(profile("gigachat").configured(ca_file=file), SecretStr(KEY))


async def test_the_key_is_never_shown_or_logged(host: ModelHost, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    host.script(CHAT, host.stream(*texts("Да")), host.raw(KEY.encode(), 401))
    async with model(host) as client:
        await client.complete(ASK)
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert KEY not in repr(client) + repr(vars(client)) + str(raised.value)
    assert raised.value.__cause__ is None
    assert "Вопрос" not in str(raised.value)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith(("agentiq", "httpx"))]
    assert all(KEY not in line for line in ours)


@pytest.mark.parametrize("key", ["", "  ", "sk with blanks", "sk-кириллица", "sk\nX: y"])
def test_a_key_that_is_none_is_told_without_repeating_it(key: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        ChatCompletions(profile("deepseek"), SecretStr(key))
    assert key.strip() == "" or key not in str(raised.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "api.deepseek.com",
        "ftp://x.ru",
        "http://api.example.com/v1",
        "https://user:pw@x.ru",
        "https://x.ru?key=1",
        "https://[x",
    ],
)
def test_an_address_that_cannot_be_used_is_told(address: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        profile("custom").configured(base_url=address, model="m")
    assert "pw" not in str(raised.value)


@pytest.mark.parametrize(
    "address", ["https://x.ru/v1/", "http://localhost:1/v1", "http://10.0.0.5/v1", "http://gpu.local"]
)
def test_buyers_words_go_in_the_clear_only_within_ones_own_network(address: str) -> None:
    assert profile("custom").configured(base_url=address, model="m").base_url == address.rstrip("/")


def test_a_seller_may_override_what_a_profile_says() -> None:
    prices = Prices(Decimal(400), Decimal(400), Decimal(400), "RUB")
    made = profile("yandexgpt").configured(folder="b1gabc", prices=prices)
    assert (made.model, made.prices) == ("gpt://b1gabc/yandexgpt/latest", prices)
    assert ChatCompletions(made, SecretStr(KEY)).name == "yandexgpt/yandexgpt"
    with pytest.raises(Misconfigured, match="folder"):
        profile("yandexgpt").configured()
    with pytest.raises(Misconfigured, match="deepseek"):
        profile("openai")


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_is_whole(name: str) -> None:
    one = PROFILES[name]
    assert one.id == name
    if name != "custom":
        assert one.configured(folder="b1g").base_url.startswith(("https://", "http://localhost"))
    assert one.prices is None or one.prices.currency in ("USD", "RUB")
    assert (one.exchange_at != "") == (name == "gigachat")


async def test_a_provider_that_names_its_own_cost_is_believed(host: ModelHost) -> None:
    host.script(CHAT, host.answer("Да", usage={"prompt_tokens": 9, "completion_tokens": 3, "cost": 0.0125}))
    async with model(host, "openrouter") as client:
        assert (await client.complete(ASK)).cost == Decimal("0.0125")
