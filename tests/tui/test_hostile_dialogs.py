"""What others wrote is inert in every list, dialog and notice, too: nothing in it is obeyed, and no line is torn."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import timedelta

import pytest
from rich.cells import cell_len
from textual.widgets import Input, OptionList

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.filters import QueueFilter
from agentiq_core.domain.messages import ProductCard
from agentiq_core.engine.bulk import AddTag
from agentiq_tui.screens.bulk import BulkScreen
from agentiq_tui.screens.choose_shop import ChooseShopScreen
from tests.tui.conftest import OpenSeat, Seat
from tests.tui.scripted import NOW, message, quarantined, seller
from tests.tui.scripted_team import BORIS
from tests.tui.story import ALENA, OLEG
from tests.tui.test_hostile_text import HOSTILE

SIZE = (120, 40)
SAID = {name: text[:2_000] for name, text in HOSTILE.items()}
EVERYTHING = " ".join(text[:60] for text in SAID.values())
# what terminals obey, hide, turn around or measure differently
TEARING = re.compile(
    "[\u200b-\u200f\u202a-\u202e\u2060-\u206f\u061c\ufe00-\ufe0f\u20e3\U0001f1e6-\U0001f1ff]"
)


def torn(here: Seat) -> list[str]:
    """The lines on screen that are no plain cells from edge to edge."""
    bad = []
    for line in here.text().split("\n"):
        signs = {unicodedata.category(sign) for sign in line}
        if cell_len(line) != SIZE[0] or signs & {"Cc", "Cf", "Cs"} or TEARING.search(line):
            bad.append(line)
    return bad


async def stands(here: Seat) -> None:
    await here.pilot.pause(0.1)
    assert torn(here) == []
    assert here.app.is_running


async def searches(here: Seat) -> None:
    messages = here.desk.chats[ALENA].messages
    for number, text in enumerate(SAID.values(), 100):
        messages.append(message(number, f"лампа {text}", NOW - timedelta(minutes=3)))
    here.desk.chats[ALENA].buyer = here.desk.chats[OLEG].buyer = EVERYTHING
    here.desk.search.meant = EVERYTHING
    await here.screen.run_action("search")
    await here.until(lambda: here.app.screen.query("#search-words"))
    here.app.screen.query_one(Input).value = "лампа"
    await here.until(lambda: here.app.screen.query_one(OptionList).option_count)


async def filters(here: Seat) -> None:
    tags = tuple(text[:30] for text in SAID.values())
    for number, text in enumerate(SAID.values()):
        await here.desk.views.save(f"{number} {text}"[:60], QueueFilter(tag="брак"))
    here.desk.chats[here.screen.current].facts["tags"] = tags
    here.desk.change(here.screen.current)
    here.screen.queue_pane.narrow(QueueFilter(seller=1), EVERYTHING)
    await here.pilot.pause(0.1)
    assert torn(here) == []
    await here.screen.run_action("filter")
    await here.until(lambda: here.app.screen.query("#filter-words"))
    await here.until(lambda: here.app.screen.query_one(OptionList).option_count)


async def does_with_many(here: Seat) -> None:
    here.desk.bulk.refusing = {OLEG}
    here.screen._run((ALENA, OLEG), f"#{EVERYTHING}", AddTag(EVERYTHING))
    await here.until(lambda: isinstance(here.app.screen, BulkScreen) and here.app.screen.done)


async def notes_are_read(here: Seat) -> None:
    for text in SAID.values():
        here.desk.notes.says(here.screen.current, BORIS, f"@anna {text}")
    await here.until(lambda: sum(entry.note is not None for entry in here.screen.chat_pane.all_entries) > 9)
    await here.pilot.pause(0.1)
    assert torn(here) == []
    await here.screen.run_action("mentions")
    await here.until(lambda: here.app.screen.query("#mentions-list"))


async def templates_are_offered(here: Seat) -> None:
    for name, text in SAID.items():
        here.desk.snippets.has(f"{name} {text[:40]}", text)
    here.composer.focus()
    await here.press("slash")
    await here.until(lambda: here.screen.query_one("#templates").display)


async def quarantine_is_looked_at(here: Seat) -> None:
    here.desk.kept = [
        quarantined(number, text, reason=text[:200], seller_name=text[:60], chat_external_id=text[:60])
        for number, text in enumerate(SAID.values(), 1)
    ]
    here.desk.sellers = (seller(1, EVERYTHING, "wildberries", quarantined=9),)
    await here.screen.run_action("quarantine")
    await here.until(lambda: here.app.screen.query("#quarantine-list"))
    await here.until(lambda: here.app.screen.query_one(OptionList).option_count)
    for _ in SAID:
        await here.press("j")
        assert torn(here) == []


async def the_card_is_unfolded(here: Seat) -> None:
    facts = tuple((text[:20], text[:200]) for text in SAID.values())
    photo = "https://evil.example/\x1b]8;;x\x07"
    here.desk.cards.known[here.screen.current] = ProductCard(
        here.screen.conversation.product.external_id,
        title=EVERYTHING,
        brand=EVERYTHING,
        vendor_code=EVERYTHING,
        description=EVERYTHING,
        facts=facts,
        photo_url=photo,
    )
    await here.press("p")
    await here.sees("evil.example")


async def notices_come_up(here: Seat) -> None:
    here.screen.notify(EVERYTHING, title=EVERYTHING, timeout=60)
    here.screen.hint(EVERYTHING)
    here.desk.failing["reply"] = Rejected(EVERYTHING)
    await here.writes("Здравствуйте!")
    await here.press("f5")
    await here.until(lambda: len(here.app._notifications) >= 3)


async def a_shop_is_chosen(here: Seat) -> None:
    here.app.push_screen(
        ChooseShopScreen(
            tuple(seller(number, text[:80], "ozon") for number, text in enumerate(SAID.values(), 1))
        )
    )


@pytest.mark.parametrize(
    "story",
    [
        searches,
        filters,
        does_with_many,
        notes_are_read,
        templates_are_offered,
        quarantine_is_looked_at,
        the_card_is_unfolded,
        notices_come_up,
        a_shop_is_chosen,
    ],
    ids=lambda story: story.__name__,
)
async def test_others_words_are_inert_here(seat: OpenSeat, story: Callable[[Seat], object]) -> None:
    async with seat(SIZE) as here:
        await story(here)  # type: ignore[misc]
        await stands(here)
