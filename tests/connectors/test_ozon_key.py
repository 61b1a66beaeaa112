"""What an Ozon key says of itself and what Ozon says of it; files and cards of goods that it opens."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.base import Credentials, KeyProblem, RateLimit
from agentiq_core.connectors.errors import KeyRefused, RateLimited, Refused, ServerFailed
from agentiq_core.connectors.fetching import Fetcher
from agentiq_core.connectors.ozon import OZON
from agentiq_core.connectors.ozon.chats import OzonChats
from agentiq_core.connectors.ozon.files import CHAT_FILE, HOSTS
from agentiq_core.connectors.ozon.questions import OzonQuestions
from agentiq_core.connectors.ozon.reviews import OzonReviews
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.domain.messages import Channel, ProductCard
from tests.connectors.ozon_answers import (
    CHAT,
    CHAT_LIST,
    CLIENT_ID,
    HISTORY,
    KEY,
    NO_SUBSCRIPTION,
    NOW,
    PRODUCTS,
    ROLES,
    SELLER,
    make_history,
    make_message,
    make_problem,
)
from tests.connectors.ozon_lines import OzonLines
from tests.connectors.scripted_host import ScriptedHost

EVERYTHING = ["/v3/chat/list", "/v1/chat/send/message", "/v2/review/list", "/v1/question/list"]


@pytest.mark.parametrize(
    ("secret", "client_id", "problems"),
    [
        (KEY, CLIENT_ID, ()),
        (f" {KEY}\n", f" {CLIENT_ID} ", ()),
        (KEY, None, (KeyProblem.NO_CLIENT_ID,)),
        (KEY, "", (KeyProblem.NO_CLIENT_ID,)),
        (KEY, KEY, (KeyProblem.NO_CLIENT_ID,)),
        (KEY, "٧٠٠", (KeyProblem.NO_CLIENT_ID,)),
        (CLIENT_ID, KEY, (KeyProblem.MALFORMED, KeyProblem.NO_CLIENT_ID)),
        ("", CLIENT_ID, (KeyProblem.MALFORMED,)),
        ("ключ-от-кабинета-продавца", CLIENT_ID, (KeyProblem.MALFORMED,)),
        ("x" * 5000, CLIENT_ID, (KeyProblem.MALFORMED,)),
    ],
)
def test_a_key_is_inspected_without_asking_anybody(
    secret: str, client_id: str | None, problems: tuple[KeyProblem, ...]
) -> None:
    report = OZON.inspect_key(Credentials(secret, client_id), NOW)
    assert report.problems == problems
    assert report.account_id == (CLIENT_ID if KeyProblem.NO_CLIENT_ID not in problems else None)
    assert (report.channels, report.expires_at, report.slow) == (None, None, False)


@given(st.text(), st.none() | st.text())
@settings(max_examples=50)
def test_inspecting_never_raises(secret: str, client_id: str | None) -> None:
    OZON.inspect_key(Credentials(secret, client_id), NOW)


async def test_ozon_tells_the_expiry_the_roles_and_the_subscription(
    host: ScriptedHost, ozon: OzonLines
) -> None:
    host.script(
        ROLES,
        host.json(
            {"expires_at": "2027-03-04T08:15:30.125Z", "roles": [{"name": "Chat", "methods": EVERYTHING[:3]}]}
        ),
    )
    host.script(SELLER, host.json({"subscription": {"is_premium": True, "type": "PREMIUM_PLUS"}}))
    report = await ozon.chats().account()
    assert report.account_id == CLIENT_ID
    assert report.expires_at == datetime(2027, 3, 4, 8, 15, 30, 125000, tzinfo=UTC)
    assert report.channels == {Channel.CHAT, Channel.REVIEW}
    assert (report.kind, report.scopes, report.problems) == ("premium_plus", {"Chat"}, ())
    assert (report.usable, report.read_only, report.opens(Channel.QUESTION)) == (True, False, False)


@pytest.mark.parametrize(
    ("roles", "channels", "read_only", "problems"),
    [
        ([], None, False, ()),
        (None, None, False, ()),
        ([{"name": "Admin", "methods": ["/v1/actions"]}], None, False, ()),
        ([{"name": "Goods", "methods": ["/v1/posting"]}], set(), False, (KeyProblem.NO_CHAT_SCOPE,)),
        ([{"name": "Chat", "methods": ["/v3/chat"]}], {"chat"}, True, ()),
        ([{"name": "Chat", "methods": ["/v3/chat/list", "/v1/chat"]}], {"chat"}, False, ()),
        (
            [{"name": "Chat", "methods": None}, None, "noise", {"methods": ["/v1/question"]}],
            {"question"},
            False,
            (),
        ),
        (
            [{"name": None, "methods": [7, None, "/v3/chat/listed"]}],
            set(),
            False,
            (KeyProblem.NO_CHAT_SCOPE,),
        ),
    ],
)
async def test_the_roles_tell_which_channels_a_key_opens(
    host: ScriptedHost,
    ozon: OzonLines,
    roles: object,
    channels: set[str] | None,
    read_only: bool,
    problems: tuple[KeyProblem, ...],
) -> None:
    host.script(ROLES, host.json({"expires_at": "0001-01-01T00:00:00Z", "roles": roles}))
    host.script(SELLER, host.json(NO_SUBSCRIPTION, 403))
    report = await ozon.reviews().account()
    assert (report.channels, report.read_only, report.problems) == (channels, read_only, problems)
    assert (report.expires_at, report.kind) == (None, "unknown")


async def test_a_key_that_ran_out_says_so(host: ScriptedHost, ozon: OzonLines) -> None:
    past = (NOW - timedelta(days=1)).isoformat()
    host.script(ROLES, host.json({"expires_at": past}))
    host.script(SELLER, host.json({"subscription": None}))
    assert (await ozon.chats().account()).problems == (KeyProblem.EXPIRED,)


async def test_a_key_that_does_not_work_has_no_account(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(ROLES, host.json(make_problem("Invalid Api-Key, please contact support", 7), 403))
    with pytest.raises(KeyRefused):
        await ozon.questions().account()
    assert host.asked(SELLER) == []


@pytest.mark.parametrize(
    ("secret", "client_id"),
    [("", CLIENT_ID), ("ключ", CLIENT_ID), ("a\x00b", CLIENT_ID), (KEY, None), (KEY, "x")],
)
async def test_a_key_that_cannot_be_a_header_is_refused_before_any_request(
    host: ScriptedHost, ozon: OzonLines, secret: str, client_id: str | None
) -> None:
    line = ozon.chats(key=secret, client_id=client_id)
    with pytest.raises(KeyRefused):
        await line.page(None)
    with pytest.raises(KeyRefused):
        await line.send(CHAT, "да")
    assert host.received == []


async def test_an_unusable_address_is_told_when_the_line_is_made(ozon: OzonLines) -> None:
    with pytest.raises(Misconfigured):
        ozon.chats(url="not a url")


async def test_connecting_opens_the_channel_that_was_asked_for() -> None:
    for channel, kind in (
        (Channel.CHAT, OzonChats),
        (Channel.REVIEW, OzonReviews),
        (Channel.QUESTION, OzonQuestions),
    ):
        line = OZON.connect(Credentials(KEY, CLIENT_ID), channel=channel)
        assert isinstance(line, kind)
        await line.aclose()


def test_ozon_declares_what_its_channels_can_do() -> None:
    chat, review, question = (OZON.capabilities(name) for name in ("chat", "review", "question"))
    assert (chat.text_limit, question.text_least, question.text_limit) == (1000, 2, 3000)
    assert chat.window is not None
    assert (chat.window.hard, chat.window.length) == (True, timedelta(hours=48))
    assert (chat.can_mark_read, chat.has_receipts, chat.messages_change) == (True, True, True)
    assert (review.can_mark_read, review.can_dismiss, question.can_dismiss) == (False, True, True)
    assert not review.files.content_types


def test_all_channels_share_fifty_requests_a_second() -> None:
    report = OZON.inspect_key(Credentials(KEY, CLIENT_ID), NOW)
    (bucket,) = OZON.limits(report).values()
    assert bucket == RateLimit(interval=0.025, burst=10)
    assert bucket.burst + 1 / bucket.interval <= 50


@pytest.mark.parametrize(
    ("url", "fetched", "with_key"),
    [
        ("https://api-seller.ozon.ru/v2/chat/file/a/b.jpg", True, True),
        ("https://api-seller.ozon.ru/v1/actions", True, False),
        ("https://cdn1.ozone.ru/s3/a.jpg", True, False),
        ("https://ozone.ru/a.jpg", True, False),
        ("http://cdn1.ozone.ru/a.jpg", False, False),
        ("https://cdn1.ozone.ru:8443/a.jpg", False, False),
        ("https://ozone.ru.evil.example/v2/chat/file/a.jpg", False, False),
        ("https://evil-ozon.ru/a.jpg", False, False),
        ("https://user:word@ozon.ru/a.jpg", False, False),
        ("https://127.0.0.1/v2/chat/file/a.jpg", False, False),
        ("file:///etc/passwd", False, False),
        ("https://", False, False),
        ("https://[::1", False, False),
        ("", False, False),
    ],
)
def test_files_are_fetched_from_ozon_and_the_key_stays_at_its_api(
    url: str, fetched: bool, with_key: bool
) -> None:
    fetcher = Fetcher("https://api-seller.ozon.ru", {}, hosts=HOSTS, own_files=CHAT_FILE)
    assert (fetcher.may_ask(url), fetcher.gives_key(url)) == (fetched, with_key)


async def test_a_file_is_fetched_with_the_key_from_the_api(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script("/v2/chat/file/a.jpg", host.raw(b"\xff\xd8\xff", 200, {"Content-Type": "image/jpeg; x=1"}))
    download = await ozon.chats().download(f"{host.url}/v2/chat/file/a.jpg")
    assert (download.content, download.content_type) == (b"\xff\xd8\xff", "image/jpeg")
    assert host.received[0].headers["api-key"] == KEY


async def test_a_redirect_is_followed_once_and_without_the_key(host: ScriptedHost, ozon: OzonLines) -> None:
    there = {"Location": "/store/a.jpg?sign=1"}
    host.script("/v2/chat/file/a.jpg", host.raw(b"", 302, there))
    host.script("/store/a.jpg", host.raw(b"picture"))
    assert (await ozon.chats().download(f"{host.url}/v2/chat/file/a.jpg")).content == b"picture"
    assert "api-key" not in host.asked("/store/a.jpg")[0].headers


@pytest.mark.parametrize(
    "location", ["https://evil.example/a", "http://169.254.169.254/", "", "//[", "/v2/chat/file/a"]
)
async def test_a_redirect_to_anywhere_else_is_refused(
    host: ScriptedHost, ozon: OzonLines, location: str
) -> None:
    host.script("/v2/chat/file/a", *[host.raw(b"", 302, {"Location": location})] * 4)
    with pytest.raises(Refused):
        await ozon.chats().download(f"{host.url}/v2/chat/file/a")


@pytest.mark.parametrize(
    "link", ["https://evil.example/a.jpg", "noise", "", "{}", "[1,2]", "https://a\x00b/"]
)
async def test_a_file_anywhere_else_is_not_asked_for(host: ScriptedHost, ozon: OzonLines, link: str) -> None:
    with pytest.raises(Refused):
        await ozon.chats().download(link)
    assert host.received == []


@pytest.mark.parametrize(
    ("status", "error"),
    [(403, Refused), (401, Refused), (404, Refused), (429, RateLimited), (500, ServerFailed)],
)
async def test_whoever_keeps_the_pictures_says_nothing_about_the_key(
    host: ScriptedHost, ozon: OzonLines, status: int, error: type[Exception]
) -> None:
    host.script("/pictures/a.jpg", *[host.raw(b"", status)] * 3)
    with pytest.raises(error):
        await ozon.reviews().download(f"{host.url}/pictures/a.jpg")


@pytest.mark.parametrize(
    ("state", "outcome"), [("MODERATION", "later"), ("FAILED", "refused"), ("SUCCESS", "there")]
)
async def test_a_picture_in_moderation_is_looked_up_again(
    host: ScriptedHost, ozon: OzonLines, state: str, outcome: str
) -> None:
    link = f"{host.url}/v2/chat/file/a.jpg"
    now = make_message(5, f"![]({link})", is_image=True, moderate_image_status=state)
    host.script(HISTORY, host.json(make_history(make_message(4), now)))
    host.script("/v2/chat/file/a.jpg", host.raw(b"picture"))
    download = await ozon.chats().download(json.dumps([CHAT, str(now["message_id"]), 0]))
    assert {
        "later": download.retry_after == 30.0,
        "refused": download.refused,
        "there": download.content == b"picture",
    }[outcome]
    assert json.loads(host.asked(HISTORY)[0].body)["filter"] == {"message_ids": [str(now["message_id"])]}


@pytest.mark.parametrize("messages", [[], [make_message(5)]])
async def test_a_picture_that_is_gone_is_told(
    host: ScriptedHost, ozon: OzonLines, messages: list[object]
) -> None:
    host.script(HISTORY, host.json(make_history(*messages)))
    with pytest.raises(Refused):
        await ozon.chats().download(json.dumps([CHAT, str(make_message(5)["message_id"]), 0]))


async def test_cards_are_asked_for_by_the_thousand(host: ScriptedHost, ozon: OzonLines) -> None:
    card = {"sku": 5, "name": "Кружка", "offer_id": "MUG-7", "primary_image": ["https://cdn1.ozone.ru/p.jpg"]}
    host.script(PRODUCTS, host.json({"items": [card, None, {"sku": 999999, "name": "чужой"}]}), host.json({}))
    cards = await ozon.chats().products(["5", "5", "белый", *map(str, range(10, 1010))])
    assert cards == (
        ProductCard("5", "Кружка", vendor_code="MUG-7", photo_url="https://cdn1.ozone.ru/p.jpg"),
    )
    asked = [json.loads(request.body)["sku"] for request in host.asked(PRODUCTS)]
    assert [len(batch) for batch in asked] == [1000, 1]


@pytest.mark.parametrize("status", [403, 400])
async def test_a_key_without_a_role_for_goods_has_no_cards(
    host: ScriptedHost, ozon: OzonLines, status: int
) -> None:
    host.script(PRODUCTS, host.json(make_problem("missing a required role for a method"), status))
    assert await ozon.chats().products(["5"]) == ()
    assert await ozon.chats().products([]) == ()


async def test_a_read_is_repeated_after_a_passing_failure(host: ScriptedHost, ozon: OzonLines) -> None:
    host.script(CHAT_LIST, host.drop(), host.json({}, 502), host.json({"chats": []}))
    assert (await ozon.chats().page(None)).complete
    assert len(ozon.naps) == 2
