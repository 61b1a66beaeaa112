"""The sandbox's Ozon by itself: keys, limits, windows, pages, statuses and the shapes of its answers."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import Fault, FaultKind, Sandbox
from agentiq_core.sandbox.demo import populate
from agentiq_core.sandbox.ozon.market import OzonMarket
from agentiq_core.sandbox.ozon.records import Scheme, Status
from agentiq_core.sandbox.ozon.seller import OzonSeller
from tests.sandbox.ozon_client import OzonApi
from tests.sandbox.sandbox_client import Clock

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()


@pytest.fixture
async def sandbox(clock: Clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, rate_limits=False, markets=[OzonMarket]) as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> OzonSeller:
    return sandbox.market("ozon").add_seller("Тихий дом")


@pytest.fixture
def ozon(client: httpx.AsyncClient, sandbox: Sandbox, shop: OzonSeller) -> OzonApi:
    return OzonApi(client, sandbox, shop)


@pytest.fixture
def asked(shop: OzonSeller) -> str:
    chat = shop.open_chat()
    shop.buyer_says(chat, "Где заказ?")
    return chat


async def listed(ozon: OzonApi, **body: Any) -> list[str]:
    answer = (await ozon.post("/v3/chat/list", {"limit": 100, **body})).json()
    return [
        each["chat"]["chat_id"] for each in answer["chats"] if "uyer" in each["chat"]["chat_type"].lower()
    ]


async def history(ozon: OzonApi, chat: str, **body: Any) -> list[str]:
    answer = (await ozon.post("/v3/chat/history", {"chat_id": chat, **body})).json()
    return [str(each["message_id"]) for each in answer["messages"]]


@pytest.mark.parametrize(
    ("headers", "status", "words"),
    [
        ({"Api_Key": None}, 401, "headers are required"),
        ({"Client_Id": None}, 401, "headers are required"),
        ({"Client_Id": "1"}, 403, "Invalid Api-Key"),
        ({"Api_Key": "another"}, 403, "Invalid Api-Key"),
    ],
)
async def test_both_parts_of_the_key_are_wanted(
    ozon: OzonApi, headers: dict[str, str | None], status: int, words: str
) -> None:
    answer = await ozon.post("/v3/chat/list", {"limit": 1}, **headers)
    assert (answer.status_code, words in answer.json()["message"]) == (status, True)


async def test_a_revoked_and_an_expired_key_are_deactivated(ozon: OzonApi, sandbox: Sandbox) -> None:
    market = sandbox.market("ozon")
    market.revoke(ozon.shop)
    assert "deactivated" in (await ozon.post("/v1/roles")).json()["message"]
    market.issue_key(ozon.shop)
    assert (await ozon.post("/v1/roles")).status_code == 200
    ozon.shop = market.add_seller("Прошлое", expires_in=timedelta(days=-1))
    assert "deactivated" in (await ozon.post("/v1/roles")).json()["message"]


async def test_a_role_names_the_methods(ozon: OzonApi) -> None:
    ozon.shop.roles = (("Чаты", ("/v3/chat/list",)),)
    assert (await ozon.post("/v3/chat/list", {"limit": 1})).status_code == 200
    refused = await ozon.post("/v1/question/list", {"limit": 10})
    assert (refused.status_code, refused.json()["message"]) == (
        403,
        "Api-Key is missing a required role for a method",
    )


async def test_fifty_requests_a_second_over_all_methods(
    ozon: OzonApi, sandbox: Sandbox, clock: Clock
) -> None:
    sandbox.rate_limits = True
    paths = ("/v1/roles", "/v1/seller/info")
    answers = [await ozon.post(paths[number % 2]) for number in range(51)]
    assert [answer.status_code for answer in answers] == [200] * 50 + [429]
    assert answers[-1].json()["message"] == "You have reached request rate limit per second"
    assert answers[-1].headers["Retry-After"] == "1"
    ozon.shop.behaviour.change({"tells_delay": False})
    assert "Retry-After" not in (await ozon.post("/v1/roles")).headers
    clock.advance(1)
    assert (await ozon.post("/v1/roles")).status_code == 200


async def test_the_list_is_paged_and_filtered(ozon: OzonApi, shop: OzonSeller) -> None:
    chats = [shop.open_chat() for _ in range(5)]
    for chat in chats[:3]:
        shop.buyer_says(chat, "Здравствуйте")
    shop.chats[chats[4]].closed = True
    assert await listed(ozon, limit=2) == chats[:2]
    assert await listed(ozon, limit=2, cursor=chats[1]) == chats[2:4]
    assert await listed(ozon, filter={"unread_only": True}) == chats[:3]
    assert await listed(ozon, filter={"chat_status": "Closed"}) == chats[4:]
    shop.sees_in_cabinet(chats[0])
    assert await listed(ozon, filter={"unread_only": True}) == chats[1:3]
    assert (await ozon.post("/v3/chat/list", {"limit": 101})).status_code == 400


async def test_conversations_of_support_share_the_list(ozon: OzonApi, asked: str) -> None:
    def kinds(answer: httpx.Response) -> set[str]:
        return {each["chat"]["chat_type"].lower() for each in answer.json()["chats"]}

    assert "seller_support" in kinds(await ozon.post("/v3/chat/list", {"limit": 10}))
    ozon.shop.behaviour.change({"quirks": False})
    assert kinds(await ozon.post("/v3/chat/list", {"limit": 10})) == {"buyer_seller"}


@pytest.mark.parametrize("inclusive", [True, False])
async def test_a_history_is_read_in_both_directions(
    ozon: OzonApi, shop: OzonSeller, asked: str, inclusive: bool
) -> None:
    shop.behaviour.change({"inclusive": inclusive})
    ids = [shop.buyer_says(asked, f"Ещё {number}").id for number in range(4)]
    assert (await history(ozon, asked, limit=2)) == [ids[3], ids[2]]
    start = {"from_message_id": int(ids[1]), "limit": 2}
    assert await history(ozon, asked, direction="Forward", **start) == (ids[1:3] if inclusive else ids[2:4])
    assert await history(ozon, asked, direction="Backward", **start) == (
        [ids[1], ids[0]] if inclusive else [ids[0], shop.messages(asked)[0].id]
    )
    assert await history(ozon, asked, filter={"message_ids": [ids[2]]}) == [ids[2]]
    assert (
        await ozon.post("/v3/chat/history", {"chat_id": asked, "direction": "Forward"})
    ).status_code == 400
    assert (await ozon.post("/v3/chat/history", {"chat_id": "no"})).status_code == 404


async def test_the_list_may_run_ahead_of_the_history(ozon: OzonApi, asked: str, clock: Clock) -> None:
    ozon.shop.behaviour.change({"history_delay": 10})
    assert await listed(ozon) == [asked]
    assert await history(ozon, asked) == []
    clock.advance(11)
    assert len(await history(ozon, asked)) == 1


async def test_ids_are_beyond_what_a_float_holds(ozon: OzonApi, asked: str) -> None:
    (identity,) = await history(ozon, asked)
    assert int(identity) > 2**53
    assert float(identity) != int(identity) or int(identity) % 512 == 0


@pytest.mark.parametrize(
    ("text", "status"), [("я" * 1000, 200), ("я" * 1001, 400), ("", 400), (" ", 400), (None, 400)]
)
async def test_a_text_has_1_to_1000_characters(
    ozon: OzonApi, asked: str, text: str | None, status: int
) -> None:
    answer = await ozon.post("/v1/chat/send/message", {"chat_id": asked, "text": text})
    assert answer.status_code == status
    assert (answer.json() == {"result": "success"}) == (status == 200)


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [
        (PNG, "a.png", 200),
        ("%%%", "a.png", 400),
        (PNG, "a", 400),
        (base64.b64encode(b"MZ").decode(), "a.exe", 400),
    ],
)
async def test_a_file_is_base64_with_a_named_ending(
    ozon: OzonApi, asked: str, content: str, name: str, status: int
) -> None:
    body = {"chat_id": asked, "base64_content": content, "name": name}
    assert (await ozon.post("/v1/chat/send/file", body)).status_code == status
    assert len(ozon.shop.attachments) == (status == 200)


async def test_the_window_closes_48_hours_after_the_buyer(
    ozon: OzonApi, shop: OzonSeller, asked: str, clock: Clock
) -> None:
    async def send() -> int:
        return (await ozon.post("/v1/chat/send/message", {"chat_id": asked, "text": "Да"})).status_code

    clock.advance(47 * 3600)
    assert await send() == 200
    clock.advance(3601)
    assert await send() == 403
    shop.buyer_says(asked, "Ау?")
    assert await send() == 200
    clock.advance(49 * 3600)
    shop.behaviour.change({"window": False})
    assert await send() == 200
    shop.chats[asked].closed = True
    assert await send() == 403


async def test_an_order_of_fbs_opens_it_for_72_hours_after_delivery(
    ozon: OzonApi, shop: OzonSeller, clock: Clock
) -> None:
    shop.scheme = Scheme.FBS
    chat = shop.open_chat()
    number = {"posting_number": f"{shop.chats[chat].order_id}-1"}
    shop.chats[chat].delivered = clock() + 100
    assert (await ozon.post("/v3/posting/fbs/get", number)).json()["result"]["status"] == "delivering"
    clock.advance(100 + 72 * 3600)
    assert (await ozon.post("/v3/posting/fbs/get", number)).json()["result"]["status"] == "delivered"
    body = {"chat_id": chat, "text": "Всё ли хорошо?"}
    assert (await ozon.post("/v1/chat/send/message", body)).status_code == 200
    clock.advance(1)
    assert (await ozon.post("/v1/chat/send/message", body)).status_code == 403
    shop.chats[chat].scheme = Scheme.FBO
    assert (await ozon.post("/v3/posting/fbs/get", number)).status_code == 404


async def test_a_wrong_limit_is_told_before_the_subscription(ozon: OzonApi) -> None:
    ozon.shop.behaviour.change({"reviews_paid": False})
    assert (await ozon.post("/v2/review/list", {"limit": 10})).status_code == 400
    refused = await ozon.post("/v2/review/list", {"limit": 20})
    assert (refused.status_code, "existing subscription" in refused.json()["message"]) == (403, True)


async def test_reviews_are_sorted_paged_and_filtered(ozon: OzonApi, shop: OzonSeller, clock: Clock) -> None:
    ids = []
    for number in range(25):
        clock.advance(1)
        ids.append(shop.leave_review(stars=1, text=f"Отзыв {number}"))
    first = (await ozon.post("/v2/review/list", {"limit": 20, "sort_dir": "DESC"})).json()
    assert [each["id"] for each in first["reviews"]] == ids[:4:-1]
    assert (first["has_next"], first["last_id"]) == ("true", ids[5])
    rest = (await ozon.post("/v2/review/list", {"limit": 20, "sort_dir": "DESC", "last_id": ids[5]})).json()
    assert [each["id"] for each in rest["reviews"]] == ids[4::-1]
    body = {"review_ids": ids[:2], "status": "VIEWED"}
    assert (await ozon.post("/v2/review/change-status", body)).status_code == 200
    viewed = (await ozon.post("/v2/review/list", {"limit": 20, "filters": {"status": "VIEWED"}})).json()
    assert {each["id"] for each in viewed["reviews"]} == set(ids[:2])
    assert (await ozon.post("/v2/review/change-status", body | {"status": "GONE"})).status_code == 400


async def test_a_comment_settles_its_review_where_it_says_so(ozon: OzonApi, shop: OzonSeller) -> None:
    review = shop.leave_review(stars=2, text="Шатается")
    body = {"review_id": review, "text": "Проверим"}
    created = (await ozon.post("/v1/review/comment/create", body)).json()
    assert shop.reviews[review].status is Status.NEW
    await ozon.post("/v1/review/comment/create", body | {"mark_review_as_processed": True})
    assert shop.reviews[review].status is Status.PROCESSED
    told = (await ozon.post("/v1/review/comment/list", {"review_id": review, "limit": 20})).json()
    assert told["comments"][0]["id"] == created["comment_id"]
    assert told["offset"] == 2
    assert shop.duplicates == 1
    assert (await ozon.post("/v1/review/comment/create", body | {"review_id": "no"})).status_code == 404


async def test_ten_questions_come_in_a_page_whatever_is_asked_for(ozon: OzonApi, shop: OzonSeller) -> None:
    for number in range(11):
        shop.ask_question(f"Вопрос {number}?")
    first = (await ozon.post("/v1/question/list", {"limit": 100})).json()
    assert len(first["questions"]) == 10
    rest = (await ozon.post("/v1/question/list", {"limit": 100, "last_id": first["last_id"]})).json()
    assert (len(rest["questions"]), rest["has_next"]) == (1, "false")


async def test_an_answer_wants_the_questions_good(ozon: OzonApi, shop: OzonSeller) -> None:
    question = shop.ask_question("Какой объём?")
    body = {"question_id": question, "sku": shop.questions[question].good.nm_id, "text": "350 мл"}
    assert (await ozon.post("/v1/question/answer/create", body | {"sku": 1})).status_code == 400
    assert (await ozon.post("/v1/question/answer/create", body | {"text": "я"})).status_code == 400
    created = (await ozon.post("/v1/question/answer/create", body)).json()
    told = (await ozon.post("/v1/question/answer/list", body)).json()
    assert [each["id"] for each in told["answers"]] == [created["answer_id"]] == [told["last_id"]]
    assert shop.questions[question].status is Status.PROCESSED
    assert shop.waiting(Channel.QUESTION) == []


@pytest.mark.parametrize("channel", [Channel.CHAT, Channel.REVIEW, Channel.QUESTION])
async def test_a_closed_conversation_takes_no_reply(
    ozon: OzonApi, sandbox: Sandbox, channel: Channel
) -> None:
    shop, send = ozon.shop, sandbox.market("ozon").roles[channel].send
    chat, review, question = shop.open_chat(), shop.leave_review(stars=1), shop.ask_question("А?")
    path, body = {
        Channel.CHAT: ("/v1/chat/send/message", {"chat_id": chat}),
        Channel.REVIEW: ("/v1/review/comment/create", {"review_id": review}),
        Channel.QUESTION: (
            "/v1/question/answer/create",
            {"question_id": question, "sku": shop.questions[question].good.nm_id},
        ),
    }[channel]
    sandbox.faults.add(Fault(send, FaultKind.CLOSED))
    assert (await ozon.post(path, {**body, "text": "Здравствуйте"})).status_code == 403
    assert shop.api_messages() == []


async def test_a_text_may_come_back_with_its_signs_escaped(ozon: OzonApi, asked: str) -> None:
    ozon.shop.behaviour.change({"escapes": True})
    ozon.shop.types_in_cabinet(asked, "Цена 5*6.")
    answer = (await ozon.post("/v3/chat/history", {"chat_id": asked, "limit": 1})).json()
    assert answer["messages"][0]["data"] == [r"Цена 5\*6\."]


async def test_the_control_names_the_keys_roles_and_the_scheme(
    client: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    headers = {"Authorization": f"Bearer {sandbox.control_secret}"}
    body = {
        "marketplace": "ozon",
        "name": "Новая",
        "roles": [{"name": "Чаты", "methods": ["/v3/chat/list"]}],
        "expires_in": 60,
        "scheme": "fbs",
    }
    made = (await client.post(f"{sandbox.url}/_sandbox/sellers", json=body, headers=headers)).json()
    shop = sandbox.market("ozon").sellers[made["id"]]
    assert (made["client_id"], shop.scheme, shop.roles) == (
        shop.client_id,
        Scheme.FBS,
        (("Чаты", ("/v3/chat/list",)),),
    )
    plain = {"marketplace": "ozon", "name": "Ещё одна"}
    made = (await client.post(f"{sandbox.url}/_sandbox/sellers", json=plain, headers=headers)).json()
    assert sandbox.market("ozon").sellers[made["id"]].roles == (("Admin", ()),)


async def test_the_demo_has_a_shop_at_ozon(clock: Clock) -> None:
    async with Sandbox(clock=clock) as sandbox:
        shops = [shop for shop in populate(sandbox) if isinstance(shop, OzonSeller)]
        assert [bool(shop.chats and shop.reviews and shop.questions) for shop in shops] == [True]
