"""Another language while the app runs: nothing of the one before stays on screen."""

from __future__ import annotations

import re
from pathlib import Path

from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.messages import ProductCard
from agentiq_tui.locale.update import catalogue
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted_team import BORIS
from tests.tui.test_files import attaches, photos, png, user

__all__ = ["photos", "user"]

WORDS = re.compile(r"[а-яё]{4,}", re.IGNORECASE)


def ours(here: Seat) -> set[str]:
    """Strings of the Russian catalogue that stand on screen, by themselves."""
    said = " ".join(here.text().split())
    russian = set()
    for message in catalogue():
        forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        russian |= {part.strip() for form in forms for part in re.split(r"{\w*[^}]*}", str(form))}
    return {
        text for text in russian if WORDS.search(text) and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said)
    }


async def everything_is_open(here: Seat, user: Path) -> None:
    chat = here.screen.conversation
    assert chat is not None
    here.desk.cards.known[chat.ref] = ProductCard("102", title="Lamp", brand="Brand", facts=())
    here.desk.notes.says(chat.ref, BORIS, "Look")
    here.screen.queue_pane.narrow(QueueFilter(seller=1), "seller:1")
    await here.press("p", "semicolon")
    await attaches(here, str(png(user, "one.png")))
    await here.pilot.pause(0.2)


async def test_nothing_of_the_language_before_stays_and_nothing_stands_twice(
    seat: OpenSeat, photos: object, user: Path
) -> None:
    async with seat((160, 45), "en") as here:
        await everything_is_open(here, user)
        theirs = ours(here)
    async with seat((160, 45)) as here:
        await everything_is_open(here, user)
        assert len(ours(here) - theirs) > 10
        await here.screen.run_action("switch_language")
        await here.sees("Conversation")
        await here.until(lambda: not ours(here) - theirs)
        lines = [line.key for line in here.screen.chat_pane.transcript.lines()]
        assert len(lines) == len(set(lines))
