"""Reviews, questions, claims and cards of the sandbox's Wildberries: lists, answers, and its habits."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import Account, Fault, FaultKind, Sandbox, SandboxSeller, Scope
from tests.sandbox.sandbox_client import Clock

Body = dict[str, Any]
ANSWER = "feedbacks/api/v1/feedbacks/answer"


class Posts:
    """The operations as one seller calls them."""

    def __init__(self, client: httpx.AsyncClient, sandbox: Sandbox, seller: SandboxSeller) -> None:
        self.client = client
        self.base = f"{sandbox.url}/wildberries"
        self.token = seller.token

    async def call(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = {"Authorization": self.token}
        return await self.client.request(method, f"{self.base}/{path}", headers=headers, **options)

    async def list(self, path: str, **params: object) -> list[Body]:
        usual: dict[str, Any] = {"take": 100, "skip": 0}
        answer = await self.call("GET", f"feedbacks/api/v1/{path}", params=usual | params)
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        found: list[Body] = data.get("feedbacks", data.get("questions"))
        return found

    async def ids(self, path: str, **params: object) -> list[str]:
        return [each["id"] for each in await self.list(path, **params)]

    async def review(self, id: str) -> Body:
        answer = await self.call("GET", "feedbacks/api/v1/feedback", params={"id": id})
        found: Body = answer.json()["data"]
        return found

    async def answer(self, id: str, text: str, method: str = "POST") -> int:
        return (await self.call(method, ANSWER, json={"id": id, "text": text})).status_code

    async def change(self, **body: object) -> httpx.Response:
        return await self.call("PATCH", "feedbacks/api/v1/questions", json=body)

    async def claims(self, archived: bool = False) -> list[Body]:
        answer = await self.call("GET", "returns/api/v1/claims", params={"is_archive": str(archived).lower()})
        found: list[Body] = answer.json()["claims"]
        return found


@pytest.fixture
def posts(client: httpx.AsyncClient, sandbox: Sandbox, seller: SandboxSeller) -> Posts:
    return Posts(client, sandbox, seller)


async def test_a_review_waits_until_it_is_answered(posts, seller, clock):
    review = seller.leave_review(stars=3, text="Чай как чай", pros="крепкий", client_name="Анна")
    assert await posts.ids("feedbacks", isAnswered="false") == [review]
    assert await posts.answer(review, "Спасибо за отзыв!") == 204
    assert await posts.ids("feedbacks", isAnswered="false") == []
    (told,) = await posts.list("feedbacks", isAnswered="true")
    assert (told["userName"], told["productValuation"], told["pros"]) == ("Анна", 3, "крепкий")
    assert told["answer"] == {"text": "Спасибо за отзыв!", "state": "wbRu", "editable": True}
    assert [each.text for each in seller.api_messages()] == ["Спасибо за отзыв!"]


async def test_an_answer_to_a_wrong_id_is_accepted_and_lost(posts, seller):
    review = seller.leave_review(stars=3, text="Чай как чай")
    assert await posts.answer("no such review", "Спасибо!") == 204
    seller.withdraw(review)
    assert await posts.answer(review, "Спасибо!") == 204
    assert seller.api_messages() == []


async def test_a_review_that_is_gone_cannot_be_read(posts):
    answer = await posts.call("GET", "feedbacks/api/v1/feedback", params={"id": "no such review"})
    assert (answer.status_code, answer.json()["errorText"]) == (422, "Невозможно получить отзыв по id")


async def test_a_review_may_vanish_at_the_moment_of_its_answer(posts, sandbox, seller):
    review = seller.leave_review(stars=3, text="Чай как чай")
    sandbox.faults.add(Fault("review-answer", FaultKind.CLOSED, match={"chat": review}))
    assert await posts.answer(review, "Спасибо!") == 204
    assert (seller.reviews, seller.api_messages()) == ({}, [])


async def test_an_answer_is_edited_once_and_within_sixty_days(posts, seller, clock):
    first, second = (seller.leave_review(stars=3, text="Чай как чай") for _ in range(2))
    for review in (first, second):
        seller.answers_in_cabinet(review, "Спасибо")
    assert await posts.answer(first, "Спасибо большое", "PATCH") == 204
    assert (await posts.review(first))["answer"]["editable"] is False
    assert await posts.answer(first, "И ещё раз", "PATCH") == 204
    clock.advance(61 * 86_400)
    assert await posts.answer(second, "Поздно", "PATCH") == 204
    told = [(await posts.review(review))["answer"]["text"] for review in (first, second)]
    assert told == ["Спасибо большое", "Спасибо"]


async def test_an_answer_is_moderated_if_so_wished(posts, seller, clock):
    seller.behaviour.change({"answer_moderation": 60})
    review = seller.leave_review(stars=3, text="Чай как чай")
    await posts.answer(review, "Спасибо!")
    assert (await posts.review(review))["answer"]["state"] == "reviewRequired"
    clock.advance(61)
    assert (await posts.review(review))["answer"]["state"] == "wbRu"
    seller.behaviour.change({"reject_answers": True})
    assert (await posts.review(review))["answer"]["state"] == "rejected"


async def test_a_review_without_words_and_an_old_one_are_archived(posts, seller, clock):
    old = seller.leave_review(stars=2, text="Протекает")
    clock.advance(31 * 86_400)
    stars = seller.leave_review(stars=5)
    photo = seller.leave_review(stars=5, images=1)
    assert await posts.ids("feedbacks", isAnswered="false") == [photo]
    assert await posts.ids("feedbacks/archive") == [stars, old]


async def test_lists_are_paged_by_number_and_by_time(posts, seller, clock):
    begin = datetime.fromtimestamp(clock.now, UTC)
    written = [
        seller.leave_review(stars=4, text=f"Отзыв {n}", at=begin + timedelta(minutes=n)) for n in range(5)
    ]
    newest = list(reversed(written))
    assert await posts.ids("feedbacks", isAnswered="false", take=2, skip=1) == newest[1:3]
    assert await posts.ids("feedbacks", isAnswered="false", order="dateAsc") == written
    middle = int(begin.timestamp()) + 120
    assert await posts.ids("feedbacks", isAnswered="false", dateTo=middle) == newest[2:]
    assert await posts.ids("feedbacks", isAnswered="false", dateFrom=middle) == newest[:3]


@pytest.mark.parametrize(
    "params",
    [
        {"isAnswered": "может быть"},
        {"isAnswered": "true", "take": 5001},
        {"isAnswered": "true", "skip": 200_000},
        {"isAnswered": "true", "order": "random"},
        {"isAnswered": "true", "dateFrom": "вчера"},
        {"isAnswered": "true", "take": ""},
    ],
)
async def test_parameters_that_mean_nothing_are_refused(posts, params):
    usual = {"take": 1, "skip": 0}
    answer = await posts.call("GET", "feedbacks/api/v1/feedbacks", params=usual | params)
    assert (answer.status_code, answer.json()["error"]) == (400, True)


async def test_take_and_skip_of_questions_are_bounded_together(posts):
    params = {"isAnswered": "true", "take": 6000, "skip": 5000}
    assert (await posts.call("GET", "feedbacks/api/v1/questions", params=params)).status_code == 400


async def test_a_question_is_viewed_answered_edited_once_and_rejected(posts, seller):
    answered, rejected = seller.ask_question("Какой объём?"), seller.ask_question("Сколько стоит реклама?")
    assert (await posts.change(id=answered, wasViewed=True)).json()["error"] is False
    assert set(await posts.ids("questions", isAnswered="false")) == {answered, rejected}
    answer = {"text": "350 мл"}
    assert (await posts.change(id=answered, answer=answer, state="wbRu")).status_code == 200
    assert (await posts.change(id=answered, answer={"text": "400 мл"}, state="wbRu")).status_code == 200
    assert (await posts.change(id=answered, answer=answer, state="wbRu")).status_code == 422
    assert (await posts.change(id=rejected, answer=answer, state="none")).status_code == 200
    assert await posts.ids("questions", isAnswered="false") == []
    told = {each["id"]: each for each in await posts.list("questions", isAnswered="true")}
    assert (told[answered]["answer"]["text"], told[answered]["state"]) == ("400 мл", "wbRu")
    assert (told[rejected]["answer"], told[rejected]["state"]) == (None, "none")
    assert (await posts.change(id="no such", wasViewed=True)).status_code == 404
    assert [(await posts.change(**body)).status_code for body in ({}, {"id": answered}, {"id": 7})] == [
        400
    ] * 3


async def test_news_are_what_nobody_viewed(posts, seller):
    path = "feedbacks/api/v1/new-feedbacks-questions"
    question = seller.ask_question("Какой объём?")
    assert (await posts.call("GET", path)).json()["data"] == {
        "hasNewQuestions": True,
        "hasNewFeedbacks": False,
    }
    await posts.change(id=question, wasViewed=True)
    assert (await posts.call("GET", path)).json()["data"]["hasNewQuestions"] is False


async def test_a_claim_is_under_review_then_archived_then_forgotten(posts, seller, clock):
    claim = seller.file_claim("Крышка треснула", images=2, order_id="v5o_1.0.0")
    other = seller.file_claim("Не тот цвет")
    (_, told) = sorted(await posts.claims(), key=lambda each: each["user_comment"], reverse=True)
    assert (told["id"], told["srid"], len(told["photos"]), told["status"]) == (claim, "v5o_1.0.0", 2, 0)
    seller.decide_claim(claim, "Ждите курьера", status=2, goods=10)
    seller.types_in_cabinet(other, "Фото не относится к товару")
    decided = {each["id"]: each for each in await posts.claims(archived=True)}
    assert (decided[claim]["status"], decided[claim]["wb_comment"]) == (2, "Ждите курьера")
    assert (decided[other]["status"], decided[other]["status_ex"]) == (1, 1)
    assert await posts.claims() == []
    clock.advance(15 * 86_400)
    assert await posts.claims(archived=True) == []


async def test_cards_are_found_by_article(posts, seller):
    good = seller.goods[0]
    wanted = {"settings": {"filter": {"textSearch": str(good.nm_id)}, "cursor": {"limit": 10}}}
    cards = (await posts.call("POST", "content/content/v2/get/cards/list", json=wanted)).json()["cards"]
    assert good.title in [each["title"] for each in cards]
    wanted["settings"]["cursor"]["limit"] = 101
    assert (await posts.call("POST", "content/content/v2/get/cards/list", json=wanted)).status_code == 400


async def test_reviews_and_questions_share_one_bucket(posts, sandbox, seller):
    sandbox.rate_limits = True
    paths = ("feedbacks/api/v1/new-feedbacks-questions", "feedbacks/api/v1/question")
    statuses = [(await posts.call("GET", paths[n % 2], params={"id": "x"})).status_code for n in range(7)]
    assert statuses.count(429) == 1
    assert (
        await posts.call("GET", "returns/api/v1/claims", params={"is_archive": "true"})
    ).status_code == 200
    posts.token = sandbox.wildberries.issue_token(seller, account=Account.BASE)
    assert [(await posts.call("GET", paths[0])).status_code for _ in range(2)] == [200, 429]


@pytest.mark.parametrize(
    ("scope", "open_paths"),
    [
        (Scope.FEEDBACKS, {"feedbacks/api/v1/new-feedbacks-questions"}),
        (Scope.BUYERS_RETURNS, {"returns/api/v1/claims"}),
        (Scope.CONTENT, {"content/content/v2/get/cards/list"}),
        (Scope.BUYERS_CHAT, {"api/v1/seller/chats"}),
    ],
)
async def test_each_category_opens_its_own(posts, sandbox, seller, scope, open_paths):
    posts.token = sandbox.wildberries.issue_token(seller, scopes=[scope])
    opened = set()
    for method, path in (
        ("GET", "feedbacks/api/v1/new-feedbacks-questions"),
        ("GET", "returns/api/v1/claims"),
        ("POST", "content/content/v2/get/cards/list"),
        ("GET", "api/v1/seller/chats"),
    ):
        answer = await posts.call(method, path, params={"is_archive": "true"})
        if answer.status_code == 200:
            opened.add(path)
        else:
            assert answer.json()["detail"] == "token scope not allowed"
    assert opened == open_paths


async def test_a_read_only_token_reads_cards_and_answers_nothing(posts, sandbox, seller):
    question = seller.ask_question("Какой объём?")
    posts.token = sandbox.wildberries.issue_token(seller, read_only=True)
    assert (await posts.call("POST", "content/content/v2/get/cards/list", json={})).status_code == 200
    assert await posts.answer("any", "Спасибо!") == 403
    assert (await posts.change(id=question, wasViewed=True)).status_code == 403


@pytest.mark.parametrize("channel", [Channel.REVIEW, Channel.QUESTION])
async def test_faults_are_the_same_as_everywhere(posts, sandbox, seller, channel):
    post = (
        seller.leave_review(stars=3, text="Чай как чай")
        if channel is Channel.REVIEW
        else seller.ask_question("Какой объём?")
    )
    path = "feedbacks" if channel is Channel.REVIEW else "questions"
    roles = sandbox.wildberries.roles[channel]
    for kind, seen in ((FaultKind.EMPTY_CHATS, 0), (FaultKind.DUPLICATES, 2), (FaultKind.MALFORMED_EVENT, 1)):
        sandbox.faults.add(Fault(roles.read[0], kind))
        assert len(await posts.list(path, isAnswered="false")) == seen
    sandbox.faults.add(Fault(roles.send, FaultKind.DROP_AFTER, match={"chat": post, "text": "Здрав"}))
    words = {"text": "Здравствуйте!"}
    said = (
        posts.answer(post, words["text"])
        if channel is Channel.REVIEW
        else posts.change(id=post, answer=words, state="wbRu")
    )
    with pytest.raises(httpx.RemoteProtocolError):
        await said
    assert [each.text for each in seller.api_messages()] == ["Здравствуйте!"]


async def test_an_echo_may_come_later_than_its_acceptance(posts, sandbox, seller, clock: Clock):
    review = seller.leave_review(stars=3, text="Чай как чай")
    sandbox.faults.add(Fault("review-answer", FaultKind.SLOW_ECHO, delay=30))
    await posts.answer(review, "Спасибо!")
    assert (await posts.review(review))["answer"] is None
    clock.advance(30)
    assert (await posts.review(review))["answer"]["text"] == "Спасибо!"
