"""Models are asked about what somebody will read, for money that is known, and told nothing that is none of theirs."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from agentiq_core.domain.drafts import DraftKey
from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.suggesting import ModelSettings, PassState, Wish
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.colleagues import Colleagues
from agentiq_core.engine.model_lines import dearest
from agentiq_core.engine.models import Models
from agentiq_core.engine.notes import Notes
from agentiq_core.engine.replies import mark_read
from agentiq_core.engine.suggest import MODEL_WITHIN, suggest_anew, suggest_missing
from agentiq_core.store import drafts
from tests.ai.conftest import _no_proxy, host
from tests.ai.model_host import CHAT, KEY, ModelHost
from tests.engine.writers import QUESTION, REPLY, Writers
from tests.scene import Scene

__all__ = ["_no_proxy", "host"]
STOP_CLASS = "После крема у ребёнка аллергия и сыпь, мы у врача!"


@pytest.fixture
async def writers(scene: Scene, host: ModelHost, tmp_path: Path) -> AsyncIterator[Writers]:
    made = await Writers.at(scene, host, tmp_path)
    yield made
    await made.close()


async def long_ago(writers: Writers, text: str = QUESTION) -> ChatRef:
    """A question that a first sync brought, older than models are asked about."""
    scene = writers.scene
    ref = await scene.chat(text)
    later = replace(scene.engine, clock=lambda: scene.engine.clock() + MODEL_WITHIN + timedelta(minutes=1))
    await suggest_missing(later)
    return ref


async def test_an_old_question_has_its_template_and_no_model_is_asked(writers: Writers) -> None:
    ref, fresh = await long_ago(writers), await writers.asked()
    assert (await writers.suggestion(ref)).source == "template"
    assert await writers.state(ref) is PassState.NONE
    assert await writers.state(fresh) is PassState.WANTED


async def test_when_somebody_opens_it_the_model_is_asked_once(writers: Writers) -> None:
    ref = await long_ago(writers)
    engine, worker = writers.scene.engine, writers.worker()
    await mark_read(engine, ref)
    assert await writers.state(ref) is PassState.WANTED
    writers.says()
    await worker.begin_due()
    await worker.settled()
    assert (await writers.suggestion(ref)).text == REPLY
    await mark_read(engine, ref)
    assert await worker.begin_due() == 0
    assert writers.calls == 1


async def test_opening_asks_no_model_again_that_failed(writers: Writers) -> None:
    ref = await long_ago(writers)
    await writers.set(daily_budget=Decimal(0))
    for _ in range(2):
        await mark_read(writers.scene.engine, ref)
        await writers.worker().begin_due()
    assert (await writers.suggestion(ref)).failure == "over_budget"
    assert await writers.state(ref) is PassState.FAILED
    assert writers.calls == 0


async def test_opening_asks_no_model_about_what_a_person_answers(writers: Writers) -> None:
    for_a_person = await long_ago(writers, STOP_CLASS)
    await writers.set(enabled=False)
    without_one = await long_ago(writers)
    for ref in (for_a_person, without_one):
        await mark_read(writers.scene.engine, ref)
        assert await writers.state(ref) is PassState.NONE


async def test_a_model_that_came_later_writes_what_is_opened(writers: Writers) -> None:
    await writers.set(enabled=False)
    ref = await writers.asked()
    await writers.set(enabled=True)
    assert await writers.worker().begin_due() == 0
    await mark_read(writers.scene.engine, ref)
    assert await writers.state(ref) is PassState.WANTED


@pytest.mark.parametrize("wish", ["", Wish.SHORTER])
async def test_an_old_question_may_be_asked_about_by_hand(writers: Writers, wish: str) -> None:
    ref = await long_ago(writers)
    later = replace(writers.scene.engine, clock=lambda: writers.scene.engine.clock() + 2 * MODEL_WITHIN)
    await suggest_anew(later, ref, wish)
    assert await writers.state(ref) is PassState.WANTED


@pytest.mark.parametrize(
    ("settings", "known"),
    [
        (ModelSettings("deepseek"), True),
        (ModelSettings("deepseek", model="another"), False),
        (ModelSettings("deepseek", model="another", price_in=Decimal(1), price_out=Decimal(2)), True),
        (ModelSettings("openrouter", model="any/other"), True),
        (ModelSettings("ollama", model="qwen3:8b"), True),
        (ModelSettings("yandexgpt", folder="b1g"), False),
        (ModelSettings("gigachat"), False),
        (ModelSettings("gigachat", price_in=Decimal(0), price_out=Decimal(0)), True),
        (ModelSettings("custom", base_url="https://models.example.org/v1", model="m"), False),
    ],
)
async def test_a_budget_of_money_wants_known_prices(
    scene: Scene, settings: ModelSettings, known: bool
) -> None:
    models = Models(scene.engine)
    await models.set(scene.seller_id, settings)
    limited = replace(settings, daily_budget=Decimal(2))
    if known:
        await models.set(scene.seller_id, limited)
        return
    with pytest.raises(Rejected, match="a budget of money needs prices"):
        await models.set(scene.seller_id, limited)
    assert await models.settings(scene.seller_id) == settings


async def test_what_is_reserved_is_more_than_the_longest_question_takes(writers: Writers) -> None:
    scene = writers.scene
    ref = await scene.chat(*["Вопрос о кружке и её трещине. " * 60] * 10)
    await suggest_missing(scene.engine)
    await writers.set(tone="тепло, коротко " * 130)
    said = "Здравствуйте! Гарантируем полный возврат денег за кружку уже сегодня."
    writers.says(said)
    writers.says(said)
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    assert writers.calls == 2, "it was mended once"
    letters = sum(
        len(turn["content"]) for one in writers.host.asked(CHAT) for turn in json.loads(one.body)["messages"]
    )
    assert dearest(writers.settings) >= Decimal(letters) / 3 / 1_000_000 + Decimal(2 * 1_200 * 2) / 1_000_000
    assert (await writers.suggestion(ref)).failure == "broke_rules"


SECRETS = {
    "a phone": "8 (916) 123-45-67",
    "a phone in words": "плюс семь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
    "a phone in pieces": "8-9-1-6-1-2-3-4-5-6-8",
    "a card": "2202 2012 3456 7890",
    "a passport": "паспорт 4509 123456",
    "mail": "anna.petrova@example.org",
    "mail in words": "anna собака example точка org",
    "a messenger": "@anna_petrova",
    "an address": "ул. Ленина, д. 15, кв. 42",
    "an insurance number": "123-456-789 01",
}


async def test_whatever_is_written_no_secret_of_a_buyer_leaves(
    writers: Writers, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    scene = writers.scene
    ref = await scene.chat(f"{QUESTION} {'; '.join(SECRETS.values())}")
    scene.types_in_cabinet(
        ref, f"Здравствуйте! Звоню вам на {SECRETS['a phone']}, адрес {SECRETS['an address']}."
    )
    await scene.pulled()
    scene.buyer_says(ref, f"Так и не позвонили! Повторяю: {SECRETS['a phone']}")
    await scene.pulled()
    note = "Осторожно: он уже судился с соседним магазином"
    await Notes(scene.engine, Colleagues(scene.engine)).add(ref, note)
    async with scene.engine.store.transaction() as session:
        await drafts.save(session, DraftKey(ref), "Черновик коллеги о скидке", [])
    await suggest_missing(scene.engine)
    writers.says()
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    assert writers.calls == 1
    [asked] = writers.host.asked(CHAT)
    sent = json.dumps(json.loads(asked.body), ensure_ascii=False)
    assert "Так и не позвонили" in sent
    assert "Звоню вам на [телефон" in sent, "what was typed in the cabinet is part of the conversation"
    for kind, secret in SECRETS.items():
        assert secret not in sent, kind
    for piece in ("9161234567", "4509", "7890", "петров", "petrova", "девятьсот", "Ленина"):
        assert piece not in sent.casefold()
    for inner in (note, "Черновик коллеги", KEY):
        assert inner not in sent
    log = caplog.text
    for kept in (KEY, "Так и не позвонили", REPLY, *SECRETS.values()):
        assert kept not in log


async def test_names_of_files_are_told_masked_and_never_the_files(writers: Writers) -> None:
    scene = writers.scene
    ref = await scene.chat(QUESTION)
    files = [
        {"kind": "image", "name": "скол Анны 8-916-123-45-67.jpg", "url": "https://files.example.org/secret"}
    ]
    await scene.sql(
        "update messages set attachments = cast(:files as jsonb) where chat_id = :id",
        files=json.dumps(files),
        id=ref.chat_id,
    )
    await suggest_missing(scene.engine)
    writers.says()
    worker = writers.worker()
    await worker.begin_due()
    await worker.settled()
    sent = writers.host.asked(CHAT)[0].body.decode().encode().decode()
    sent = json.dumps(json.loads(sent), ensure_ascii=False)
    assert "(фото: скол Анны [телефон 1].jpg)" in sent
    assert "files.example.org" not in sent
