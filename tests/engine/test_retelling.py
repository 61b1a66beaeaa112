"""Summaries and translations: by the seller's model, with his money, for the operator's eyes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from agentiq_core.domain.errors import NoModel, NotFound, Unheard
from agentiq_core.engine.replies import no_reply_needed
from agentiq_core.engine.retelling import reply_translation, summary, translation
from tests.ai.conftest import _no_proxy, host
from tests.ai.model_host import CHAT, ModelHost, chunk
from tests.engine.writers import COST, USED, Writers
from tests.scene import Scene

__all__ = ["_no_proxy", "host"]


@pytest.fixture
async def writers(scene: Scene, host: ModelHost, tmp_path: Path) -> AsyncIterator[Writers]:
    made = await Writers.at(scene, host, tmp_path)
    yield made
    await made.close()


def says(writers: Writers, **answer: object) -> None:
    text = json.dumps(answer, ensure_ascii=False)
    writers.host.script(
        CHAT, writers.host.stream(chunk(text), chunk("", "stop"), {"choices": [], "usage": USED})
    )


async def test_a_conversation_is_retold_also_when_nobody_waits_in_it(writers: Writers) -> None:
    ref = await writers.scene.chat("Кружка пришла с трещиной", "Что мне делать?")
    await no_reply_needed(writers.scene.engine, ref)
    says(writers, lines=["Кружка пришла с трещиной, покупатель спрашивает, что делать."])
    lines = await summary(writers.engine(), ref)
    assert lines == ("Кружка пришла с трещиной, покупатель спрашивает, что делать.",)
    assert await writers.spent() == (1, COST)


async def test_a_message_of_another_language_is_read_in_russian_and_answered_in_its_own(
    writers: Writers,
) -> None:
    ref = await writers.scene.chat("Hello, where is my order? I have been waiting for two weeks")
    [(message,)] = await writers.scene.sql("select external_id from messages")
    says(writers, translation="Здравствуйте, где мой заказ? Я жду уже две недели")
    read = await translation(writers.engine(), ref, message)
    assert (read.text, read.language) == ("Здравствуйте, где мой заказ? Я жду уже две недели", "en")
    says(writers, translation="Hello! We are looking for your parcel and will write to you here.")
    said = await reply_translation(
        writers.engine(), ref, "Здравствуйте! Ищем вашу посылку и напишем вам здесь."
    )
    assert said.text.startswith("Hello!")
    with pytest.raises(NotFound):
        await translation(writers.engine(), ref, "no such message")


async def test_without_key_money_or_model_it_is_said_why(writers: Writers, tmp_path: Path) -> None:
    ref = await writers.scene.chat()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()

    async def refused(home: Path | None = None) -> object:
        with pytest.raises(NoModel) as why:
            await summary(writers.engine(home), ref)
        return why.value.params["reason"]

    assert await refused(elsewhere) == "no key"
    await writers.set(daily_budget=Decimal(0))
    assert await refused() == "over budget"
    assert await writers.spent() == (0, Decimal(0))
    await writers.set(enabled=False)
    assert await refused() == "none"
    assert writers.calls == 0


async def test_a_model_that_fails_is_said_with_its_reason(writers: Writers) -> None:
    ref = await writers.scene.chat()
    writers.host.script(CHAT, writers.host.json({}, 401))
    with pytest.raises(Unheard) as why:
        await summary(writers.engine(), ref)
    assert why.value.params == {"failure": "wrong_key"}
