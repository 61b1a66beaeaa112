"""The line to questions: answered, rejected and viewed by one method."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import NoAnswer, RateLimited, Refused, ServerFailed
from agentiq_core.connectors.wildberries.mapping_feedbacks import answer_id
from agentiq_core.connectors.wildberries.questions import WildberriesQuestions
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.scripted_host import ScriptedHost, Step
from tests.connectors.wildberries_feedbacks import (
    QUESTION,
    QUESTIONS,
    Remembered,
    make_question,
    one,
    questions,
)
from tests.connectors.wildberries_lines import Lines

TEXT = "Два литра."
SHOWN = {"text": TEXT, "editable": True, "createDate": "2026-11-23T11:30:00Z"}
TAKEN = one(None)


async def test_a_poll_reads_both_lists(host: ScriptedHost, lines: Lines) -> None:
    host.script(
        QUESTIONS,
        host.json(questions(make_question())),
        host.json(questions(make_question(1, answer=SHOWN, state="wbRu"))),
    )
    memory = Remembered()
    cursor = await memory.poll(lines.questions(host.url, memory=memory), None)
    assert [request.query["isAnswered"] for request in host.asked(QUESTIONS)] == [["false"], ["true"]]
    assert memory.texts("question-1") == ["Какой объём у чайника? (1)", TEXT]
    host.script(QUESTIONS, host.json(questions(make_question())))
    await memory.poll(lines.questions(host.url, memory=memory), cursor)
    assert memory.told_messages == 3


async def test_take_and_skip_are_never_more_than_ten_thousand(host: ScriptedHost, lines: Lines) -> None:
    second = [make_question(n, createdDate="2026-11-23T10:00:00Z") for n in range(1000)]
    host.script(QUESTIONS, *[host.json(questions(*second))] * 40)
    line, cursor = lines.questions(host.url), None
    for _ in range(30):
        page = await line.page(cursor)
        cursor = page.cursor
        if page.complete:
            break
    assert page.complete
    asked = [request.query for request in host.asked(QUESTIONS)]
    assert max(int(query["take"][0]) + int(query["skip"][0]) for query in asked) == 10_000


async def test_an_answer_is_patched_once_and_shown(host: ScriptedHost, lines: Lines) -> None:
    host.script(QUESTION, host.json(one(make_question())), host.json(one(make_question(answer=SHOWN))))
    host.script(QUESTIONS, host.json(TAKEN))
    assert await lines.questions(host.url).send("question-0", TEXT) == Receipt(message_id=answer_id(TEXT))
    (request,) = host.asked(QUESTIONS)
    assert request.method == "PATCH"
    assert json.loads(request.body) == {"id": "question-0", "answer": {"text": TEXT}, "state": "wbRu"}


async def test_an_answer_may_be_edited_while_wildberries_lets_it(host: ScriptedHost, lines: Lines) -> None:
    edited = {**SHOWN, "text": "Полтора"}
    host.script(QUESTION, host.json(one(make_question(answer=edited))), host.json(one(make_question())))
    host.script(QUESTIONS, host.json(TAKEN))
    assert await lines.questions(host.url).send("question-0", TEXT) == Receipt()
    host.script(QUESTION, host.json(one(make_question(answer={**edited, "editable": False}))))
    with pytest.raises(Refused) as caught:
        await lines.questions(host.url).send("question-0", TEXT)
    assert caught.value.reason is Undelivered.ALREADY_ANSWERED


@pytest.mark.parametrize(
    ("act", "change"),
    [
        (lambda line: line.mark_read("q", "q"), {"id": "q", "wasViewed": True}),
        (lambda line: line.dismiss("q"), {"id": "q", "wasViewed": True}),
        (
            lambda line: line.decline("q"),
            {"id": "q", "answer": {"text": "Вопрос отклонён продавцом"}, "state": "none"},
        ),
    ],
)
async def test_a_question_is_viewed_or_rejected(
    host: ScriptedHost,
    lines: Lines,
    act: Callable[[WildberriesQuestions], Awaitable[None]],
    change: dict[str, object],
) -> None:
    host.script(QUESTIONS, host.json(TAKEN))
    await act(lines.questions(host.url))
    (request,) = host.asked(QUESTIONS)
    assert (request.method, json.loads(request.body)) == ("PATCH", change)
    assert host.asked(QUESTION) == []


def failures(host: ScriptedHost) -> dict[str, tuple[Step, type[MarketplaceError]]]:
    return {
        "drop": (host.drop(), NoAnswer),
        "broken off": (host.drop_inside(), NoAnswer),
        "502": (host.raw(b"<html>", 502), ServerFailed),
        "unreadable": (host.raw(b"<html>", 200), ServerFailed),
        "limit": (host.json({}, 429), RateLimited),
        "404": (host.json({"errorText": "Не найден отзыв"}, 404), Refused),
        "422": (host.json({"errorText": "Не удалось отредактировать вопрос"}, 422), Refused),
        "inside": (host.json({"data": None, "error": True, "errorText": "Плохой текст"}), Refused),
    }


@pytest.mark.parametrize("name", list(failures(ScriptedHost())))
async def test_what_changes_something_is_asked_once(host: ScriptedHost, lines: Lines, name: str) -> None:
    step, error = failures(host)[name]
    for act in ("send", "decline"):
        host.forget()
        host.received.clear()
        host.script(QUESTION, host.json(one(make_question())))
        host.script(QUESTIONS, step)
        line = lines.questions(host.url)
        with pytest.raises(error):
            await (line.send("question-0", TEXT) if act == "send" else line.decline("question-0"))
        assert len(host.asked(QUESTIONS)) == 1


async def test_the_reasons_of_refusals(host: ScriptedHost, lines: Lines) -> None:
    line = lines.questions(host.url)
    for name, reason in {
        "404": Undelivered.CHAT_GONE,
        "422": Undelivered.REFUSED,
        "inside": Undelivered.TEXT_REFUSED,
    }.items():
        host.script(QUESTION, host.json(one(make_question())))
        host.script(QUESTIONS, failures(host)[name][0])
        with pytest.raises(Refused) as caught:
            await line.send("question-0", TEXT)
        assert caught.value.reason is reason
