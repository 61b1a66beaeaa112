"""Every request the client makes is one that the buyer chat API's specification describes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import jwt
import pytest
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError

from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.wildberries.client import HOST, WildberriesConnector
from agentiq_core.domain.files import OutgoingFile
from tests.contract.recorder import Recorder, recording

CHAT = "1:641b623c-5c0e-295b-db03-3d5b4d484c32"
ANSWERS: dict[str, object] = {
    "chats": {"result": [{"chatID": CHAT, "replySign": f"{CHAT}:5482:bc3a4c04"}], "errors": None},
    "events": {"result": {"next": 0, "totalEvents": 0, "events": []}, "errors": None},
    "message": {"result": {"addTime": 1712848270018, "chatID": CHAT}, "errors": []},
}


@pytest.fixture
def specification(specs_dir: Path) -> OpenAPI:
    """The printed contract of the buyer chat API."""
    return OpenAPI.from_file_path(str(specs_dir / "specs" / "wb-buyer-chat.yaml"))


@pytest.fixture
async def recorder() -> AsyncIterator[Recorder]:
    """A recording host on loopback."""
    async with recording(lambda _method, path: ANSWERS.get(path.rpartition("/")[2], {}), {"": HOST}) as host:
        yield host


@pytest.fixture
async def line(recorder: Recorder) -> AsyncIterator[WildberriesConnector]:
    """A line to the recorder with a key of the usual shape."""
    key = jwt.encode({"s": 1 << 9, "acc": 3}, "known to the marketplace alone, and long", algorithm="HS256")
    connector = WildberriesConnector(Credentials(key, base_url=recorder.url))
    yield connector
    await connector.aclose()


def test_the_live_host_is_the_specifications(specification: OpenAPI) -> None:
    servers = (specification.spec / "servers").read_value()
    assert servers == [{"url": HOST}]


async def test_every_read_is_described(
    recorder: Recorder, line: WildberriesConnector, specification: OpenAPI
) -> None:
    await asyncio.gather(
        line.page(None), line.page("1698037340000"), line.chats(), line.download("ecaeb056-a4ee-45b4")
    )
    assert len(recorder.sent) == 4
    for sent in recorder.sent:
        specification.validate_request(sent)


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("Добрый день! Уже везём.", 0),
        ("я" * 1000, 1),
        ("", 2),
    ],
)
async def test_every_reply_is_described(
    recorder: Recorder, line: WildberriesConnector, specification: OpenAPI, text: str, files: int
) -> None:
    await line.send(CHAT, text, (OutgoingFile("чек.pdf", "application/pdf", b"%PDF-1.7"),) * files)
    assert [sent.path.rpartition("/")[2] for sent in recorder.sent] == ["chats", "message"]
    for sent in recorder.sent:
        specification.validate_request(sent)


async def test_the_validation_would_notice_a_wrong_request(
    recorder: Recorder, line: WildberriesConnector, specification: OpenAPI
) -> None:
    await line.send(CHAT, "да")
    get, post = recorder.sent
    post.body = post.body.replace(b"replySign", b"replysign")
    get.parameters.header.clear()
    for wrong in (get, post):
        with pytest.raises(OpenAPIError):
            specification.validate_request(wrong)


def test_the_limits_are_the_printed_ones(specification: OpenAPI) -> None:
    wildberries = marketplace("wildberries")
    paths = (specification.spec / "paths").read_value()
    printed = {}
    for path, operations in paths.items():
        name = path.removesuffix("/{id}").rpartition("/")[2]
        for operation in operations.values():
            for row in operation["x-rate-limits"]["rows"]:
                printed[name, row["token_type"] == "базовый"] = (row["interval_s"], row["burst"])
    for slow in (False, True):
        report = wildberries.inspect_key(
            Credentials(jwt.encode({"s": 1 << 9, "acc": 1 if slow else 3}, "k" * 32, algorithm="HS256")),
            datetime(2026, 11, 23, tzinfo=UTC),
        )
        limits = wildberries.limits(report)
        for name in {name for name, _ in printed}:
            assert (limits[name].interval, limits[name].burst) == printed[name, slow]
