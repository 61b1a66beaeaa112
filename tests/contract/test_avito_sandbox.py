"""The sandbox's Avito keeps to the specifications: every operation and answer, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockResponse
from werkzeug.datastructures import ImmutableMultiDict

from agentiq_core.sandbox import Fault, FaultKind, History, Photo, Sandbox
from agentiq_core.sandbox.avito.market import AvitoMarket
from agentiq_core.sandbox.avito.problems import SHAPES
from agentiq_core.sandbox.avito.seller import AvitoSeller
from tests.contract.avito_documents import Documents, load
from tests.sandbox.avito_client import AvitoApi

PNG = b"\x89PNG\r\n\x1a\n0"


class Checked(AvitoApi):
    """Calls the sandbox and validates both the request and its answer.

    The messenger's specification describes successes alone: of its problems only the request is validated.
    """

    def __init__(self, documents: Documents, *of_api: Any) -> None:
        super().__init__(*of_api)
        self.documents = documents

    def check(self, request: httpx.Request, answer: httpx.Response) -> None:
        path = request.url.path.removeprefix("/avito")
        described = answer.status_code == 200 or not path.startswith(("/messenger/", "/token"))
        shown = MockResponse(
            answer.content, status_code=answer.status_code, content_type=answer.headers["content-type"]
        )
        query = ImmutableMultiDict(list(request.url.params.multi_items()))
        body = request.read()
        self.documents.check(request.method, path, query, request.headers, body, shown if described else None)

    async def token(self, **fields: Any) -> httpx.Response:
        answer = await super().token(**fields)
        self.check(answer.request, answer)
        return answer

    async def call(self, method: str, path: str, **request: Any) -> httpx.Response:
        answer = await super().call(method, path, **request)
        self.check(answer.request, answer)
        return answer


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(markets=[AvitoMarket]) as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> AvitoSeller:
    history = History(chats=60, waiting=12, reviews=40)
    return sandbox.market("avito").add_seller("Детская комната", history=history)


@pytest.fixture(scope="module")
def documents(specs_dir: Path) -> Documents:
    return load(specs_dir, "http://described")


@pytest.fixture
async def api(documents: Documents, sandbox: Sandbox, shop: AvitoSeller) -> AsyncIterator[Checked]:
    async with httpx.AsyncClient(trust_env=False, timeout=5) as client:
        yield Checked(documents, client, sandbox, shop)


async def test_every_conversation_with_every_irregularity(api: Checked, sandbox, shop):
    sandbox.rate_limits = False
    chat = shop.open_chat(greeting="Здравствуйте!")
    shop.buyer_says(chat, "Вот", images=2)
    shop.buyer_says(chat, None, images=[Photo(content_type="audio/mp4", name="v.mp4")])
    shop.buyer_sends(chat, "call", {"call": {"status": "missed", "target_user_id": shop.user_id}})
    shop.buyer_sends(
        chat, "location", {"location": {"lat": 56.8, "lon": 35.9, "text": "Тверь", "kind": "street"}}
    )
    shop.deletes(chat, shop.buyer_says(chat, "Не туда").id)
    query = {"chat_types": "u2i,u2u", "unread_only": "true", "limit": 100, "offset": 0}
    assert (await api.call("GET", api.of_account(2, "chats"), params=query)).status_code == 200
    told = (await api.call("GET", api.of_account(2, "chats"))).json()["chats"]
    assert len(told) == 61
    for line in told:
        assert (await api.call("GET", api.of_account(2, f"chats/{line['id']}"))).status_code == 200
        assert (await api.call("GET", api.of_account(3, f"chats/{line['id']}/messages/"))).status_code == 200


async def test_everything_that_is_written(api: Checked, shop):
    chat = shop.open_chat()
    shop.buyer_says(chat, None, images=[Photo(content_type="audio/mp4", name="v.mp4")])
    messages = api.of_account(1, f"chats/{chat}/messages")
    sent = await api.call("POST", messages, json={"type": "text", "message": {"text": "Едет"}})
    uploaded = await api.call(
        "POST", api.of_account(1, "uploadImages"), files={"uploadfile[]": ("a.png", PNG, "image/png")}
    )
    (image_id,) = uploaded.json()
    assert (await api.call("POST", f"{messages}/image", json={"image_id": image_id})).status_code == 200
    assert (await api.call("POST", f"{messages}/{sent.json()['id']}")).status_code == 200
    assert (await api.call("POST", api.of_account(1, f"chats/{chat}/read"))).json() == {"ok": True}
    (voice,) = shop.messages(chat)[0].attachments
    voices = await api.call(
        "GET", api.of_account(1, "getVoiceFiles"), params={"voice_ids": voice.download_id}
    )
    assert set(voices.json()["voices_urls"]) == {voice.download_id}


async def test_reviews_in_every_state(api: Checked, shop):
    rejected = shop.leave_review(stars=1, text="Скол", images=2)
    shop.reviews[rejected].refused = "Реклама"
    body = {"reviewId": int(rejected), "message": "Пишите на сайт"}
    assert (await api.call("POST", "/ratings/v1/answers", json=body)).status_code == 200
    shop.behaviour.change({"answer_moderation": 600})
    answer = {"reviewId": int(shop.leave_review(stars=5)), "message": "Спасибо!"}
    assert (await api.call("POST", "/ratings/v1/answers", json=answer)).status_code == 200
    assert (await api.call("POST", "/ratings/v1/answers", json=answer)).status_code == 400
    assert (await api.call("POST", "/ratings/v1/answers", json=answer | {"reviewId": 1})).status_code == 404
    told = (await api.call("GET", "/ratings/v1/reviews", params={"offset": 0, "limit": 50})).json()
    assert {one["answer"]["status"] for one in told["reviews"] if one["answer"]} >= {
        "published",
        "moderation",
    }
    assert (await api.call("GET", "/ratings/v1/info")).status_code == 200
    shop.behaviour.change({"ratings": False})
    assert (await api.call("GET", "/ratings/v1/info")).status_code == 403


async def test_the_account_and_its_listings(api: Checked, shop, sandbox):
    assert (await api.call("GET", "/core/v1/accounts/self")).status_code == 200
    assert (await api.call("GET", "/core/v1/items", params={"per_page": 99, "page": 1})).status_code == 200
    for number in (shop.goods[0].nm_id, 1):
        path = f"/core/v1/accounts/{shop.user_id}/items/{number}/"
        assert (await api.call("GET", path)).status_code == 200
    sandbox.faults.add(Fault("items", FaultKind.RATE_LIMITED))
    limited = await api.call("GET", "/core/v1/items")
    assert (limited.status_code, "X-RateLimit-Limit" in limited.headers) == (429, True)


@pytest.mark.parametrize("kind", [FaultKind.UNAUTHORIZED, FaultKind.REVOKED, FaultKind.SERVER_ERROR])
async def test_refusals_of_the_account_are_described(api: Checked, sandbox, kind):
    await api.token()
    sandbox.faults.add(Fault("self", kind))
    assert (await api.call("GET", "/core/v1/accounts/self")).status_code in (401, 403, 500)


@pytest.mark.parametrize("shape", SHAPES)
async def test_problems_of_the_messenger_have_one_of_the_known_shapes(api: Checked, shop, shape):
    shop.behaviour.change({"problems": shape})
    answer = await api.call("GET", api.of_account(2, "chats/unknown"))
    assert answer.status_code == 404
    assert "chat not found" in answer.text


async def test_the_validation_would_notice_a_wrong_answer(api: Checked, shop):
    path = api.of_account(2, "chats")
    answer = await api.call("GET", path)
    spoilt = httpx.Response(200, json={"chats": [{"id": 7}]})
    with pytest.raises(OpenAPIError):
        api.check(answer.request, spoilt)
