"""The line to claims, which are read and never answered, and the cards of goods."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from agentiq_core.connectors.errors import ChannelClosed, KeyRefused, Refused, Unintelligible
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.messages import ProductCard
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.wildberries_answers import make_key, make_problem
from tests.connectors.wildberries_feedbacks import CARDS, CLAIMS, Remembered, claims, make_claim
from tests.connectors.wildberries_lines import Lines

CARD = {
    "nmID": 41057,
    "title": "Чай листовой",
    "brand": "Вершина",
    "vendorCode": "tea-1",
    "description": "Чёрный",
    "photos": [{"big": "b"}, {"c246x328": "https://photos.example/small.webp"}],
    "characteristics": [
        {"name": "Вес", "value": [200, "г"]},
        {"name": "Сорт", "value": "высший"},
        {"name": "Ширина", "value": 4.5},
        {"name": "", "value": "нет имени"},
        {"name": "пусто", "value": []},
        7,
    ],
}


async def test_a_poll_reads_claims_under_review_then_the_archive(host: ScriptedHost, lines: Lines) -> None:
    host.script(CLAIMS, host.json(claims(make_claim(0))), host.json(claims(make_claim(1, status=1))))
    memory = Remembered()
    cursor = await memory.poll(lines.claims(host.url, memory=memory), None)
    assert [request.query for request in host.asked(CLAIMS)] == [
        {"is_archive": [archived], "limit": ["200"], "offset": ["0"]} for archived in ("false", "true")
    ]
    assert len(memory.told) == 2
    assert len(await memory.unanswered()) == 1
    host.script(CLAIMS, host.json(claims(make_claim(0))), host.json(claims(make_claim(1, status=1))))
    told = memory.told_messages
    await memory.poll(lines.claims(host.url, memory=memory), cursor)
    assert memory.told_messages == told


async def test_a_long_list_goes_on_at_its_offset_in_another_process(host: ScriptedHost, lines: Lines) -> None:
    full = claims(*[make_claim(number) for number in range(200)])
    host.script(CLAIMS, host.json(full), host.json(claims(make_claim(200))))
    first = await lines.claims(host.url).page(None)
    second = await lines.claims(host.url).page(first.cursor)
    assert host.asked(CLAIMS)[1].query["offset"] == ["200"]
    assert (len(first.messages), len(second.messages), second.complete) == (200, 1, False)


async def test_a_decision_is_noticed_and_settles(host: ScriptedHost, lines: Lines) -> None:
    memory = Remembered()
    line = lines.claims(host.url, memory=memory)
    host.script(CLAIMS, host.json(claims(make_claim())), host.json(claims()))
    cursor = await memory.poll(line, None)
    decided = make_claim(status=2, status_ex=5, dt_update="2026-11-21T10:00:00")
    host.script(CLAIMS, host.json(claims()), host.json(claims(decided)))
    await memory.poll(line, cursor)
    assert memory.texts(decided["id"]) == [
        "Крышка треснула",
        "Заявка на возврат одобрена. Товар остаётся у покупателя.",
    ]
    assert await memory.unanswered() == []


async def test_a_claim_that_is_no_longer_listed_is_settled_after_its_days(
    host: ScriptedHost, lines: Lines
) -> None:
    memory = Remembered()
    line = lines.claims(host.url, memory=memory)
    host.script(CLAIMS, host.json(claims(make_claim())), *[host.json(claims())] * 5)
    cursor = await memory.poll(line, None)
    cursor = await memory.poll(line, cursor)
    assert len(await memory.unanswered()) == 1
    lines.now += timedelta(days=14)
    await memory.poll(line, cursor)
    assert await memory.unanswered() == []
    assert next(iter(memory.told.values())).closed


async def test_one_spoilt_claim_costs_no_other(host: ScriptedHost, lines: Lines) -> None:
    host.script(CLAIMS, host.json(claims({"id": 1}, make_claim(), 7, make_claim(1, user_comment=[]))))
    page = await lines.claims(host.url).page("no cursor of this version")
    assert (len(page.messages), len(page.unreadable)) == (1, 3)


async def test_a_claim_is_not_answered_here(host: ScriptedHost, lines: Lines) -> None:
    line = lines.claims(host.url)
    with pytest.raises(Refused):
        await line.send("claim", "Возвращайте")
    await line.mark_read("claim", "m")
    await line.dismiss("claim")
    assert (await line.chats(), host.received) == ((), [])


@pytest.mark.parametrize(
    ("status", "claims_of_key", "error"),
    [(401, {"s": 1 << 9}, ChannelClosed), (401, {}, KeyRefused), (200, {}, Unintelligible)],
)
async def test_a_refused_key_says_what_it_means(
    host: ScriptedHost,
    lines: Lines,
    status: int,
    claims_of_key: dict[str, int],
    error: type[MarketplaceError],
) -> None:
    key = make_key(**{"s": 1 << 11, **claims_of_key})
    for act in ("page", "account"):
        host.script(CLAIMS, host.json(make_problem("no"), status))
        line = lines.claims(host.url, key=key)
        if act == "account" and status == 200:
            await line.account()
            continue
        with pytest.raises(error):
            await (line.page(None) if act == "page" else line.account())


async def test_a_card_is_found_by_its_article(host: ScriptedHost, lines: Lines) -> None:
    other = {**CARD, "nmID": 7, "vendorCode": "41057"}
    host.script(CARDS, host.json({"cards": [other, "spoilt", {"nmID": None}, CARD]}))
    assert await lines.claims(host.url).products(["41057", "41057", "", "артикул"]) == (
        ProductCard(
            external_id="41057",
            title="Чай листовой",
            brand="Вершина",
            vendor_code="tea-1",
            photo_url="https://photos.example/small.webp",
            description="Чёрный",
            facts=(("Вес", "200, г"), ("Сорт", "высший"), ("Ширина", "4.5")),
        ),
    )
    (request,) = host.asked(CARDS)
    assert json.loads(request.body)["settings"]["filter"] == {"textSearch": "41057", "withPhoto": -1}


async def test_no_card_is_asked_for_with_a_key_that_does_not_open_them(
    host: ScriptedHost, lines: Lines
) -> None:
    assert await lines.claims(host.url, key=make_key(s=1 << 11)).products(["41057"]) == ()
    assert await lines.open(host.url).products(["41057"]) == ()
    assert host.received == []


async def test_a_good_without_a_card_is_left_out(host: ScriptedHost, lines: Lines) -> None:
    host.script(CARDS, host.json({"cards": []}), host.json({"cards": None}), host.json({"nothing": 1}))
    line = lines.claims(host.url)
    assert await line.products(["1", "2"]) == ()
    with pytest.raises(Unintelligible):
        await line.products(["3"])
