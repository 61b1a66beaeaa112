"""Files behind links, cards of goods, and the limits that Yandex Market declares."""

from __future__ import annotations

import json

import pytest

from agentiq_core.connectors.base import Download, KeyReport
from agentiq_core.connectors.errors import KeyRefused, RateLimited, Refused, ServerFailed
from agentiq_core.connectors.fetching import Fetcher, attached
from agentiq_core.connectors.registry import marketplace
from agentiq_core.connectors.yandex_market.limits import OFFERS as OFFERS_METHOD
from agentiq_core.connectors.yandex_market.limits import OFFERS_PER_MINUTE, PER_HOUR
from agentiq_core.connectors.yandex_market.line import OWN_FILES
from agentiq_core.domain.messages import AttachmentKind, ProductCard
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.yandex_answers import KEY, OFFERS, error, paged
from tests.connectors.yandex_lines import YandexLines


async def test_a_file_at_the_address_in_use_is_fetched_with_the_token(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script("/files/1", host.raw(b"%PDF", headers={"Content-Type": "application/pdf; x=y"}))
    told = await yandex.chats().download(f"{host.url}/files/1?sign=a")
    assert told == Download(content=b"%PDF", content_type="application/pdf")
    assert host.received[0].headers["api-key"] == KEY
    assert host.received[0].query == {"sign": ["a"]}


@pytest.mark.parametrize(
    "link",
    [
        "http://files.messenger.yandex.net/1",
        "https://files.messenger.yandex.net.evil.example/1",
        "https://yandex.net:8443/1",
        "https://user@yandex.net/1",
        "https://example.org/1",
        "ftp://yandex.net/1",
        "file:///etc/passwd",
        "/etc/passwd",
        "",
        "https://[::1",
        "https://yandex.net/" + "a" * 3000,
    ],
)
async def test_no_other_host_is_asked(host: ScriptedHost, yandex: YandexLines, link: str) -> None:
    with pytest.raises(Refused):
        await yandex.chats().download(link)
    assert host.received == []


async def test_a_redirect_leads_no_further_than_a_link(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script("/files/1", host.raw(b"", 302, {"Location": "http://127.0.0.2:1/x"}))
    with pytest.raises(Refused):
        await yandex.chats().download(f"{host.url}/files/1")
    host.script("/files/1", host.raw(b"", 302, {"Location": "/files/2"}))
    host.script("/files/2", host.raw(b"ok"))
    assert (await yandex.chats().download(f"{host.url}/files/1")).content == b"ok"
    host.script("/files/1", host.raw(b"", 302, {"Location": "//["}))
    with pytest.raises(Refused):
        await yandex.chats().download(f"{host.url}/files/1")
    host.script("/files/1", *[host.raw(b"", 302, {"Location": "/files/1"})] * 2)
    with pytest.raises(Refused):
        await yandex.chats().download(f"{host.url}/files/1")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(401, Refused), (403, Refused), (404, Refused), (420, RateLimited), (429, RateLimited)],
)
async def test_a_file_that_is_not_opened_says_nothing_of_the_token(
    host: ScriptedHost, yandex: YandexLines, status: int, kind: type[Exception]
) -> None:
    host.script("/files/1", host.json({}, status))
    with pytest.raises(kind):
        await yandex.chats().download(f"{host.url}/files/1")


async def test_a_host_of_files_that_fails_is_asked_three_times(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script("/files/1", *[host.json({}, 502)] * 3)
    with pytest.raises(ServerFailed):
        await yandex.chats().download(f"{host.url}/files/1")
    assert len(host.received) == 3


async def test_a_key_goes_only_where_it_belongs(host: ScriptedHost) -> None:
    host.script("/files/a", host.raw(b"a"))
    host.script("/a", host.raw(b"b"))
    port = host.url.rpartition(":")[2]
    for base, keyed in ((host.url, True), (f"http://localhost:{port}", False)):
        fetcher = Fetcher(base, {"Api-Key": KEY}, hosts=("127.0.0.1",), own_files=OWN_FILES)
        if keyed:
            await fetcher.fetch(f"{host.url}/files/a")
            await fetcher.fetch(f"{host.url}/a")
        else:
            with pytest.raises(Refused):
                await fetcher.fetch(f"{host.url}/a")
        await fetcher.aclose()
    assert [("api-key" in request.headers) for request in host.received] == [True, False]


def test_an_attachment_is_a_picture_by_its_name() -> None:
    assert attached("https://a.yandex.net/%D1%84.png").name == "ф.png"
    assert attached("https://a.yandex.net/1", name="a.JPEG").kind is AttachmentKind.IMAGE
    assert attached("https://a.yandex.net/1", name="a.mp4").kind is AttachmentKind.FILE
    assert attached("javascript:1").download_id is None


async def test_cards_are_asked_for_by_sku(host: ScriptedHost, yandex: YandexLines) -> None:
    offer = {
        "offerId": "SKU-7",
        "name": "Чайник",
        "vendor": "Пар",
        "vendorCode": "П-7",
        "pictures": ["https://example.org/7.jpg"],
        "description": "<p>Стекло,<br>1,7 л</p>",
        "params": [{"name": "Объём", "value": "1,7 л"}, {"name": ""}, 3],
    }
    host.script(
        OFFERS,
        host.json(
            paged("offerMappings", {"offer": offer}, {"offer": None}, 5, {"offer": {"offerId": "другой"}})
        ),
    )
    cards = await yandex.reviews().products(["SKU-7", "SKU-7", "", "a" * 256, "SKU\n8"])
    assert cards == (
        ProductCard(
            external_id="SKU-7",
            title="Чайник",
            brand="Пар",
            vendor_code="П-7",
            photo_url="https://example.org/7.jpg",
            description="Стекло, 1,7 л",
            facts=(("Объём", "1,7 л"),),
        ),
    )
    assert json.loads(host.received[0].body) == {"offerIds": ["SKU-7"]}
    assert host.received[0].query == {}


async def test_cards_come_a_hundred_at_a_time(host: ScriptedHost, yandex: YandexLines) -> None:
    host.script(OFFERS, *[host.json(paged("offerMappings"))] * 3)
    await yandex.questions().products([f"SKU-{number}" for number in range(250)])
    assert [len(json.loads(asked.body)["offerIds"]) for asked in host.received] == [100, 100, 50]


async def test_a_token_without_the_scope_of_goods_has_no_cards(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    words = "Token does not have any of the scopes to access the API method"
    host.script(OFFERS, host.json(error("FORBIDDEN", words), 403))
    assert await yandex.chats().products(["SKU-7"]) == ()
    host.script(OFFERS, host.json(error("UNAUTHORIZED", "Api-Key token is revoked"), 401))
    with pytest.raises(KeyRefused):
        await yandex.chats().products(["SKU-7"])
    assert await yandex.chats().products([]) == ()


def test_no_hour_holds_more_requests_than_the_market_allows() -> None:
    limits = marketplace("yandex-market").limits(KeyReport())
    for method, count in PER_HOUR.items():
        assert limits[method].burst + 3600 / limits[method].interval <= count + 1e-6
        assert limits[method].burst + 3600 / limits[method].interval > count * 0.99
    assert limits[OFFERS_METHOD].burst + 60 / limits[OFFERS_METHOD].interval <= OFFERS_PER_MINUTE + 1e-6
