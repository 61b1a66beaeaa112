"""What every marketplace of the sandbox has: requests, faults, limits, counts, control, living buyers, the demo."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import Fault, FaultKind, History, Roles, Sandbox, Shop, WildberriesMarket
from agentiq_core.sandbox.demo import SHOPS, populate
from agentiq_core.sandbox.registry import MARKETS
from tests.sandbox.toy_market import ChatsOnly, ToyMarket

EVERY_CHANNEL = (Channel.CHAT, Channel.REVIEW, Channel.QUESTION)


@pytest.fixture
async def sandbox(clock) -> AsyncIterator[Sandbox]:
    markets = [WildberriesMarket, ToyMarket, ChatsOnly]
    async with Sandbox(clock=clock, rate_limits=False, markets=markets) as running:
        yield running


@pytest.fixture
def shop(sandbox) -> Shop:
    return sandbox.market("toy").add_seller("Лавка")


class Toy:
    """The toy market as one seller calls it."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, shop: Shop) -> None:
        self.client = client
        self.base = f"{sandbox.url}/toy"
        self.headers = {"Client": shop.client_id or "", "Key": shop.token}

    async def list(self) -> httpx.Response:
        return await self.client.post(f"{self.base}/list", headers=self.headers)

    async def answer(self, to: str, text: str) -> httpx.Response:
        body = {"to": to, "said": {"text": text}}
        return await self.client.post(f"{self.base}/answer", json=body, headers=self.headers)


@pytest.fixture
def toy(client, sandbox, shop) -> Toy:
    return Toy(client, sandbox, shop)


def begun(shop: Shop, channel: Channel) -> str:
    match channel:
        case Channel.REVIEW:
            return shop.leave_review(stars=2, text="Протекает крышка")
        case Channel.QUESTION:
            return shop.ask_question("Можно ли мыть в посудомойке?")
    chat = shop.open_chat()
    shop.buyer_says(chat, "Где заказ?")
    return chat


async def test_markets_are_found_by_their_id(sandbox):
    assert [market.id for market in sandbox.markets] == ["wildberries", "toy", "chats-only"]
    assert sandbox.market("wildberries") is sandbox.wildberries
    with pytest.raises(KeyError):
        sandbox.market("ozon")


@pytest.mark.parametrize("channel", EVERY_CHANNEL)
async def test_a_reply_of_any_channel_is_accepted_and_counted(toy, sandbox, shop, channel):
    to = begun(shop, channel)
    assert [each.id for each in shop.waiting(channel)] == [to]
    for text in ("Здравствуйте! Уже смотрим.", "Здравствуйте!  Уже смотрим. "):
        assert (await toy.answer(to, text)).status_code == 200
    stats = sandbox.market("toy").stats()
    assert (stats["accepted"], stats["duplicates"], stats["buyers_waiting"]) == (2, 1, 0)
    assert stats[f"{channel}s"] == 1
    assert stats["requests"] == {"answer": {"200": 2}}


@pytest.mark.parametrize("channel", EVERY_CHANNEL)
async def test_a_fault_is_written_once_for_every_market_and_channel(toy, sandbox, shop, channel):
    to, roles = begun(shop, channel), sandbox.market("toy").roles[channel]
    sandbox.faults.add(Fault(roles.send, FaultKind.DROP_AFTER, match={"chat": to, "text": "смотрим"}))
    with pytest.raises(httpx.RemoteProtocolError):
        await toy.answer(to, "Уже смотрим")
    assert [each.text for each in shop.api_messages()] == ["Уже смотрим"]
    sandbox.faults.add(Fault(roles.read[0], FaultKind.SERVER_ERROR, status=503))
    assert [(await toy.list()).status_code for _ in range(2)] == [503, 200]
    assert sandbox.market("toy").requests["answer", "dropped"] == 1


async def test_a_fault_may_be_of_one_market_only(toy, client, sandbox):
    seller = sandbox.wildberries.add_seller("Дом и чай")
    sandbox.faults.add(Fault("*", FaultKind.SERVER_ERROR, market="wildberries"))
    assert (await toy.list()).status_code == 200
    chats = f"{sandbox.url}/wildberries/api/v1/seller/chats"
    assert (await client.get(chats, headers={"Authorization": seller.token})).status_code == 500


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.UNAUTHORIZED, 401),
        (FaultKind.REVOKED, 401),
        (FaultKind.FORBIDDEN, 402),
        (FaultKind.RATE_LIMITED, 420),
    ],
)
async def test_a_market_words_its_problems(toy, sandbox, kind, status):
    sandbox.faults.add(Fault("list", kind))
    assert [(await toy.list()).status_code for _ in range(2)] == [status, 200]


async def test_limits_are_the_markets_own_and_may_be_switched(toy, sandbox, clock):
    sandbox.rate_limits = True
    answers = [await toy.list() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 420]
    assert [answer.headers["Left"] for answer in answers] == ["1", "0", "-"]
    assert all(answer.headers["Date"].endswith("GMT") for answer in answers)
    sandbox.rate_limits = False
    assert (await toy.list()).status_code == 200


async def test_a_wrong_key_and_a_broken_body_are_refused(toy, client):
    assert (await client.post(f"{toy.base}/list")).status_code == 401
    broken = await client.post(f"{toy.base}/answer", content=b"{", headers=toy.headers)
    assert (broken.status_code, broken.json()) == (400, {"error": "the body is not JSON"})


async def test_an_echo_may_be_shown_later_than_it_was_accepted(toy, shop, clock):
    to = begun(shop, Channel.CHAT)
    shop.behaviour.change({"echo_delay": 30})
    await toy.answer(to, "Уже смотрим")
    assert (await toy.list()).json()["conversations"][0]["texts"] == ["Где заказ?"]
    clock.advance(30)
    assert (await toy.list()).json()["conversations"][0]["texts"] == ["Где заказ?", "Уже смотрим"]


async def test_stars_without_a_word_ask_for_nothing(shop):
    shop.leave_review(stars=5)
    spoken = shop.leave_review(stars=5, pros="цена", cons="крышка протекает")
    assert [each.id for each in shop.waiting()] == [spoken]
    shop.answers_in_cabinet(spoken, "Спасибо за отзыв!")
    assert shop.waiting() == []
    assert shop.api_messages() == []
    with pytest.raises(ValueError):
        shop.leave_review(stars=0)


async def test_a_claim_is_about_an_order(shop):
    claim = shop.file_claim("Пришла с трещиной", order_id="77", images=2)
    assert shop.claims[claim].order_id == "77"
    assert len(shop.attachments) == 2


async def test_history_fills_the_channels_that_a_market_has(sandbox):
    history = History(chats=6, waiting=2, reviews=20, questions=10)
    shop = sandbox.market("toy").add_seller("Со стажем", history=history)
    assert (len(shop.chats), len(shop.reviews), len(shop.questions)) == (6, 20, 10)
    assert 0 < len(shop.waiting(Channel.REVIEW)) < 20
    assert 0 < len(shop.waiting(Channel.QUESTION)) < 10
    assert not sandbox.market("chats-only").add_seller("Со стажем", history=history).reviews


async def test_buyers_come_to_every_market_and_channel(sandbox, shop, clock):
    other = sandbox.market("chats-only").add_seller("Другая")
    for _ in range(200):
        clock.advance(10)
        sandbox.buyers.step()
    assert shop.chats
    assert shop.reviews
    assert shop.questions
    assert other.chats
    assert not other.reviews


async def test_every_market_of_the_registry_is_in_the_demo(clock):
    async with Sandbox(clock=clock) as sandbox:
        shops = populate(sandbox)
        ids = [market.id for market in sandbox.markets]
        assert len(set(ids)) == len(ids) == len(MARKETS)
        assert set(ids) <= {market_id for market_id, _, _ in SHOPS}
        assert all(market.roles and market.sellers for market in sandbox.markets)
        assert 55 <= sum(len(shop.chats) for shop in shops) <= 65


@pytest.fixture
def control(client, sandbox) -> httpx.AsyncClient:
    client.base_url = httpx.URL(f"{sandbox.url}/_sandbox/")
    client.headers["Authorization"] = f"Bearer {sandbox.control_secret}"
    return client


async def test_the_control_reaches_every_market(control, sandbox):
    made = (
        await control.post("sellers", json={"marketplace": "toy", "name": "Новая", "key": "тайна"})
    ).json()
    assert made == {
        "marketplace": "toy",
        "id": "toy-1",
        "name": "Новая",
        "token": "тайна",
        "client_id": "1",
        "base_url": f"{sandbox.url}/toy",
    }
    await control.post("sellers", json={"name": "Без слов: Wildberries"})
    assert [each["marketplace"] for each in (await control.get("sellers")).json()] == ["wildberries", "toy"]
    assert (await control.get("stats")).json().keys() == {"wildberries", "toy", "chats-only"}
    assert (await control.post("sellers", json={"marketplace": "лавка", "name": "?"})).status_code == 404


async def test_reviews_and_questions_are_written_over_the_control(control, sandbox, shop):
    path = f"sellers/{shop.id}"
    said = {"stars": 5, "text": "Спасибо, только скол на дне", "pros": "цена", "images": 1}
    review = (await control.post(f"{path}/review", json=said)).json()["review"]
    question = (await control.post(f"{path}/question", json={"text": "Какой объём?"})).json()["question"]
    truth = (await control.get(f"{path}/reviews/{review}")).json()
    assert (truth["stars"], truth["pros"], truth["messages"][0]["author"]) == (5, "цена", "buyer")
    await control.post(f"{path}/cabinet-message", json={"chat": question, "text": "350 мл"})
    listed = (await control.get(f"{path}/questions")).json()
    assert [(each["chat"], each["waiting"]) for each in listed] == [(question, False)]
    await control.post(f"{path}/revoke")
    assert shop.token == "gone"


async def test_what_a_market_lacks_is_refused_in_words(control, sandbox, shop):
    other = sandbox.market("chats-only").add_seller("Другая")
    lacking = await control.post(f"sellers/{other.id}/review", json={"stars": 5})
    assert (lacking.status_code, lacking.json()["error"]) == (400, "chats-only has no reviews")
    fill = await control.post(f"sellers/{shop.id}/fill", json={"chats": 1, "events": 1})
    assert (fill.status_code, "bulk" in fill.json()["error"]) == (400, True)


def test_a_role_that_names_no_operation_is_told_at_once():
    class Mistaken(ToyMarket):
        id = "mistaken"
        roles = {Channel.CHAT: Roles(send="answr")}  # noqa: RUF012

    with pytest.raises(ValueError, match="answr"):
        Sandbox(markets=[Mistaken])
