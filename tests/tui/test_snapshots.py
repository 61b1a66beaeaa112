"""What the operator sees, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.screen import Screen
from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import SignInNeeded
from agentiq_core.domain.files import FileState, ReceivedFile
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.messages import Attachment, AttachmentKind, Channel
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import RelatedChat
from agentiq_core.engine.access import SignedIn
from agentiq_core.engine.bulk import AddTag
from agentiq_core.guardrails import rule_set
from agentiq_core.sla.calendar import Calendar
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.deadline_rule import DeadlineRuleScreen
from agentiq_tui.screens.deadline_rules import DeadlineRulesScreen
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.filter import FilterScreen
from agentiq_tui.screens.guard_rule import GuardRuleScreen
from agentiq_tui.screens.guard_rules import GuardRulesScreen
from agentiq_tui.screens.help import HelpScreen
from agentiq_tui.screens.passphrase import PassphraseScreen
from agentiq_tui.screens.quarantine import QuarantineScreen
from agentiq_tui.screens.search import SearchScreen
from agentiq_tui.screens.sellers import SellersScreen
from agentiq_tui.screens.settings import SettingsScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.team_key import TeamKeyScreen
from agentiq_tui.screens.working_hours import WorkingHoursScreen
from tests.connectors.wildberries_answers import make_event
from tests.tui.conftest import Draw, Seat
from tests.tui.scripted import NOW, ScriptedDesk, quarantined, seller
from tests.tui.sizes import IN_BOTH_LANGUAGES, IN_EVERY_WINDOW
from tests.tui.story import ALENA, MARINA, OLEG

pytestmark = [IN_EVERY_WINDOW, IN_BOTH_LANGUAGES]


def test_the_desk(draw: Draw) -> None:
    assert draw()


def test_the_search(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.screen.run_action("search")
        await here.until(lambda: here.app.screen.query("#search-words"))
        here.app.screen.query_one(Input).value = "подскажите"
        await here.until(
            lambda: isinstance(here.app.screen, SearchScreen) and here.app.screen.current is not None
        )

    assert draw(act, shows=SearchScreen)


def test_the_filter(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.desk.views.save("Брак", QueueFilter(tag="брак", stars=(1, 3)), share_with=1)
        await here.screen.run_action("filter")
        await here.until(lambda: here.app.screen.query("#filter-words"))
        await here.until(lambda: here.app.screen.query_one(OptionList).option_count)
        await here.press("down")

    assert draw(act, shows=FilterScreen)


def test_a_narrowed_queue_with_marks_and_what_was_done_with_them(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        here.screen.queue_pane.narrow(QueueFilter(seller=1), "seller:1")
        here.screen.query_one("#queue-list").focus()
        await here.until(lambda: here.screen.queue_pane.model.rows)
        await here.press("*")
        here.desk.bulk.refusing = {OLEG}
        here.screen._run(here.screen.queue_pane.marked, "#брак", AddTag("брак"))
        await here.until(lambda: isinstance(here.app.screen, BulkScreen) and here.app.screen.done)
        await here.pilot.pause(0.2)

    assert draw(act, shows=BulkScreen)


def test_a_review_with_what_belongs_to_it(draw: Draw, desk: ScriptedDesk) -> None:
    chat = RelatedChat(OLEG, Channel.CHAT, False, "Алёна", "", None, NOW, True)
    question = replace(chat, ref=MARINA, channel=Channel.QUESTION, maybe=True, needs_reply=False)
    desk.chats[ALENA].facts = {
        "channel": Channel.REVIEW,
        "stars": 2,
        "one_answer": True,
        "closes_at": NOW + timedelta(hours=30),
        "closes_hard": True,
        "related": (chat, question),
    }
    desk.chats[OLEG].facts = {"channel": Channel.QUESTION}
    assert draw()


@pytest.mark.parametrize("part", ["waiting", "form", "moderation", "sent"])
def test_the_files(
    draw: Draw, desk: ScriptedDesk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    (tmp_path / "Downloads").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    png = b"\x89PNG\r\n\x1a\n"
    pictures = tuple(Attachment(AttachmentKind.IMAGE, download_id=f"d{number}") for number in (1, 2, 3))
    last = desk.chats[ALENA].messages[-1]
    desk.chats[ALENA].messages[-1] = replace(last, attachments=pictures)
    desk.files = {
        ("m4", 1): [ReceivedFile(FileState.READY, "трещина.png", "image/png", png)],
        ("m4", 2): [ReceivedFile(FileState.IN_MODERATION, retry_after=600)],
        ("m4", 3): [ReceivedFile(FileState.REFUSED)],
    }
    for name in ("инструкция.png", "схема.png"):
        (tmp_path / name).write_bytes(png + bytes(300_000))

    async def act(here: Seat) -> None:
        app = here.app
        if part == "moderation":
            await here.press("o")
            await here.until(lambda: len(app._notifications) == 3)
            app.clear_notifications()
            await here.until(lambda: not app.screen.query("Toast"))
            return
        await here.press("ctrl+o")
        await here.until(lambda: isinstance(app.screen, AttachScreen))
        field = app.screen.query_one("#path", Input)
        field.value = "~/инструкция.txt" if part == "form" else "~/инструкция.png ~/схема.png"
        await here.press("enter")
        if part == "form":
            await here.until(lambda: app.screen.query_one("#form-said").has_class("-error"))
            await here.until(lambda: field.has_focus)
            return
        await here.until(lambda: here.screen.query_one("#waiting-files").display)
        if part == "sent":
            await here.press("f5")
            await here.until(lambda: not here.screen.query_one("#waiting-files").display)
            await here.until(lambda: here.screen.conversation and here.screen.conversation.replies)
            text = desk.chats[ALENA].replies
            desk.put(ALENA, text[0].id, state=OutboxState.FAILED, reason="file_refused")
            await here.until(lambda: here.screen.conversation.replies[0].state is OutboxState.FAILED)

    assert draw(act, shows=AttachScreen if part == "form" else DeskScreen)


def test_the_help(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.press("question_mark")

    assert draw(act, shows=HelpScreen)


def test_the_help_of_a_window(draw: Draw) -> None:
    async def act(here: Seat) -> None:
        await here.screen.run_action("sellers")
        await here.reaches(SellersScreen)
        await here.app.screen.run_action("help")

    assert draw(act, shows=HelpScreen)


@pytest.mark.parametrize(
    ("form", "shows"),
    [
        ("sign-in", SignInScreen),
        ("invitation", SignInScreen),
        ("passphrase", PassphraseScreen),
        ("team-key", TeamKeyScreen),
        ("shop", AddShopScreen),
        ("shop-checked", AddShopScreen),
    ],
    ids=["sign-in", "invitation", "passphrase", "team-key", "shop", "shop-checked"],
)
def test_the_forms(draw: Draw, desk: ScriptedDesk, form: str, shows: type[Screen[object]]) -> None:
    async def attempt(_email: str, _password: str) -> SignedIn:
        return desk.who

    async def kept(_key: str) -> None:
        """The key is good."""

    async def act(here: Seat) -> None:
        if shows is SignInScreen:
            here.app.push_screen(
                SignInScreen(attempt, accept=attempt, why=SignInNeeded("nobody"), email="anna@example.org")
            )
        elif shows is PassphraseScreen:
            here.app.push_screen(PassphraseScreen(new=True))
        elif shows is TeamKeyScreen:
            here.app.push_screen(TeamKeyScreen(kept, missing=True))
        else:
            here.app.push_screen(AddShopScreen(desk))  # type: ignore[arg-type]
        await here.pilot.pause()
        if form == "invitation":
            await here.press("f2")
        if form == "shop-checked":
            here.app.screen.query_one("#name", Input).value = "Дом и чай"
            here.app.screen.query_one("#key", Input).value = "x" * 300
            await here.press("f5")
            await here.sees("42")

    assert draw(act, shows=shows)


def test_the_quarantine(draw: Draw, desk: ScriptedDesk) -> None:
    raw = json.dumps(make_event(message=["[red]Где мой заказ?[/]"]), ensure_ascii=False, indent=2)
    desk.kept = [quarantined(number, raw) for number in range(1, 13)]
    desk.unreadable = {11}
    desk.sellers = (seller(1, "Уютный дом", "wildberries", quarantined=12),)

    async def act(here: Seat) -> None:
        await here.screen.run_action("quarantine")
        await here.sees("event-12")
        await here.press("j")
        await here.sees("event-11")
        await here.press("r")
        await here.until(lambda: "✗" in here.text() and len(desk.called("quarantine")) == 2)

    assert draw(act, shows=QuarantineScreen)


def managed(desk: ScriptedDesk) -> None:
    """An admin with one shop, which has hours and forbids two things more."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]
    day = ((540, 780), (840, 1320))
    desk.by = replace(desk.by, calendar=Calendar("Europe/Moscow", (day,) * 5 + (((1200, 1680),), ()), "RU"))
    discounts = {"name": "no_discounts", "version": 1, "severity": "error", "reason": "Скидок не обещаем", "phrases": ["дать|обещать[1per] скидка"], "channel": "chat"}  # fmt: skip
    words = {"name": "stop_words", "version": 2, "severity": "warning", "reason": "Этого слова избегаем", "words": ["дешёвка", "китайский завод"]}  # fmt: skip
    desk.guard_rules.kept = rule_set({"rules": [discounts, words]})


@pytest.mark.parametrize(
    ("action", "keys", "sample", "shows"),
    [
        ("rules", (), "Верните деньги! Где мой заказ?", DeadlineRulesScreen),
        ("rules", ("enter",), "", DeadlineRuleScreen),
        ("rules", ("down", "down", "down", "d", "f5"), "", ConfirmScreen),
        ("hours", (), "", WorkingHoursScreen),
        ("guard_rules", (), "Скидку мы дадим! Это вовсе не дешёвка, вернём деньги.", GuardRulesScreen),
        ("guard_rules", ("enter",), "", GuardRuleScreen),
        ("guard_rules", ("d", "down", "d", "a"), "", GuardRuleScreen),
    ],
    ids=["rules", "rule", "effect", "hours", "guards", "guard", "new-guard"],
)
def test_rules_hours_and_guards_of_a_shop(
    draw: Draw,
    desk: ScriptedDesk,
    action: str,
    keys: tuple[str, ...],
    sample: str,
    shows: type[Screen[object]],
) -> None:
    managed(desk)

    async def act(here: Seat) -> None:
        app = here.app
        await here.screen.run_action(action)
        await here.until(lambda: desk.called("guard_rules.read") or desk.called("terms"))
        if action == "hours":
            await here.sees("09:00-13:00")
        else:
            await here.until(
                lambda: app.screen.query("#rules-list") and app.screen.query_one(OptionList).option_count
            )
        for key in keys:
            await here.press(key)
            await here.pilot.pause()
        if "f5" in keys:
            await here.until(lambda: isinstance(app.screen, ConfirmScreen))
        if sample:
            app.screen.query_one("#rules-sample", Input).value = sample
            await here.sees("«")

    assert draw(act, shows=shows)


def test_the_settings(draw: Draw, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # its path is shown, from the user's home on
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path / "agentiq"))

    async def act(here: Seat) -> None:
        await here.press("f9")

    assert draw(act, shows=SettingsScreen)
