"""The sandbox keeps to the Partner API's specifications: every operation and answer, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from agentiq_core.domain.messages import Channel
from agentiq_core.sandbox import Fault, FaultKind, History, Photo, Sandbox
from agentiq_core.sandbox.yandex_market.market import YandexMarket
from agentiq_core.sandbox.yandex_market.records import Context, Moderation
from agentiq_core.sandbox.yandex_market.seller import YandexSeller
from agentiq_core.sandbox.yandex_market.server import OPERATIONS, PER_HOUR

PNG = b"\x89PNG\r\n\x1a\n0"
DOCUMENTS = ("chats", "feedback-questions", "common")


class Checked:
    """Calls the sandbox and validates both the request and its answer."""

    def __init__(
        self, documents: dict[str, OpenAPI], client: httpx.AsyncClient, url: str, shop: YandexSeller
    ) -> None:
        self.documents = documents
        self.client = client
        self.url = url
        self.shop = shop

    async def call(
        self, path: str, body: Any = None, *, method: str = "POST", valid_request: bool = True, **options: Any
    ) -> httpx.Response:
        root = path if path.startswith("/") else f"/v2/businesses/{self.shop.business}/{path}"
        request = self.client.build_request(
            method,
            f"{self.url}/yandex-market{root}",
            headers={"Api-Key": self.shop.token, **options.pop("headers", {})},
            **({} if body is None else {"json": body}),
            **options,
        )
        answer = await self.client.send(request)
        seen = MockRequest(
            self.url,
            method,
            root,
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.read(),
            content_type=request.headers.get("content-type", ""),
        )
        document = self._of(root)
        if valid_request:
            document.validate_request(seen)
        shown = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers["content-type"],
        )
        document.validate_response(seen, shown)
        return answer

    async def goods(self, path: str, body: Any, **options: Any) -> httpx.Response:
        return await self.call(f"/v1/businesses/{self.shop.business}/goods-questions{path}", body, **options)

    def _of(self, path: str) -> OpenAPI:
        if "goods-" in path:
            return self.documents["feedback-questions"]
        return self.documents["chats" if "/chats" in path else "common"]


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
def market(sandbox: Sandbox) -> YandexMarket:
    found = sandbox.market("yandex-market")
    assert isinstance(found, YandexMarket)
    return found


@pytest.fixture
def shop(market: YandexMarket) -> YandexSeller:
    """A seller with a past, whose answers have no irregularities beyond the specification."""
    market.behaviour.quirks = False
    return market.add_seller("Звук и свет", history=History(chats=45, waiting=9, reviews=60, questions=60))


@pytest.fixture(scope="module")
def printed(specs_dir: Path) -> dict[str, Any]:
    """The specifications as they are printed."""
    return {
        name: yaml.safe_load((specs_dir / "specs" / f"yandex-market-{name}.yaml").read_text(encoding="utf-8"))
        for name in DOCUMENTS
    }


@pytest.fixture
async def checked(printed: dict[str, Any], sandbox: Sandbox, shop: YandexSeller) -> AsyncIterator[Checked]:
    documents = {
        name: OpenAPI.from_dict({**raw, "servers": [{"url": sandbox.url}]}) for name, raw in printed.items()
    }
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield Checked(documents, client, sandbox.url, shop)


async def every_page(
    checked: Checked, path: str, name: str, body: dict[str, Any], **params: str
) -> list[Any]:
    """All items of a list."""
    items: list[Any] = []
    while True:
        call = checked.goods if path.startswith("/") or not path else checked.call
        answer = await call(path, body, params=params)
        assert answer.status_code == 200
        items += answer.json()["result"][name]
        token = answer.json()["result"]["paging"].get("nextPageToken")
        if token is None:
            return items
        params["pageToken"] = token


async def test_every_page_of_chats_and_histories(checked, shop):
    shop.behaviour.old_fields = True
    for context in Context:
        shop.context = context
        chat = shop.open_chat()
        shop.buyer_says(chat, "Вот", images=[Photo(), Photo(name="Чек.pdf", content_type="application/pdf")])
        shop.marketplace_says(chat, "Оцените ответ")
    shop.chats[chat].arbitrage = True
    chats = await every_page(checked, "chats", "chats", {"types": ["CHAT", "ARBITRAGE"]}, limit="20")
    assert len(chats) == len(shop.chats)
    assert {each["context"]["type"] for each in chats} == {"ORDER", "RETURN", "DIRECT"}
    for each in chats:
        read = await every_page(
            checked, "chats/history", "messages", {}, chatId=str(each["chatId"]), limit="2"
        )
        assert len(read) == len(shop.messages(str(each["chatId"])))


@pytest.mark.parametrize("status", ["NEW", "WAITING_FOR_PARTNER", "WAITING_FOR_CUSTOMER", "FINISHED"])
async def test_chats_by_status(checked, shop, status):
    shop.finishes(next(iter(shop.chats)))
    page = await checked.call("chats", {"statuses": [status]})
    assert {each["status"] for each in page.json()["result"]["chats"]} <= {status}


async def test_a_message_and_a_file(checked, shop):
    chat = next(iter(shop.chats))
    params = {"chatId": chat}
    sent = await checked.call("chats/message", {"message": "Проверьте кабель"}, params=params)
    filed = await checked.call(
        "chats/file/send", files={"file": ("фото.png", PNG, "image/png")}, params=params
    )
    assert (sent.json(), filed.json()) == ({"status": "OK"}, {"status": "OK"})
    first = int(shop.messages(chat)[-2].id)
    page = await checked.call("chats/history", {"messageIdFrom": first}, params=params)
    assert len(page.json()["result"]["messages"]) == 2


async def test_refused_messages(checked, sandbox, shop):
    chat = next(iter(shop.chats))
    refusals = [
        await checked.call("chats/message", {"message": ""}, params={"chatId": chat}, valid_request=False),
        await checked.call("chats/message", {"message": "Привет"}, params={"chatId": "9"}),
        await checked.call("chats/history", {}, params={"chatId": "9"}),
        await checked.call("chats/file/send", files={"file": ("a.exe", b"MZ")}, params={"chatId": chat}),
    ]
    sandbox.faults.add(Fault("message", FaultKind.CLOSED))
    refusals.append(await checked.call("chats/message", {"message": "Привет"}, params={"chatId": chat}))
    assert [each.status_code for each in refusals] == [400, 404, 404, 400, 400]


async def test_reviews_with_their_comments(checked, shop):
    shop.leave_review(stars=1)
    photographed = shop.leave_review(stars=3, text="Вот", pros="цена", cons="скол", images=2)
    shop.types_in_cabinet(photographed, "Заменим")
    shop.buyer_says(photographed, "Когда?")
    reviews = await every_page(checked, "goods-feedback", "feedbacks", {"reactionStatus": "ALL"}, limit="50")
    assert len(reviews) == len(shop.reviews)
    for id in shop.reviews:
        body = {"feedbackId": int(id)}
        read = await every_page(checked, "goods-feedback/comments", "comments", body, limit="1")
        assert len(read) == len(shop.messages(id)) - 1
    some = [int(id) for id in list(shop.reviews)[:50]]
    page = await checked.call("goods-feedback", {"feedbackIds": some}, params={"limit": "50"})
    assert len(page.json()["result"]["feedbacks"]) == 50


@pytest.mark.parametrize("moderation", Moderation)
async def test_a_comment_is_written_changed_and_skipped(checked, shop, moderation):
    review = int(shop.leave_review(stars=4, text="Хороший"))
    shop.behaviour.moderation = moderation
    body = {"feedbackId": review, "comment": {"text": "Спасибо"}}
    written = (await checked.call("goods-feedback/comments/update", body)).json()["result"]
    assert written["status"] == moderation
    body["comment"] = {"text": "Спасибо!", "id": written["id"]}
    assert (await checked.call("goods-feedback/comments/update", body)).status_code == 200
    assert (await checked.call("goods-feedback/skip-reaction", {"feedbackIds": [review]})).status_code == 200
    body = {"feedbackId": 1, "comment": {"text": "Спасибо"}}
    assert (await checked.call("goods-feedback/comments/update", body)).status_code == 404
    empty = {"feedbackId": review, "comment": {"text": ""}}
    refused = await checked.call("goods-feedback/comments/update", empty, valid_request=False)
    assert refused.status_code == 400


async def test_questions_with_their_answers(checked, shop):
    question = shop.ask_question("Есть ли гарантия?")
    shop.buyer_says(question, "Ответьте же")
    shop.types_in_cabinet(question, "Год")
    shop.buyer_says(question, "А на батарею?")
    questions = await every_page(checked, "", "questions", {"needAnswer": False, "sort": "CREATED_AT_ASC"})
    assert len(questions) == len(shop.questions)
    for id in shop.questions:
        read = await every_page(checked, "/answers", "answers", {"questionId": int(id)}, limit="1")
        assert len(read) + sum(len(each["comments"]) for each in read) == len(shop.messages(id)) - 1
    today = datetime.now(UTC).date()
    span = {"dateFrom": str(today - timedelta(days=28)), "dateTo": str(today), "needAnswer": True}
    assert (await checked.goods("", span)).status_code == 200
    parent = {"id": int(question), "type": "QUESTION"}
    create = {"operationType": "CREATE", "parentEntityId": parent, "text": "Полгода"}
    assert (await checked.goods("/update", create)).json()["result"]["entity"]["type"] == "ANSWER"
    assert (await checked.goods("/update", create | {"operationType": "DELETE"})).status_code == 400
    assert (await checked.goods("/answers", {"questionId": 1})).status_code == 404


async def test_the_account_its_rights_and_its_goods(checked, shop):
    page = await checked.call("/v2/campaigns", method="GET", params={"limit": "100"})
    assert page.json()["campaigns"][0]["business"]["id"] == shop.business
    shop.scopes = ("COMMUNICATION", "ALL_METHODS_READ_ONLY")
    told = (await checked.call("/v2/auth/token")).json()["result"]["apiKey"]["authScopes"]
    assert told == list(shop.scopes)
    wanted = {"offerIds": [f"SKU-{good.nm_id}" for good in shop.goods[:3]]}
    assert len((await checked.call("offer-mappings", wanted)).json()["result"]["offerMappings"]) == 3


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (FaultKind.UNAUTHORIZED, 401),
        (FaultKind.REVOKED, 401),
        (FaultKind.FORBIDDEN, 403),
        (FaultKind.RATE_LIMITED, 420),
        (FaultKind.SERVER_ERROR, 500),
    ],
)
async def test_problems_of_every_kind(checked, sandbox, kind, status):
    for operation, path, body in (
        ("chats", "chats", {}),
        ("feedbacks", "goods-feedback", {}),
        ("campaigns", "/v2/campaigns", None),
    ):
        sandbox.faults.add(Fault(operation, kind))
        answer = await checked.call(path, body, method="GET" if body is None else "POST")
        assert answer.status_code == status
        assert json.loads(answer.content)["errors"][0]["message"]


async def test_a_token_without_the_scope(checked, shop):
    shop.scopes = ("PRICING",)
    assert (await checked.call("chats", {})).status_code == 403
    assert (await checked.goods("", {})).status_code == 403


def test_the_limits_are_the_printed_ones(printed):
    amounts = {}
    for document in printed.values():
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                config = operation["x-resource-limit-config"]
                hours = {"hours": 1, "minutes": 60}[config["none"]["period"]]
                amounts[method.upper(), path] = config["none"]["amount"] * hours
    for operation in OPERATIONS:
        if operation.name != "file":
            path = operation.path.replace("{business}", "{businessId}")
            assert PER_HOUR[operation.name] == amounts[operation.method, path]


def test_every_channel_says_who_writes_and_who_reads(market):
    assert set(market.roles) == {Channel.CHAT, Channel.REVIEW, Channel.QUESTION}
    assert all(roles.send and roles.read for roles in market.roles.values())
