"""Reviews, questions, claims and cards: every request is one that the specifications describe, every printed payload is read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
import yaml
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from agentiq_core.connectors.base import Credentials, KeyReport
from agentiq_core.connectors.http import Answer
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.wildberries import wire_cards, wire_claims, wire_feedbacks
from agentiq_core.connectors.wildberries.answers import failure
from agentiq_core.connectors.wildberries.cards import card_of
from agentiq_core.connectors.wildberries.line import CONTENT_HOST, FEEDBACKS_HOST, RETURNS_HOST
from agentiq_core.connectors.wildberries.mapping_claims import ReadClaim, claim_of
from agentiq_core.connectors.wildberries.mapping_feedbacks import question_of, review_of
from agentiq_core.connectors.wildberries.shelves import Item
from agentiq_core.connectors.wire import read
from agentiq_core.domain.messages import Origin
from tests.connectors.wildberries_feedbacks import (
    EVERY_SCOPE,
    NOW,
    Remembered,
    claims,
    listing,
    make_claim,
    make_question,
    make_review,
    one,
    questions,
    unknown_id,
)
from tests.contract.recorder import Recorder, Sent, recording

# the specification of questions uses a property that OpenAPI has given up
pytestmark = pytest.mark.filterwarnings("ignore:Use of allowEmptyValue:DeprecationWarning")

DOCUMENTS = {
    FEEDBACKS_HOST: "wb-feedbacks-questions.yaml",
    RETURNS_HOST: "wb-claims.yaml",
    CONTENT_HOST: "wb-content-cards.yaml",
}
KEY = jwt.encode({"s": EVERY_SCOPE, "acc": 3}, "known to the marketplace alone, and long", algorithm="HS256")
ANSWERS: dict[tuple[str, str], object] = {
    ("GET", "/api/v1/new-feedbacks-questions"): one({"hasNewQuestions": True, "hasNewFeedbacks": False}),
    ("GET", "/api/v1/feedbacks"): listing(make_review()),
    ("GET", "/api/v1/feedbacks/archive"): listing(make_review(1, answer={"text": "да", "state": "wbRu"})),
    ("GET", "/api/v1/feedback"): one(make_review()),
    ("POST", "/api/v1/feedbacks/answer"): None,
    ("PATCH", "/api/v1/feedbacks/answer"): None,
    ("GET", "/api/v1/questions"): questions(make_question()),
    ("GET", "/api/v1/question"): one(make_question(answer={"text": "да", "editable": True})),
    ("PATCH", "/api/v1/questions"): one(None),
    ("GET", "/api/v1/claims"): claims(make_claim()),
    ("POST", "/content/v2/get/cards/list"): {"cards": [{"nmID": 41057}]},
}


@pytest.fixture(scope="module")
def documents(specs_dir: Path) -> dict[str, OpenAPI]:
    """The printed contracts by live host."""
    return {
        host.url: OpenAPI.from_file_path(str(specs_dir / "specs" / name)) for host, name in DOCUMENTS.items()
    }


@pytest.fixture
def examples(specs_dir: Path) -> Path:
    """The printed payloads."""
    return specs_dir / "examples" / "wildberries"


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """A recording host on loopback."""
    parts = {host.part: host.url for host in DOCUMENTS}
    async with recording(lambda method, path: ANSWERS[method, path], parts) as host:
        yield host


def check(documents: dict[str, OpenAPI], sent: Iterable[Sent]) -> set[tuple[str, str]]:
    """Validate requests; the operations that were asked."""
    asked = set()
    for request in sent:
        documents[request.host_url].validate_request(request)
        asked.add((request.method.upper(), request.path))
    return asked


async def test_every_request_is_described(
    recorder: Recorder, documents: dict[str, OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    wildberries = marketplace("wildberries")
    credentials = Credentials(KEY, base_url=recorder.url)
    for channel in ("review", "question", "claim"):
        memory = Remembered(waiting_for=("waited-for",) if channel != "claim" else ())
        line = wildberries.connect(credentials, channel=channel, memory=memory)
        cursor = await memory.poll(line, None)
        await memory.poll(line, cursor)
        await line.account()
        await line.products(["41057"])
        if channel != "claim":
            await line.send("some", "Спасибо за отзыв!")
        if channel == "question":
            await line.mark_read("some", "some")
            await line.dismiss("some")
            await line.decline("some")
        await line.aclose()
    edited = make_review(answer={"text": "Было", "state": "wbRu", "editable": True})
    monkeypatch.setitem(ANSWERS, ("GET", "/api/v1/feedback"), one(edited))
    line = wildberries.connect(credentials, channel="review")
    await line.send("some", "Стало")
    await line.aclose()
    assert check(documents, recorder.sent) == set(ANSWERS)


async def test_the_pages_of_a_long_list_are_described(
    recorder: Recorder, documents: dict[str, OpenAPI], monkeypatch: pytest.MonkeyPatch
) -> None:
    full = [make_review(number) for number in range(500)] + [
        make_review(number, id=f"other-{number}") for number in range(500)
    ]
    monkeypatch.setitem(ANSWERS, ("GET", "/api/v1/feedbacks"), listing(*full))
    line = marketplace("wildberries").connect(Credentials(KEY, base_url=recorder.url), channel="review")
    cursor = None
    for _ in range(4):
        cursor = (await line.page(cursor)).cursor
    await line.aclose()
    assert any("dateTo" in request.parameters.query for request in recorder.sent)
    check(documents, recorder.sent)


async def test_the_validation_would_notice_a_wrong_request(
    recorder: Recorder, documents: dict[str, OpenAPI]
) -> None:
    line = marketplace("wildberries").connect(Credentials(KEY, base_url=recorder.url), channel="review")
    await line.send("some", "Спасибо!")
    await line.aclose()
    get, post, _ = recorder.sent
    post.body = b'{"id": "some"}'
    get.parameters.header.clear()
    for wrong in (get, post):
        with pytest.raises(OpenAPIError):
            check(documents, [wrong])


def test_the_answers_of_these_tests_are_described(documents: dict[str, OpenAPI]) -> None:
    hosts = {path: host for host in DOCUMENTS for path in _paths(documents[host.url])}
    for (method, path), answer in ANSWERS.items():
        if answer is None:
            continue
        request = MockRequest(hosts[path].url, method, path, headers={"Authorization": KEY})
        documents[hosts[path].url].validate_response(request, MockResponse(json.dumps(answer).encode()))
    request = MockRequest(FEEDBACKS_HOST.url, "GET", "/api/v1/feedback", headers={"Authorization": KEY})
    refused = MockResponse(json.dumps(unknown_id()).encode(), status_code=422)
    documents[FEEDBACKS_HOST.url].validate_response(request, refused)


def test_the_live_hosts_are_the_specifications(specs_dir: Path) -> None:
    for host, name in DOCUMENTS.items():
        document = yaml.safe_load((specs_dir / "specs" / name).read_text(encoding="utf-8"))
        assert document["servers"][0]["url"] == host.url


def test_the_limits_are_the_printed_ones(documents: dict[str, OpenAPI]) -> None:
    buckets = {FEEDBACKS_HOST.url: "feedbacks", RETURNS_HOST.url: "claims", CONTENT_HOST.url: "cards"}
    for host, bucket in buckets.items():
        paths = (documents[host].spec / "paths").read_value()
        printed: dict[bool, set[tuple[float, int]]] = {}
        for operation in _operations(paths):
            for row in operation.get("x-rate-limits", {}).get("rows", ()):
                slow = row["token_type"] == "базовый"
                printed.setdefault(slow, set()).add((row["interval_s"], row["burst"]))
        for slow, rows in printed.items():
            limit = marketplace("wildberries").limits(KeyReport(slow=slow))[bucket]
            assert (limit.interval, limit.burst) in rows


def test_the_printed_reviews(examples: Path) -> None:
    for name in ("feedbacks_200", "feedbacks_archive_200"):
        printed = read(wire_feedbacks.ListAnswer, (examples / f"spec_get_v1_{name}.json").read_bytes())
        assert printed.data is not None
        items = [review_of(item, NOW) for item in printed.data.feedbacks or ()]
        assert items
        assert all(isinstance(item, Item) for item in items)
    single = read(wire_feedbacks.OneAnswer, (examples / "spec_get_v1_feedback_200.json").read_bytes())
    review = review_of(single.data, NOW)
    assert isinstance(review, Item)
    asked, answer = (incoming.message for incoming in review.messages)
    assert asked.text.splitlines() == [
        "Спасибо, всё подошло",
        "Достоинства: Удобный",
        "Недостатки: Нет",
        "Отметки: цена",
    ]
    assert asked.sent_at == datetime(2024, 9, 26, 7, 20, 48, tzinfo=UTC)
    assert len(asked.attachments) == 4
    assert (answer.origin, answer.text) == (Origin.UNTOLD, "Пожалуйста. Ждём вас снова!")
    assert (review.chat.stars, review.chat.buyer_name) == (5, "Николай")


def test_the_printed_questions(examples: Path) -> None:
    printed = read(wire_feedbacks.ListAnswer, (examples / "spec_get_v1_questions_200.json").read_bytes())
    assert printed.data is not None
    (question,) = [question_of(item, NOW) for item in printed.data.questions or ()]
    assert isinstance(question, Item)
    assert [incoming.message.text for incoming in question.messages] == ["Question text"]
    single = read(wire_feedbacks.OneAnswer, (examples / "spec_get_v1_question_200.json").read_bytes())
    answered = question_of(single.data, NOW)
    assert isinstance(answered, Item)
    assert answered.messages[1].message.sent_at == datetime(2025, 7, 28, 8, 24, 37, 187113, tzinfo=UTC)
    change = read(wire_feedbacks.ChangeAnswer, (examples / "spec_patch_v1_questions_200.json").read_bytes())
    assert not change.error


def test_the_printed_claims(examples: Path) -> None:
    printed = read(
        wire_claims.ClaimsAnswer, (examples / "spec_common_GetClaimsSuccessResponse_schema.json").read_bytes()
    )
    (claim,) = [claim_of(item) for item in printed.claims or ()]
    assert isinstance(claim, ReadClaim)
    words, decision = (incoming.message for incoming in claim.messages)
    assert words.sent_at == datetime(2025, 3, 26, 14, 6, 12, 245611, tzinfo=UTC)
    assert decision.sent_at - words.sent_at > timedelta(days=44)
    assert len(words.attachments) == 3
    assert claim.chat.product is not None
    assert claim.chat.product.order_id == "v5o_7143225816503318733.0.0"


def test_the_printed_cards(examples: Path) -> None:
    printed = read(
        wire_cards.CardsAnswer, (examples / "spec_post_content_v2_get_cards_list_200.json").read_bytes()
    )
    (card,) = [card_of(item) for item in printed.cards or ()]
    assert card is not None
    assert (card.external_id, card.title, card.brand, card.vendor_code) == (
        "12345678",
        "Тест-система",
        "Тест",
        "wb7f6mumjr1",
    )
    assert card.facts == (("Цвет", "красно-сиреневый"),)
    assert card.photo_url is not None
    assert card.photo_url.endswith("/c246x328/1.webp")
    body = (examples / "spec_post_content_v2_get_cards_list_400.json").read_bytes()
    assert failure("cards", Answer(400, {}, body), secrets=()).code == "refused"


def test_the_printed_changes_of_questions_are_what_is_sent(examples: Path) -> None:
    shapes = {
        path.stem.rpartition("_")[2]: set(json.loads(path.read_text(encoding="utf-8")))
        for path in examples.glob("spec_patch_v1_questions_request_*.json")
    }
    assert shapes == {
        "ViewQuestion": {"id", "wasViewed"},
        "RejectQuestion": {"id", "answer", "state"},
        "AnswerQuestionOrEditAnswer": {"id", "answer", "state"},
    }


def _paths(document: OpenAPI) -> list[str]:
    return list((document.spec / "paths").read_value())


def _operations(paths: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        operation for item in paths.values() for operation in item.values() if isinstance(operation, dict)
    ]
