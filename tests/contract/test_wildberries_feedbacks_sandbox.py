"""Reviews, questions, claims and cards of the sandbox keep to the specifications, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from agentiq_core.sandbox import Account, History, Sandbox, SandboxSeller

# the specification of questions uses a property that OpenAPI has given up
pytestmark = pytest.mark.filterwarnings("ignore:Use of allowEmptyValue:DeprecationWarning")

PARTS = {
    "feedbacks": "wb-feedbacks-questions.yaml",
    "returns": "wb-claims.yaml",
    "content": "wb-content-cards.yaml",
}
LIST = {"take": 100, "skip": 0, "order": "dateDesc"}
QUESTIONS, ANSWER = "/api/v1/questions", "/api/v1/feedbacks/answer"


class Checked:
    """Calls a part of the sandbox and validates both the request and its answer."""

    def __init__(self, documents: dict[str, OpenAPI], client: httpx.AsyncClient, sandbox: Sandbox) -> None:
        self.documents = documents
        self.client = client
        self.sandbox = sandbox

    async def call(
        self, method: str, part: str, path: str, token: str, *, valid: bool = True, **options: Any
    ) -> httpx.Response:
        url = f"{self.sandbox.url}/wildberries/{part}{path}"
        request = self.client.build_request(method, url, headers={"Authorization": token}, **options)
        answer = await self.client.send(request)
        seen = MockRequest(
            self.sandbox.url,
            method,
            path,
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.read(),
            content_type=request.headers.get("content-type", "application/json"),
        )
        if valid:
            self.documents[part].validate_request(seen)
        shown = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers.get("content-type", "application/json").partition(";")[0],
        )
        if answer.status_code == 204:
            assert answer.content == b""
        else:
            self.documents[part].validate_response(seen, shown)
        assert ("X-Ratelimit-Remaining" in answer.headers) == (answer.status_code != 429)
        return answer


@pytest.fixture(scope="module")
def raw_documents(specs_dir: Path) -> dict[str, Any]:
    return {
        part: yaml.safe_load((specs_dir / "specs" / name).read_text(encoding="utf-8"))
        for part, name in PARTS.items()
    }


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        running.rate_limits = False
        yield running


@pytest.fixture
async def checked(raw_documents: dict[str, Any], sandbox: Sandbox) -> AsyncIterator[Checked]:
    config = Config(
        extra_media_type_deserializers={"application/problem+json": lambda data, **_: json.loads(data)}
    )
    documents = {}
    for part, raw in raw_documents.items():
        raw["servers"] = [{"url": sandbox.url}]
        for item in raw["paths"].values():
            item["servers"] = [{"url": sandbox.url}]
        documents[part] = OpenAPI.from_dict(raw, config=config)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield Checked(documents, client, sandbox)


@pytest.fixture
def seller(sandbox: Sandbox) -> SandboxSeller:
    shop = sandbox.wildberries.add_seller("Дом и чай", history=History(reviews=40, questions=20))
    old = datetime.fromtimestamp(sandbox.wildberries.clock(), UTC) - timedelta(days=40)
    shop.leave_review(stars=2, text="Давно", at=old)
    shop.leave_review(stars=5)
    shop.leave_review(stars=5, images=2)
    return shop


async def test_every_list_of_reviews_and_questions(checked, seller):
    for path in ("/api/v1/feedbacks", QUESTIONS):
        for answered in ("true", "false"):
            answer = await checked.call(
                "GET", "feedbacks", path, seller.token, params=LIST | {"isAnswered": answered}
            )
            data = answer.json()["data"]
            assert data.get("feedbacks", data.get("questions"))
    archive = await checked.call("GET", "feedbacks", "/api/v1/feedbacks/archive", seller.token, params=LIST)
    assert archive.json()["data"]["feedbacks"]
    await checked.call("GET", "feedbacks", "/api/v1/new-feedbacks-questions", seller.token)


@pytest.mark.parametrize("moderation", [0.0, 60.0])
async def test_a_review_and_its_answer(checked, seller, moderation):
    seller.behaviour.answer_moderation = moderation
    review = seller.leave_review(stars=4, text="Хорошо", cons="дорого", images=1)
    one = {"params": {"id": review}}
    await checked.call("GET", "feedbacks", "/api/v1/feedback", seller.token, **one)
    said = {"id": review, "text": "Спасибо!"}
    assert (await checked.call("POST", "feedbacks", ANSWER, seller.token, json=said)).status_code == 204
    assert (await checked.call("PATCH", "feedbacks", ANSWER, seller.token, json=said)).status_code == 204
    told = await checked.call("GET", "feedbacks", "/api/v1/feedback", seller.token, **one)
    assert told.json()["data"]["answer"]["editable"] is False


async def test_a_question_answered_and_rejected(checked, seller):
    question, other = seller.ask_question("Какой объём?"), seller.ask_question("Реклама?")
    words = {"text": "350 мл"}
    for change in (
        {"id": question, "wasViewed": True},
        {"id": question, "answer": words, "state": "wbRu"},
        {"id": question, "answer": words, "state": "wbRu"},
        {"id": other, "answer": words, "state": "none"},
    ):
        assert (
            await checked.call("PATCH", "feedbacks", QUESTIONS, seller.token, json=change)
        ).status_code == 200
    change = {"id": question, "answer": words, "state": "wbRu"}
    assert (await checked.call("PATCH", "feedbacks", QUESTIONS, seller.token, json=change)).status_code == 422
    told = await checked.call("GET", "feedbacks", "/api/v1/question", seller.token, params={"id": question})
    assert told.json()["data"]["answer"]["editable"] is False


async def test_what_is_not_there_or_cannot_be_read(checked, seller):
    for path, status in (("/api/v1/feedback", 422), ("/api/v1/question", 422)):
        answer = await checked.call("GET", "feedbacks", path, seller.token, params={"id": "no such"})
        assert answer.status_code == status
    missing = {"id": "no such", "wasViewed": True}
    assert (
        await checked.call("PATCH", "feedbacks", QUESTIONS, seller.token, json=missing)
    ).status_code == 404
    for path in ("/api/v1/feedbacks", QUESTIONS):
        wrong = LIST | {"isAnswered": "maybe"}
        answer = await checked.call("GET", "feedbacks", path, seller.token, params=wrong, valid=False)
        assert answer.status_code == 400
    for method, path in (("POST", ANSWER), ("PATCH", QUESTIONS)):
        answer = await checked.call(method, "feedbacks", path, seller.token, content=b"{", valid=False)
        assert answer.status_code == 400
    answer = await checked.call("GET", "returns", "/api/v1/claims", seller.token, valid=False)
    assert answer.status_code == 400


async def test_claims_under_review_and_decided(checked, seller):
    claim = seller.file_claim("Крышка треснула", images=2)
    seller.file_claim("Не тот цвет")
    seller.decide_claim(claim, "Ждите курьера")
    for archived in ("true", "false"):
        answer = await checked.call(
            "GET", "returns", "/api/v1/claims", seller.token, params={"is_archive": archived, "limit": 50}
        )
        assert len(answer.json()["claims"]) == 1


async def test_cards(checked, seller):
    wanted = {
        "settings": {
            "filter": {"textSearch": str(seller.goods[0].nm_id), "withPhoto": -1},
            "cursor": {"limit": 9},
        }
    }
    path = "/content/v2/get/cards/list"
    answer = await checked.call("POST", "content", path, seller.token, json=wanted)
    assert answer.json()["cards"][0]["nmID"] == seller.goods[0].nm_id
    wanted["settings"]["cursor"]["limit"] = 1000
    answer = await checked.call("POST", "content", path, seller.token, json=wanted, valid=False)
    assert answer.status_code == 400


async def test_refused_tokens_and_limits(checked, sandbox, seller):
    reader = sandbox.wildberries.issue_token(seller, read_only=True)
    said = {"id": "some", "text": "Спасибо!"}
    assert (await checked.call("POST", "feedbacks", ANSWER, reader, json=said)).status_code == 403
    viewed = {"id": "some", "wasViewed": True}
    assert (await checked.call("PATCH", "feedbacks", QUESTIONS, reader, json=viewed)).status_code == 403
    calls = (
        ("feedbacks", "/api/v1/new-feedbacks-questions", {}),
        ("feedbacks", "/api/v1/feedbacks", LIST | {"isAnswered": "true"}),
        ("returns", "/api/v1/claims", {"is_archive": "true"}),
    )
    for part, path, params in calls:
        assert (await checked.call("GET", part, path, "no.such.token", params=params)).status_code == 401
    sandbox.rate_limits = True
    base = sandbox.wildberries.issue_token(seller, account=Account.BASE)
    assert [
        (await checked.call("GET", part, path, base, params=params)).status_code
        for part, path, params in calls
    ] == [
        200,
        429,
        200,
    ]
