"""The sandbox's Yandex Market by itself: its pages, statuses, limits, rights and mishaps."""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime

import pytest

from agentiq_core.domain.messages import Author, Channel
from agentiq_core.sandbox import Fault, FaultKind, History, Photo, Sandbox
from agentiq_core.sandbox.yandex_market.records import Context, Moderation
from agentiq_core.sandbox.yandex_market.seller import YandexSeller
from tests.sandbox.sandbox_client import Clock
from tests.sandbox.yandex_client import Api, told

PNG = b"\x89PNG\r\n\x1a\n0"


@pytest.fixture
def shop(sandbox: Sandbox) -> YandexSeller:
    made = sandbox.market("yandex-market").add_seller("Звук и свет")
    assert isinstance(made, YandexSeller)
    made.behaviour.quirks = False
    return made


@pytest.fixture
def yandex(client, sandbox, shop) -> Api:
    return Api(client, sandbox, shop)


@pytest.fixture
def chat(shop) -> str:
    shop.context = Context.ORDER
    opened = shop.open_chat(client_name="Лада")
    shop.buyer_says(opened, "Не заряжаются, что делать?")
    return opened


async def test_a_chat_waits_for_whoever_did_not_write_last(yandex, shop, chat):
    seen = []
    for author in (None, Author.SELLER, Author.BUYER, Author.MARKETPLACE):
        if author is Author.SELLER:
            shop.types_in_cabinet(chat, "Проверьте кабель")
        elif author is Author.BUYER:
            shop.buyer_says(chat, "Проверил")
        elif author is Author.MARKETPLACE:
            shop.marketplace_says(chat, "Оцените ответ")
        seen.append(told(await yandex.chats(), "chats")[0]["status"])
    shop.finishes(chat)
    seen.append(told(await yandex.chats(), "chats")[0]["status"])
    assert seen == ["NEW", "WAITING_FOR_CUSTOMER", "WAITING_FOR_PARTNER", "WAITING_FOR_PARTNER", "FINISHED"]
    assert told(await yandex.chats({"statuses": ["NEW", "WAITING_FOR_PARTNER"]}), "chats") == []


async def test_a_history_begins_with_the_message_it_is_asked_from(yandex, shop, chat):
    for number in range(4):
        shop.buyer_says(chat, f"Вопрос {number}")
    ids = [int(message.id) for message in shop.messages(chat)]
    page = told(await yandex.history(chat, {"messageIdFrom": ids[2]}), "messages")
    assert [each["messageId"] for each in page] == ids[:1:-1]
    shop.behaviour.newest_first = False
    first = await yandex.history(chat, limit="2")
    more = await yandex.history(chat, limit="2", pageToken=first.json()["result"]["paging"]["nextPageToken"])
    assert [each["messageId"] for page in (first, more) for each in told(page, "messages")] == ids[:4]


async def test_pages_lose_nothing_while_chats_come(yandex, shop):
    for number in range(5):
        shop.buyer_says(shop.open_chat(), f"Чат {number}")
    first = await yandex.chats(limit="3")
    shop.buyer_says(shop.open_chat(), "Ещё один")
    token = first.json()["result"]["paging"]["nextPageToken"]
    rest = await yandex.chats(limit="20", pageToken=token)
    assert len({each["chatId"] for page in (first, rest) for each in told(page, "chats")}) == 6


async def test_a_message_and_a_file_are_accepted_without_an_id(yandex, shop, chat):
    assert (await yandex.send(chat, "Проверьте кабель")).json() == {"status": "OK"}
    assert (await yandex.send_file(chat, PNG)).json() == {"status": "OK"}
    text, file = shop.api_messages()
    assert (text.text, file.attachments[0].name) == ("Проверьте кабель", "фото.png")
    payload = told(await yandex.history(chat), "messages")[0]["payload"][0]
    assert (await yandex.client.get(payload["url"], headers=yandex.headers)).content == PNG
    shop.behaviour.files_open = False
    assert (await yandex.client.get(payload["url"], headers=yandex.headers)).status_code == 403


async def test_what_a_chat_refuses(yandex, shop, chat):
    assert (await yandex.send(chat, " ")).status_code == 400
    assert (await yandex.send(chat, "я" * 4097)).status_code == 400
    assert (await yandex.send("1", "Здравствуйте")).status_code == 404
    assert (await yandex.send("x", "Здравствуйте")).status_code == 400
    assert (await yandex.send_file(chat, b"MZ")).status_code == 400
    assert (await yandex.send_file(chat, PNG + b"0" * (5 << 20))).status_code == 400
    assert (await yandex.history(chat, limit="101")).status_code == 400
    assert (await yandex.history(chat, pageToken="?")).status_code == 400
    shop.finishes(chat)
    assert (await yandex.send(chat, "Здравствуйте")).status_code == 400
    assert shop.api_messages() == []


async def test_a_review_wants_a_reaction_until_it_is_seen_skipped_or_answered(yandex, shop):
    async def waits() -> list[str]:
        page = told(await yandex.post("goods-feedback", {"reactionStatus": "NEED_REACTION"}), "feedbacks")
        return [str(each["feedbackId"]) for each in page]

    reviews = [shop.leave_review(stars=2, text="Протекает") for _ in range(4)]
    assert await waits() == reviews
    shop.sees_in_cabinet(reviews[0])
    await yandex.post("goods-feedback/skip-reaction", {"feedbackIds": [int(reviews[1])]})
    written = (await yandex.comment(reviews[2], "Заменим")).json()["result"]
    assert (written["status"], written["canModify"]) == ("PUBLISHED", True)
    assert await waits() == reviews[3:]
    shop.buyer_says(reviews[2], "Когда?")
    assert await waits() == reviews[2:]
    assert (await yandex.post("goods-feedback/skip-reaction", {"feedbackIds": [1]})).status_code == 404


async def test_comments_on_comments_are_not_counted_and_carry_no_time(yandex, shop):
    review = shop.leave_review(stars=4, text="Хороший", pros="цена", images=1)
    await yandex.comment(review, "Спасибо")
    shop.buyer_says(review, "А гарантия?")
    listed = told(await yandex.post("goods-feedback", {"feedbackIds": [int(review)]}), "feedbacks")[0]
    assert listed["statistics"]["commentsCount"] == 1
    assert listed["description"] == {"comment": "Хороший", "advantages": "цена"}
    assert len(listed["media"]["photos"]) == 1
    ours, theirs = told(await yandex.post("goods-feedback/comments", {"feedbackId": int(review)}), "comments")
    assert "createdAt" not in ours
    assert theirs["parentId"] == ours["id"]
    edited = await yandex.comment(review, "Спасибо!", id=ours["id"])
    assert (edited.json()["result"]["id"], edited.json()["result"]["text"]) == (ours["id"], "Спасибо!")
    assert (await yandex.comment(review, "Спасибо!", id=1)).status_code == 404
    assert len(shop.messages(review)) == 3


async def test_moderation_may_ban_what_the_shop_writes(yandex, shop):
    review = shop.leave_review(stars=4, text="Хороший")
    shop.behaviour.moderation = Moderation.BANNED
    assert (await yandex.comment(review, "Звоните нам")).json()["result"]["status"] == "BANNED"


async def test_questions_of_a_month_with_their_answers(yandex, shop, clock):
    old = shop.ask_question("Какой объём?")
    clock.advance(40 * 86400)
    question = shop.ask_question("Есть ли гарантия?")
    page = await yandex.post("goods-questions", version="v1")
    assert [each["questionIdentifiers"]["id"] for each in told(page, "questions")] == [int(question)]
    entity = (await yandex.answer(question, "Год")).json()["result"]["entity"]
    shop.buyer_says(question, "А на батарею?")
    answers = told(
        await yandex.post("goods-questions/answers", {"questionId": int(question)}, "v1"), "answers"
    )
    assert [answers[0]["id"], answers[0]["author"]["type"]] == [entity["id"], "BUSINESS"]
    assert answers[0]["comments"][0]["text"] == "А на батарею?"
    waiting = await yandex.post("goods-questions", {"needAnswer": True}, "v1")
    assert waiting.json()["result"]["totalCount"] == 0
    begun = parsedate_to_datetime(page.headers["Date"]).date()
    span = {"dateFrom": str(begun.replace(day=1)), "dateTo": str(begun)}
    assert (await yandex.post("goods-questions", span, "v1")).status_code == 200
    far = await yandex.post("goods-questions", {"dateFrom": "2026-01-01", "dateTo": "2026-03-01"}, "v1")
    assert far.status_code == 400
    assert old in shop.questions


async def test_a_third_request_under_way_is_refused(yandex, sandbox, shop, chat):
    sandbox.rate_limits = True
    sandbox.faults.add(Fault("message", FaultKind.SLOW, delay=0.3, times=2))
    slow = [asyncio.create_task(yandex.send(chat, f"Ответ {number}")) for number in range(2)]
    await asyncio.sleep(0.1)
    refused = await yandex.chats()
    assert (refused.status_code, refused.json()["errors"][0]["message"]) == (
        420,
        "Hit rate limit of 2 parallel requests",
    )
    assert [(await each).status_code for each in slow] == [200, 200]
    assert (await yandex.chats()).status_code == 200


async def test_a_spent_hour_tells_its_end(yandex, sandbox, clock: Clock):
    sandbox.rate_limits = True
    answer = await yandex.chats()
    assert (
        answer.headers["X-RateLimit-Resource-Limit"],
        answer.headers["X-RateLimit-Resource-Remaining"],
    ) == (
        "5000",
        "4999",
    )
    sandbox.faults.add(Fault("chats", FaultKind.RATE_LIMITED, delay=90))
    refused = await yandex.chats()
    until = parsedate_to_datetime(refused.headers["X-RateLimit-Resource-Until"])
    assert refused.status_code == 420
    assert (until - parsedate_to_datetime(refused.headers["Date"])).total_seconds() == 90


@pytest.mark.parametrize(
    ("scopes", "reading", "writing", "goods"),
    [
        (("ALL_METHODS",), 200, 200, 200),
        (("ALL_METHODS_READ_ONLY",), 200, 403, 200),
        (("COMMUNICATION",), 200, 200, 403),
        (("PRICING",), 403, 403, 403),
    ],
)
async def test_rights_open_methods(yandex, shop, chat, scopes, reading, writing, goods):
    shop.scopes = scopes
    assert (await yandex.chats()).status_code == reading
    assert (await yandex.send(chat, "Здравствуйте")).status_code == writing
    assert (await yandex.post("offer-mappings", {"offerIds": ["SKU-1"]})).status_code == goods


async def test_tokens(yandex, sandbox, shop):
    market = sandbox.market("yandex-market")
    assert (await yandex.client.post(f"{yandex.root}/v2/auth/token")).status_code == 401
    yandex.headers = {"Api-Key": "ACMA:no:such"}
    assert (await yandex.chats()).status_code == 401
    yandex.headers = {"Authorization": f"Bearer {market.issue_token(shop, oauth=True)}"}
    assert (await yandex.chats()).status_code == 200
    rights = await yandex.client.post(f"{yandex.root}/v2/auth/token", headers=yandex.headers)
    assert rights.status_code == 403
    market.revoke(shop)
    assert (await yandex.chats()).status_code == 401
    yandex.headers = {"Api-Key": market.issue_token(shop)}
    assert (await yandex.chats()).status_code == 200
    yandex.shop = market.add_seller("Другая")
    assert (await yandex.chats()).status_code == 403


async def test_every_channel_has_a_past(sandbox):
    history = History(chats=20, waiting=5, reviews=20, questions=10)
    shop = sandbox.market("yandex-market").add_seller("Со стажем", history=history)
    assert (len(shop.chats), len(shop.reviews), len(shop.questions)) == (20, 20, 10)
    assert all(review.needs_reaction != bool(review.messages[1:]) for review in shop.reviews.values())
    assert {chat.context for chat in shop.chats.values()} == {Context.ORDER, Context.DIRECT}
    assert len(shop.waiting(Channel.CHAT)) >= 5


async def test_old_fields_and_a_dispute(yandex, shop, chat):
    shop.behaviour.old_fields = True
    shop.chats[chat].arbitrage = True
    (item,) = told(await yandex.chats({"types": ["ARBITRAGE"]}), "chats")
    assert (item["type"], item["orderId"]) == ("ARBITRAGE", item["context"]["orderId"])
    assert told(await yandex.chats({"types": ["CHAT"]}), "chats") == []
    shop.context = Context.RETURN
    shop.open_chat()
    assert told(await yandex.chats(), "chats")[1]["context"]["returnId"]


async def test_buyers_send_pictures(yandex, shop, chat):
    shop.buyer_says(chat, None, images=[Photo(), Photo(name="Чек.pdf", content_type="application/pdf")])
    newest = told(await yandex.history(chat), "messages")[0]
    assert "message" not in newest
    kinds = [
        (await yandex.client.get(file["url"], headers=yandex.headers)).headers["Content-Type"]
        for file in newest["payload"]
    ]
    assert kinds == ["image/png", "application/pdf"]
