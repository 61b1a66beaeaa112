"""The line to reviews over real HTTP: what is asked for, how an answer leaves, and the truth about what became of it."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from agentiq_core.connectors.base import Receipt
from agentiq_core.connectors.errors import (
    ChannelClosed,
    InsecureConnection,
    KeyRefused,
    NoAnswer,
    NotDelivered,
    OutcomeUnknown,
    RateLimited,
    Refused,
    ServerFailed,
    Unintelligible,
    Unreachable,
)
from agentiq_core.connectors.wildberries.mapping_feedbacks import answer_id
from agentiq_core.domain.errors import MarketplaceError
from agentiq_core.domain.files import OutgoingFile
from agentiq_core.domain.outbox import Undelivered
from tests.connectors.scripted_host import ScriptedHost
from tests.connectors.wildberries_answers import make_key, make_problem
from tests.connectors.wildberries_feedbacks import (
    ANSWER,
    ARCHIVE,
    CARDS,
    EVERY_SCOPE,
    FEEDBACK,
    FEEDBACKS,
    NEWS,
    REVIEW_ID,
    Remembered,
    listing,
    make_review,
    one,
    unknown_id,
)
from tests.connectors.wildberries_lines import Lines

TEXT = "Спасибо за отзыв!"
SHOWN = {"text": TEXT, "state": "wbRu", "editable": True}
PENDING = {**SHOWN, "state": "reviewRequired"}
OTHER = {**SHOWN, "text": "Прежний ответ"}


def waits(host: ScriptedHost, *after: object) -> None:
    """The review waits; read back, it is what follows."""
    host.script(FEEDBACK, host.json(one(make_review())), *[host.json(one(item)) for item in after])


async def test_a_poll_asks_for_what_waits_then_for_the_history(host: ScriptedHost, lines: Lines) -> None:
    host.script(
        FEEDBACKS, host.json(listing(make_review())), host.json(listing(make_review(9, answer=SHOWN)))
    )
    host.script(ARCHIVE, host.json(listing(make_review(99, text=""))))
    memory = Remembered()
    await memory.poll(lines.reviews(host.url, memory=memory), None)
    waiting, handled = host.asked(FEEDBACKS)
    (archive,) = host.asked(ARCHIVE)
    usual = {"take": ["1000"], "skip": ["0"], "order": ["dateDesc"]}
    assert waiting.query == {**usual, "isAnswered": ["false"]}
    assert handled.query == {**usual, "isAnswered": ["true"]}
    assert archive.query == usual
    assert set(memory.told) == {REVIEW_ID, "review-9", "review-99"}


async def test_the_next_page_is_asked_for_by_time_in_seconds(host: ScriptedHost, lines: Lines) -> None:
    full = [make_review(number) for number in range(600)] + [
        make_review(0, id=f"more-{number}", createdDate="2026-11-20T10:00:00.5Z") for number in range(400)
    ]
    host.script(FEEDBACKS, host.json(listing(*full)), host.json(listing(make_review(3, id="last"))))
    line = lines.reviews(host.url)
    first = await line.page(None)
    assert not first.complete
    second = await lines.reviews(host.url).page(first.cursor)
    assert host.asked(FEEDBACKS)[1].query["dateTo"] == ["1795168801"]
    assert [item.chat_external_id for item in second.messages] == ["last"]


async def test_one_spoilt_review_costs_no_other(host: ScriptedHost, lines: Lines) -> None:
    spoilt = [{"id": 7}, None, "текст", make_review(2, text={"a": 1}), [], make_review(3, createdDate=None)]
    host.script(FEEDBACKS, host.json(listing(make_review(0), *spoilt, make_review(1))))
    page = await lines.reviews(host.url).page(None)
    assert [item.chat_external_id for item in page.messages] == [REVIEW_ID, "review-1"]
    assert len(page.unreadable) == len(spoilt)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data": null, "error": true}', b'{"data": {"feedbacks": 7}}']
)
async def test_a_list_that_is_none_is_unintelligible(host: ScriptedHost, lines: Lines, body: bytes) -> None:
    host.script(FEEDBACKS, host.raw(body))
    with pytest.raises(Unintelligible):
        await lines.reviews(host.url).page(None)


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "500"])
async def test_a_read_is_tried_again(host: ScriptedHost, lines: Lines, failure: str) -> None:
    steps = {"drop": host.drop(), "drop_inside": host.drop_inside(), "500": host.json({}, 500)}
    host.script(FEEDBACKS, steps[failure], host.json(listing(make_review())))
    assert (await lines.reviews(host.url).page(None)).messages
    assert len(lines.naps) == 1


@pytest.mark.parametrize(
    ("status", "claims", "body", "error"),
    [
        (401, {}, make_problem("token problem"), KeyRefused),
        (401, {}, make_problem("token scope not allowed"), ChannelClosed),
        (403, {}, {"errorText": "Ошибка авторизации"}, KeyRefused),
        (403, {"s": 1 << 9}, {"errorText": "Ошибка авторизации"}, ChannelClosed),
        (402, {}, make_problem("insufficient funds"), KeyRefused),
        (400, {}, {"errorText": "Плохой формат isAnswered"}, Refused),
        (302, {}, {}, Unintelligible),
    ],
)
async def test_a_definite_answer_is_typed(
    host: ScriptedHost,
    lines: Lines,
    status: int,
    claims: dict[str, int],
    body: object,
    error: type[MarketplaceError],
) -> None:
    host.script(FEEDBACKS, host.json(body, status))
    with pytest.raises(error) as caught:
        await lines.reviews(host.url, key=make_key(**{"s": EVERY_SCOPE, **claims})).page(None)
    assert len(host.received) == 1
    assert caught.value.params.get("detail", "") in json.dumps(body, ensure_ascii=False)


async def test_the_marketplaces_own_delay_is_told(host: ScriptedHost, lines: Lines) -> None:
    host.script(FEEDBACKS, host.json({}, 429, {"X-Ratelimit-Retry": "60"}))
    with pytest.raises(RateLimited) as caught:
        await lines.reviews(host.url).page(None)
    assert caught.value.retry_after == 60


async def test_reviews_and_cards_stand_in_their_own_buckets(host: ScriptedHost, lines: Lines) -> None:
    passed: list[str] = []

    async def gate(method: str) -> None:
        passed.append(method)

    waits(host, make_review(answer=SHOWN))
    host.script(ANSWER, host.raw(b"", 204))
    host.script(NEWS, host.json(one({"hasNewFeedbacks": True})))
    host.script(CARDS, host.json({"cards": []}))
    line = lines.reviews(host.url, gate=gate)
    await line.account()
    await line.send(REVIEW_ID, TEXT)
    await line.products(["41057"])
    assert passed == ["feedbacks"] * 4 + ["cards"]


async def test_the_account_is_the_keys(host: ScriptedHost, lines: Lines) -> None:
    host.script(NEWS, host.json(one({"hasNewFeedbacks": False})))
    report = await lines.reviews(host.url).account()
    assert report.account_id == "9d5c1b0e-53a1-4a3f-9d7e-2f1f5d0b7c11"
    assert report.opens("review")


@pytest.mark.parametrize("shown", [PENDING, SHOWN])
async def test_an_answer_is_posted_once_and_read_back(
    host: ScriptedHost, lines: Lines, shown: dict[str, object]
) -> None:
    waits(host, make_review(answer=shown))
    host.script(ANSWER, host.raw(b"", 204))
    assert await lines.reviews(host.url).send(REVIEW_ID, TEXT) == Receipt(message_id=answer_id(TEXT))
    (request,) = host.asked(ANSWER)
    assert (request.method, json.loads(request.body)) == ("POST", {"id": REVIEW_ID, "text": TEXT})


async def test_an_answer_that_is_not_shown_yet_was_taken(host: ScriptedHost, lines: Lines) -> None:
    waits(host, make_review())
    host.script(ANSWER, host.raw(b"", 204))
    assert await lines.reviews(host.url).send(REVIEW_ID, TEXT) == Receipt()


async def test_an_answer_to_a_review_that_is_gone_was_refused(host: ScriptedHost, lines: Lines) -> None:
    host.script(FEEDBACK, host.json(one(make_review())), host.json(unknown_id(), 422))
    host.script(ANSWER, host.raw(b"", 204))
    with pytest.raises(Refused) as caught:
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert caught.value.reason is Undelivered.CHAT_GONE


@pytest.mark.parametrize("missing", [(422, unknown_id()), (404, unknown_id()), (200, one(None))])
async def test_a_wrong_id_is_never_answered(
    host: ScriptedHost, lines: Lines, missing: tuple[int, dict[str, object]]
) -> None:
    host.script(FEEDBACK, host.json(missing[1], missing[0]))
    with pytest.raises(Refused) as caught:
        await lines.reviews(host.url).send("no such", TEXT)
    assert caught.value.reason is Undelivered.CHAT_GONE
    assert host.asked(ANSWER) == []


async def test_an_answer_that_moderation_refused_comes_back(host: ScriptedHost, lines: Lines) -> None:
    waits(host, make_review(answer={**SHOWN, "state": "rejected"}))
    host.script(ANSWER, host.raw(b"", 204))
    with pytest.raises(Refused) as caught:
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert caught.value.reason is Undelivered.TEXT_REFUSED


@pytest.mark.parametrize("failure", ["drop", "500", "429", "401", "garbage"])
async def test_reading_back_that_fails_is_no_failure_of_sending(
    host: ScriptedHost, lines: Lines, failure: str
) -> None:
    steps = {
        "drop": host.drop(),
        "500": host.json({}, 500),
        "429": host.json({}, 429),
        "401": host.json({}, 401),
        "garbage": host.raw(b"<html>"),
    }
    host.script(FEEDBACK, host.json(one(make_review())), *[steps[failure]] * 3)
    host.script(ANSWER, host.raw(b"", 204))
    assert await lines.reviews(host.url).send(REVIEW_ID, TEXT) == Receipt()


async def test_an_answer_that_may_be_edited_is(host: ScriptedHost, lines: Lines) -> None:
    host.script(
        FEEDBACK, host.json(one(make_review(answer=OTHER))), host.json(one(make_review(answer=SHOWN)))
    )
    host.script(ANSWER, host.raw(b"", 204))
    await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert host.asked(ANSWER)[0].method == "PATCH"


async def test_an_answer_that_may_not_be_edited_stays(host: ScriptedHost, lines: Lines) -> None:
    host.script(FEEDBACK, host.json(one(make_review(answer={**OTHER, "editable": False}))))
    with pytest.raises(Refused) as caught:
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert caught.value.reason is Undelivered.ALREADY_ANSWERED
    assert host.asked(ANSWER) == []


@pytest.mark.parametrize("failure", ["drop", "500", "429", "garbage"])
async def test_a_review_that_cannot_be_read_leaves_the_answer_undelivered(
    host: ScriptedHost, lines: Lines, failure: str
) -> None:
    steps = {
        "drop": host.drop(),
        "500": host.json({}, 503),
        "429": host.json({}, 429, {"X-Ratelimit-Retry": "7"}),
        "garbage": host.raw(b"{}"),
    }
    host.script(FEEDBACK, *[steps[failure]] * 3)
    with pytest.raises(NotDelivered):
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert host.asked(ANSWER) == []


@pytest.mark.parametrize("failure", ["drop", "drop_inside", "hang", "drip"])
async def test_a_lost_answer_is_unknown_and_never_repeated(
    host: ScriptedHost, lines: Lines, failure: str
) -> None:
    steps = {"drop": host.drop(), "drop_inside": host.drop_inside(), "hang": host.hang(), "drip": host.drip()}
    waits(host)
    host.script(ANSWER, steps[failure])
    with pytest.raises(NoAnswer):
        await lines.reviews(host.url, read=0.2, total=0.6).send(REVIEW_ID, TEXT)
    assert len(host.asked(ANSWER)) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 303])
async def test_a_server_failure_is_unknown(host: ScriptedHost, lines: Lines, status: int) -> None:
    waits(host)
    host.script(ANSWER, host.json({}, status))
    with pytest.raises(ServerFailed) as caught:
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert isinstance(caught.value, OutcomeUnknown)
    assert len(host.asked(ANSWER)) == 1


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (400, {"errorText": "Неверный текст ответа"}, Undelivered.TEXT_REFUSED),
        (400, {"detail": "Неверный синтаксис JSON"}, Undelivered.REFUSED),
        (404, {"errorText": "Не найден отзыв"}, Undelivered.CHAT_GONE),
        (308, {}, Undelivered.REFUSED),
    ],
)
async def test_a_definite_no_keeps_the_marketplaces_words(
    host: ScriptedHost, lines: Lines, status: int, body: dict[str, str], reason: Undelivered
) -> None:
    waits(host)
    host.script(ANSWER, host.json(body, status))
    with pytest.raises(Refused) as caught:
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)
    assert (caught.value.reason, caught.value.detail) == (reason, next(iter(body.values()), ""))


@pytest.mark.parametrize(
    ("status", "claims", "detail", "error"),
    [
        (401, {}, "token scope not allowed", ChannelClosed),
        (403, {"s": 1 << 7 | 1 << 30}, "token scope not allowed", KeyRefused),
        (403, {}, "access denied", KeyRefused),
        (429, {}, "", RateLimited),
    ],
)
async def test_a_refused_key_or_a_limit_says_which(
    host: ScriptedHost,
    lines: Lines,
    status: int,
    claims: dict[str, int],
    detail: str,
    error: type[MarketplaceError],
) -> None:
    waits(host)
    host.script(ANSWER, host.json(make_problem(detail), status))
    with pytest.raises(error):
        await lines.reviews(host.url, key=make_key(**{"s": EVERY_SCOPE, **claims})).send(REVIEW_ID, TEXT)
    assert len(host.asked(ANSWER)) == 1


@pytest.mark.parametrize(
    ("text", "files"),
    [("", 0), (" \n", 0), ("я", 0), ("я" * 5001, 0), ("пол \ud83d", 0), (TEXT, 1)],
)
async def test_what_is_surely_wrong_is_refused_before_any_request(
    host: ScriptedHost, lines: Lines, text: str, files: int
) -> None:
    with pytest.raises(Refused):
        await lines.reviews(host.url).send(
            REVIEW_ID, text, (OutgoingFile("ч.png", "image/png", b"\x89PNG"),) * files
        )
    assert host.received == []


async def test_what_holds_a_request_back_is_asked_last(host: ScriptedHost, lines: Lines) -> None:
    async def hold() -> None:
        assert len(host.asked(FEEDBACK)) == 1
        raise RateLimited("held back")

    waits(host)
    with pytest.raises(RateLimited):
        await lines.reviews(host.url).send(REVIEW_ID, TEXT, go_ahead=hold)
    assert host.asked(ANSWER) == []


async def test_nothing_leaves_without_tls_or_a_host(
    untrusted_host: ScriptedHost, host: ScriptedHost, lines: Lines
) -> None:
    with pytest.raises(InsecureConnection):
        await lines.reviews(untrusted_host.url).send(REVIEW_ID, TEXT)
    await host.close()
    with pytest.raises(Unreachable):
        await lines.reviews(host.url).send(REVIEW_ID, TEXT)


async def test_no_error_holds_the_key_or_a_buyers_words(host: ScriptedHost, lines: Lines) -> None:
    key = make_key(s=EVERY_SCOPE)
    host.script(FEEDBACKS, host.json(make_problem(f"no key {key} here"), 401))
    host.script(FEEDBACK, *[host.json(one({"answer": [TEXT], "text": TEXT}))] * 2)
    host.script(ANSWER, host.json(make_problem(f"{key}"), 400))
    for call in (
        lines.reviews(host.url, key=key).page(None),
        lines.reviews(host.url, key=key).send("id", TEXT),
    ):
        with pytest.raises(MarketplaceError) as caught:
            await call
        said = f"{caught.value!r} {caught.value} {caught.value.params}"
        assert key not in said
        assert TEXT not in said


async def test_an_answer_first_read_has_a_time_of_the_marketplaces_clock(
    host: ScriptedHost, lines: Lines
) -> None:
    lines.now = datetime.now(UTC)
    ahead = format_datetime(lines.now + timedelta(minutes=5), usegmt=True)
    answered = listing(make_review(answer=SHOWN))
    host.script(FEEDBACKS, host.json(answered, headers={"Date": ahead}))
    page = await lines.reviews(host.url).page(None)
    lead = (page.messages[1].message.sent_at - lines.now).total_seconds()
    assert lead == pytest.approx(300, abs=3)
    assert page.ahead == pytest.approx(300, abs=3)


async def test_pages_of_any_content_raise_typed_errors_only_and_spoil_no_neighbour(
    host: ScriptedHost, lines: Lines
) -> None:
    """Every place of an answer is replaced by every odd value in turn, beside a sound review."""
    odd: tuple[object, ...] = (None, True, -1, 10**30, 1.5, "", "я" * 3000, [], [None], {}, {"a": 1})
    full = make_review(1, answer=SHOWN, photoLinks=[{"fullSize": "u"}], video={"link": "v"}, bables=["цена"])
    line = lines.reviews(host.url)
    for name in full:
        for value in odd:
            host.script(FEEDBACKS, host.json(listing({**full, name: value}, make_review())))
            page = await line.page(None)
            assert REVIEW_ID in {item.chat_external_id for item in page.messages}
            assert len({item.chat_external_id for item in page.messages}) + len(page.unreadable) == 2
    whole = listing(make_review())
    for name in ("data", "error", "errorText"):
        for value in odd:
            host.script(FEEDBACKS, host.json({**whole, name: value}))
            with suppress(Unintelligible):
                await line.page(None)
