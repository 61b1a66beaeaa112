"""History at the start, irregular shapes of real answers, and buyers who live while the sandbox runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import History, Moderation, Photo, Sandbox, Sender, Source, WildberriesMarket
from agentiq_core.sandbox.demo import populate
from agentiq_core.sandbox.live import ARRIVAL, REACTION
from agentiq_core.sandbox.wildberries.seller import LOW_RATING_GREETING, RETURN_GREETING


async def test_the_demo_has_two_shops_with_days_of_talk_and_buyers_of_every_age_waiting(clock):
    sandbox = Sandbox(clock=clock, markets=[WildberriesMarket])
    sellers = populate(sandbox)
    stats = sandbox.wildberries.stats()
    assert [seller.name for seller in sellers] == ["Дом и чай", "Северный лён"]
    assert 60 <= stats["chats"] <= 64
    assert stats["events"] > 150
    assert 13 <= sum(len(seller.waiting(Channel.CHAT)) for seller in sellers) <= 19
    ages = [
        clock.now - chat.messages[-1].time / 1000
        for seller in sellers
        for chat in seller.waiting(Channel.CHAT)
    ]
    assert min(ages) < 900 < 4 * 3600 < max(ages)
    assert min(ages) > 0
    situations = [chat.situation for seller in sellers for chat in seller.waiting(Channel.CHAT)]
    assert situations.count("where_order") >= 3
    assert situations.count("defect") >= 3


async def test_the_same_seed_gives_the_same_history(clock):
    texts = []
    for _ in range(2):
        async with Sandbox(seed=4, clock=clock) as sandbox:
            seller = populate(sandbox)[0]
            texts.append([each.text for chat in seller.chats for each in seller.messages(chat)])
    assert texts[0] == texts[1]


async def test_history_shows_the_irregular_shapes_of_real_answers(api, sandbox, clock):
    until = datetime.fromtimestamp(clock.now, UTC)
    seller = sandbox.wildberries.add_seller("Большой", history=History(chats=250, waiting=20, until=until))
    api.headers = {"Authorization": seller.token}
    chats = (await api.chats()).json()["result"]
    events = await api.walk()
    images = [
        image
        for event in events
        for image in event.get("message", {}).get("attachments", {}).get("images", [])
    ]
    assert any(chat["clientName"] == "" for chat in chats)
    assert any(chat["goodCard"]["priceCurrency"] == "" for chat in chats)
    assert any("lastMessage" not in chat for chat in chats)
    times = [chat["lastMessage"]["addTimestamp"] for chat in chats if "lastMessage" in chat]
    assert times == sorted(times, reverse=True)
    assert any("message" not in event for event in events)
    assert {event["sender"] for event in events} == {"client", "seller", "wb"}
    opened_by_seller = {
        event["message"]["text"] for event in events if event.get("isNewChat") and event["sender"] == "seller"
    }
    assert opened_by_seller == {RETURN_GREETING, LOW_RATING_GREETING}
    fresh = [event for event in events if event.get("isNewChat")]
    assert 0 < sum("replySign" not in event for event in fresh) < len(fresh)
    assert any("replySign" in event and not event.get("isNewChat") for event in events)
    dates = {image["date"] for image in images}
    assert any(date.startswith("0001-01-01") for date in dates)
    assert any(date.endswith("+03:00") for date in dates)
    assert any(len(date) == len("2026-11-20T12:00:00.123456417Z") for date in dates)
    assert all(image["downloadID"] for image in images)
    assert any(image["url"] == "" for image in images)


async def test_an_automatic_greeting_does_not_answer_the_buyer(seller):
    chat = seller.open_chat(greeting=RETURN_GREETING)
    assert seller.waiting() == []
    seller.buyer_says(chat, "Хочу вернуть")
    seller.marketplace_says(chat, "Покупатель оформил заявку на возврат")
    assert [each.chat_id for each in seller.waiting()] == [chat]
    seller.types_in_cabinet(chat, "Здравствуйте! Заявку видим.")
    assert seller.waiting() == []


async def test_a_picture_is_moderated_then_given_or_withheld(api, seller, clock):
    chat = seller.open_chat()
    sent = seller.buyer_says(
        chat,
        None,
        images=[Photo(moderation=Moderation.PENDING, wait=30), Photo(moderation=Moderation.REFUSED), Photo()],
    )
    pending, refused, ready = (file.download_id for file in sent.attachments)
    first = await api.download(pending)
    assert (first.status_code, first.json()) == (202, {"moderationState": "pending", "retrySeconds": 30})
    clock.advance(30)
    assert (await api.download(pending)).content.startswith(b"\x89PNG")
    assert (await api.download(refused)).status_code == 451
    assert (await api.download(ready)).headers["content-type"] == "image/png"
    assert (await api.download("нет-такого")).json()["title"] == "invalid fileID"


async def test_new_buyers_come_every_dozen_seconds(sandbox, seller, clock):
    sandbox.buyers.step()
    for _ in range(600):
        clock.advance(1)
        sandbox.buyers.step()
    come = list(seller.conversations())
    assert 600 / ARRIVAL[1] - 2 <= len(come) <= 600 / ARRIVAL[0] + 2
    assert all(conversation.situation for conversation in come)


@pytest.mark.parametrize("through_api", [True, False])
async def test_a_buyer_reacts_to_a_reply_within_seconds(sandbox, seller, clock, through_api):
    sandbox.buyers.step()
    while not seller.chats:
        clock.advance(ARRIVAL[1])
        sandbox.buyers.step()
    chat = next(iter(seller.chats))
    clock.advance(8)
    sandbox.buyers.step()
    before = len(seller.messages(chat))
    ask = "Здравствуйте! Уточните, пожалуйста, подробности и пришлите фото."
    if through_api:
        seller.accept(chat, ask)
    else:
        seller.types_in_cabinet(chat, ask)
    clock.advance(REACTION[0] - 0.1)
    sandbox.buyers.step()
    assert len(seller.messages(chat)) == before + 1
    clock.advance(REACTION[1])
    sandbox.buyers.step()
    newest = seller.messages(chat)[-1]
    assert (newest.sender, len(seller.messages(chat)) > before + 1) == (Sender.CLIENT, True)
    assert newest.source in (Source.RUSITE, Source.GLOBAL, Source.IOS, Source.ANDROID)


async def test_a_live_sandbox_runs_its_buyers_by_itself_and_stops_with_it(clock):
    async with Sandbox(clock=clock, live=True) as sandbox:
        seller = sandbox.wildberries.add_seller("Дом и чай")
        assert sandbox.buyers.step() == 0
        clock.advance(timedelta(minutes=1).total_seconds())
        sandbox.buyers.step()
        assert list(seller.conversations())
