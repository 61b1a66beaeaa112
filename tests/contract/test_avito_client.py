"""Every request the client makes, and every answer it is tried with, is one that Avito's specifications describe."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockResponse

from agentiq_core.connectors.avito.limits import (
    CHAT,
    FURTHEST,
    ITEM,
    ITEMS,
    ITEMS_PAGE,
    PAGE,
    REVIEWS_PAGE,
)
from agentiq_core.connectors.avito.line import HOST
from agentiq_core.connectors.base import Connector, Credentials, KeyReport
from agentiq_core.connectors.registry import marketplace
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel
from tests.connectors import avito_answers as made
from tests.contract.avito_documents import Documents, load
from tests.contract.recorder import Recorder, Sent, recording

CREATED = 1_795_694_400
ANSWERS: dict[tuple[str, str], object] = {
    ("POST", made.TOKEN): made.make_token(),
    ("GET", made.SELF): {"id": int(made.OWN), "name": "Лавка"},
    ("GET", made.CHATS): made.make_chats(made.make_chat()),
    ("GET", made.MESSAGES): [made.make_message(1), made.make_message(0)],
    ("POST", made.READ): {"ok": True},
    ("POST", made.SEND): {"id": "m1", "created": CREATED, "direction": "out", "type": "text", "content": {"text": "да"}},
    ("POST", made.UPLOAD): {"12345.abc": {"32x32": "https://img.k.avito.ru/1.jpg"}},
    ("POST", made.SEND_IMAGE): {"id": "m2", "created": CREATED, "direction": "out", "type": "image", "author_id": int(made.OWN)},
    ("GET", made.REVIEWS): made.make_reviews(made.make_review(answer=made.make_answer())),
    ("POST", made.ANSWERS): {"id": 501, "createdAt": CREATED},
    ("GET", made.ITEMS): {"meta": {"page": 1, "per_page": 99}, "resources": [{"id": 1, "title": "Чайник", "price": 5, "status": "active"}]},
    ("GET", f"/core/v1/accounts/{made.OWN}/items/2/"): {"status": "old", "url": None},
}  # fmt: skip


@pytest.fixture(scope="module")
def documents(specs_dir: Path) -> Documents:
    return load(specs_dir, HOST)


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    async with recording(lambda method, path: ANSWERS.get((method, path), {}), {"": HOST}) as running:
        yield running


@pytest.fixture
async def line(recorder: Recorder) -> AsyncIterator[Any]:
    opened: list[Connector] = []

    def to(channel: str, account_id: str | None = made.OWN) -> Connector:
        credentials = Credentials(made.SECRET, made.CLIENT_ID, base_url=recorder.url, account_id=account_id)
        opened.append(marketplace("avito").connect(credentials, channel=channel))
        return opened[-1]

    yield to
    for connector in opened:
        await connector.aclose()


def checked(documents: Documents, sent: list[Sent]) -> list[tuple[str, str]]:
    """The operations that were asked, each validated with its answer."""
    for one in sent:
        body = json.dumps(ANSWERS.get((one.method.upper(), one.path), {})).encode()
        answer = MockResponse(body, status_code=200, content_type="application/json")
        documents.check(one.method, one.path, one.parameters.query, one.parameters.header, one.body, answer)
    return [(one.method.upper(), one.path) for one in sent]


async def test_every_operation_in_use_is_described(recorder, line, documents):
    chats, reviews = line(Channel.CHAT), line(Channel.REVIEW, None)
    cursor = None
    for _ in range(3):
        cursor = (await chats.page(cursor)).cursor
    await chats.page('{"whole_at":1e12}')
    await chats.account()
    await chats.mark_read(made.CHAT, "m0001")
    await chats.send(made.CHAT, "я" * 1000, (OutgoingFile("снимок.png", "image/png", b"\x89PNG"),))
    await chats.products(["1", "2"])
    await reviews.page(None)
    await reviews.send("92000001", "Спасибо!")
    assert set(checked(documents, recorder.sent)) == set(ANSWERS)


async def test_voices_are_asked_for_as_described(recorder, line, documents):
    ANSWERS["GET", made.VOICES] = {"voices_urls": {"v-1": f"{recorder.url}/v.mp4"}}
    try:
        await line(Channel.CHAT).download("voice:v-1")
        assert ("GET", made.VOICES) in checked(documents, recorder.sent[:-1])
    finally:
        del ANSWERS["GET", made.VOICES]


async def test_the_validation_would_notice_a_wrong_request(recorder, line, documents):
    await line(Channel.CHAT).send(made.CHAT, "да")
    await line(Channel.REVIEW).send("92000001", "Спасибо!")
    for sent in recorder.sent:
        if sent.path == made.TOKEN:
            continue
        sent.body = sent.body.replace(b"message", b"massage")
        with pytest.raises(OpenAPIError):
            checked(documents, [sent])


def test_the_numbers_are_the_printed_ones(specs_dir: Path):
    def document(name: str) -> Any:
        return yaml.safe_load((specs_dir / "specs" / name).read_text(encoding="utf-8"))

    messenger = document("avito-messenger.yaml")["components"]
    assert messenger["parameters"]["limit"]["schema"]["maximum"] == PAGE
    assert messenger["parameters"]["offset"]["schema"]["maximum"] == FURTHEST
    text = messenger["schemas"]["sendMessageRequestBody"]["properties"]["message"]["properties"]["text"]
    assert text["maxLength"] == CHAT.text_limit
    upload = document("avito-messenger.yaml")["paths"]["/messenger/v1/accounts/{user_id}/uploadImages"][
        "post"
    ]
    assert f"{CHAT.files.max_bytes >> 20} МБ" in upload["description"]
    for kind in CHAT.files.content_types:
        assert kind.partition("/")[2].upper() in upload["description"]
    reviews = document("avito-ratings.yaml")["paths"]["/ratings/v1/reviews"]["get"]
    assert (
        next(one for one in reviews["parameters"] if one["name"] == "limit")["schema"]["maximum"]
        == REVIEWS_PAGE
    )


def test_the_limits_of_listings_are_kept_under_the_printed_ones(specs_dir: Path):
    paths = yaml.safe_load((specs_dir / "specs" / "avito-items.yaml").read_text(encoding="utf-8"))["paths"]
    limits = marketplace("avito").limits(KeyReport())
    printed = {ITEMS: (25, "/core/v1/items"), ITEM: (500, "/core/v1/accounts/{user_id}/items/{item_id}/")}
    for name, (minute, path) in printed.items():
        assert f"запросов в минуту - {minute}" in paths[path]["get"]["description"]
        assert limits[name].burst + 60 / limits[name].interval < minute + limits[name].burst
    assert ITEMS_PAGE < 100


def test_the_live_host_is_the_specifications(specs_dir: Path):
    for name in ("auth", "messenger", "ratings", "user-self", "items"):
        document = yaml.safe_load((specs_dir / "specs" / f"avito-{name}.yaml").read_text(encoding="utf-8"))
        assert document["servers"] == [{"url": HOST}]
