"""Reading the feed page by page over real HTTP."""

from __future__ import annotations

import pytest

from agentiq_core.connectors.errors import Unintelligible
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.wildberries_answers import EVENTS, make_event, make_page


async def test_the_first_page_is_asked_without_next(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(EVENTS, host.json(make_page(make_event(1), make_event(2))))
    page = await line.page(None)
    assert host.asked(EVENTS)[0].query == {}
    assert [item.message.text for item in page.messages] == [
        "Здравствуйте, вопрос 1",
        "Здравствуйте, вопрос 2",
    ]
    assert (page.cursor, page.complete) == ("1698045576000", False)


async def test_the_cursor_is_sent_back_as_it_came(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(EVENTS, host.json(make_page(make_event())))
    await line.page("1698037340000")
    assert host.asked(EVENTS)[0].query == {"next": ["1698037340000"]}


@pytest.mark.parametrize("cursor", ["0", "00", "-5", "", "soon", "9" * 40, "١٢٣"])
async def test_an_unusable_cursor_is_never_sent(
    host: ScriptedHost, line: WildberriesConnector, cursor: str
) -> None:
    host.script(EVENTS, host.json(make_page(make_event())))
    await line.page(cursor)
    assert host.asked(EVENTS)[0].query == {}


@pytest.mark.parametrize(
    "result",
    [
        {"next": 0, "totalEvents": 0, "events": []},
        {"next": 0, "totalEvents": 0, "events": None},
        {"next": 1_798_045_576_000, "totalEvents": 0, "events": []},
        {},
        None,
    ],
)
async def test_an_empty_page_ends_the_walk_and_keeps_the_old_cursor(
    host: ScriptedHost, line: WildberriesConnector, result: object
) -> None:
    host.script(EVENTS, host.json({"result": result, "errors": None}))
    page = await line.page("1698037340000")
    assert (page.messages, page.cursor, page.complete) == ((), None, True)


@pytest.mark.parametrize("following", [0, None, 1_698_037_340_000, 1_698_037_339_999, "later", 10**30])
async def test_a_next_that_does_not_advance_ends_the_walk_with_its_messages_kept(
    host: ScriptedHost, line: WildberriesConnector, following: object
) -> None:
    host.script(EVENTS, host.json(make_page(make_event(), next=following)))
    page = await line.page("1698037340000")
    assert (len(page.messages), page.cursor, page.complete) == (1, None, True)


@pytest.mark.parametrize("following", ["1698045576000", 1698045576000.0])
async def test_a_next_of_another_number_type_is_understood(
    host: ScriptedHost, line: WildberriesConnector, following: object
) -> None:
    host.script(EVENTS, host.json(make_page(make_event(), next=following)))
    assert (await line.page(None)).cursor == "1698045576000"


async def test_one_malformed_event_leaves_the_other_forty_nine(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    events = [make_event(number) for number in range(50)]
    events[25] = make_event(25, message={"text": {"secretly": "an object"}}, replySign="1:sign")
    host.script(EVENTS, host.json(make_page(*events)))
    page = await line.page(None)
    assert len(page.messages) == 49
    assert page.cursor == "1698045576000"
    (bad,) = page.unreadable
    assert bad.reason == "message.text: string_type"
    assert bad.message_external_id == events[25]["eventID"]
    assert '"secretly":"an object"' in bad.raw
    assert "1:sign" not in bad.raw


async def test_an_event_that_comes_twice_counts_once(host: ScriptedHost, line: WildberriesConnector) -> None:
    host.script(EVENTS, host.json(make_page(make_event(1), make_event(2), make_event(1))))
    assert len((await line.page(None)).messages) == 2


async def test_half_a_character_costs_neither_its_event_nor_the_others(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    body = b'{"result":{"next":1698045576000,"totalEvents":2,"events":[%s,%s]}}'
    event = b'{"chatID":"1:a","eventID":"%s","addTimestamp":1698037340000,"sender":"client","message":{"text":"%s"}}'
    host.script(EVENTS, host.raw(body % (event % (b"1", b"\\ud83d hi"), event % (b"2", b"\xff ok"))))
    page = await line.page(None)
    assert [item.message.text for item in page.messages] == ["? hi", "� ok"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"result": {"events": [',
        b"[]",
        b"null",
        b"{}",
        b'{"result":[]}',
        b'{"result":{"events":5}}',
        b"[" * 9000,
    ],
)
async def test_an_answer_that_is_no_feed_is_unintelligible_at_once(
    host: ScriptedHost, line: WildberriesConnector, body: bytes
) -> None:
    host.script(EVENTS, host.raw(body))
    with pytest.raises(Unintelligible):
        await line.page(None)
    assert len(host.asked(EVENTS)) == 1


async def test_errors_in_place_of_events_are_not_an_end_of_the_feed(
    host: ScriptedHost, line: WildberriesConnector
) -> None:
    host.script(EVENTS, host.json({"result": None, "errors": ["internal"]}))
    with pytest.raises(Unintelligible):
        await line.page("1698037340000")
