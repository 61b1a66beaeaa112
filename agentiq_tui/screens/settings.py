"""The settings, generated from their schema: Enter or → changes one, the change holds at once and for the next start."""

from __future__ import annotations

from typing import cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as Line

from agentiq_core.domain.text import inert_line
from agentiq_core.home import CONFIG
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.locale import _
from agentiq_tui.preferences import understood
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.settings_schema import BY_NAME, OPTIONS, Group, Kind, Option
from agentiq_tui.shown import fitted, short
from agentiq_tui.workplace import WorkplaceApp

TITLE_CELLS = 34
VALUE_CELLS = 26


class SettingsScreen(WindowScreen[None], keys=Where.SETTINGS):
    """A list of settings under headings; a text is written in a field below it."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-settings"):
            yield OptionList(id="settings-list", markup=False, compact=True)
            yield Static(id="settings-note")
            yield Input(id="settings-text", compact=True)
            yield Static(id="settings-said")

    def on_mount(self) -> None:
        self.query_one("#settings-text", Input).display = False
        self.draw()
        self._list.focus()

    @property
    def _list(self) -> OptionList:
        return self.query_one("#settings-list", OptionList)

    @property
    def _app(self) -> WorkplaceApp:
        return cast("WorkplaceApp", self.app)

    @property
    def chosen(self) -> Option | None:
        """The setting under the cursor."""
        place = self._list.highlighted
        line = self._list.get_option_at_index(place) if place is not None else None
        return BY_NAME.get(line.id or "") if line is not None else None

    def draw(self) -> None:
        """Every word and value anew: the language may be what was changed."""
        dialog = self.query_one("#dialog")
        dialog.border_title = _("Settings")
        dialog.border_subtitle = _("Enter or {next} changes · {leave}: back").format(
            next=shown_key("setting_next"), leave=shown_key("leave")
        )
        place = self._list.highlighted
        lines: list[Line | None] = []
        for group in Group:
            lines.append(Line(Content.styled(_(group.value), "bold $accent"), disabled=True))
            lines += [
                Line(Content(self.line(option)), id=option.name)
                for option in OPTIONS
                if option.group is group
            ]
        self._list.clear_options()
        self._list.add_options(lines)
        self._list.highlighted = 1 if place is None else place
        where = short(self._app.home / CONFIG)
        self.query_one("#settings-said", Static).update(
            Content.styled(_("Kept in {file}; keys are changed there, too").format(file=where), "$faint")
        )

    def line(self, option: Option) -> str:
        """One setting as it stands."""
        title = fitted(_(option.title), TITLE_CELLS)
        return f"  {title} {fitted(self.shown(option), VALUE_CELLS)}"

    def shown(self, option: Option) -> str:
        """The value in words."""
        value = getattr(self._app.preferences, option.name)
        if option.kind is Kind.SWITCH:
            return _("on") if value else _("off")
        if option.kind is Kind.NUMBER:
            return f"{value:g}"
        if option.kind is Kind.MANY:
            named = [_(said) for name, said in zip(option.choices, option.said, strict=True) if name in value]
            return ", ".join(named) or _("none")
        if option.said:
            return _(option.said[option.choices.index(value)])
        return inert_line(str(value)) or _("none")

    def action_step(self, step: int) -> None:
        """The next value, or the one before; a text is opened for writing."""
        option = self.chosen
        if option is None:
            return
        value = getattr(self._app.preferences, option.name)
        if option.kind is Kind.TEXT:
            self._write(str(value))
        elif option.kind is Kind.SWITCH:
            self._put(option, not value)
        elif option.kind is Kind.NUMBER:
            self._put(option, min(option.most, max(option.least, value + step * option.step)))
        elif option.kind is Kind.MANY:
            self._put(option, _next_choice(option.choices, value, step))
        else:
            choices = option.choices or self._app.theme_names()
            place = choices.index(value) if value in choices else -1
            self._put(option, choices[(place + step) % len(choices)])

    def _put(self, option: Option, value: object) -> None:
        self._app.put_setting(option.name, value)
        self.draw()
        if not option.live:
            self._say(_("Holds from the next start"))

    def _write(self, text: str) -> None:
        field = self.query_one("#settings-text", Input)
        field.value = text
        field.display = True
        field.focus()

    @on(Input.Submitted, "#settings-text")
    def _written(self, event: Input.Submitted) -> None:
        event.stop()
        option = self.chosen
        if option is None:
            return
        value = understood(option, event.value.strip())
        if value is None:
            self._say(_("Not understood: {note}").format(note=_(option.note)), error=True)
            return
        self._put(option, value)
        self._close_field()

    @on(OptionList.OptionSelected, "#settings-list")
    def _pressed(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_step(1)

    @on(OptionList.OptionHighlighted, "#settings-list")
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        option = self.chosen
        note = _(option.note) if option is not None and option.note else ""
        self.query_one("#settings-note", Static).update(Content.styled(note, "$faint"))

    def _say(self, line: str, *, error: bool = False) -> None:
        said = self.query_one("#settings-said", Static)
        said.update(Content(line))
        said.set_class(error, "-error")

    def _close_field(self) -> None:
        self.query_one("#settings-text", Input).display = False
        self._list.focus()

    def action_leave(self) -> None:
        if self.query_one("#settings-text", Input).display:
            self._close_field()
        else:
            self.dismiss()


def _next_choice(choices: tuple[str, ...], chosen: tuple[str, ...], step: int) -> tuple[str, ...]:
    """Some of the choices, none, or all: every combination, one after another."""
    number = sum(1 << place for place, name in enumerate(choices) if name in chosen)
    number = (number + step) % (1 << len(choices))
    return tuple(name for place, name in enumerate(choices) if number >> place & 1)
