"""What every read does when Wildberries refuses, fails or is not there; the list of chats; downloads."""

from __future__ import annotations

import asyncio

import pytest

from agentiq_core.connectors.base import Download
from agentiq_core.connectors.errors import (
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    RateLimited,
    Refused,
    ServerFailed,
    Unintelligible,
    Unreachable,
)
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.domain.errors import MarketplaceError, Misconfigured
from agentiq_core.domain.messages import IncomingChat, Product
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.scripted_host import ScriptedHost, Step
from tests.connectors.wildberries_answers import (
    CHAT,
    CHATS,
    DOWNLOAD,
    EVENTS,
    make_chats,
    make_event,
    make_page,
    make_problem,
)
from tests.connectors.wildberries_lines import Lines


async def test_the_key_travels_bare_and_the_program_names_itself(host: ScriptedHost, lines: Lines) -> None:
    line = lines.open(host.url + "/", key="  Bearer abc.def.ghi\n")
    host.script(EVENTS, host.json(make_page()))
    await line.page(None)
    headers = host.received[0].headers
    assert headers["authorization"] == "abc.def.ghi"
    assert headers["user-agent"].startswith("agentiq/")


async def test_an_address_may_have_a_path_of_its_own(host: ScriptedHost, lines: Lines) -> None:
    host.script("/proxy" + EVENTS, host.json(make_page()))
    await lines.open(host.url + "/proxy/").page(None)
    assert [request.path for request in host.received] == ["/proxy" + EVENTS]


async def test_connections_are_kept_for_the_next_request(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(EVENTS, *[host.json(make_page(make_event())) for _ in range(3)])
    for _ in range(3):
        await line.page(None)
    assert host.connections == 1


@pytest.mark.parametrize("key", ["", "ключ", "abc\x00def", "Bearer  "])
async def test_a_key_that_cannot_be_a_header_is_refused_before_any_request(
    host: ScriptedHost, lines: Lines, key: str
) -> None:
    line = lines.open(host.url, key=key or " ")
    with pytest.raises(KeyRefused):
        await line.page(None)
    assert host.received == []


@pytest.mark.parametrize("url", ["not a url", "ftp://host", "https://", "http://[::1", "//host"])
async def test_an_unusable_address_is_told_when_the_line_is_made(lines: Lines, url: str) -> None:
    with pytest.raises(Misconfigured):
        lines.open(url)


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "502", "503 html"])
async def test_a_read_is_repeated_after_a_passing_failure(
    host: ScriptedHost, line: WildberriesConnector, lines: Lines, failure: str
) -> None:
    step: Step = {
        "drop": host.drop(),
        "drop_inside": host.drop_inside(),
        "502": host.json({}, 502),
        "503 html": host.raw(b"<html>", 503),
    }[failure]
    host.script(EVENTS, step, step, host.json(make_page(make_event())))
    assert len((await line.page(None)).messages) == 1
    assert len(lines.naps) == 2
    assert all(0.2 <= nap <= 2.2 for nap in lines.naps)


async def test_three_attempts_and_no_more(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(EVENTS, *[host.json({}, 500)] * 9)
    with pytest.raises(ServerFailed) as caught:
        await line.page(None)
    assert caught.value.status == 500
    assert len(host.asked(EVENTS)) == 3


async def test_a_host_that_never_answers_is_no_answer(host: ScriptedHost, lines: Lines) -> None:
    host.script(EVENTS, *[host.hang()] * 3)
    with pytest.raises(NoAnswer):
        await lines.open(host.url, read=0.05).page(None)


async def test_an_answer_that_drips_for_ever_is_cut_at_the_total(host: ScriptedHost, lines: Lines) -> None:
    host.script(EVENTS, *[host.drip()] * 3)
    with pytest.raises(NoAnswer):
        await lines.open(host.url, total=0.1).page(None)


async def test_a_refused_port_is_unreachable(lines: Lines, unused_tcp_port: int) -> None:
    with pytest.raises(Unreachable):
        await lines.open(f"http://127.0.0.1:{unused_tcp_port}").page(None)
    assert len(lines.naps) == 2


async def test_a_name_without_address_is_unreachable(lines: Lines) -> None:
    with pytest.raises(Unreachable):
        await lines.open("https://nonexistent.invalid").page(None)


async def test_a_certificate_nobody_signed_is_insecure_and_not_tried_again(
    untrusted_host: ScriptedHost, lines: Lines
) -> None:
    with pytest.raises(InsecureConnection):
        await lines.open(untrusted_host.url).page(None)
    assert lines.naps == []
    assert untrusted_host.received == []


async def test_a_short_delay_is_waited_out(
    host: ScriptedHost, line: WildberriesConnector, lines: Lines
) -> None:
    limited = host.json({}, 429, {"X-Ratelimit-Retry": "2", "X-Ratelimit-Reset": "29"})
    host.script(EVENTS, limited, host.json(make_page()))
    await line.page(None)
    assert lines.naps == [2.0]


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"X-Ratelimit-Retry": "4", "X-Ratelimit-Reset": "29"}, 4.0),
        ({"X-Ratelimit-Reset": "29"}, 29.0),
        ({"X-Ratelimit-Retry": "soon", "Retry-After": "60"}, 60.0),
        ({"Retry-After": "nan"}, None),
        ({"X-Ratelimit-Retry": "-1"}, None),
        ({}, None),
    ],
)
async def test_a_longer_or_unknown_delay_is_the_callers(
    host: ScriptedHost, line: WildberriesConnector, lines: Lines, headers: dict[str, str], delay: float | None
) -> None:
    host.script(EVENTS, host.json({"title": "too many requests"}, 429, headers))
    with pytest.raises(RateLimited) as caught:
        await line.page(None)
    assert caught.value.retry_after == delay
    assert lines.naps == []


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, KeyRefused),
        (402, KeyRefused),
        (403, KeyRefused),
        (400, Refused),
        (404, Refused),
        (301, Unintelligible),
    ],
)
async def test_a_definite_answer_is_never_asked_again(
    host: ScriptedHost, line: WildberriesConnector, status: int, error: type[MarketplaceError]
) -> None:
    host.script(EVENTS, host.json(make_problem("no"), status, {"Location": "https://elsewhere.invalid/"}))
    with pytest.raises(error):
        await line.page(None)
    assert len(host.received) == 1


async def test_an_error_whose_body_breaks_off_is_told_by_its_status(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(EVENTS, host.drop_inside(401))
    with pytest.raises(KeyRefused):
        await line.page(None)


async def test_the_gate_is_passed_before_every_request(host: ScriptedHost, lines: Lines) -> None:
    passed: list[tuple[str, int]] = []

    async def gate(method: str) -> None:
        passed.append((method, len(host.received)))

    line = lines.open(host.url, gate=gate)
    host.script(EVENTS, host.json({}, 500), host.json(make_page()))
    host.script(CHATS, host.json(make_chats()))
    host.script(DOWNLOAD + "f", host.raw(b"x"))
    await line.page(None)
    await line.chats()
    await line.download("f")
    assert passed == [("events", 0), ("events", 1), ("chats", 2), ("download", 3)]


async def test_a_gate_that_refuses_stops_the_request(host: ScriptedHost, lines: Lines) -> None:
    async def gate(method: str) -> None:
        raise RateLimited(f"no budget for {method}", retry_after=3600.0)

    with pytest.raises(RateLimited):
        await lines.open(host.url, gate=gate).page(None)
    assert host.received == []


async def test_a_cancelled_read_stays_cancelled(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(EVENTS, host.hang())
    reading = asyncio.create_task(line.page(None))
    await asyncio.wait_for(host.asked_once.wait(), 5)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading


async def test_chats_tell_names_goods_and_orders(host: ScriptedHost, line: WildberriesConnector) -> None:
    card = {"nmID": 12345678, "price": 42300, "priceCurrency": "RUB", "rid": "2fb52cd9", "size": "XL"}
    zeroed = {"nmID": 0, "price": 0, "priceCurrency": "", "rid": "", "size": ""}
    host.script(
        CHATS,
        host.json(
            make_chats(
                {"chatID": "1:a", "clientName": "Иван", "goodCard": card, "lastMessage": {"text": "да"}},
                {"chatID": "1:b", "clientName": "", "goodCard": zeroed, "statusID": 1},
                {"clientName": "nameless"},
            )
        ),
    )
    assert await line.chats() == (
        IncomingChat(
            "1:a", buyer_name="Иван", product=Product("12345678", None, "2fb52cd9", 42300, "RUB", "XL")
        ),
        IncomingChat("1:b"),
    )


async def test_a_list_of_no_chats_is_no_error(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(CHATS, host.json({"result": [], "errors": None}), host.json({"result": None}))
    assert await line.chats() == ()
    assert await line.chats() == ()


async def test_a_file_comes_with_its_type(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(DOWNLOAD + "ecaeb056", host.raw(b"%PDF-1.7", 200, {"Content-Type": "application/pdf; x=y"}))
    assert await line.download("ecaeb056") == Download(b"%PDF-1.7", "application/pdf")


async def test_a_file_under_moderation_says_when_to_ask_again(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(DOWNLOAD + "f", host.json({"moderationState": "pending", "retrySeconds": 45}, 202))
    assert await line.download("f") == Download(retry_after=45.0)


async def test_a_file_that_failed_moderation_is_refused_for_good(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(DOWNLOAD + "f", host.json(make_problem("moderation error"), 451))
    assert await line.download("f") == Download(refused=True)


async def test_a_wrong_file_id_is_refused_in_the_marketplaces_words(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(DOWNLOAD + "f", host.json(make_problem("invalid fileID"), 400))
    with pytest.raises(Refused) as caught:
        await line.download("f")
    assert (caught.value.detail, caught.value.reason) == ("invalid fileID", Undelivered.REFUSED)


async def test_a_file_id_cannot_leave_its_place_in_the_path(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(DOWNLOAD + "..%2Fchats%3Fa%3Db", host.raw(b"x"))
    assert (await line.download("../chats?a=b")).content == b"x"


async def test_a_file_larger_than_the_limit_is_not_kept(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(DOWNLOAD + "f", host.raw(bytes(30 * 1024 * 1024 + 1)))
    with pytest.raises(Refused):
        await line.download("f")


async def test_a_chat_is_found_by_the_id_the_feed_uses(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(CHATS, host.json(make_chats()))
    assert [chat.external_id for chat in await line.chats()] == [CHAT]
