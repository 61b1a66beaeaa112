"""What opens over the desk: its keys are those that the registry of actions has for its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual.screen import ModalScreen
from textual.widgets import OptionList

from agentiq_tui.actions import Where, bindings

if TYPE_CHECKING:
    from agentiq_tui.app import AgentIQApp

Result = TypeVar("Result")


class WindowScreen(ModalScreen[Result]):
    """A subclass says which are its keys: `class SellersScreen(WindowScreen[None], keys=Where.SHOPS)`."""

    keys_at: ClassVar[Where]

    def __init_subclass__(cls, *, keys: Where | None = None, **options: Any) -> None:
        if keys is not None:
            cls.keys_at = keys
            cls.BINDINGS = bindings(keys)
        super().__init_subclass__(**options)

    @property
    def desk_app(self) -> AgentIQApp:
        """The app, which is always ours."""
        return cast("AgentIQApp", self.app)

    def action_cursor(self, step: int) -> None:
        """The cursor of the list goes on; the words may stay in their field meanwhile."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def action_leave(self) -> None:
        """Back, without a result."""
        self.dismiss(None)

    def action_help(self) -> None:
        """The keys of this window."""
        # imported when first asked for, as every window is
        from agentiq_tui.screens.help import HelpScreen

        self.app.push_screen(HelpScreen(self.keys_at, self.desk_app.desk_screen.who))

    def action_palette(self) -> None:
        """What can be done in this window, by name."""
        self.desk_app.action_command_palette()

    async def action_quit(self) -> None:
        """Leave AgentIQ."""
        await self.desk_app.action_quit()
