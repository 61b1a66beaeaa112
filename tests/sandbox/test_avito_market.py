"""The sandbox's Avito by itself: tokens, offsets, limits, and what it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import History, Sandbox
from agentiq_core.sandbox.avito.market import AvitoMarket
from agentiq_core.sandbox.avito.seller import AvitoSeller
from agentiq_core.sandbox.registry import MARKETS
from tests.sandbox.avito_client import AvitoApi

PNG = b"\x89PNG\r\n\x1a\n0"


@pytest.fixture
async def avito(clock) -> AsyncIterator[Sandbox]:
    async with Sandbox(clock=clock, rate_limits=False, markets=[AvitoMarket]) as running:
        yield running


@pytest.fixture
def shop(avito: Sandbox) -> AvitoSeller:
    return avito.market("avito").add_seller("Детская комната")


@pytest.fixture
def api(client, avito, shop) -> AvitoApi:
    return AvitoApi(client, avito, shop)


@pytest.fixture
def chat(shop: AvitoSeller) -> str:
    opened = shop.open_chat(client_name="Алёна")
    shop.buyer_says(opened, "Где заказ?")
    return opened


def test_avito_is_one_of_the_markets():
    assert AvitoMarket in MARKETS


async def test_a_key_gets_tokens_that_end(api, avito, shop, clock):
    answer = (await api.token()).json()
    assert (answer["expires_in"], answer["token_type"]) == (86400, "Bearer")
    assert (await api.call("GET", "/core/v1/accounts/self")).json()["id"] == shop.user_id
    clock.advance(86400)
    assert (await api.call("GET", "/core/v1/accounts/self")).status_code == 401
    shop.behaviour.change({"ended_status": 403})
    assert (await api.call("GET", "/core/v1/accounts/self")).status_code == 403


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"client_secret": "wrong"}, 401),
        ({"client_id": "wrong"}, 401),
        ({"grant_type": "password"}, 400),
    ],
)
async def test_a_wrong_key_gets_none(api, fields, status):
    assert (await api.token(**fields)).status_code == status


async def test_a_withdrawn_key_gets_none_and_its_tokens_end(api, avito, shop, clock):
    await api.token()
    avito.market("avito").revoke(shop)
    assert (await api.call("GET", "/core/v1/accounts/self")).status_code == 401
    assert (await api.token()).status_code == 401
    avito.market("avito").issue_key(shop)
    assert (await api.token()).status_code == 200


async def test_no_token_and_another_account_are_refused(api, client, avito, chat):
    other = avito.market("avito").add_seller("Чужая")
    assert (await client.get(f"{api.base}/core/v1/accounts/self")).status_code == 401
    assert (await api.call("GET", f"/messenger/v2/accounts/{other.user_id}/chats")).status_code == 403


async def test_chats_come_newest_first_and_unread_alone_when_asked(api, shop, chat):
    second = shop.open_chat()
    shop.buyer_says(second, "А мой?")
    path = api.of_account(2, "chats")
    told = (await api.call("GET", path)).json()["chats"]
    assert [one["id"] for one in told] == [second, chat]
    shop.types_in_cabinet(chat, "Едет")
    unread = (await api.call("GET", path, params={"unread_only": "true"})).json()["chats"]
    assert [one["id"] for one in unread] == [second]
    assert (await api.call("GET", path, params={"chat_types": "u2u"})).json() == {"chats": []}


@pytest.mark.parametrize("query", [{"limit": 101}, {"limit": 0}, {"offset": 1001}, {"offset": "x"}])
async def test_a_place_out_of_range_is_refused(api, chat, query):
    assert (await api.call("GET", api.of_account(2, "chats"), params=query)).status_code == 400
    history = api.of_account(3, f"chats/{chat}/messages/")
    assert (await api.call("GET", history, params=query)).status_code == 400


async def test_a_history_has_the_order_and_the_shape_of_its_switches(api, shop, chat):
    shop.buyer_says(chat, "Ау!")
    history = api.of_account(3, f"chats/{chat}/messages/")
    told = (await api.call("GET", history)).json()
    assert [one["content"]["text"] for one in told] == ["Ау!", "Где заказ?"]
    shop.behaviour.change({"newest_first": False, "wrapped": True})
    told = (await api.call("GET", history)).json()["messages"]
    assert [one["content"]["text"] for one in told] == ["Где заказ?", "Ау!"]


async def test_a_text_is_accepted_as_a_message_and_read_back(api, shop, chat):
    body = {"type": "text", "message": {"text": "Уже едет"}}
    sent = (await api.call("POST", api.of_account(1, f"chats/{chat}/messages"), json=body)).json()
    told = (await api.call("GET", api.of_account(3, f"chats/{chat}/messages/"))).json()
    assert (told[0]["id"], told[0]["created"], told[0]["direction"]) == (sent["id"], sent["created"], "out")
    assert [message.through_api for message in shop.messages(chat)] == [False, True]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "text"},
        {"type": "text", "message": {"text": " "}},
        {"type": "text", "message": {"text": "я" * 1001}},
        {"type": "image", "message": {"text": "да"}},
    ],
)
async def test_a_wrong_text_is_refused(api, shop, chat, body):
    answer = await api.call("POST", api.of_account(1, f"chats/{chat}/messages"), json=body)
    assert answer.status_code == 400
    assert shop.api_messages() == []


async def test_a_picture_takes_two_steps(api, shop, chat):
    files = {"uploadfile[]": ("фото.png", PNG, "image/png")}
    uploaded = (await api.call("POST", api.of_account(1, "uploadImages"), files=files)).json()
    (image_id,) = uploaded
    assert shop.api_messages() == []
    path = api.of_account(1, f"chats/{chat}/messages/image")
    sent = (await api.call("POST", path, json={"image_id": image_id})).json()
    link = sent["content"]["image"]["sizes"]["1280x960"]
    assert (await api.client.get(link)).content == PNG
    assert (await api.call("POST", path, json={"image_id": "unknown"})).status_code == 400


async def test_what_is_no_picture_is_not_taken(api):
    path = api.of_account(1, "uploadImages")
    refused = await api.call("POST", path, files={"uploadfile[]": ("a.pdf", b"%PDF-1.7", "application/pdf")})
    assert refused.status_code == 400
    assert (await api.call("POST", path, files={"file": ("a.png", PNG, "image/png")})).status_code == 400
    assert (await api.call("POST", path, json={})).status_code == 400


async def test_ours_are_deleted_within_the_hour(api, shop, chat, clock):
    body = {"type": "text", "message": {"text": "Ой"}}
    path = api.of_account(1, f"chats/{chat}/messages")
    first, second = [(await api.call("POST", path, json=body)).json()["id"] for _ in range(2)]
    assert (await api.call("POST", f"{path}/{first}")).status_code == 200
    clock.advance(3601)
    assert (await api.call("POST", f"{path}/{second}")).status_code == 400
    told = (await api.call("GET", api.of_account(3, f"chats/{chat}/messages/"))).json()
    assert [one["type"] for one in told] == ["text", "deleted", "text"]


async def test_reviews_come_newest_first_with_one_answer_each(api, shop):
    reviews = [shop.leave_review(stars=number, text=f"Отзыв {number}") for number in (3, 5)]
    told = (await api.call("GET", "/ratings/v1/reviews", params={"offset": 0, "limit": 1})).json()
    assert (told["total"], told["reviews"][0]["id"], told["reviews"][0]["canAnswer"]) == (
        2,
        int(reviews[1]),
        True,
    )
    body = {"reviewId": int(reviews[1]), "message": "Спасибо!"}
    answer = (await api.call("POST", "/ratings/v1/answers", json=body)).json()
    again = (await api.call("GET", "/ratings/v1/reviews", params={"offset": 0, "limit": 50})).json()[
        "reviews"
    ][0]
    assert (again["answer"]["id"], again["answer"]["status"], again["canAnswer"]) == (
        answer["id"],
        "published",
        False,
    )
    assert (await api.call("POST", "/ratings/v1/answers", json=body)).status_code == 400
    assert (await api.call("POST", "/ratings/v1/answers", json=body | {"reviewId": 1})).status_code == 404
    assert (await api.call("POST", "/ratings/v1/answers", json=body | {"reviewId": "1"})).status_code == 400
    assert (await api.call("GET", "/ratings/v1/info")).json()["rating"]["score"] == 4.0


@pytest.mark.parametrize("query", [{}, {"offset": 0}, {"offset": 0, "limit": 51}])
async def test_reviews_need_their_place(api, query):
    assert (await api.call("GET", "/ratings/v1/reviews", params=query)).status_code == 400


async def test_limits_are_told_with_every_answer(api, avito, chat):
    avito.rate_limits = True
    path = "/core/v1/items"
    answers = [await api.call("GET", path) for _ in range(26)]
    assert [answer.status_code for answer in answers] == [200] * 25 + [429]
    assert answers[0].headers["X-RateLimit-Limit"] == "25"
    assert answers[0].headers["X-RateLimit-Remaining"] == "24"
    assert answers[-1].headers["Retry-After"] == "3"


async def test_a_past_fills_both_channels(avito):
    shop = avito.market("avito").add_seller(
        "Со стажем", history=History(chats=20, waiting=5, reviews=12, questions=3)
    )
    assert [len(shop.of_channel(channel)) for channel in Channel] == [20, 12, 0, 0]
    assert len(shop.waiting(Channel.CHAT)) >= 5
    ids = [message.id for each in shop.conversations() for message in each.messages]
    assert len(ids) == len(set(ids))
