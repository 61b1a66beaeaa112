"""Every request the connectors make is one that Ozon's specifications describe, and so is every answer these tests give."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from aiohttp import web
from openapi_core.exceptions import OpenAPIError

from agentiq_core.connectors.base import Connector, Credentials
from agentiq_core.connectors.ozon import OZON
from agentiq_core.connectors.ozon.line import HOST
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Channel
from tests.connectors import ozon_answers as made
from tests.connectors.kept import Kept, poll
from tests.contract.ozon_documents import DOCUMENTS, Exchanged, document
from tests.contract.recorder import serving

PICTURED = made.make_review(2, photos_amount=1, comments_amount=1)
ANSWERS: dict[str, object] = {
    made.CHAT_LIST: made.make_chats(made.make_chat()),
    made.HISTORY: made.make_history(
        made.make_message(context={"order_number": "0451180063-0027", "sku": "5"})
    ),
    made.CHAT_READ: {"unread_count": 0},
    made.MESSAGE: {"result": "success"},
    made.FILE: {"result": "success"},
    made.POSTING: {"result": {"status": "delivered", "fact_delivery_date": made.stamp(60)}},
    made.REVIEWS: made.make_reviews(made.make_review(), PICTURED),
    made.REVIEW: {**PICTURED, "photos": [{"url": "https://cdn1.ozone.ru/a.jpg", "width": 1, "height": 1}]},
    made.REVIEW_STATUS: {},
    made.COMMENTS: {"comments": [made.make_comment()], "offset": 1},
    made.COMMENT: {"comment_id": "c-1"},
    made.QUESTIONS: made.make_questions(made.make_question(answers_count=2)),
    made.QUESTION: made.make_question(answers_count=2),
    made.QUESTION_STATUS: {},
    made.ANSWERS: {"answers": [made.make_answer()], "last_id": "answer-0"},
    made.ANSWER: {"answer_id": "a-1"},
    made.PRODUCTS: {"items": [{"sku": 5, "name": "Кружка", "offer_id": "MUG-7", "primary_image": []}]},
    made.ROLES: {"expires_at": made.stamp(), "roles": [{"name": "Admin", "methods": ["/v1/actions"]}]},
    made.SELLER: {"subscription": {"is_premium": True, "type": "PREMIUM_PLUS"}},
}


@dataclass
class Recorder:
    """Receives over HTTP whatever the connectors send and answers it with success."""

    url: str = ""
    exchanged: list[Exchanged] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        answered = json.dumps(ANSWERS[request.path]).encode()
        self.exchanged.append(
            Exchanged(request.path, dict(request.headers), await request.read(), 200, answered)
        )
        return web.Response(body=answered, content_type="application/json")

    def line(self, channel: Channel, kept: Kept | None = None) -> Connector:
        credentials = Credentials(made.KEY, made.CLIENT_ID, base_url=self.url)
        return OZON.connect(credentials, channel=channel, memory=kept)


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """A recording host on loopback."""
    recorder = Recorder()
    async with serving(recorder.receive) as recorder.url:
        yield recorder


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_live_host_is_the_specifications(specs_dir: Path, name: str) -> None:
    assert document(specs_dir, name)["servers"] == [{"url": HOST}]


async def test_every_request_is_described(recorder: Recorder, specs_dir: Path) -> None:
    # conversations younger than the posting's window are what chats ask about
    chat, review, question = (recorder.line(name, Kept()) for name in OZON.channels)
    for line in (chat, review, question):
        await poll(line, Kept())  # type: ignore[arg-type]
        await line.chats()
    await poll(recorder.line(Channel.CHAT), Kept(marked={made.CHAT: f"{made.FIRST - 1} {made.FIRST - 1}"}))  # type: ignore[arg-type]
    marked = Kept(marked={made.CHAT: f"{made.FIRST - 1} {made.FIRST - 1}"})
    await poll(recorder.line(Channel.CHAT, marked), marked)  # type: ignore[arg-type]
    wanted = Kept(wanted=[str(made.make_question()["id"])])
    await poll(recorder.line(Channel.QUESTION, wanted), wanted)  # type: ignore[arg-type]
    await chat.account()
    await chat.products(["5"])
    await chat.send(made.CHAT, "я" * 1000, (OutgoingFile("чек.pdf", "application/pdf", b"%PDF-1.7"),))
    await chat.mark_read(made.CHAT, str(made.FIRST))
    await chat.page(
        '{"whole_at":0,"whole":true,"listing":false,"position":null,"left":[["c",null,null,"Order - 1-2",null]],"asked":[]}'
    )
    await review.send("r", "Спасибо!")
    await review.mark_read("r", "r")
    await review.dismiss("r")
    await question.send("q", "Да")
    await question.dismiss("q")
    seen = {exchanged.path for exchanged in recorder.exchanged}
    assert seen == set(ANSWERS)
    for exchanged in recorder.exchanged:
        exchanged.hold_against(specs_dir)


async def test_the_validation_would_notice_a_wrong_request(recorder: Recorder, specs_dir: Path) -> None:
    await recorder.line(Channel.CHAT).send(made.CHAT, "да")
    (sent,) = recorder.exchanged
    for wrong in (
        replace(sent, body=sent.body.replace(b"chat_id", b"chatId")),
        replace(sent, headers={"Content-Type": "application/json"}),
        replace(sent, answered=b'{"result": 7}'),
    ):
        with pytest.raises(OpenAPIError):
            wrong.hold_against(specs_dir)


def test_the_declared_lengths_are_the_printed_ones(specs_dir: Path) -> None:
    chats = document(specs_dir, "ozon-chat")["components"]["schemas"]
    feedback = document(specs_dir, "ozon-reviews-questions")["components"]["schemas"]
    text = chats["chatChatSendMessageRequest"]["properties"]["text"]["description"]
    assert f"до {OZON.capabilities('chat').text_limit} символов" in text
    answer = feedback["v1QuestionAnswerCreateRequest"]["properties"]["text"]["description"]
    question = OZON.capabilities("question")
    assert f"от {question.text_least} до {question.text_limit} символов" in answer
