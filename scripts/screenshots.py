"""Pictures of the program made by itself, always the same ones: `make screenshots` saves what it shows on a scripted desk."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.domain.filters import QueueFilter
from agentiq_tui.app import AgentIQApp
from tests.tui.conftest import Clock, Seat
from tests.tui.scripted import ScriptedDesk
from tests.tui.scripted_team import ANNA, BORIS
from tests.tui.story import ALENA, SVETA, shop

IMAGES = Path(__file__).parents[1] / "docs" / "images"
SIZE = (140, 36)
Story = Callable[[Seat], Awaitable[None]]


async def opened(here: Seat) -> None:
    """The buyer with the cracked cup is on screen, with a reply ready."""
    await here.press("j")
    await here.opens(ALENA)
    await here.until(lambda: ("mark_read", ALENA) in here.desk.calls)


async def underlined(here: Seat) -> None:
    await opened(here)
    await here.writes("Алёна, здравствуйте! Пришлите фото, и мы вернём деньги сегодня.")
    await here.until(lambda: here.composer.marks)
    here.composer.move_cursor((0, len("Алёна, здравствуйте! Пришлите фото, и мы вер")))
    await here.sees("Нельзя обещать")
    await here.sees("ответ · сохранён")


async def templates(here: Seat) -> None:
    for name, body in (
        ("брак", "{name}, здравствуйте! Пришлите, пожалуйста, фото товара и упаковки: {product}."),
        ("где заказ", "Заказ {order} передан в доставку, дату показывает приложение."),
        ("спасибо", "{name}, спасибо за отзыв! Рады, что вам понравилось."),
    ):
        here.desk.snippets.has(name, body)
    await opened(here)
    await here.writes("/")
    await here.sees("где заказ")
    await here.sees("ответ · сохранён")


async def together(here: Seat) -> None:
    desk = here.desk
    desk.chats[ALENA].facts |= {"assignee": ANNA, "assignee_name": "Анна Петрова", "tags": ("брак", "vip")}
    await opened(here)
    desk.notes.says(
        ALENA, BORIS, "Склад проверил партию: трещины у трёх кружек из сорока. @anna, просите фото"
    )
    desk.presence.come(ALENA, BORIS, types=True)
    await here.sees("печатает")
    await here.sees("просите фото")


async def found(here: Seat) -> None:
    await here.screen.run_action("search")
    await here.until(lambda: here.app.screen.query("#search-words"))
    field = here.app.screen.query_one(Input)
    field.cursor_blink = False
    field.value = "подскажите"
    await here.until(lambda: getattr(here.app.screen, "current", None) is not None)


async def filtered(here: Seat) -> None:
    await here.desk.views.save("Плохие отзывы", QueueFilter(stars=(1, 3)), share_with=1)
    await here.screen.run_action("filter")
    await here.until(lambda: here.app.screen.query("#filter-words"))
    here.app.screen.query_one(Input).cursor_blink = False
    await here.until(lambda: here.app.screen.query_one(OptionList).option_count)


async def snoozed(here: Seat) -> None:
    await opened(here)
    await here.press("z")
    await here.sees("до завтра")


async def unclear(here: Seat) -> None:
    while here.screen.current != SVETA:
        before = here.screen.current
        await here.press("f2")
        await here.until(lambda before=before: here.screen.current != before)
    await here.opens(SVETA)
    await here.sees("неясно: решите")


async def offline(here: Seat) -> None:
    await opened(here)
    gone = StoreUnavailable("no database")
    here.desk.failing |= {"overview": gone, "save_draft": gone}
    await here.writes("Алёна, уже смотрим")
    here.screen._overview.request()
    await here.sees("Нет связи с базой")
    await here.sees("черновики пока только здесь")


async def helped(here: Seat) -> None:
    await here.screen.run_action("help")
    await here.until(lambda: here.app.screen.query("#help-search"))
    here.app.screen.query_one(Input).cursor_blink = False


async def set_up(here: Seat) -> None:
    await opened(here)
    await here.press("f9")
    await here.sees("config.toml")


STORIES: dict[str, Story] = {
    "desk": opened,
    "rules": underlined,
    "templates": templates,
    "team": together,
    "search": found,
    "filter": filtered,
    "snooze": snoozed,
    "unclear": unclear,
    "offline": offline,
    "help": helped,
    "settings": set_up,
}


async def play(name: str, story: Story) -> None:
    """Let the desk come to this point of a shift and save its screen."""
    clock = Clock()
    desk = ScriptedDesk(shop(), clock)
    app = AgentIQApp(desk.opened, language="ru", clock=clock)
    async with app.run_test(size=SIZE) as pilot:
        here = Seat(app, pilot, desk, clock)
        await here.until(lambda: here.screen.suggestion_pane.suggestion is not None)
        await here.until(lambda: desk.called("mark_read"))
        here.composer.cursor_blink = False
        await story(here)
        await pilot.pause(0.3)
        save(app, f"{name}.svg")


def save(app: AgentIQApp, name: str) -> None:
    """Write what is on screen, without the fonts that a picture would fetch from elsewhere."""
    picture = re.sub(r"@font-face \{.*?\}\s*", "", app.export_screenshot(title="AgentIQ"), flags=re.S)
    picture = picture.replace("Fira Code", "DejaVu Sans Mono, Menlo, Consolas")
    IMAGES.mkdir(parents=True, exist_ok=True)
    (IMAGES / name).write_text(picture, encoding="utf-8")
    sys.stdout.write(f"{IMAGES / name}\n")


async def main(names: list[str]) -> None:
    for name in names or STORIES:
        await play(name, STORIES[name])


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as home:
        # the settings screen prints its file from the user's home on
        os.environ |= {"TZ": "Europe/Moscow", "HOME": home, "AGENTIQ_HOME": f"{home}/.local/share/agentiq"}
        time.tzset()
        asyncio.run(main(sys.argv[1:]))
