"""Looking at the pictures of a message, one after another; each is fetched when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from agentiq_core.domain.errors import SignInNeeded
from agentiq_core.domain.files import MEBIBYTE, FileState, ReceivedFile
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.asking import start
from agentiq_tui.files import FileKey
from agentiq_tui.locale import _
from agentiq_tui.messages import SignInWanted
from agentiq_tui.pictures.questions import what_it_shows
from agentiq_tui.pictures.reducing import NotShown, Reduced, reduced
from agentiq_tui.pictures.terminal import Shows, Way
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import list_line
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.picture_view import PictureView
from agentiq_tui.wording import error_line, size_line
from agentiq_tui.workplace import WorkplaceApp

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

KEPT = 32 * MEBIBYTE
"""Bytes of files that are kept while the screen is open, so that going back fetches nothing."""


class PictureScreen(WindowScreen[None], keys=Where.PICTURES):
    """`opens` is what o does with a picture: the way of every other file."""

    class Answered(Message):
        """The terminal said what it shows."""

        def __init__(self, shows: Shows) -> None:
            super().__init__()
            self.shows = shows

    class Ready(Message):
        """A picture is small enough to be shown."""

        def __init__(self, number: int, file: ReceivedFile, picture: Reduced, shows: Shows) -> None:
            super().__init__()
            self.number, self.file, self.picture, self.shows = number, file, picture, shows

    class Wrong(Message):
        """A picture cannot be shown; `line` says why."""

        def __init__(self, number: int, line: str) -> None:
            super().__init__()
            self.number, self.line = number, line

    def __init__(self, desk: Desk, files: Sequence[FileKey], opens: Callable[[FileKey], None]) -> None:
        super().__init__()
        self._desk = desk
        self._files = files
        self._opens = opens
        self._number = 0
        self._shows: Shows | None = None
        self._kept: dict[int, ReceivedFile] = {}

    def compose(self) -> ComposeResult:
        with Vertical(id="picture-room"):
            yield Static(id="picture-title")
            yield PictureView()
            yield Static(id="picture-said")
            yield ActionText(id="picture-links")

    def on_mount(self) -> None:
        self._head()
        links = [link(_("open or save"), "picture_open"), link(_("draw with blocks"), "picture_blocks")]
        if len(self._files) > 1:
            links.insert(0, link(_("next picture"), "picture_next"))
        links.append(link(_("back"), "leave"))
        self.query_one(ActionText).update(Content("   ").join(links))

        async def ask() -> None:
            self.post_message(self.Answered(await what_it_shows(cast("WorkplaceApp", self.app))))

        start(self, ask, group="terminal")

    def on_picture_screen_answered(self, event: Answered) -> None:
        # who asked for blocks meanwhile has them
        if self._shows is None:
            self._shows = event.shows
            self._load()

    def on_resize(self, event: events.Resize) -> None:
        if self._shows is not None:
            self.call_after_refresh(self._load)

    def _load(self) -> None:
        """Fetch the picture whose turn it is, unless it is here, and have it made small."""
        number, shows, desk = self._number, self._shows, self._desk
        view = self.query_one(PictureView)
        view.show(None)
        if shows is None:
            return
        if shows.way is None:
            self._say(
                _(
                    "This terminal cannot show pictures: {open} opens or saves it, {blocks} draws it with blocks"
                ).format(open=shown_key("picture_open"), blocks=shown_key("picture_blocks"))
            )
            return
        way, room = shows.way, view.room(shows)
        self._say(_("fetching…"))

        async def load() -> None:
            try:
                file = self._kept.get(number) or await desk.file(*self._files[number])
                if file.state is FileState.READY:
                    picture = await reduced(file.content, way.value, max(1, room[0]), max(1, room[1]))
                    self.post_message(self.Ready(number, file, picture, shows))
                else:
                    self.post_message(self.Wrong(number, _moderated(file)))
            except NotShown as error:
                line = _("{what}: {key} opens or saves it")
                line = line.format(what=error, key=shown_key("picture_open"))
                self.post_message(self.Wrong(number, line))
            except Exception as error:  # noqa: BLE001 - whatever it was, the screen stays and says so
                known = explained(error)
                if isinstance(known, SignInNeeded):
                    self.app.post_message(SignInWanted(known))
                self.post_message(self.Wrong(number, error_line(known)))

        start(self, load, group="picture", exclusive=True)

    def on_picture_screen_ready(self, event: Ready) -> None:
        self._keep(event.number, event.file)
        if event.number == self._number and event.shows == self._shows:
            self._say("")
            width, height = event.picture.before
            size = size_line(len(event.file.content))
            self._head(f"{list_line(event.file.name)} · {width}×{height} · {size}")
            self.query_one(PictureView).show(event.picture, event.shows)

    def on_picture_screen_wrong(self, event: Wrong) -> None:
        if event.number == self._number:
            self._say(event.line, error=True)

    def _keep(self, number: int, file: ReceivedFile) -> None:
        self._kept[number] = file
        while len(self._kept) > 1 and sum(len(one.content) for one in self._kept.values()) > KEPT:
            del self._kept[next(iter(self._kept))]

    def _head(self, facts: str = "") -> None:
        line = _("Picture {n} of {total}").format(n=self._number + 1, total=len(self._files))
        if facts:
            line += " · " + facts
        self.query_one("#picture-title", Static).update(Content(line))

    def _say(self, line: str, *, error: bool = False) -> None:
        said = self.query_one("#picture-said", Static)
        said.update(Content(line))
        said.set_class(error, "-error")

    def action_step(self, by: int) -> None:
        """The next picture of this message, or the one before; round and round."""
        if len(self._files) > 1:
            self._number = (self._number + by) % len(self._files)
            self._head()
            self._load()

    def action_blocks(self) -> None:
        """Draw it with half blocks, which any terminal has; or as the terminal itself can."""
        if self._shows is not None and self._shows.way is Way.BLOCKS:
            return
        self._shows = Shows(Way.BLOCKS)
        self._load()

    def action_open(self) -> None:
        self._opens(self._files[self._number])


def _moderated(file: ReceivedFile) -> str:
    if file.state is FileState.REFUSED:
        return _("The marketplace's moderation refused this file: it cannot be had")
    return _("In moderation: it can be seen later")
