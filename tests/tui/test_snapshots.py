"""What the operator sees, drawn: `--snapshot-update` after a change that was meant."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import SignInNeeded, StoreUnavailable
from agentiq_core.domain.files import FileState, ReceivedFile
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.messages import Attachment, AttachmentKind, Channel
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import RelatedChat
from agentiq_core.engine.access import SignedIn
from agentiq_core.engine.bulk import AddTag
from agentiq_core.guardrails import rule_set
from agentiq_core.sla.calendar import Calendar
from agentiq_tui.app import AgentIQApp
from agentiq_tui.screens.add_shop import AddShopScreen
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.passphrase import PassphraseScreen
from agentiq_tui.screens.search import SearchScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.trouble import TroubleScreen
from tests.connectors.wildberries_answers import make_event
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import NOW, ScriptedDesk, quarantined, seller
from tests.tui.sizes import SIZES
from tests.tui.story import ALENA, MARINA, OLEG

Compare = Callable[..., bool]


def alena_opened(desk: ScriptedDesk, clock: Clock) -> Callable[[Pilot[None]], Awaitable[None]]:
    async def run(pilot: Pilot[None]) -> None:
        here = Seat(pilot.app, pilot, desk, clock)  # type: ignore[arg-type]
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.press("j")
        await here.opens(ALENA)
        await here.until(lambda: ("mark_read", ALENA) in desk.calls)
        await here.until(lambda: here.screen.queue_pane.model.rows[1].unread == 0)

    return run


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_the_desk(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=size, run_before=alena_opened(desk, clock))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_the_search(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.until(lambda: here.screen.conversation is not None)
        await here.screen.run_action("search")
        await here.until(lambda: app.screen.query("#search-words"))
        field = app.screen.query_one(Input)
        field.cursor_blink = False
        field.value = "подскажите"
        await here.until(lambda: isinstance(app.screen, SearchScreen) and app.screen.current is not None)

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_the_filter(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.until(lambda: here.screen.conversation is not None)
        await desk.views.save("Брак", QueueFilter(tag="брак", stars=(1, 3)), share_with=1)
        await here.screen.run_action("filter")
        await here.until(lambda: app.screen.query("#filter-words"))
        app.screen.query_one(Input).cursor_blink = False
        await here.until(lambda: app.screen.query_one(OptionList).option_count)
        await here.press("down")

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_a_narrowed_queue_with_marks_and_what_was_done_with_them(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: pilot.app.screen.query("#composer"))
        await here.until(lambda: here.screen.conversation is not None)
        here.screen.queue_pane.narrow(QueueFilter(seller=1), "seller:1")
        here.screen.query_one("#queue-list").focus()
        await here.until(lambda: here.screen.queue_pane.model.rows)
        await here.press("*")
        desk.bulk.refusing = {OLEG}
        here.screen._run(here.screen.queue_pane.marked, "#брак", AddTag("брак"))
        await here.until(lambda: isinstance(app.screen, BulkScreen) and app.screen.done)
        await pilot.pause(0.2)

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_a_review_with_what_belongs_to_it(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
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
    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=size, run_before=alena_opened(desk, clock))


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize("part", ["waiting", "form", "moderation", "sent"])
def test_the_files(
    snap_compare: Compare,
    desk: ScriptedDesk,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    part: str,
    size: tuple[int, int],
    language: str,
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
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        here = Seat(app, pilot, desk, clock)
        if part == "moderation":
            await here.press("o")
            await here.until(lambda: len(app._notifications) == 3)
            app.clear_notifications()
            await here.until(lambda: not app.screen.query("Toast"))
            return
        await here.press("ctrl+o")
        await here.until(lambda: isinstance(app.screen, AttachScreen))
        field = app.screen.query_one("#path", Input)
        field.cursor_blink = False
        field.value = "~/инструкция.txt" if part == "form" else "~/инструкция.png ~/схема.png"
        await here.press("enter")
        if part == "form":
            await here.until(lambda: app.screen.query_one("#form-said").has_class("-error"))
            await here.until(lambda: field.has_focus)
            return
        await here.until(lambda: here.screen.query_one("#waiting-files").display)
        here.composer.cursor_blink = False
        if part == "sent":
            await here.press("f5")
            await here.until(lambda: not here.screen.query_one("#waiting-files").display)
            await here.until(lambda: here.screen.conversation and here.screen.conversation.replies)
            text = desk.chats[ALENA].replies
            desk.put(ALENA, text[0].id, state=OutboxState.FAILED, reason="file_refused")
            await here.until(lambda: here.screen.conversation.replies[0].state is OutboxState.FAILED)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_help(snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str) -> None:
    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        await pilot.press("question_mark")
        pilot.app.screen.query_one("#help-search").cursor_blink = False  # type: ignore[attr-defined]

    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=(120, 40), run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
def test_the_error_at_the_start(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str
) -> None:
    desk.failing["open"] = StoreUnavailable("connection refused")

    async def run(pilot: Pilot[None]) -> None:
        here = Seat(pilot.app, pilot, desk, clock)  # type: ignore[arg-type]
        await here.until(lambda: isinstance(pilot.app.screen, TroubleScreen))

    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=(100, 30), run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize("form", ["sign-in", "invitation", "passphrase", "shop", "shop-checked"])
def test_the_forms(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, form: str, size: tuple[int, int], language: str
) -> None:
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def attempt(_email: str, _password: str) -> SignedIn:
        return desk.who

    async def asked(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        if form in ("sign-in", "invitation"):
            app.push_screen(
                SignInScreen(attempt, accept=attempt, why=SignInNeeded("nobody"), email="anna@example.org")
            )
        elif form == "passphrase":
            app.push_screen(PassphraseScreen(new=True))
        else:
            app.push_screen(AddShopScreen(desk))  # type: ignore[arg-type]
        await pilot.pause()
        if form == "invitation":
            await pilot.press("f2")
        if form == "shop-checked":
            app.screen.query_one("#name", Input).value = "Дом и чай"
            app.screen.query_one("#key", Input).value = "x" * 300
            await pilot.press("f5")
            here = Seat(app, pilot, desk, clock)
            await here.until(lambda: "42" in here.text())
        for field in app.screen.query(Input):
            field.cursor_blink = False

    assert snap_compare(app, terminal_size=size, run_before=asked)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_the_quarantine(
    snap_compare: Compare, desk: ScriptedDesk, clock: Clock, language: str, size: tuple[int, int]
) -> None:
    raw = json.dumps(make_event(message=["[red]Где мой заказ?[/]"]), ensure_ascii=False, indent=2)
    desk.kept = [quarantined(number, raw) for number in range(1, 13)]
    desk.unreadable = {11}
    desk.sellers = (seller(1, "Уютный дом", "wildberries", quarantined=12),)
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        here = Seat(app, pilot, desk, clock)
        await here.screen.run_action("quarantine")
        await here.until(lambda: "event-12" in here.text())
        await here.press("j")
        await here.until(lambda: "event-11" in here.text())
        await here.press("r")
        await here.until(lambda: "✗" in here.text() and len(desk.called("quarantine")) == 2)
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


def managed(desk: ScriptedDesk) -> None:
    """An admin with one shop, which has hours and forbids two things more."""
    desk.who = SignedIn(1, "anna@example.org", "admin")
    desk.sellers = desk.sellers[:1]
    day = ((540, 780), (840, 1320))
    desk.by = replace(desk.by, calendar=Calendar("Europe/Moscow", (day,) * 5 + (((1200, 1680),), ()), "RU"))
    discounts = {"name": "no_discounts", "version": 1, "severity": "error", "reason": "Скидок не обещаем", "phrases": ["дать|обещать[1per] скидка"], "channel": "chat"}  # fmt: skip
    words = {"name": "stop_words", "version": 2, "severity": "warning", "reason": "Этого слова избегаем", "words": ["дешёвка", "китайский завод"]}  # fmt: skip
    desk.guard_rules.kept = rule_set({"rules": [discounts, words]})


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize(
    ("action", "keys", "sample"),
    [
        ("rules", (), "Верните деньги! Где мой заказ?"),
        ("rules", ("enter",), ""),
        ("rules", ("down", "down", "down", "d", "f5"), ""),
        ("hours", (), ""),
        ("guard_rules", (), "Скидку мы дадим! Это вовсе не дешёвка, вернём деньги."),
        ("guard_rules", ("enter",), ""),
        ("guard_rules", ("d", "down", "d", "a"), ""),
    ],
    ids=["rules", "rule", "effect", "hours", "guards", "guard", "new-guard"],
)
def test_rules_hours_and_guards_of_a_shop(
    snap_compare: Compare,
    desk: ScriptedDesk,
    clock: Clock,
    language: str,
    size: tuple[int, int],
    action: str,
    keys: tuple[str, ...],
    sample: str,
) -> None:
    managed(desk)
    app = AgentIQApp(desk.opened, language=language, clock=clock)

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        here = Seat(app, pilot, desk, clock)
        await here.screen.run_action(action)
        await here.until(lambda: desk.called("guard_rules.read") or desk.called("terms"))
        if action == "hours":
            await here.until(lambda: "09:00-13:00" in here.text())
        else:
            await here.until(
                lambda: app.screen.query("#rules-list") and app.screen.query_one(OptionList).option_count
            )
        for key in keys:
            await here.press(key)
            await pilot.pause()
        if "f5" in keys:
            await here.until(lambda: isinstance(app.screen, ConfirmScreen))
        if sample:
            app.screen.query_one("#rules-sample", Input).value = sample
            await here.until(lambda: "«" in here.text())
        for field in app.screen.query(Input):
            field.cursor_blink = False
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("language", ["ru", "en"])
@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
def test_the_settings(
    snap_compare: Compare,
    tmp_path: Path,
    desk: ScriptedDesk,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    size: tuple[int, int],
) -> None:
    # its path is shown, from the user's home on
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path / "agentiq"))

    async def run(pilot: Pilot[None]) -> None:
        await alena_opened(desk, clock)(pilot)
        await pilot.press("f9")
        await pilot.pause()

    app = AgentIQApp(desk.opened, language=language, clock=clock)
    assert snap_compare(app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=["80x24", "160x45"])
@pytest.mark.parametrize("setting", ["SCREEN_READER", "NO_COLOR"])
def test_the_desk_for_screen_readers_and_without_colours(
    snap_compare: Compare,
    desk: ScriptedDesk,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    setting: str,
    size: tuple[int, int],
) -> None:
    if setting == "NO_COLOR":
        monkeypatch.setenv("AGENTIQ_COLOUR", "0")
    else:
        monkeypatch.setenv("AGENTIQ_SCREEN_READER", "1")
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    assert snap_compare(app, terminal_size=size, run_before=alena_opened(desk, clock))
