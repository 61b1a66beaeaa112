"""Every misbehaviour, seen from the client and from the marketplace."""

from __future__ import annotations

import asyncio
import json

import httpx
import pytest

from agentiq_core.sandbox import Fault, FaultKind, Sandbox


async def sign_of(api, chat: str) -> str:
    return next(each["replySign"] for each in (await api.chats()).json()["result"] if each["chatID"] == chat)


async def test_dropped_before_nothing_is_stored(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.DROP_BEFORE))
    with pytest.raises(httpx.RemoteProtocolError):
        await api.send(sign, "Здравствуйте!")
    assert seller.api_messages() == []
    assert sandbox.wildberries.stats()["requests"]["message"] == {"dropped": 1}


async def test_dropped_after_the_message_is_there_once(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.DROP_AFTER))
    with pytest.raises(httpx.RemoteProtocolError):
        await api.send(sign, "Здравствуйте!")
    assert [each.text for each in seller.api_messages()] == ["Здравствуйте!"]
    assert (await api.send(sign, "Ещё раз")).status_code == 200


@pytest.mark.parametrize(("kind", "stored"), [(FaultKind.HANG, 0), (FaultKind.HANG_AFTER, 1)])
async def test_a_hanging_request_gets_no_answer(api, client, sandbox, seller, chat, kind, stored):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", kind))
    client.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        await api.send(sign, "Здравствуйте!")
    assert len(seller.api_messages()) == stored


async def test_a_slow_request_is_processed_although_its_client_has_gone(api, client, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.SLOW, delay=0.4))
    accepted = asyncio.Event()
    seller.listeners.append(lambda *_: accepted.set())
    client.timeout = httpx.Timeout(0.1)
    with pytest.raises(httpx.ReadTimeout):
        await api.send(sign, "Здравствуйте!")
    assert seller.api_messages() == []
    client.timeout = httpx.Timeout(5)
    await asyncio.wait_for(accepted.wait(), 5)
    assert [each.text for each in seller.api_messages()] == ["Здравствуйте!"]


async def test_accepted_but_answered_with_an_error(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.ACCEPT_BUT_ERROR, status=502, body="html"))
    answer = await api.send(sign, "Здравствуйте!")
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (502, "text/html")
    assert len(seller.api_messages()) == 1


async def test_a_server_error_skips_and_counts_as_planned(api, sandbox, seller):
    fault = sandbox.faults.add(Fault("events", FaultKind.SERVER_ERROR, times=2, skip=1, status=503))
    assert [(await api.events()).status_code for _ in range(4)] == [200, 503, 503, 200]
    assert fault.spent
    assert sandbox.faults.active() == []


async def test_a_rate_limit_on_demand_names_its_seconds(api, sandbox, seller):
    sandbox.faults.add(Fault("*", FaultKind.RATE_LIMITED, delay=7))
    answer = await api.chats()
    assert (answer.status_code, answer.headers["X-Ratelimit-Retry"]) == (429, "7")
    assert "X-Ratelimit-Remaining" not in answer.headers


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.REVOKED])
async def test_a_refused_token_is_good_again_afterwards(api, sandbox, seller, kind):
    sandbox.faults.add(Fault("chats", kind))
    assert [(await api.chats()).status_code for _ in range(2)] == [401, 200]


async def test_an_empty_list_of_chats_is_a_lie_of_one_request(api, sandbox, seller, chat):
    sandbox.faults.add(Fault("chats", FaultKind.EMPTY_CHATS))
    assert (await api.chats()).json() == {"result": [], "errors": None}
    assert len((await api.chats()).json()["result"]) == 1


async def test_json_that_stops_half_way(api, sandbox, seller, chat):
    sandbox.faults.add(Fault("events", FaultKind.GARBAGE_JSON))
    answer = await api.events()
    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


async def test_duplicates_repeat_what_was_given_before_what_is_new(api, sandbox, seller, chat):
    seen = (await api.events()).json()["result"]
    fresh = seller.buyer_says(chat, "Ответьте, пожалуйста")
    sandbox.faults.add(Fault("events", FaultKind.DUPLICATES))
    page = (await api.events(seen["next"])).json()["result"]
    assert [event["eventID"] for event in page["events"]] == [seen["events"][0]["eventID"], fresh.event_id]
    assert page["next"] == fresh.time


async def test_one_malformed_event_leaves_the_others_as_they_are(api, sandbox, seller, chat):
    for number in range(49):
        seller.buyer_says(chat, f"Сообщение {number}")
    good = (await api.events()).json()["result"]["events"]
    sandbox.faults.add(Fault("events", FaultKind.MALFORMED_EVENT))
    broken = (await api.events()).json()["result"]["events"]
    assert [place for place in range(50) if good[place] != broken[place]] == [25]


async def test_a_slow_echo_is_accepted_now_and_seen_later(api, sandbox, seller, chat, clock):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.SLOW_ECHO, delay=20))
    assert (await api.send(sign, "Здравствуйте!")).status_code == 200
    assert len(await api.walk()) == 1
    clock.advance(20)
    assert len(await api.walk()) == 2


async def test_text_accepted_but_file_refused(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.FILE_REFUSED))
    answer = await api.send(sign, "Смотрите фото", [("a.png", b"\x89PNG\r\n\x1a\n0")])
    assert answer.status_code == 200
    assert len(answer.json()["errors"]) == 1
    assert (seller.api_messages()[0].text, seller.api_messages()[0].attachments) == ("Смотрите фото", ())


async def test_a_good_sign_refused_once(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    sandbox.faults.add(Fault("message", FaultKind.INVALID_SIGNATURE))
    assert [(await api.send(sign, f"Раз {number}")).status_code for number in range(2)] == [400, 200]


async def test_a_fault_may_wait_for_one_seller_one_chat_or_one_text(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    for match in ({"seller": "wildberries-77"}, {"chat": "1:другой"}, {"text": "верн"}):
        sandbox.faults.add(Fault("message", FaultKind.SERVER_ERROR, match=match))
    assert (await api.send(sign, "Здравствуйте!")).status_code == 200
    assert (await api.send(sign, "Можно вернуть в приложении")).status_code == 500


@pytest.mark.parametrize("wrong", [{"times": 0}, {"probability": 2.0}, {"skip": -1}, {"status": 404}])
def test_a_fault_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError):
        Fault("chats", FaultKind.SERVER_ERROR, **wrong)


async def test_offline_refuses_connections_and_comes_back_with_its_state(api, sandbox, seller, chat):
    sign = await sign_of(api, chat)
    async with sandbox.offline():
        with pytest.raises(httpx.ConnectError):
            await api.send(sign, "Здравствуйте!")
    assert seller.api_messages() == []
    assert (await api.send(sign, "Здравствуйте!")).status_code == 200


async def test_a_hanging_request_does_not_keep_the_sandbox_from_closing(clock, client):
    async with asyncio.timeout(5):
        async with Sandbox(clock=clock) as sandbox:
            seller = sandbox.wildberries.add_seller("Дом и чай")
            sandbox.faults.add(Fault("chats", FaultKind.HANG))
            with pytest.raises(httpx.ReadTimeout):
                await client.get(
                    f"{sandbox.url}/wildberries/api/v1/seller/chats",
                    headers={"Authorization": seller.token},
                    timeout=0.3,
                )
        assert sandbox.wildberries.stats()["requests"] == {"chats": {"hung": 1}}
