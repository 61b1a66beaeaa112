"""The app's own workplace: settings applied live, the clipboard, the mouse, and notices for whoever looks elsewhere."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from textual import events
from textual.driver import Driver
from textual.filter import LineFilter, Monochrome
from textual.notifications import SeverityLevel

from agentiq_core.domain.errors import AgentIQError
from agentiq_core.home import home_dir
from agentiq_tui.asking import start
from agentiq_tui.keymap import textual_keymap, use_keys
from agentiq_tui.keys import TerminalAnswered, shielded, under_tmux
from agentiq_tui.light_strips import lighten
from agentiq_tui.locale import _, use
from agentiq_tui.messages import Arrived, OverviewFetched, SettingRefused
from agentiq_tui.notices import Notices, desktop, window_title
from agentiq_tui.preferences import Found, read
from agentiq_tui.settings_schema import Preferences
from agentiq_tui.shown import steady, steady_line
from agentiq_tui.theme import THEMES
from agentiq_tui.typed_ahead import TypedAheadApp
from agentiq_tui.waiting import WaitingApp

PLAIN = "-plain"
"""The class of the app while it is read aloud."""
TOLD = 3
"""Mistakes in settings that are told at once."""


class WorkplaceApp(TypedAheadApp, WaitingApp):
    """Everything between the screens and this machine. `clock` gives the time that quiet hours go by."""

    def __init__(self, language: str | None, clock: Callable[[], datetime]) -> None:
        lighten()
        self.home = home_dir()
        self.found: Found = read(self.home)
        use(language)
        self._key_problems = use_keys(self.found.keys)
        super().__init__()
        self._clock = clock
        self.notices = Notices()
        self._keeping = asyncio.Lock()
        self._title = ""
        self.mouse_held = self.preferences.mouse
        self.hears_terminal: Callable[[str], None] | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme_problems: list[str] = []
        if self.preferences.theme not in self.available_themes:
            self._add_own_themes()
        self._use_theme(self.preferences.theme)
        self.no_color = self.no_color or not self.preferences.colour
        self.set_class(self.preferences.screen_reader, PLAIN)
        self.set_keymap(textual_keymap())

    @property
    def preferences(self) -> Preferences:
        """The settings in force."""
        return self.found.preferences

    def _add_own_themes(self) -> None:
        # YAML is read only where somebody wants it
        from agentiq_tui.user_themes import user_themes

        themes, self.theme_problems = user_themes(self.home)
        for theme in themes:
            self.register_theme(theme)

    def theme_names(self) -> tuple[str, ...]:
        """The themes there are: ours, then the user's."""
        self._add_own_themes()
        ours = tuple(theme.name for theme in THEMES)
        own = sorted(name for name, theme in self.available_themes.items() if "cursor-row" in theme.variables)
        return ours + tuple(name for name in own if name not in ours)

    def _use_theme(self, name: str) -> None:
        if name in self.available_themes:
            self.theme = name
            return
        self.theme = THEMES[0].name
        self.theme_problems.append(_("theme: there is no {name}").format(name=name))

    def get_driver_class(self) -> type[Driver]:
        return shielded(super().get_driver_class())

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = list(super().get_line_filters())
        if not self.preferences.colour and not any(isinstance(one, Monochrome) for one in filters):
            filters.append(Monochrome())
        if self.preferences.screen_reader:
            from agentiq_tui.plain import PlainSigns

            filters.append(PlainSigns())
        return filters

    def tell_problems(self) -> None:
        """What is wrong with the settings, a line each; a file that is no TOML is named by the desk's own trouble."""
        problems = [*self.found.problems, *self._key_problems, *self.theme_problems]
        if problems:
            lines = problems[:TOLD] + ([f"… {len(problems) - TOLD}"] if len(problems) > TOLD else [])
            self.notify("\n".join(lines), title=_("Settings"), severity="warning", markup=False, timeout=15)

    def put_setting(self, name: str, value: object) -> None:
        """Apply a setting and keep it in `config.toml`; one that the environment decides is only said to be so."""
        if name in self.found.fixed:
            line = _("The environment of this terminal decides this setting")
            self.notify(line, severity="warning", markup=False)
            return
        changed: dict[str, Any] = {name: value}
        self.found = replace(self.found, preferences=replace(self.preferences, **changed))
        self._apply(name)
        start(self, partial(self._keep, name, value), group="settings")

    async def _keep(self, name: str, value: object) -> None:
        from agentiq_tui.config_file import change

        try:
            # one after another: each reads the file that the one before has written
            async with self._keeping:
                await asyncio.to_thread(change, self.home, name, value)
        except AgentIQError as error:
            self.post_message(SettingRefused(error))

    def on_setting_refused(self, event: SettingRefused) -> None:
        line = _("Not kept for the next start: {why}")
        self.notify(line.format(why=event.error), severity="error", markup=False)

    def _apply(self, name: str) -> None:
        wanted = self.preferences
        if name == "theme":
            self._use_theme(wanted.theme)
        elif name == "language":
            use(None if wanted.language == "auto" else wanted.language)
            self.language_changed()
        elif name in ("colour", "screen_reader"):
            self.no_color = not wanted.colour
            self.set_class(wanted.screen_reader, PLAIN)
            self.refresh_css(animate=False)
            for screen in self.screen_stack:
                for node in screen.walk_children(with_self=True):
                    node.refresh(layout=True) if hasattr(node, "refresh") else None
        elif name == "mouse":
            self.hold_mouse(wanted.mouse)

    def language_changed(self) -> None:
        """Draw every standing word anew."""

    def hold_mouse(self, wanted: bool) -> None:
        """Take the terminal's mouse, or give it back so that the terminal's own selection works."""
        self.mouse_held = wanted
        take = getattr(self._driver, "take_mouse", None)
        if take is not None:
            take(wanted)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """A notice; never markup, whatever is asked: names and reasons of others stand in it."""
        super().notify(
            steady(message), title=steady_line(title), severity=severity, timeout=timeout, markup=False
        )

    def on_terminal_answered(self, event: TerminalAnswered) -> None:
        if self.hears_terminal is not None:
            self.hears_terminal(event.answer)

    def write_to_terminal(self, sequence: str) -> None:
        """Send a sequence to the terminal itself; nothing where there is none."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)
            self._driver.flush()

    def copy_to_clipboard(self, text: str) -> None:
        """Copy through the terminal, which works over SSH, and through a program of this machine; says which."""
        from agentiq_tui.copying import native, osc52

        self._clipboard = text
        sequence = osc52(text, tmux=under_tmux())
        if sequence is not None:
            self.write_to_terminal(sequence)
        start(
            self, partial(self._copy_on, text, native(), sequence is not None), group="copy", exclusive=True
        )

    async def _copy_on(self, text: str, command: tuple[str, ...] | None, by_terminal: bool) -> None:
        from agentiq_tui.copying import copy_natively

        ways = [_("through the terminal (OSC 52)")] if by_terminal else []
        if command is not None and await copy_natively(command, text):
            ways.append(_("with {program}").format(program=command[0]))
        if ways:
            line = _("Copied: {ways}").format(ways=_(" and ").join(ways))
            self.notify(line, markup=False, timeout=3)
        else:
            line = _(
                "Not copied: the text is too long for the terminal, and this machine has no clipboard program"
            )
            self.notify(line, severity="error", markup=False)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste | events.MouseDown):
            self.notices.pressed(self._clock())
            self._show_title()
        await super().on_event(event)

    def on_app_blur(self) -> None:
        self.notices.tell(focused=False)
        self._show_title()

    def on_app_focus(self) -> None:
        self.notices.tell(focused=True)
        self._show_title()

    def on_arrived(self, event: Arrived) -> None:
        self.notices.came(event.rows, self.preferences)

    def on_overview_fetched(self, event: OverviewFetched) -> None:
        line = self.notices.counted(event.overview.counts, self._clock(), self.preferences)
        if line is not None:
            if self.preferences.bell:
                self.write_to_terminal("\a")
            self.write_to_terminal(desktop(line, self.preferences, os.environ))
        self._show_title()

    def _show_title(self) -> None:
        title = self.notices.title(self.preferences, self._clock())
        if title != self._title:
            self._title = title
            self.write_to_terminal(window_title(title))
