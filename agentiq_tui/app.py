"""The terminal app: paints its frame, then opens the desk, and leaves without losing a word."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events

from agentiq_core.domain.errors import SignInNeeded
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.home import home_dir
from agentiq_tui.actions import Where, bindings, shown_key
from agentiq_tui.asking import start
from agentiq_tui.keys import KeyboardAnswered, tells_ctrl_enter
from agentiq_tui.locale import _
from agentiq_tui.messages import DeskFailed, DeskOpened, Failed, SignInWanted
from agentiq_tui.screens.desk import DeskScreen
from agentiq_tui.screens.trouble import TroubleScreen
from agentiq_tui.stopping import when_told_to_stop
from agentiq_tui.tidying import Tidying
from agentiq_tui.unforeseen import explained, logged
from agentiq_tui.workplace import WorkplaceApp

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_tui.doorkeeper import Doorkeeper

CONFIRMED_WITHIN = timedelta(seconds=30)
"""So long "once more to leave anyway" holds."""
DeskFactory = Callable[[], "AbstractAsyncContextManager[Desk]"]


def utc_now() -> datetime:
    """The time of this machine, aware."""
    return datetime.now(UTC)


class AgentIQApp(WorkplaceApp, inherit_bindings=False):
    """`desk_factory` is entered only after the first paint: it imports and starts what takes time.

    `language` is "ru" or "en"; None takes it from the locale. `clock` gives the time that countdowns use. `doorkeeper`
    is the one that the factory's questions go to.
    """

    TITLE = "AgentIQ"
    CSS_PATH = "app.tcss"
    # Textual's own would win over the user's keys
    BINDINGS = bindings(Where.APP)
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        desk_factory: DeskFactory,
        *,
        language: str | None = None,
        clock: Callable[[], datetime] = utc_now,
        doorkeeper: Doorkeeper | None = None,
    ) -> None:
        super().__init__(language, clock)
        self._desk_factory = desk_factory
        if doorkeeper is not None:
            doorkeeper.app = self
        self.has_demo = doorkeeper is not None
        """Whether whoever runs this app goes to the demo when it ends with `demo_wanted`."""
        self.demo_wanted = False
        self._leaving = asyncio.Event()
        self._warned: dict[str, datetime] = {}
        self._tidying = Tidying(monotonic())

    def get_default_screen(self) -> DeskScreen:
        return DeskScreen(self._clock)

    @property
    def desk_screen(self) -> DeskScreen:
        """The one screen under all dialogs."""
        screen = self.screen_stack[0]
        assert isinstance(screen, DeskScreen)
        return screen

    def connection_lost(self) -> bool:
        return self.desk_screen.offline

    def on_load(self) -> None:
        if not self.is_headless:
            when_told_to_stop(self._told_to_stop)

    def on_ready(self) -> None:
        """The first frame is on the terminal: now the database libraries may load."""
        self.desk_screen.show_keys(ctrl_enter=tells_ctrl_enter())
        self.tell_problems()
        self._open_desk()

    def _open_desk(self) -> None:
        start(self, self._hold_desk, group="desk", exclusive=True)

    async def _hold_desk(self) -> None:
        with logged(home_dir()):
            try:
                async with self._desk_factory() as desk:
                    self.post_message(DeskOpened(desk))
                    await self._leaving.wait()
            except Exception as error:  # noqa: BLE001 - the trouble screen says it and offers another try
                if not self._leaving.is_set():
                    self.post_message(DeskFailed(explained(error)))

    def on_desk_opened(self, event: DeskOpened) -> None:
        self.desk_screen.connect(event.desk)
        if not self.is_headless:
            self._tidying.begin()
            self.set_interval(1.0, lambda: self._tidying.tick(monotonic()))

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key):
            self._tidying.pressed(monotonic())
        await super().on_event(event)

    def on_desk_failed(self, event: DeskFailed) -> None:
        def answered(again: bool | None) -> None:
            if again:
                self._open_desk()
            else:
                self.exit()

        self.push_screen(TroubleScreen(event.error), answered)

    def on_failed(self, event: Failed) -> None:
        """Whichever screen asked says what went wrong itself, and lets this see whether a sign-in is wanted."""
        if isinstance(event.error, SignInNeeded):
            self.post_message(SignInWanted(event.error))

    def on_sign_in_wanted(self, event: SignInWanted) -> None:
        """The sign-in ended while somebody worked: ask over the desk, once, and go on where they were."""
        # its form is imported when first needed: the first frame does not need it
        from agentiq_tui.screens.sign_in import SignInScreen

        desk = self.desk_screen.desk
        if desk is None or any(isinstance(screen, SignInScreen) for screen in self.screen_stack):
            return

        def answered(done: bool | None) -> None:
            if done:
                self.desk_screen.signed_in_again()
            else:
                self.leave_now()

        self.push_screen(SignInScreen(desk.sign_in, why=event.why, email=self.desk_screen.email), answered)

    def leave_now(self) -> None:
        """Nobody signs in: close the desk and leave. A draft that could be saved was saved when its typing paused."""
        # at once, so that the desk's own error is not shown as trouble
        self._leaving.set()
        start(self, partial(self._leave, 0), group="leave")

    def language_changed(self) -> None:
        self.desk_screen.retranslate()

    def on_keyboard_answered(self, event: KeyboardAnswered) -> None:
        self.desk_screen.show_keys(ctrl_enter=True)

    async def action_quit(self) -> None:
        """Save drafts, close the desk, leave. A draft that cannot be saved, or a file, keeps the app once."""
        if self.desk_screen.files_would_be_lost() and self._warns("files"):
            line = _("Attached files were not sent, and are not kept. Once more to leave anyway")
            self.notify(line, severity="warning", markup=False)
            return
        if not await self.desk_screen.leave() and self._warns("draft"):
            if self.desk_screen.saver.outlives:
                line = _("The draft is kept on this machine only: no database. Once more to leave")
            else:
                line = _("The draft is not saved: no database. Once more to leave anyway")
            self.notify(line, severity="error", markup=False)
            return
        await self._leave(0)

    def _warns(self, what: str) -> bool:
        """Whether somebody who leaves is told of this first: a second time soon after it was said means yes."""
        said, now = self._warned.get(what), self._clock()
        self._warned[what] = now
        return said is None or now - said > CONFIRMED_WITHIN

    async def leave_for_the_demo(self) -> None:
        """As `action_quit`; the demo follows, and this app again."""
        self.demo_wanted = True
        await self.action_quit()
        # not if it could not leave
        self.demo_wanted = self._leaving.is_set()

    async def _leave(self, code: int) -> None:
        self._leaving.set()
        holders = [worker for worker in self.workers if worker.group == "desk"]
        await self.workers.wait_for_complete(holders)
        self.exit(return_code=code)

    def _told_to_stop(self, code: int) -> None:
        """Nobody can be asked any more: save what can be saved, close the desk, leave."""

        async def stop() -> None:
            await self.desk_screen.leave()
            await self._leave(code)

        start(self, stop, group="stop", exclusive=True)

    def action_command_palette(self) -> None:
        # imported when first asked for: the first frame does not need it
        from textual.command import CommandPalette

        from agentiq_tui.palette import palette

        if not any(isinstance(screen, CommandPalette) for screen in self.screen_stack):
            self.push_screen(palette())

    def action_help_quit(self) -> None:
        """Ctrl+C copies; who meant to leave is told how."""
        self.notify(_("{key} leaves AgentIQ").format(key=shown_key("quit")), markup=False, timeout=3)

    def _fatal_error(self) -> None:
        # Textual prints the error's message and local variables: a buyer's words would land in terminals and logs
        self.bell()
        # whatever is broken: the error itself is what must be told
        for screen in reversed(self.screen_stack):
            keep_now = getattr(screen, "keep_now", None)
            if keep_now is not None:
                with suppress(Exception):
                    keep_now()
        error = sys.exception() or self._exception
        if error is not None:
            self._exit_renderables.append(Text(kind_and_place(error)))
        self._close_messages_no_wait()
