"""Language models on screen: what each shop asks, what it costs, where the key is, what is told to the provider."""

from __future__ import annotations

from decimal import Decimal

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import Unheard
from agentiq_core.domain.suggesting import ModelSettings
from agentiq_core.engine.access import SignedIn
from agentiq_tui.screens.model_form import ModelFormScreen
from agentiq_tui.screens.models import ModelsScreen
from agentiq_tui.screens.secret import SecretScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")


async def looking(here: Seat) -> ModelsScreen:
    await here.screen.run_action("models")
    return await here.reaches(ModelsScreen)


async def form(here: Seat) -> ModelFormScreen:
    await here.press("enter")
    return await here.reaches(ModelFormScreen)


async def test_it_says_what_is_asked_what_it_costs_and_what_the_provider_is_told(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.models.asks()
    async with seat((140, 40)) as here:
        await looking(here)
        await here.sees(
            "Ключи моделей хранятся только на этой машине: в системном хранилище ключей; в базе их нет"
        )
        await here.sees("скрыты телефоны, карты, документы, адреса и почта")
        await here.sees("● deepseek/deepseek-flash")
        await here.sees("0.42 USD")
        await here.sees(" 21 %")
        await here.sees("не больше 2 USD в день · 2 вопроса сразу · ждут её: 3")
        await here.sees("37 вопросов, токенов прочитано 41000, написано 5200, 0.42 USD")
        await here.sees("тон: Тепло, коротко")
        await here.press("down")
        await here.sees("Подсказки здесь — шаблоны. Enter выбирает модель.")


async def test_a_model_is_chosen_and_its_key_kept_here(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("n")
        await here.sees("У магазина пока нет модели")
        made = await form(here)
        await here.press("right")
        assert made.filled_in()["profile"] == "yandexgpt"
        for name, value in {"folder": "b1g", "tone": " Тепло ", "budget": "150,5", "at-once": "4"}.items():
            made.query_one(f"#{name}", Input).value = value
        await here.press("f5")
        await here.sees("✓ Уютный дом: модель настроена")
        wanted = ModelSettings(
            "yandexgpt", folder="b1g", tone="Тепло", daily_budget=Decimal("150.5"), concurrency=4
        )
        assert desk.called("models.set") == [(1, wanted)]
        await here.sees("На этой машине нет ключа")
        await here.press("n")
        await here.until(lambda: isinstance(here.app.screen, SecretScreen))
        here.app.screen.query_one(Input).value = "tajna-42"
        await here.press("f5")
        await here.sees("✓ Ключ хранится здесь")
        assert desk.called("models.keep_key") == [(1, "tajna-42")]
        assert "tajna" not in here.text()
        await here.press("x")
        await here.until(lambda: desk.called("models.forget_key") == [("yandexgpt",)])


async def test_another_provider_takes_nothing_of_the_former(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.models.asks()
    desk.models.kept[1] = ModelSettings(
        "custom",
        base_url="https://a.example/v1",
        model="m",
        price_in=Decimal(1),
        price_out=Decimal(2),
        tone="Т",
    )
    async with seat((80, 24)) as here:
        await looking(here)
        made = await form(here)
        await here.press("left")
        filled = made.filled_in()
        assert (filled["profile"], filled["tone"]) == ("llamacpp", "Т")
        assert {filled[name] for name in ("base-url", "model", "price-in", "price-out")} == {""}


@pytest.mark.parametrize(
    ("field", "value", "at", "words"),
    [
        ("budget", "много", "budget", "Сумма денег или пусто"),
        ("price-in", "-1", "price-in", "Сумма денег или пусто"),
        ("price-in", "1", "price-out", "Нужны обе цены"),
        ("at-once", "17", "at-once", "Число от 1 до 16"),
        ("tone", "я" * 2001, "tone", "Не длиннее 2000"),
    ],
)
async def test_a_mistake_is_told_at_its_field(
    seat: OpenSeat, desk: ScriptedDesk, field: str, value: str, at: str, words: str
) -> None:
    async with seat((80, 30)) as here:
        await looking(here)
        made = await form(here)
        made.query_one(f"#{field}", Input).value = value
        await here.press("f5")
        await here.sees(words)
        assert made.focused is not None
        assert made.focused.id == at
        assert desk.called("models.set") == []


async def test_a_word_is_asked_and_a_refusal_told(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.models.asks()
    async with seat((140, 40)) as here:
        await looking(here)
        await here.press("t")
        await here.sees("✓ deepseek/deepseek-flash")
        desk.failing["models.test"] = Unheard("no answer", failure="wrong_key")
        await here.press("t")
        await here.sees("✗ ")
        await here.sees("ключ")


async def test_it_is_turned_off_and_on_again(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.models.asks()
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("o")
        await here.sees("✓ Теперь только шаблоны")
        assert not desk.models.kept[1].enabled
        await here.press("щ")
        await here.until(lambda: desk.models.kept[1].enabled)


@pytest.mark.parametrize(
    ("role", "refused"), [("operator", ("enter", "o")), ("viewer", ("enter", "o", "n", "x", "t"))]
)
async def test_each_role_does_what_it_may(
    seat: OpenSeat, desk: ScriptedDesk, role: str, refused: tuple[str, ...]
) -> None:
    desk.who = SignedIn(2, "boris@example.org", role)
    desk.models.asks()
    async with seat((80, 24)) as here:
        screen = await looking(here)
        for key in refused:
            screen.say("")
            await here.press(key)
            await here.until(lambda: "Меняют это" in here.text() or "только смотрит" in here.text())
            assert here.app.screen is screen
        for name in ("models.set", "models.off", "models.keep_key", "models.forget_key", "models.test"):
            assert desk.called(name) == []
