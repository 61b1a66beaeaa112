"""The sandbox keeps to the specification: every operation and answer, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from agentiq_core.sandbox import Account, Fault, FaultKind, History, Moderation, Photo, Sandbox, SandboxSeller


class Checked:
    """Calls the sandbox and validates both the request and its answer."""

    def __init__(self, document: OpenAPI, client: httpx.AsyncClient, base: str) -> None:
        self.document = document
        self.client = client
        self.base = base

    async def call(
        self, method: str, path: str, token: str, *, valid_request: bool = True, **options: Any
    ) -> httpx.Response:
        request = self.client.build_request(
            method, f"{self.base}/api/v1/seller/{path}", headers={"Authorization": token}, **options
        )
        answer = await self.client.send(request)
        seen = MockRequest(
            self.base,
            method,
            request.url.path.removeprefix("/wildberries"),
            args=dict(request.url.params),
            headers=dict(request.headers),
            data=request.read(),
            content_type=request.headers.get("content-type", ""),
        )
        if valid_request:
            self.document.validate_request(seen)
        shown = MockResponse(
            answer.content,
            status_code=answer.status_code,
            headers=dict(answer.headers),
            content_type=answer.headers["content-type"],
        )
        self.document.validate_response(seen, shown)
        assert ("X-Ratelimit-Remaining" in answer.headers) == (answer.status_code != 429)
        return answer

    async def send(self, token: str, sign: str, text: str, file: bytes | None = None) -> httpx.Response:
        parts: list[tuple[str, Any]] = [("replySign", (None, sign)), ("message", (None, text))]
        if file is not None:
            parts.append(("file", ("photo.png", file, "image/png")))
        return await self.call("POST", "message", token, files=parts)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture
async def checked(specs_dir: Path, sandbox: Sandbox) -> AsyncIterator[Checked]:
    raw = yaml.safe_load((specs_dir / "specs" / "wb-buyer-chat.yaml").read_text(encoding="utf-8"))
    base = f"{sandbox.url}/wildberries"
    raw["servers"] = [{"url": sandbox.url}]
    for item in raw["paths"].values():
        for operation in item.values():
            operation["servers"] = [{"url": sandbox.url}]
    readers = {
        "application/problem+json": lambda data, **_: json.loads(data),
        "image/png": lambda data, **_: data,
        "application/pdf": lambda data, **_: data,
    }
    config = Config(extra_media_type_deserializers=readers)
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        checked = Checked(OpenAPI.from_dict(raw, config=config), client, base)
        yield checked


@pytest.fixture
def seller(sandbox: Sandbox) -> SandboxSeller:
    return sandbox.wildberries.add_seller("Дом и чай", history=History(chats=60, waiting=12))


async def test_chats_of_a_seller_with_every_irregularity(checked, seller):
    answer = await checked.call("GET", "chats", seller.token)
    assert answer.status_code == 200
    assert len(answer.json()["result"]) == len(seller.chats)


async def test_every_page_of_the_feed_and_the_empty_one(checked, sandbox, seller):
    sandbox.rate_limits = False
    cursor: dict[str, str] = {}
    pages = 0
    while True:
        answer = await checked.call("GET", "events", seller.token, params=cursor)
        assert answer.status_code == 200
        if answer.json()["result"]["totalEvents"] == 0:
            break
        cursor, pages = {"next": str(answer.json()["result"]["next"])}, pages + 1
    assert pages > 1


@pytest.mark.parametrize("value", ["0", "завтра"])
async def test_a_wrong_cursor(checked, seller, value):
    answer = await checked.call(
        "GET", "events", seller.token, params={"next": value}, valid_request=value == "0"
    )
    assert answer.status_code == 400


@pytest.mark.parametrize("sign_in_answer", [False, True])
async def test_a_message_with_a_file(checked, seller, sign_in_answer):
    seller.behaviour.sign_in_answer = sign_in_answer
    sign = (await checked.call("GET", "chats", seller.token)).json()["result"][0]["replySign"]
    answer = await checked.send(seller.token, sign, "Здравствуйте! Смотрите фото.", b"\x89PNG\r\n\x1a\n0")
    assert answer.status_code == 200
    assert ("sign" in answer.json()["result"]) == sign_in_answer
    assert (await checked.call("GET", "events", seller.token)).status_code == 200


async def test_a_message_whose_file_was_refused(checked, sandbox, seller):
    sign = (await checked.call("GET", "chats", seller.token)).json()["result"][0]["replySign"]
    sandbox.faults.add(Fault("message", FaultKind.FILE_REFUSED))
    answer = await checked.send(seller.token, sign, "Смотрите фото.", b"\x89PNG\r\n\x1a\n0")
    assert (answer.status_code, len(answer.json()["errors"])) == (200, 1)


async def test_refused_messages(checked, seller):
    sign = (await checked.call("GET", "chats", seller.token)).json()["result"][0]["replySign"]
    assert (await checked.send(seller.token, "1:не:та", "Здравствуйте!")).status_code == 400
    assert (await checked.send(seller.token, sign, " ")).status_code == 400
    assert (await checked.send(seller.token, sign, "Видео", b"ftypmp42")).status_code == 400


async def test_a_file_given_moderated_withheld_and_unknown(checked, seller):
    chat = seller.open_chat()
    photos = [Photo(), Photo(moderation=Moderation.PENDING, wait=30), Photo(moderation=Moderation.REFUSED)]
    files = seller.buyer_says(chat, "Вот", images=photos, at=datetime(2026, 11, 1, tzinfo=UTC)).attachments
    paths = [f"download/{file.download_id}" for file in files] + ["download/unknown"]
    answers = [await checked.call("GET", path, seller.token) for path in paths]
    assert [answer.status_code for answer in answers] == [200, 202, 451, 400]


async def test_a_receipt_in_pdf(checked, seller):
    chat = seller.open_chat()
    receipt = Photo(name="Чек.pdf", content_type="application/pdf")
    file = seller.buyer_says(chat, None, images=[receipt]).attachments[0]
    answer = await checked.call("GET", f"download/{file.download_id}", seller.token)
    assert answer.content.startswith(b"%PDF-")


@pytest.mark.parametrize(("method", "path"), [("GET", "chats"), ("GET", "events"), ("GET", "download/x")])
async def test_a_refused_token_on_every_read(checked, method, path):
    assert (await checked.call(method, path, "no.such.token")).status_code == 401


async def test_refused_tokens_when_sending(checked, sandbox, seller):
    reader = sandbox.wildberries.issue_token(seller, read_only=True)
    tester = sandbox.wildberries.issue_token(seller, account=Account.TEST)
    assert (await checked.send(reader, "1:a:b", "Здравствуйте!")).status_code == 403
    assert (await checked.send(tester, "1:a:b", "Здравствуйте!")).status_code == 401


async def test_too_many_requests_on_every_operation(checked, sandbox, seller):
    base = sandbox.wildberries.issue_token(seller, account=Account.BASE)
    for method, path in (("GET", "chats"), ("GET", "events"), ("GET", "download/x")):
        await checked.call(method, path, base)
        refused = await checked.call(method, path, base)
        assert refused.status_code == 429
        assert {"X-Ratelimit-Retry", "X-Ratelimit-Limit", "X-Ratelimit-Reset"} <= {
            name.title() for name in refused.headers
        }
    await checked.send(base, "1:a:b", "Здравствуйте!")
    assert (await checked.send(base, "1:a:b", "Здравствуйте!")).status_code == 429
