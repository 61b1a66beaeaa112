"""The log on screen: who did what in words, narrowed and paged, for admins alone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agentiq_core.domain.team import AuditLine
from agentiq_core.engine.access import SignedIn
from agentiq_tui.audit_words import action_words, change_words
from agentiq_tui.locale import use
from agentiq_tui.screens.audit_log import AuditLogScreen
from agentiq_tui.screens.choose import ChooseScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, ScriptedDesk


@pytest.fixture(autouse=True)
def _managed(desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "owner")


def line(number: int, action: str, **change: object) -> AuditLine:
    return AuditLine(
        number, NOW - timedelta(minutes=number), 1, "Уютный дом", 2, "Борис Ким", action, str(number), change
    )


async def looking(here: Seat) -> AuditLogScreen:
    await here.screen.run_action("audit")
    return await here.reaches(AuditLogScreen)


async def chosen(here: Seat, key: str, *keys: str) -> None:
    await here.press(key)
    await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
    await here.press(*keys, "enter")
    await here.until(lambda: isinstance(here.app.screen, AuditLogScreen))


async def test_lines_say_in_words_who_did_what(seat: OpenSeat) -> None:
    async with seat((140, 40)) as here:
        await looking(here)
        await here.sees("сегодня 12:00 · Анна Петрова · Уютный дом")
        await here.sees("переписка: назначение")
        await here.sees("чья: — → Анна Петрова")
        await here.sees("как: вручную")
        await here.press("j")
        await here.sees("сотрудник: добавление #2")
        await here.sees("роль: оператор")


async def test_the_log_is_narrowed_to_a_shop_a_person_and_a_kind(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat((80, 24)) as here:
        await looking(here)
        await chosen(here, "s", *"команда")
        await here.until(lambda: desk.called("audit.page")[-1] == (None, 0, None, None, None))
        await here.sees("магазин: сама команда")
        await chosen(here, "s", *"уют")
        await chosen(here, "w", *"борис")
        await chosen(here, "t", *"ответ")
        await here.until(lambda: desk.called("audit.page")[-1] == (None, 1, 2, "outbox.", None))
        await here.sees("Записей нет")
        await chosen(here, "t", "home")
        await chosen(here, "w")
        await chosen(here, "s")
        await here.until(lambda: desk.called("audit.page")[-1] == (None, None, None, None, None))


async def test_an_admin_is_not_offered_the_log_of_the_team(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.who = SignedIn(1, "anna@example.org", "admin")
    async with seat((80, 24)) as here:
        await looking(here)
        await here.press("s")
        await here.until(lambda: isinstance(here.app.screen, ChooseScreen))
        assert "сама команда" not in here.text()


async def test_older_lines_come_while_one_reads(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.audit.lines = [line(number, "chats.tag", tags=[[], ["брак"]]) for number in range(1, 121)]
    async with seat((80, 24)) as here:
        screen = await looking(here)
        assert len(screen.rows) == 50
        await here.press("end")
        await here.until(lambda: len(screen.rows) == 100)
        await here.press("end")
        await here.until(lambda: len(screen.rows) == 120)
        assert screen.rows == tuple(desk.audit.lines)


async def test_older_lines_that_come_after_another_filter_are_not_shown_under_it(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.audit.lines = [line(number, "chats.tag", tags=[[], ["брак"]]) for number in range(1, 121)]
    desk.audit.older.clear()
    async with seat((80, 24)) as here:
        screen = await looking(here)
        await here.press("end")
        await here.until(lambda: desk.called("audit.page")[-1][0] is not None)
        await chosen(here, "t", *"ответ")
        await here.until(lambda: screen.rows == ())
        desk.audit.older.set()
        await here.until(lambda: not any(worker.group == "ask" for worker in here.app.workers))
        await here.pilot.pause()
        assert screen.rows == ()
        await here.sees("Записей нет")


@pytest.mark.parametrize("role", ["operator", "viewer"])
async def test_others_than_admins_get_one_line(seat: OpenSeat, desk: ScriptedDesk, role: str) -> None:
    desk.who = SignedIn(1, "anna@example.org", role)
    async with seat((140, 40)) as here:
        await here.screen.run_action("audit")
        await here.sees("Журнал читают администраторы и владельцы")
        assert here.app.screen is here.screen
        assert desk.called("audit.page") == []


@pytest.mark.parametrize(
    ("action", "change", "words"),
    [
        ("sellers.update", {"state": ["active", "paused"]}, [("состояние", "работает → на паузе")]),
        ("outbox.update", {"state": ["queued", "sent"]}, [("состояние", "в очереди → отправлено")]),
        ("sla_rules.insert", {"priority": 2, "channels": ["chat", "review"]}, [("каналы", "чат, отзыв"), ("приоритет", "срочный")]),
        ("automations.update", {"mode": ["off", "on"], "templates": [False, True]}, [("способ", "выкл. → вкл."), ("и шаблоны", "нет → да")]),
        ("snippets.insert", {"unheard_of": {"a": 1}}, [("unheard_of", '{"a": 1}')]),
        ("snippets.update", {"archived_at": [None, "2026-03-10T09:00:00+00:00"]}, [("убрано", "— → сегодня 12:00")]),
        ("assignment.insert", {"mode": "load"}, [("способ", "по загрузке")]),
        ("snippets.insert", {"name": "\x1b\x07a[b]"}, [("название", "a[b]")]),
    ],
)  # fmt: skip
def test_fields_and_values_have_words(
    action: str, change: dict[str, object], words: list[tuple[str, str]]
) -> None:
    use("ru")
    told = list(change_words(line(1, action, **change), {}, NOW))
    assert [(name, value.lstrip("\ufffd")) for name, value in told] == words


def test_an_unknown_action_is_shown_as_it_is() -> None:
    use("ru")
    assert action_words("moons.insert") == "moons.insert"
    assert action_words("sellers.delete") == "магазин: удаление"
