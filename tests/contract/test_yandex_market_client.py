"""Every request the client makes is one that the Partner API's specifications describe, and so are the answers it reads."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError

from agentiq_core.connectors.base import Credentials, KeyReport
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.yandex_market.chats import YandexChats
from agentiq_core.connectors.yandex_market.line import HOST, YandexLine
from agentiq_core.connectors.yandex_market.mapping import chat_of, speaker_of
from agentiq_core.connectors.yandex_market.questions import YandexQuestions
from agentiq_core.connectors.yandex_market.reviews import YandexReviews
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.messages import Author, Unreadable
from tests.connectors.yandex_answers import (
    BUSINESS,
    CHAT,
    KEY,
    QUESTION,
    REVIEW,
    counted,
    make_answer,
    make_below,
    make_campaigns,
    make_chat,
    make_comment,
    make_history,
    make_message,
    make_question,
    make_review,
    make_rights,
    ok,
    paged,
)
from tests.contract.recorder import Recorder, Sent, recording

ACCEPTED = {"status": "OK"}
ANSWERS: dict[str, object] = {
    "chats": paged("chats", make_chat()),
    "chats/history": make_history(make_message()),
    "chats/message": ACCEPTED,
    "chats/file/send": ACCEPTED,
    "goods-feedback": paged("feedbacks", make_review(statistics=counted(1))),
    "goods-feedback/comments": paged("comments", make_comment()),
    "goods-feedback/comments/update": {"status": "OK", "result": make_comment(status="UNMODERATED")},
    "goods-feedback/skip-reaction": ACCEPTED,
    "goods-questions": paged("questions", make_question(), totalCount=1),
    "goods-questions/answers": paged("answers", make_answer(comments=[make_below()])),
    "goods-questions/update": ok(entity={"id": 601, "type": "ANSWER"}),
    "offer-mappings": paged("offerMappings", {"offer": {"offerId": "SKU-7", "name": "Чайник"}}),
    "campaigns": make_campaigns(),
    "auth/token": make_rights("COMMUNICATION"),
}


def operation_of(path: str) -> str:
    """The method's name, without the account."""
    return path.partition(f"/businesses/{BUSINESS}/")[2] or path.removeprefix("/v2/")


@dataclass
class Told:
    """An answer, as openapi-core wants it."""

    data: bytes
    status_code: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


class Specifications:
    """The three documents of the Partner API that are used; each knows some of the paths."""

    def __init__(self, folder: Path) -> None:
        names = ("chats", "feedback-questions", "common")
        self.documents = [
            OpenAPI.from_file_path(str(folder / "specs" / f"yandex-market-{name}.yaml")) for name in names
        ]
        self.paths: dict[str, Any] = {}
        self._of: dict[str, OpenAPI] = {}
        for document in self.documents:
            for path, operations in (document.spec / "paths").read_value().items():
                name = path.partition("{businessId}/")[2] or path.removeprefix("/v2/")
                self.paths[name] = operations
                self._of[name] = document

    def validate(self, sent: Sent) -> None:
        """Raise OpenAPIError for a request, or its answer here, that is not described."""
        operation = operation_of(sent.path)
        document = self._of[operation]
        document.validate_request(sent)
        document.validate_response(sent, Told(json.dumps(ANSWERS[operation]).encode()))


@pytest.fixture(scope="module")
def specifications(specs_dir: Path) -> Specifications:
    """The printed contracts."""
    return Specifications(specs_dir)


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """A recording host on loopback."""
    async with recording(lambda _method, path: ANSWERS[operation_of(path)], {"": HOST}) as host:
        yield host


@pytest.fixture
async def line(recorder: Recorder) -> AsyncIterator[YandexLine]:
    """A line to the recorder."""
    line = YandexLine(Credentials(KEY, base_url=recorder.url, account_id=BUSINESS))
    yield line
    await line.aclose()


def test_the_live_host_is_the_specifications(specifications: Specifications) -> None:
    for document in specifications.documents:
        assert (document.spec / "servers").read_value() == [{"url": HOST}]


async def test_every_read_is_described_and_so_is_its_answer(
    recorder: Recorder, line: YandexLine, specifications: Specifications
) -> None:
    chats, reviews, questions = YandexChats(line), YandexReviews(line), YandexQuestions(line)
    for connector in (chats, reviews, questions):
        page = await connector.page(None)
        assert page.unreadable == ()
        page = await connector.page(page.cursor)
        assert page.messages
        assert page.unreadable == ()
    later = '{"whole_at":%f}' % datetime.now(UTC).timestamp()  # noqa: UP031
    await asyncio.gather(*(connector.page(later) for connector in (chats, reviews, questions)))
    marked = chats.page('{"whole_at":0,"whole":true,"listing":false,"position":null,"left":[["7","2026-01-01T00:00:00+00:00|8",null,null,null]],"asked":[]}')  # fmt: skip
    known = reviews.page(
        '{"whole_at":0,"whole":false,"listing":true,"position":"list x","left":[],"asked":[]}'
    )
    older = questions.page(
        '{"whole_at":0,"whole":true,"listing":true,"position":"2026-11-20 2 x","left":[],"asked":[]}'
    )
    await asyncio.gather(marked, known, older, line.account(), line.products(["SKU-7", "арт. 8"]))
    assert len(recorder.sent) == 15
    for sent in recorder.sent:
        specifications.validate(sent)


async def test_every_reply_is_described_and_so_is_its_answer(
    recorder: Recorder, line: YandexLine, specifications: Specifications
) -> None:
    file = OutgoingFile("чек.pdf", "application/pdf", b"%PDF-1.7")
    await YandexChats(line).send(CHAT, "я" * 4096, (file,))
    await YandexReviews(line).send(REVIEW, "я" * 4096)
    await YandexReviews(line).dismiss(REVIEW)
    await YandexQuestions(line).send(QUESTION, "я" * 5000)
    assert len(recorder.sent) == 5
    for sent in recorder.sent:
        specifications.validate(sent)


async def test_the_validation_would_notice_a_wrong_request(
    recorder: Recorder, line: YandexLine, specifications: Specifications
) -> None:
    await YandexChats(line).send(CHAT, "да")
    (sent,) = recorder.sent
    right = sent.body, sent.parameters
    sent.body = sent.body.replace(b'"message"', b'"text"')
    with pytest.raises(OpenAPIError):
        specifications.validate(sent)
    sent.body, sent.parameters = right[0], RequestParameters(header=right[1].header)
    with pytest.raises(OpenAPIError):
        specifications.validate(sent)


def test_the_limits_are_the_printed_ones(specifications: Specifications) -> None:
    seconds = {"hours": 3600, "minutes": 60}
    for method, limit in marketplace("yandex-market").limits(KeyReport()).items():
        operations = specifications.paths[method]
        operation = operations["get"] if method == "campaigns" else operations["post"]
        config = operation["x-resource-limit-config"]
        least = min(config[level]["amount"] for level in ("none", "medium"))
        period = seconds[config["none"]["period"]] * config["none"]["period-duration"]
        assert limit.burst + period / limit.interval == pytest.approx(least)


def test_the_lengths_are_the_printed_ones(specifications: Specifications) -> None:
    chats, goods, _ = specifications.documents
    printed = (
        (chats.spec / "components" / "schemas" / "SendMessageToChatRequest").read_value()["properties"][
            "message"
        ],
        (goods.spec / "components" / "schemas" / "GoodsFeedbackCommentText").read_value(),
        (goods.spec / "components" / "schemas" / "QuestionsTextContent").read_value(),
    )
    declared = marketplace("yandex-market").channels.values()
    assert [(one["minLength"], one["maxLength"]) for one in printed] == [
        (channel.text_least, channel.text_limit) for channel in declared
    ]


def test_every_printed_enum_is_understood(specifications: Specifications) -> None:
    schemas = (specifications.documents[0].spec / "components" / "schemas").read_value()
    for status in schemas["ChatStatusType"]["enum"]:
        told = chat_of(make_chat(status=status))
        assert not isinstance(told, Unreadable)
        assert told[0].closed is (status == "FINISHED")
    speakers = {sender: speaker_of(sender)[0] for sender in schemas["ChatMessageSenderType"]["enum"]}
    assert speakers == {
        "PARTNER": Author.SELLER,
        "CUSTOMER": Author.BUYER,
        "MARKET": Author.MARKETPLACE,
        "SUPPORT": Author.MARKETPLACE,
    }
