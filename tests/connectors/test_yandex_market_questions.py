"""Questions about goods at Yandex Market: who asked, who answered, and when to look again."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from agentiq_core.connectors.yandex_market.looks import NEVER, look
from agentiq_core.connectors.yandex_market.questions import MONTHS
from agentiq_core.domain.messages import Author, Origin, Product
from tests.connectors.kept import KeptFirst as Kept
from tests.connectors.kept import poll
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.yandex_answers import (
    ANSWERS,
    NOW,
    QUESTION,
    QUESTIONS,
    error,
    make_answer,
    make_below,
    make_question,
    paged,
)
from tests.connectors.yandex_lines import YandexLines


def listed(*questions: object, more: str | None = None) -> dict[str, Any]:
    """A page of questions."""
    return paged("questions", *questions, more=more, totalCount=len(questions))


def script_months(host: ScriptedHost, *questions: object, months: int = MONTHS) -> None:
    """Plan a walk through the whole list: these questions in the newest month, none before."""
    host.script(QUESTIONS, host.json(listed(*questions)), *[host.json(listed())] * (months - 1))


async def test_a_question_is_a_conversation_with_its_answers(host: ScriptedHost, yandex: YandexLines) -> None:
    script_months(host, make_question())
    host.script(ANSWERS, host.json(paged("answers", make_answer(comments=[make_below()]))))
    kept = Kept()
    await poll(yandex.questions(memory=kept), kept)
    chat = kept.chats[QUESTION]
    assert (chat.channel, chat.buyer_name, chat.product) == ("question", "Лада", Product("SKU-7"))
    assert kept.texts(QUESTION) == ["Подойдёт для индукции?", "Да, подойдёт.", "А для газа?"]
    told = [kept.messages[QUESTION, id] for id in (QUESTION, "answer:601", "comment:701")]
    assert [message.author for message in told] == [Author.BUYER, Author.SELLER, Author.BUYER]
    assert [message.origin for message in told] == [Origin.BUYER, Origin.UNTOLD, Origin.BUYER]
    assert told[1].sent_at == NOW - timedelta(minutes=50)
    assert json.loads(host.asked(ANSWERS)[0].body) == {"questionId": int(QUESTION)}


async def test_other_buyers_neither_ask_nor_answer(host: ScriptedHost, yandex: YandexLines) -> None:
    script_months(host, make_question())
    theirs = make_answer(author={"type": "USER", "name": "Пётр"}, comments=[make_below()])
    host.script(ANSWERS, host.json(paged("answers", theirs, make_answer(602, author={"type": "VENDOR"}))))
    kept = Kept()
    await poll(yandex.questions(memory=kept), kept)
    assert kept.texts(QUESTION) == [
        "Подойдёт для индукции?",
        "Покупатель Пётр: Да, подойдёт.",
        "Производитель: Да, подойдёт.",
        "Покупатель Лада: А для газа?",
    ]
    others = [message for (_, id), message in kept.messages.items() if id != QUESTION]
    assert {message.origin for message in others} == {Origin.AUTOMATIC}


async def test_the_whole_list_is_half_a_year_in_stretches_that_overlap(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    host.script(QUESTIONS, host.json(listed(more="two")))
    script_months(host)
    kept = Kept()
    await poll(yandex.questions(memory=kept), kept)
    asked = [json.loads(request.body) for request in host.asked(QUESTIONS)]
    assert len(asked) == MONTHS + 1
    assert asked[0] == asked[1] == {"needAnswer": False, "sort": "CREATED_AT_DESC"}
    assert [request.query.get("pageToken") for request in host.asked(QUESTIONS)[:3]] == [None, ["two"], None]
    spans = [(date.fromisoformat(one["dateFrom"]), date.fromisoformat(one["dateTo"])) for one in asked[2:]]
    newest = NOW.date() - timedelta(days=28)
    for begins, ends in spans:
        assert ends > newest
        assert ends - begins <= timedelta(days=28)
        newest = begins
    assert NOW.date() - newest > timedelta(days=180)


async def test_a_walk_between_asks_only_for_questions_that_wait(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept()
    line = yandex.questions(memory=kept)
    script_months(host)
    host.script(QUESTIONS, host.json(listed(make_question())))
    host.script(ANSWERS, host.json(paged("answers")))
    await poll(line, kept, await poll(line, kept))
    assert json.loads(host.asked(QUESTIONS)[-1].body) == {"needAnswer": True, "sort": "CREATED_AT_DESC"}
    assert (QUESTION, QUESTION) in kept.messages


async def test_answers_are_looked_for_again_after_an_hour(host: ScriptedHost, yandex: YandexLines) -> None:
    kept = Kept()
    line = yandex.questions(memory=kept)
    for _ in range(3):
        script_months(host, make_question())
    host.script(ANSWERS, host.json(paged("answers")), host.json(paged("answers", make_answer())))
    await poll(line, kept)
    await poll(line, kept)
    assert len(host.asked(ANSWERS)) == 1
    yandex.now += timedelta(minutes=61)
    await poll(line, kept)
    assert (QUESTION, "answer:601") in kept.messages


async def test_an_awaited_question_is_looked_at_with_every_poll(
    host: ScriptedHost, yandex: YandexLines
) -> None:
    kept = Kept(wanted=[QUESTION])
    line = yandex.questions(memory=kept)
    script_months(host)
    host.script(QUESTIONS, host.json(listed()))
    host.script(ANSWERS, host.json(paged("answers")), host.json(paged("answers", make_answer())))
    await poll(line, kept, await poll(line, kept))
    assert kept.messages[QUESTION, "answer:601"].is_answer


@pytest.mark.parametrize("position", ["", "garbage", "2026-11-20", "2026-11-20 x", "0 0 0"])
async def test_a_place_of_another_make_is_the_beginning(
    host: ScriptedHost, yandex: YandexLines, position: str
) -> None:
    cursor = {
        "whole_at": NOW.timestamp(),
        "whole": False,
        "listing": True,
        "position": position,
        "left": [],
        "asked": [],
    }
    host.script(QUESTIONS, host.json(listed()))
    assert (await yandex.questions().page(json.dumps(cursor))).complete
    assert "pageToken" not in host.received[0].query


@pytest.mark.parametrize(("status", "marked"), [(404, True), (400, False)])
async def test_answers_that_cannot_be_read_hold_nothing_up(
    host: ScriptedHost, yandex: YandexLines, status: int, marked: bool
) -> None:
    script_months(host, make_question(), make_question("9"))
    host.script(ANSWERS, host.json(error("NO"), status), host.json(paged("answers")))
    kept = Kept()
    await poll(yandex.questions(memory=kept), kept)
    assert (QUESTION in kept.marked) is marked
    assert "9" in kept.marked


async def test_one_spoilt_answer_costs_no_other(host: ScriptedHost, yandex: YandexLines) -> None:
    script_months(host, make_question(), make_question("2", createdAt="0001-01-01"), {"text": "секрет"}, None)
    answers = [
        make_answer(1, createdAt=None),
        make_answer(2, text={"секрет": 1}),
        make_answer(3, comments=[make_below(createdAt=None), None, make_below(702)]),
        make_answer(4, status="BANNED"),
        make_answer(5, status="DELETED"),
    ]
    host.script(ANSWERS, host.json(paged("answers", *answers)))
    kept = Kept()
    await poll(yandex.questions(memory=kept), kept)
    assert {id for _, id in kept.messages} == {QUESTION, "answer:3", "comment:702", "refused:answer:4"}
    assert len(kept.unreadable) == 7
    assert all("секрет" not in item.reason for item in kept.unreadable)


def test_old_conversations_are_looked_at_less_often() -> None:
    def changes(age_days: int, over_days: int) -> int:
        created = NOW - timedelta(days=age_days)
        hours = range(over_days * 24)
        return len({look("7", created, NOW + timedelta(hours=hour, minutes=1)) for hour in hours})

    assert changes(0, 1) >= 24
    assert 7 <= changes(10, 7) <= 8
    assert 2 <= changes(60, 14) <= 3
    assert look("7", NOW - timedelta(days=300), NOW) == NEVER


def test_conversations_are_not_all_due_at_once() -> None:
    created = NOW - timedelta(days=10)
    before = {str(id): look(str(id), created, NOW) for id in range(200)}
    changed = sum(look(id, created, NOW + timedelta(hours=6)) != told for id, told in before.items())
    assert 20 < changed < 90
