"""Files from the key to the marketplace and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from agentiq_core.sandbox import FaultKind
from agentiq_core.sandbox.conversation import Moderation, Photo
from agentiq_core.sandbox.drawings import draw_photo
from agentiq_tui.screens.attach import AttachScreen
from agentiq_tui.screens.desk import DeskScreen
from tests.scene import ANSWER, Scene
from tests.tui.real.conftest import Seat, Sit

PNG = draw_photo("here")


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Somebody's home, without a desktop."""
    (tmp_path / "Downloads").mkdir()
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


async def attaches(here: Seat, line: str) -> None:
    await here.press("ctrl+o")
    await here.until(lambda: isinstance(here.app.screen, AttachScreen))
    here.app.screen.query_one("#path", Input).value = line
    await here.press("enter")
    await here.until(lambda: isinstance(here.app.screen, DeskScreen))


async def test_a_buyers_photo_is_saved_when_moderation_is_over(scene: Scene, sit: Sit, user: Path) -> None:
    external_id = scene.shop.open_chat()
    waiting = Photo(content=PNG, moderation=Moderation.PENDING, wait=1)
    scene.shop.buyer_says(external_id, "Вот фото", images=[waiting, Photo(moderation=Moderation.REFUSED)])
    await scene.pulled()
    ref = await scene.ref(external_id)
    async with sit() as here:
        await here.sees("[фото 2]")
        await here.press("o")
        await here.sees("модерация отклонила")
        await here.sees(f"сохранено: ~/Downloads/chat-{ref.chat_id}-1.png")
        assert [path.read_bytes() for path in (user / "Downloads").iterdir()] == [PNG]


async def test_a_file_that_was_refused_is_tried_again_without_its_text(
    scene: Scene, sit: Sit, user: Path
) -> None:
    ref = await scene.chat()
    (user / "a.png").write_bytes(PNG)
    scene.goes_wrong("message", FaultKind.FILE_REFUSED, skip=1)
    async with sit() as here:
        await here.writes(ANSWER)
        await attaches(here, "~/a.png")
        await here.press("ctrl+enter", "ctrl+enter")
        await here.sees("вернуть в поле")
        assert scene.sent_there(ref) == [ANSWER]
        await here.press("escape", "b")
        await here.sees("+ a.png")
        assert here.composer.text == ""
        await here.press("f5", "f5")
        await here.arrived(ref, ANSWER, None)  # type: ignore[arg-type]
        await here.until(lambda: here.text().count("✓✓ доставлено") == 2)
        assert [one.content for one in scene.shop.attachments.values()] == [PNG]


async def test_a_text_that_was_refused_keeps_its_file_here(scene: Scene, sit: Sit, user: Path) -> None:
    ref = await scene.chat()
    (user / "a.png").write_bytes(PNG)
    scene.goes_wrong("message", FaultKind.INVALID_SIGNATURE, times=2)
    async with sit() as here:
        await here.writes(ANSWER)
        await attaches(here, "~/a.png")
        await here.press("ctrl+enter")
        await here.sees("его текст не ушёл")
        await here.press("escape", "b")
        await here.sees("+ a.png")
        assert here.composer.text == ANSWER
        assert scene.sent_there(ref) == []
