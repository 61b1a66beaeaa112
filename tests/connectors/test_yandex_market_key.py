"""Tokens of Yandex Market: what they say of themselves, whose account they open, and with which rights."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.connectors.base import Credentials, KeyProblem
from agentiq_core.connectors.errors import KeyRefused, RateLimited, SeveralAccounts
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.yandex_market.key import inspect_key
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.yandex_answers import (
    BUSINESS,
    CAMPAIGNS,
    CHATS,
    KEY,
    RIGHTS,
    error,
    make_campaigns,
    make_rights,
    paged,
)
from tests.connectors.yandex_lines import YandexLines

NOW = datetime(2026, 11, 20, tzinfo=UTC)
OAUTH = "y0_AgAAAABkZ7q3AAuXxQAAAAEJ8k2dAAB"
EVERY_CHANNEL = {"chat", "review", "question"}


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        (KEY, "api-key"),
        (f"  {KEY}\n", "api-key"),
        (f"{KEY[:20]}\n{KEY[20:]}", "api-key"),
        (OAUTH, "oauth"),
        (f"Bearer {OAUTH}", "oauth"),
        (f"OAuth {OAUTH}", "oauth"),
    ],
)
def test_a_token_is_known_by_its_shape(secret: str, kind: str) -> None:
    report = inspect_key(Credentials(secret, account_id=BUSINESS), NOW)
    assert (report.kind, report.problems, report.account_id) == (kind, (), BUSINESS)
    assert (report.expires_at, report.channels, report.read_only) == (None, None, False)


@pytest.mark.parametrize(
    "secret", ["", "   ", "short", "токен-от-маркета-ключ", "eyJhbGciOiJFUzI1NiJ9.eyJzIjo1MTJ9.c2lnbmF0dXJl", "A" * 9000]
)  # fmt: skip
def test_what_is_no_token_is_malformed(secret: str) -> None:
    assert inspect_key(Credentials(secret), NOW).problems == (KeyProblem.MALFORMED,)


@given(secret=st.text(), account=st.none() | st.text())
def test_inspecting_never_raises(secret: str, account: str | None) -> None:
    report = inspect_key(Credentials(secret, account_id=account), NOW)
    assert report.account_id is None or report.account_id.isdigit()


def test_the_marketplace_inspects_keys_and_declares_its_channels() -> None:
    known = marketplace("yandex-market")
    assert (known.title, known.short, known.needs_client_id) == ("Яндекс Маркет", "YM", False)
    assert set(known.channels) == EVERY_CHANNEL
    assert known.inspect_key(Credentials(KEY), NOW).usable
    assert [known.capabilities(channel).text_limit for channel in known.channels] == [4096, 4096, 5000]


async def test_an_oauth_token_goes_into_another_header(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CHATS, host.json(paged("chats")))
    await yandex.chats(key=f"Bearer {OAUTH}").page(None)
    assert host.received[0].headers["authorization"] == f"Bearer {OAUTH}"
    assert "api-key" not in host.received[0].headers


@pytest.mark.parametrize("key", ["", "ключ", "a\x00b" * 9])
async def test_a_token_that_is_no_header_asks_nothing(
    host: ScriptedHost, yandex: YandexLines, key: str
) -> None:
    with pytest.raises(KeyRefused):
        await yandex.chats(key=key).page(None)
    assert host.received == []


async def test_the_account_is_the_business_behind_the_shops(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CAMPAIGNS, host.json(make_campaigns((912345, "Дом и чай"), (912345, "Дом и чай"))))
    host.script(RIGHTS, host.json(make_rights("COMMUNICATION", "OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY")))
    report = await yandex.chats(business=None).account()
    assert (report.account_id, report.kind, report.read_only) == (BUSINESS, "api-key", False)
    assert report.scopes == {"COMMUNICATION", "OFFERS_AND_CARDS_MANAGEMENT_READ_ONLY"}
    assert (report.channels, report.problems) == (EVERY_CHANNEL, ())
    assert [request.method for request in host.received] == ["GET", "POST"]


@pytest.mark.parametrize(
    ("scopes", "usable", "read_only"),
    [
        (("ALL_METHODS",), True, False),
        (("ALL_METHODS_READ_ONLY",), True, True),
        (("ALL_METHODS_READ_ONLY", "COMMUNICATION"), True, False),
        (("PRICING", "SCOPE_OF_TOMORROW"), False, False),
        ((), False, False),
    ],
)
async def test_what_the_scopes_open(
    host: ScriptedHost, yandex: YandexLines, scopes: tuple[str, ...], usable: bool, read_only: bool
) -> None:
    host.script(CAMPAIGNS, host.json(make_campaigns()))
    host.script(RIGHTS, host.json(make_rights(*scopes)))
    report = await yandex.reviews().account()
    assert (report.usable, report.read_only) == (usable, read_only)
    assert report.opens("review") is usable
    assert report.problems == (() if usable else (KeyProblem.NO_CHAT_SCOPE,))


async def test_all_pages_of_shops_are_looked_through(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(
        CAMPAIGNS,
        host.json(make_campaigns((1, "Первый"), more="two")),
        host.json(make_campaigns((2, "Второй"))),
    )
    with pytest.raises(SeveralAccounts) as several:
        await yandex.chats(business=None).account()
    assert several.value.choices == (("1", "Первый"), ("2", "Второй"))
    assert [asked.query.get("pageToken") for asked in host.received] == [None, ["two"]]


async def test_the_chosen_account_is_one_of_several(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CAMPAIGNS, *[host.json(make_campaigns((1, "Первый"), (2, "Второй")))] * 2)
    host.script(RIGHTS, host.json(make_rights("ALL_METHODS")))
    assert (await yandex.chats(business="2").account()).account_id == "2"
    with pytest.raises(KeyRefused):
        await yandex.chats(business="3").account()


@pytest.mark.parametrize("business", ["first", "-1", "0", "12/../13"])
async def test_an_account_that_is_no_number_is_never_asked(
    host: ScriptedHost, yandex: YandexLines, business: str
) -> None:
    host.script(CAMPAIGNS, host.json(make_campaigns()))
    with pytest.raises(KeyRefused):
        await yandex.chats(business=business).page(None)
    assert [request.path for request in host.received] == [CAMPAIGNS]


async def test_a_token_without_shops_is_refused(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CAMPAIGNS, host.json({"campaigns": [{"id": 1}, None, {"business": "x"}]}))
    with pytest.raises(KeyRefused):
        await yandex.chats(business=None).account()


async def test_the_scopes_of_an_oauth_token_are_not_asked_for(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(CAMPAIGNS, host.json(make_campaigns()))
    report = await yandex.chats(key=OAUTH).account()
    assert (report.kind, report.channels, report.usable) == ("oauth", None, True)
    assert len(host.received) == 1


async def test_scopes_that_are_not_told_are_unknown(host: ScriptedHost, yandex: YandexLines) -> None:
    for answer in (
        host.json(error("LIMIT_EXCEEDED", "Hit rate limit of 100 requests"), 420),
        host.json({"status": "OK", "result": {"apiKey": {"authScopes": "all"}}}),
        host.json([]),
    ):
        host.script(CAMPAIGNS, host.json(make_campaigns()))
        host.script(RIGHTS, answer)
        report = await yandex.chats().account()
        assert (report.channels, report.scopes, report.usable) == (None, frozenset(), True)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Api-Key token is invalid"),
        (401, "Credentials are not specified"),
        (403, "OAuth token is invalid"),
        (403, "Access denied"),
    ],
)
async def test_a_dead_token_is_refused_with_the_markets_words(
    host: ScriptedHost, yandex: YandexLines, status: int, words: str
) -> None:
    host.script(CAMPAIGNS, host.json(error("UNAUTHORIZED", words), status))
    with pytest.raises(KeyRefused) as refused:
        await yandex.chats().account()
    assert refused.value.detail == words


async def test_a_dead_token_is_seen_while_reading(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(CHATS, host.json(error("UNAUTHORIZED", "Api-Key token is revoked"), 401))
    with pytest.raises(KeyRefused):
        await yandex.chats().page(None)


async def test_a_read_waits_out_a_crowd_and_not_an_hour(host: ScriptedHost, yandex: YandexLines) -> None:
    crowd = host.json(error("LIMIT_EXCEEDED", "Hit rate limit of 2 parallel requests"), 420)
    host.script(CHATS, crowd, host.json(paged("chats")))
    assert (await yandex.chats().page(None)).complete
    assert yandex.naps == [1.0]
    host.script(CHATS, host.json(error("LIMIT_EXCEEDED", "Hit rate limit of 5000 requests per 1 hour"), 420))
    with pytest.raises(RateLimited) as limited:
        await yandex.chats().page(None)
    assert limited.value.retry_after is None
    assert yandex.naps == [1.0]


def test_nothing_shown_of_a_line_holds_its_token() -> None:
    credentials = Credentials(KEY)
    assert KEY not in repr(credentials)
    assert KEY not in repr(inspect_key(credentials, NOW))
