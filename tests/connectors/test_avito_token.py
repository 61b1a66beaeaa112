"""A token for each client and process: taken once, renewed in time and after a refusal, never shown."""

from __future__ import annotations

import asyncio
import gc
import logging
from datetime import UTC, datetime, timedelta

import pytest

from agentiq_core.connectors.avito import AVITO
from agentiq_core.connectors.base import Credentials, KeyProblem
from agentiq_core.connectors.errors import (
    ChannelClosed,
    KeyRefused,
    RateLimited,
    Unintelligible,
    Unreachable,
)
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.avito_answers import (
    ACCESS,
    CHAT,
    CHATS,
    CLIENT_ID,
    OWN,
    REVIEWS,
    SECRET,
    SELF,
    SEND,
    TOKEN,
    make_chats,
    make_reviews,
    make_token,
)
from tests.connectors.avito_lines import AvitoLines
from tests.connectors.scripted_host import ScriptedHost


def inspect(secret: str, client_id: str | None):
    return AVITO.inspect_key(Credentials(secret, client_id=client_id), datetime.now(UTC))


def test_two_good_parts_are_usable_and_tell_nothing_else():
    report = inspect(f" {SECRET}\n", f"{CLIENT_ID} ")
    assert report.usable
    assert (report.account_id, report.expires_at, report.channels) == (None, None, None)


@pytest.mark.parametrize("secret", ["", "  ", "ключ-ключ", "a" * 5, "a" * 10_000, "ab\x00cdefgh", "\ud800abcdefg"])  # fmt: skip
def test_what_is_no_secret_is_malformed(secret):
    assert inspect(secret, CLIENT_ID).problems == (KeyProblem.MALFORMED,)


@pytest.mark.parametrize("client_id", [None, "", "клиент", "a b\tc", "<script>"])
def test_a_missing_client_id_is_named(client_id):
    assert inspect(SECRET, client_id).problems == (KeyProblem.NO_CLIENT_ID,)


async def test_a_token_is_asked_for_once_and_travels_with_every_request(
    host: ScriptedHost, avito: AvitoLines
):
    host.script(CHATS, *[host.json(make_chats())] * 2)
    host.script(REVIEWS, host.json(make_reviews()))
    chats, reviews = avito.chats(), avito.reviews()
    await asyncio.gather(chats.page(None), reviews.page(None), avito.chats().page(None))
    (asked,) = host.asked(TOKEN)
    assert (
        asked.body.decode() == f"grant_type=client_credentials&client_id={CLIENT_ID}&client_secret={SECRET}"
    )
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in asked.headers
    sent = [request.headers["authorization"] for request in host.received if request.path != TOKEN]
    assert sent == [f"Bearer {ACCESS}"] * 3


async def test_another_client_has_a_token_of_its_own(host: ScriptedHost, avito: AvitoLines):
    host.script(TOKEN, host.json(make_token("tok-of-another")))
    host.script(CHATS, *[host.json(make_chats())] * 2)
    await avito.chats().page(None)
    await avito.chats(client_id="another-client").page(None)
    assert [one.headers["authorization"][7:] for one in host.asked(CHATS)] == [ACCESS, "tok-of-another"]


async def test_tokens_go_with_the_last_connector(host: ScriptedHost):
    lines = AvitoLines(host.url)
    for number in range(2):
        host.script(TOKEN, host.json(make_token(f"tok-number-{number}")))
        host.script(CHATS, host.json(make_chats()))
        connector = lines.chats()
        await connector.page(None)
        await connector.aclose()
        lines.opened.clear()
        del connector
        gc.collect()
    assert len(host.asked(TOKEN)) == 2


async def test_a_token_is_renewed_before_it_ends(host: ScriptedHost, avito: AvitoLines):
    host.script(TOKEN, host.json(make_token("tok-second-0123")))
    host.script(CHATS, *[host.json(make_chats())] * 3)
    line = avito.chats()
    await line.page(None)
    avito.now += timedelta(hours=23)
    await line.page(None)
    assert len(host.asked(TOKEN)) == 1
    avito.now += timedelta(minutes=55)
    await line.page(None)
    assert host.asked(CHATS)[-1].headers["authorization"] == "Bearer tok-second-0123"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_token_is_replaced_once(host: ScriptedHost, avito: AvitoLines, status: int):
    host.script(TOKEN, host.json(make_token("tok-second-0123")))
    host.script(CHATS, host.json(make_chats()), host.json({}, status), host.json(make_chats()))
    line = avito.chats()
    await line.page(None)
    avito.now += timedelta(hours=1)
    assert (await line.page(None)).complete
    assert [one.headers["authorization"][7:] for one in host.asked(CHATS)] == [
        ACCESS,
        ACCESS,
        "tok-second-0123",
    ]


async def test_two_refused_at_once_take_one_new_token(host: ScriptedHost, avito: AvitoLines):
    host.script(TOKEN, host.json(make_token("tok-second-0123")))
    host.script(CHATS, *[host.json({}, 401)] * 2, *[host.json(make_chats())] * 2)
    await asyncio.gather(avito.chats().page(None), avito.chats().page(None))
    assert len(host.asked(TOKEN)) == 2


async def test_a_key_refused_with_a_new_token_too_is_refused(host: ScriptedHost, avito: AvitoLines):
    host.script(TOKEN, host.json(make_token("tok-second-0123")))
    host.script(CHATS, *[host.json({"error": {"code": 401, "message": "Unauthorized"}}, 401)] * 2)
    with pytest.raises(KeyRefused) as caught:
        await avito.chats().page(None)
    assert caught.value.detail == "Unauthorized"
    assert (len(host.asked(CHATS)), len(host.asked(TOKEN))) == (2, 2)


async def test_a_403_to_a_new_token_is_about_rights_and_costs_no_other(host: ScriptedHost, avito: AvitoLines):
    host.script(CHATS, host.json({"message": "forbidden"}, 403))
    with pytest.raises(ChannelClosed):
        await avito.chats().page(None)
    assert len(host.asked(TOKEN)) == 1


@pytest.mark.parametrize(
    ("answer", "status", "detail"),
    [
        ({"error": "invalid_client", "error_description": "Client not found"}, 400, "Client not found; invalid_client"),
        ({"error": {"code": 401, "message": "Unauthorized"}}, 401, "Unauthorized"),
        ({"code": 403, "message": "Forbidden"}, 403, "Forbidden"),
        ({"error": "invalid_client"}, 200, "invalid_client"),
    ],
)  # fmt: skip
async def test_a_wrong_key_is_refused_in_avitos_words(host: ScriptedHost, answer, status, detail):
    lines = AvitoLines(host.url)
    host.script(TOKEN, host.json(answer, status))
    with pytest.raises(KeyRefused) as caught:
        await lines.chats().page(None)
    assert (caught.value.detail, caught.value.reason) == (detail, Undelivered.KEY_REFUSED)
    assert host.asked(CHATS) == []


@pytest.mark.parametrize("failure", ["drop", "503", "no json", "no token", "not a header"])
async def test_without_a_token_nothing_was_delivered(host: ScriptedHost, failure: str):
    lines = AvitoLines(host.url)
    step = {
        "drop": host.drop(),
        "503": host.json({}, 503),
        "no json": host.raw(b"<html>"),
        "no token": host.json({}),
        "not a header": host.json(make_token("ключ")),
    }[failure]
    host.script(TOKEN, *[step] * 3)
    with pytest.raises(Unreachable):
        await lines.chats().send(CHAT, "Здравствуйте!")
    assert host.asked(SEND) == []


async def test_a_limit_on_tokens_is_a_limit(host: ScriptedHost):
    host.script(TOKEN, host.json({}, 429, {"Retry-After": "30"}))
    with pytest.raises(RateLimited) as caught:
        await AvitoLines(host.url).chats().send(CHAT, "Здравствуйте!")
    assert caught.value.retry_after == 30.0


@pytest.mark.parametrize("fields", [{"secret": "ключ"}, {"client_id": None}])
async def test_half_a_key_is_refused_before_any_request(host: ScriptedHost, avito: AvitoLines, fields):
    with pytest.raises(KeyRefused):
        await avito.chats(**fields).page(None)
    assert host.received == []


async def test_the_account_tells_whose_the_key_is(host: ScriptedHost, avito: AvitoLines):
    host.script(SELF, host.json({"id": int(OWN), "name": "Лавка", "email": "a@b.ru", "phone": "71112223344"}))
    report = await avito.chats(account_id=None).account()
    assert (report.account_id, report.channels, report.problems) == (OWN, None, ())
    assert "Лавка" not in repr(report)


async def test_scopes_say_which_channels_are_open(host: ScriptedHost):
    host.script(TOKEN, host.json(make_token(scope="ratings:read,user:read")))
    host.script(SELF, host.json({"id": OWN}))
    report = await AvitoLines(host.url).reviews().account()
    assert report.channels == {Channel.REVIEW}
    assert report.opens(Channel.REVIEW)
    assert not report.opens(Channel.CHAT)


async def test_scopes_without_conversations_are_a_problem(host: ScriptedHost):
    host.script(TOKEN, host.json(make_token(scope="items:info")))
    host.script(SELF, host.json({"id": OWN}))
    assert (await AvitoLines(host.url).chats().account()).problems == (KeyProblem.NO_CHAT_SCOPE,)


async def test_an_account_without_an_id_is_unintelligible(host: ScriptedHost, avito: AvitoLines):
    host.script(SELF, host.json({"name": "Лавка"}))
    with pytest.raises(Unintelligible):
        await avito.chats().account()


async def test_the_account_is_asked_for_before_a_path_needs_it(host: ScriptedHost, avito: AvitoLines):
    host.script(SELF, host.json({"id": int(OWN)}))
    host.script(CHATS, *[host.json(make_chats())] * 2)
    line = avito.chats(account_id=None)
    await line.page(None)
    await line.page(None)
    assert len(host.asked(SELF)) == 1


async def test_no_log_error_or_repr_shows_the_key_or_a_token(host: ScriptedHost, avito: AvitoLines, caplog):
    caplog.set_level(logging.DEBUG, logger="agentiq_core")
    words = f"bad token {ACCESS} of {SECRET}"
    host.script(TOKEN, host.json({"error": words}, 403))
    host.script(CHATS, host.json({"message": words}, 401))
    with pytest.raises(KeyRefused) as caught:
        await avito.chats().page(None)
    shown = f"{caught.value!r} {caught.value} {caught.value.params} {caught.value.detail} {caplog.text}"
    assert ACCESS not in shown
    assert SECRET not in shown
    assert "***" in shown
