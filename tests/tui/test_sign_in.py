"""Signing in over the desk: nothing that was typed is lost, and nobody is asked twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.widgets import Input

from agentiq_core.domain.errors import SignedOut, SignInDelayed, SignInNeeded, VaultLocked, WrongPassword
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.kept_words import KeptWords
from agentiq_tui.screens.passphrase import PassphraseScreen
from agentiq_tui.screens.sign_in import SignInScreen
from agentiq_tui.screens.team_key import TeamKeyScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.story import OLEG

ENDED = SignedOut("this sign-in has ended")


async def asked(here: Seat) -> SignInScreen:
    await here.until(lambda: isinstance(here.app.screen, SignInScreen))
    screen = here.app.screen
    assert isinstance(screen, SignInScreen)
    return screen


async def fill(here: Seat, **values: str) -> None:
    for name, value in values.items():
        here.app.screen.query_one(f"#{name}", Input).value = value
    await here.pilot.pause()


async def test_an_ended_sign_in_asks_once_over_the_desk_and_loses_nothing(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.writes("Уже разбираемся, спасибо за терпение")
        for _ in range(3):
            desk.failing["overview"] = ENDED
            here.screen._overview.request()
            await here.until(lambda: "overview" not in desk.failing)
        screen = await asked(here)
        assert [type(one) for one in here.app.screen_stack].count(SignInScreen) == 1
        assert screen.value("email") == "anna@example.org"
        await here.sees("Вход закончился")
        await fill(here, password="чайник на плите 7")
        await here.press("enter")
        await here.until(lambda: here.app.screen is here.screen)
        assert desk.called("sign_in") == [("anna@example.org", "чайник на плите 7")]
        assert here.composer.text == "Уже разбираемся, спасибо за терпение"
        assert here.screen.current == OLEG
        await here.until(lambda: desk.chats[OLEG].draft == "Уже разбираемся, спасибо за терпение")


async def test_a_machine_without_the_team_key_says_so_until_it_has_one(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.personal = desk.keyless = True
    async with seat() as here:
        await here.sees("нет ключа команды: отправляют другие")
        desk.failing["keep_team_key"] = VaultLocked("no", reason="another key")
        await here.screen.run_action("team_key")
        await here.until(lambda: isinstance(here.app.screen, TeamKeyScreen))
        await here.sees("дальше без него")
        await fill(here, **{"team-key": "tainyj-kljuch"})
        assert "tainyj" not in here.text()
        await here.press("f5")
        await here.sees("Этот ключ не подходит к тому, что хранит ваша команда")
        await here.press("f5")
        await here.until(lambda: here.app.screen is here.screen)
        await here.until(lambda: "нет ключа команды" not in here.text())


async def test_a_viewer_needs_no_team_key(seat: OpenSeat, desk: ScriptedDesk) -> None:
    desk.personal = desk.keyless = True
    desk.who = SignedIn(1, "anna@example.org", "viewer")
    async with seat() as here:
        await here.sees("только чтение")
        assert "нет ключа команды" not in here.text()
        await here.screen.run_action("team_key")
        assert here.app.screen is here.screen


async def test_a_reply_refused_for_an_ended_sign_in_stays_and_goes_after_it(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.writes("Уже разбираемся, спасибо за терпение")
        desk.failing["reply"] = ENDED
        await here.press("f5")
        await asked(here)
        await fill(here, password="чайник на плите 7")
        await here.press("f5")
        await here.until(lambda: here.app.screen is here.screen)
        assert here.composer.text == "Уже разбираемся, спасибо за терпение"
        await here.press("f5")
        await here.until(lambda: here.composer.text == "")
        first, second = desk.called("reply")
        assert first == second, "the same client id: were the first one there after all, this would be it"


async def test_another_person_is_told_whose_words_lie_in_the_fields(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.failing["overview"] = ENDED
        here.screen._overview.request()
        await asked(here)
        await fill(here, email="boris@example.org", password="чайник на плите 7")
        await here.press("f5")
        await here.sees("Теперь вы boris@example.org; набранное здесь набрал(а)")


async def test_unsaved_words_stay_on_this_machine_for_who_typed_them(
    seat: OpenSeat, desk: ScriptedDesk, home: Path
) -> None:
    annas, boris = desk.keeps_words_at, home / "unsaved" / "boris"
    async with seat() as here:
        desk.failing["save_draft"] = ENDED
        await here.writes("слова Анны")
        await asked(here)
        await here.until(lambda: here.screen.saver.outlives)
        desk.keeps_words_at = boris
        await fill(here, email="boris@example.org", password="чайник на плите 7")
        await here.press("f5")
        await here.sees("Теперь вы boris@example.org")
        await here.until(lambda: not here.screen.words.unsaved())
    kept = KeptWords(annas)
    assert [words.text for words in kept.claim()] == ["слова Анны"]
    kept.close()
    assert [*boris.iterdir()] == []


async def test_whoever_does_not_sign_in_leaves(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        desk.failing["overview"] = ENDED
        here.screen._overview.request()
        await asked(here)
        await here.press("escape")
        await here.until(lambda: desk.closed)


async def test_a_wrong_password_is_one_line_and_the_e_mail_stays(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        desk.failing["overview"] = ENDED
        here.screen._overview.request()
        screen = await asked(here)
        desk.failing["sign_in"] = WrongPassword("no")
        await fill(here, password="не тот пароль")
        await here.press("f5")
        await here.sees("✗ Почта и пароль не подходят друг к другу")
        assert screen.value("email") == "anna@example.org"
        assert screen.query_one("#password", Input).has_focus


async def test_too_many_wrong_passwords_count_down(seat: OpenSeat, desk: ScriptedDesk) -> None:
    async with seat() as here:
        desk.failing["overview"] = ENDED
        here.screen._overview.request()
        await asked(here)
        desk.failing["sign_in"] = SignInDelayed("wait", seconds=2)
        await fill(here, password="не тот пароль")
        await here.press("f5")
        await here.sees("подождите 2 с")
        await here.press("f5")
        assert len(desk.called("sign_in")) == 1, "a key press is no try"
        await here.sees("Можно попробовать снова")
        await here.press("f5")
        await here.until(lambda: here.app.screen is here.screen)


async def test_nothing_is_sent_to_the_server_while_a_field_is_empty(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        desk.failing["overview"] = ENDED
        here.screen._overview.request()
        await asked(here)
        await here.press("f5")
        await here.sees("Заполните: Пароль")
        assert desk.called("sign_in") == []


class Gate:
    """A desk that opens when somebody has signed in."""

    def __init__(self, desk: ScriptedDesk) -> None:
        self.desk = desk
        self.accepted: list[tuple[str, str]] = []

    async def sign_in(self, email: str, password: str) -> SignedIn:
        return await self.desk.sign_in(email, password)

    async def accept(self, code: str, password: str) -> SignedIn:
        self.accepted.append((code, password))
        return self.desk.who

    @asynccontextmanager
    async def opened(self, app: list[AgentIQApp]) -> AsyncIterator[ScriptedDesk]:
        done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        screen = SignInScreen(self.sign_in, accept=self.accept, why=SignInNeeded("nobody"))
        app[0].push_screen(screen, lambda answer: done.set_result(bool(answer)))
        assert await done
        async with self.desk.opened() as desk:
            yield desk


async def test_an_invitation_sets_a_password_that_is_typed_twice(desk: ScriptedDesk) -> None:
    gate, made = Gate(desk), []
    app = AgentIQApp(lambda: gate.opened(made), language="ru")
    made.append(app)
    async with app.run_test(size=(100, 30)) as pilot:
        here = Seat(app, pilot, desk, desk.clock)  # type: ignore[arg-type]
        await asked(here)
        await here.press("f2")
        await fill(here, invitation="agentiq-abc", password="чайник на плите 7", again="чайник на плите 8")
        await here.press("f5")
        await here.sees("Пароли не совпадают")
        assert gate.accepted == []
        await fill(here, again="чайник на плите 7")
        await here.press("f5")
        await here.until(lambda: app.desk_screen.desk is not None)
        assert gate.accepted == [("agentiq-abc", "чайник на плите 7")]


@pytest.mark.parametrize("new", [True, False])
async def test_a_passphrase_is_explained_and_a_new_one_asked_twice(seat: OpenSeat, new: bool) -> None:
    async with seat() as here:
        given: list[str | None] = []
        here.app.push_screen(PassphraseScreen(new=new), given.append)
        await here.sees("На этой машине нет хранилища паролей")
        if new:
            await fill(here, passphrase="короче", again="короче")
            await here.press("f5")
            await here.sees("не меньше 8 знаков")
            await fill(here, passphrase="ключ под ковриком", again="иначе")
            await here.press("f5")
            await here.sees("не совпадают")
            await fill(here, again="ключ под ковриком")
        else:
            await fill(here, passphrase="ключ под ковриком")
        await here.press("f5")
        await here.until(lambda: given == ["ключ под ковриком"])


async def test_a_viewer_reads_and_is_told_why_nothing_can_be_written(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.who, desk.personal = SignedIn(1, "vera@example.org", "viewer"), True
    async with seat() as here:
        await here.sees("vera@example.org (только чтение)")
        await here.sees("Ваша роль — только чтение")
        assert here.composer.read_only
        await here.press("f5")
        await here.sees("Не отправлено: ваша роль")
        assert desk.called("reply") == []


async def test_signing_out_saves_the_draft_first_and_asks_who_comes_next(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    desk.personal = True
    async with seat() as here:
        await here.writes("Черновик")
        await here.screen.run_action("sign_out_everywhere")
        await asked(here)
        names = [call[0] for call in desk.calls]
        assert names.index("save_draft") < names.index("sign_out")
        assert desk.called("sign_out") == [(True,)]


async def test_on_a_machines_own_database_there_is_nothing_to_sign_out_of(
    seat: OpenSeat, desk: ScriptedDesk
) -> None:
    async with seat() as here:
        await here.screen.run_action("sign_out")
        await here.sees("Здесь вход не нужен")
        assert desk.called("sign_out") == []
