"""GigaChat's key is exchanged for a token that lives half an hour; neither is ever shown."""

from __future__ import annotations

import asyncio
import traceback

import pytest

from agentiq_core.ai.access import SOONER, TOKEN_LIFE
from agentiq_core.ai.model import Failure, ModelFailed, ModelRefused, ModelUnreachable, ModelUnreadable
from tests.ai.model_host import ASK, CHAT, KEY, TOKEN, ModelHost, model
from tests.connectors.scripted_host import Step

START = 1_770_000_000.0


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def token(host: ModelHost, name: str, until: float = START + TOKEN_LIFE) -> Step:
    return host.json({"access_token": name, "expires_at": int(until * 1000)})


async def test_the_key_opens_only_the_door_of_tokens(host: ModelHost) -> None:
    host.script(TOKEN, token(host, "first"))
    host.script(CHAT, host.answer("Да"))
    async with model(host, "gigachat", clock=Clock()) as client:
        assert (await client.complete(ASK)).text == "Да"
    asked = host.asked(TOKEN)[0]
    assert asked.headers["authorization"] == f"Basic {KEY}"
    assert (asked.body, len(asked.headers["rquid"])) == (b"scope=GIGACHAT_API_PERS", 36)
    assert host.asked(CHAT)[0].headers["authorization"] == "Bearer first"
    assert "response_format" not in host.body()


async def test_a_token_is_kept_until_a_minute_before_its_end(host: ModelHost) -> None:
    clock = Clock()
    host.script(TOKEN, token(host, "first"), token(host, "second", START + 2 * TOKEN_LIFE))
    host.script(CHAT, *[host.answer("Да")] * 3)
    async with model(host, "gigachat", clock=clock) as client:
        await client.complete(ASK)
        clock.now += TOKEN_LIFE - SOONER - 1
        await client.complete(ASK)
        clock.now += 1
        await client.complete(ASK)
    assert [one.headers["authorization"] for one in host.asked(CHAT)] == [
        "Bearer first",
        "Bearer first",
        "Bearer second",
    ]


async def test_a_clock_that_is_wrong_never_makes_a_token_live_longer(host: ModelHost) -> None:
    clock = Clock()
    host.script(TOKEN, token(host, "first", START + 100 * TOKEN_LIFE), token(host, "second"))
    host.script(CHAT, *[host.answer("Да")] * 2)
    async with model(host, "gigachat", clock=clock) as client:
        await client.complete(ASK)
        clock.now += TOKEN_LIFE
        await client.complete(ASK)
    assert len(host.asked(TOKEN)) == 2


async def test_a_token_that_is_taken_no_more_is_replaced_once(host: ModelHost) -> None:
    host.script(TOKEN, token(host, "old"), token(host, "new"))
    host.script(CHAT, host.raw(b"", 401), host.answer("Да"))
    async with model(host, "gigachat", clock=Clock()) as client:
        assert (await client.complete(ASK)).text == "Да"
    host.script(TOKEN, token(host, "a"), token(host, "b"))
    host.script(CHAT, host.raw(b"", 401), host.raw(b"", 401))
    async with model(host, "gigachat", clock=Clock()) as client:
        with pytest.raises(ModelRefused) as raised:
            await client.complete(ASK)
    assert raised.value.failure is Failure.WRONG_KEY


async def test_however_many_ask_one_token_is_fetched(host: ModelHost) -> None:
    host.script(TOKEN, token(host, "one"))
    host.script(CHAT, *[host.answer("Да")] * 5)
    async with model(host, "gigachat", clock=Clock()) as client:
        await asyncio.gather(*(client.complete(ASK) for _ in range(5)))
    assert len(host.asked(TOKEN)) == 1


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, b'{"code":4,"message":"Can\'t decode Authorization header"}', ModelRefused),
        (401, b"", ModelRefused),
        (200, b"<html>", ModelUnreadable),
        (200, b"{}", ModelUnreadable),
        (200, b"[]", ModelUnreadable),
        (200, b'{"access_token": "two words"}', ModelUnreadable),
        (200, b'{"access_token": 7}', ModelUnreadable),
        (200, b"x" * 100_000, ModelUnreadable),
        (500, b"", ModelUnreachable),
        (302, b"", ModelRefused),
    ],
)
async def test_no_token_is_a_typed_failure(
    host: ModelHost, status: int, body: bytes, kind: type[ModelFailed]
) -> None:
    host.script(TOKEN, *[host.raw(body, status, {"Location": "http://127.0.0.1:9"})] * 3)
    async with model(host, "gigachat", clock=Clock()) as client:
        with pytest.raises(kind) as raised:
            await client.complete(ASK)
        assert KEY not in "".join(traceback.format_exception(raised.value)) + repr(vars(client))
    assert host.asked(CHAT) == []
