"""What the desk asks of the terminal: clipboard, mouse, language and looks."""

from __future__ import annotations

from typing import cast

from agentiq_core.domain.text import inert
from agentiq_tui.actions import shown_key
from agentiq_tui.locale import _, language
from agentiq_tui.screens.dialogs import DialogsScreen
from agentiq_tui.workplace import WorkplaceApp


class TerminalScreen(DialogsScreen):
    """The part of the desk that is about the terminal it runs in."""

    @property
    def _workplace(self) -> WorkplaceApp:
        return cast("WorkplaceApp", self.app)

    def action_copy_suggestion(self) -> None:
        suggestion = self.suggestion_pane.suggestion
        if suggestion is None:
            self.hint(_("There is no suggestion"))
        else:
            self.app.copy_to_clipboard(inert(suggestion.text))

    def action_mouse(self) -> None:
        """Give the mouse back to the terminal, whose own selection then works, or take it again."""
        app = self._workplace
        app.hold_mouse(not app.mouse_held)
        if app.mouse_held:
            line = _("The mouse works in AgentIQ again")
        else:
            line = _("The mouse is the terminal's: it selects and copies. {key} takes it back").format(
                key=shown_key("mouse")
            )
        self.notify(line, markup=False, timeout=5)

    def action_switch_theme(self) -> None:
        names = self._workplace.theme_names()
        place = names.index(self.app.theme) if self.app.theme in names else -1
        self._workplace.put_setting("theme", names[(place + 1) % len(names)])

    def action_switch_language(self) -> None:
        self._workplace.put_setting("language", "en" if language() == "ru" else "ru")
