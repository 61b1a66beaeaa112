"""The sandbox's Ozon keeps to the specifications: every operation and answer, over real HTTP."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_core.exceptions import OpenAPIError

from agentiq_core.sandbox import Fault, FaultKind, History, Sandbox
from agentiq_core.sandbox.ozon.market import OzonMarket
from agentiq_core.sandbox.ozon.records import Scheme
from agentiq_core.sandbox.ozon.seller import OzonSeller
from agentiq_core.sandbox.ozon.server import OPERATIONS
from tests.contract.ozon_documents import DOCUMENTS, Exchanged, document
from tests.sandbox.ozon_client import OzonApi

NOT_JSON = {"chat_file"}


class Checked(OzonApi):
    """Calls the sandbox and validates both the request and its answer."""

    specs_dir: Path

    async def post(
        self, path: str, body: Any = None, *, valid: bool = True, **headers: str | None
    ) -> httpx.Response:
        request = self.request(path, body, **headers)
        answer = await self.client.send(request)
        exchanged = Exchanged(
            path,
            dict(request.headers),
            request.read(),
            answer.status_code,
            answer.content,
            answer.headers["content-type"].partition(";")[0],
        )
        if valid:
            exchanged.hold_against(self.specs_dir)
        else:
            exchanged.hold_answer_against(self.specs_dir)
        return answer


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(rate_limits=False, markets=[OzonMarket]) as running:
        yield running


@pytest.fixture
def shop(sandbox: Sandbox) -> OzonSeller:
    """A shop with a past; its answers have the printed types, the irregular ones are left to other tests."""
    market = sandbox.market("ozon")
    market.behaviour.quirks = False
    return market.add_seller(
        "Тихий дом", history=History(chats=12, waiting=4, reviews=30, questions=12), scheme=Scheme.FBS
    )


@pytest.fixture
async def ozon(sandbox: Sandbox, shop: OzonSeller, specs_dir: Path) -> AsyncIterator[Checked]:
    async with httpx.AsyncClient(trust_env=False) as client:
        checked = Checked(client, sandbox, shop)
        checked.specs_dir = specs_dir
        yield checked


def test_every_operation_is_one_of_the_specifications(specs_dir: Path) -> None:
    printed = {path for name in DOCUMENTS for path in document(specs_dir, name)["paths"]}
    assert {each.path for each in OPERATIONS if each.name not in NOT_JSON} <= printed


async def test_every_chat_and_message_is_described(ozon: Checked, shop: OzonSeller) -> None:
    pictured = shop.open_chat()
    shop.buyer_says(pictured, "Вот", images=2)
    shop.marketplace_says(pictured, "Заказ в пути")
    answer = (await ozon.post("/v3/chat/list", {"limit": 5})).json()
    assert (len(answer["chats"]), answer["has_next"]) == (5, True)
    await ozon.post(
        "/v3/chat/list", {"limit": 5, "cursor": answer["cursor"], "filter": {"chat_status": "All"}}
    )
    for chat in shop.chats:
        read = (await ozon.post("/v3/chat/history", {"chat_id": chat, "limit": 1000})).json()
        assert len(read["messages"]) == len(shop.messages(chat))
    first = int(shop.messages(pictured)[0].id)
    body = {"chat_id": pictured, "direction": "Forward", "from_message_id": first, "limit": 1}
    assert (await ozon.post("/v3/chat/history", body)).json()["has_next"] is True


async def test_every_way_to_write_in_a_chat_is_described(ozon: Checked, shop: OzonSeller) -> None:
    chat = shop.open_chat()
    said = shop.buyer_says(chat, "Где заказ?")
    content = base64.b64encode(b"%PDF-1.7").decode()
    await ozon.post("/v1/chat/send/message", {"chat_id": chat, "text": "Едет"})
    await ozon.post("/v1/chat/send/file", {"chat_id": chat, "base64_content": content, "name": "чек.pdf"})
    await ozon.post("/v2/chat/read", {"chat_id": chat, "from_message_id": int(said.id)})
    assert len(shop.api_messages()) == 2


async def test_everything_about_reviews_is_described(ozon: Checked, shop: OzonSeller) -> None:
    review = shop.leave_review(stars=2, text="Скол", images=1)
    listed = (
        await ozon.post("/v2/review/list", {"limit": 20, "sort_dir": "DESC", "filters": {"status": "ALL"}})
    ).json()
    assert listed["reviews"][0]["id"] == review
    await ozon.post("/v2/review/info", {"review_id": review})
    await ozon.post(
        "/v1/review/comment/create",
        {"review_id": review, "text": "Проверим", "mark_review_as_processed": True},
    )
    shop.reviews[review].refused = "ссылка"
    await ozon.post("/v1/review/comment/create", {"review_id": review, "text": "ещё"})
    await ozon.post(
        "/v1/review/comment/list", {"review_id": review, "limit": 20, "offset": 0, "sort_dir": "ASC"}
    )
    await ozon.post("/v2/review/change-status", {"review_ids": [review], "status": "VIEWED"})


async def test_everything_about_questions_is_described(ozon: Checked, shop: OzonSeller) -> None:
    question = shop.ask_question("Какой объём?")
    sku = shop.questions[question].good.nm_id
    listed = (
        await ozon.post("/v1/question/list", {"limit": 100, "sort_dir": "DESC", "filter": {"status": "NEW"}})
    ).json()
    assert listed["questions"][0]["id"] == question
    await ozon.post("/v1/question/info", {"question_id": question})
    await ozon.post("/v1/question/answer/create", {"question_id": question, "sku": sku, "text": "350 мл"})
    shop.questions[question].refused = "дубль"
    await ozon.post("/v1/question/answer/create", {"question_id": question, "sku": sku, "text": "350 мл"})
    await ozon.post("/v1/question/answer/list", {"question_id": question, "sku": sku})
    await ozon.post("/v1/question/change-status", {"question_ids": [question], "status": "PROCESSED"})


async def test_what_belongs_to_no_channel_is_described(ozon: Checked, shop: OzonSeller) -> None:
    await ozon.post("/v1/roles")
    await ozon.post("/v1/seller/info")
    goods = [str(good.nm_id) for good in shop.goods[:3]]
    assert len((await ozon.post("/v3/product/info/list", {"sku": goods})).json()["items"]) == 3
    order = next(iter(shop.chats.values())).order_id
    await ozon.post("/v3/posting/fbs/get", {"posting_number": f"{order}-1"})


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v3/chat/list", {"limit": 0}, 400),
        ("/v3/chat/history", {"chat_id": "no"}, 404),
        ("/v1/chat/send/message", {"chat_id": "no", "text": "да"}, 404),
        ("/v1/chat/send/message", {"chat_id": "no", "text": ""}, 400),
        ("/v2/review/list", {"limit": 20}, 403),
        ("/v2/review/info", {"review_id": "no"}, 403),
        ("/v1/question/answer/create", {"question_id": "no", "sku": 1, "text": "да"}, 404),
        ("/v3/posting/fbs/get", {"posting_number": "no"}, 404),
    ],
)
async def test_every_refusal_is_described(
    ozon: Checked, shop: OzonSeller, path: str, body: dict[str, Any], status: int
) -> None:
    shop.behaviour.change({"reviews_paid": False})
    assert (await ozon.post(path, body, valid=False)).status_code == status


async def test_a_failure_and_a_wrong_key_are_described(ozon: Checked, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("chat_list", FaultKind.SERVER_ERROR))
    assert (await ozon.post("/v3/chat/list", {"limit": 1})).status_code == 500
    assert (await ozon.post("/v3/chat/list", {"limit": 1}, Api_Key="another")).status_code == 403
    sandbox.faults.add(Fault("chat_list", FaultKind.FORBIDDEN))
    assert (await ozon.post("/v3/chat/list", {"limit": 1})).status_code == 403


async def test_the_validation_would_notice_the_irregular_shapes(ozon: Checked, shop: OzonSeller) -> None:
    shop.behaviour.change({"quirks": True})
    with pytest.raises(OpenAPIError):
        await ozon.post("/v3/chat/list", {"limit": 100})
