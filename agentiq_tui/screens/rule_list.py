"""A shop's rules as a list that is changed on screen and saved as a whole, with a text to try them on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList, Static

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.asking import Latest, start, waited_for
from agentiq_tui.explain import explain
from agentiq_tui.locale import _
from agentiq_tui.messages import Failed
from agentiq_tui.rule_messages import EffectTold, RulesFetched, RulesSaved, SampleJudged
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.labelled_form import LabelledFormScreen, leave_question
from agentiq_tui.screens.window import WindowScreen
from agentiq_tui.shown import steady_line
from agentiq_tui.unforeseen import explained
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.heading import heading
from agentiq_tui.wording import marketplace_short

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

Rule = TypeVar("Rule")


class RuleListScreen(WindowScreen[None], Generic[Rule], keys=Where.RULES):
    """Enter edits, a adds, d deletes, F5 says what would change and saves; Esc leaves. Others than admins look."""

    AUTO_FOCUS = "#rules-list"
    ordered = False
    """Whether people may change the order."""

    def __init__(self, desk: Desk, shop: SellerStatus, clock: Callable[[], datetime]) -> None:
        super().__init__()
        self._desk = desk
        self.shop = shop
        self.clock = clock
        self.rules: tuple[Rule, ...] = ()
        self.kept: tuple[Rule, ...] = ()
        self._busy = True
        self._sample = Latest(self, self._judge)

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-rules") as dialog:
            shop = f"{marketplace_short(self.shop.marketplace)} {steady_line(self.shop.name)}"
            dialog.border_title = heading(f"{self.heading()}: {shop}")
            yield OptionList(id="rules-list", markup=False)
            yield Static(id="rules-detail")
            with Horizontal(id="rules-sample-row"):
                yield ActionText(self.sample_label(), id="rules-sample-label")
                yield Input(placeholder=self.sample_hint(), id="rules-sample", compact=True)
            yield Static(id="rules-judged")
            yield Static(id="rules-said")
            yield ActionText(self._links(), id="dialog-links")

    def on_mount(self) -> None:
        self.say(_("Reading…"))
        self.begin(self._fetch)

    # what each list is of

    def heading(self) -> str:
        """What the list is of."""
        raise NotImplementedError

    async def fetch(self) -> tuple[Rule, ...]:
        """The rules as they are kept."""
        raise NotImplementedError

    def row(self, rule: Rule) -> Content:
        """A rule as a line of the list."""
        raise NotImplementedError

    def detail(self, rule: Rule) -> Content:
        """All that a rule says."""
        raise NotImplementedError

    def form(self, rule: Rule | None) -> LabelledFormScreen[Rule]:
        """Where a rule is filled in, a new one with None."""
        raise NotImplementedError

    def placed(self, rule: Rule, place: int, *, instead: bool) -> tuple[Rule, ...]:
        """The rules with this one at a place, instead of the one there or before it."""
        raise NotImplementedError

    def reordered(self, place: int, step: int) -> tuple[Rule, ...]:
        """The rules with one of them a step further."""
        return self.rules

    def sample_label(self) -> Content:
        """What kind of text is tried, before its field."""
        raise NotImplementedError

    def sample_hint(self) -> str:
        """What the field for a text says while it is empty."""
        raise NotImplementedError

    def turn_sample_kind(self) -> None:
        """Another kind of text is tried."""
        raise NotImplementedError

    async def judged(self, sample: str) -> Content:
        """What the rules on screen say of a text."""
        raise NotImplementedError

    async def effect(self) -> Content:
        """What saving would change, in lines."""
        raise NotImplementedError

    async def save(self) -> str:
        """Keep the rules on screen; what that did, in a line."""
        raise NotImplementedError

    # what all lists do

    @property
    def may_change(self) -> bool:
        """Whether whoever works here manages shops."""
        return self._desk.who.may_manage

    @property
    def changed(self) -> bool:
        """Whether something on screen is not saved."""
        return self.rules != self.kept

    @property
    def place(self) -> int | None:
        """Where the cursor is."""
        place = self._list.highlighted
        return place if place is not None and place < len(self.rules) else None

    @property
    def _list(self) -> OptionList:
        return self.query_one("#rules-list", OptionList)

    def _links(self) -> Content:
        links = [link(_("back"), "leave")]
        if self.may_change:
            change = [
                link(_("edit"), "list_edit"),
                link(_("add"), "list_add"),
                link(_("delete"), "list_remove"),
                link(_("save"), "submit"),
            ]
            if self.ordered:
                change.insert(
                    3, link(_("reorder"), "rule_down", key=f"{shown_key('rule_down')}/{shown_key('rule_up')}")
                )
            links = [*change, *links]
        return Content("   ").join(links)

    async def _fetch(self) -> RulesFetched:
        return RulesFetched(await self.fetch())

    def on_rules_fetched(self, event: RulesFetched) -> None:
        self._busy = False
        self.kept = event.rules
        self.say("" if self.may_change else _("Only admins and owners change this; you may look and try"))
        self.show_rules(event.rules, 0)

    def show_rules(self, rules: Sequence[Rule], place: int) -> None:
        """These rules from now on, with the cursor there."""
        self.rules = tuple(rules)
        self._list.clear_options()
        self._list.add_options([self.row(rule) for rule in self.rules])
        if self.rules:
            self._list.highlighted = max(0, min(place, len(self.rules) - 1))
        self._show_detail()
        self._sample.request()

    @on(OptionList.OptionHighlighted)
    def _show_detail(self) -> None:
        place = self.place
        empty = Content.styled(_("No rules here yet"), "$faint")
        self.query_one("#rules-detail", Static).update(
            empty if place is None else self.detail(self.rules[place])
        )

    @on(Input.Changed)
    def _typed(self) -> None:
        self._sample.request()

    async def _judge(self) -> SampleJudged:
        sample = self.query_one("#rules-sample", Input).value
        return SampleJudged(await self.judged(sample) if sample.strip() else Content(""))

    def on_sample_judged(self, event: SampleJudged) -> None:
        self.query_one("#rules-judged", Static).update(event.line)

    def action_sample_kind(self) -> None:
        self.turn_sample_kind()
        self.query_one("#rules-sample-label", ActionText).update(self.sample_label())
        self._sample.request()

    def action_edit(self) -> None:
        """Fill in the rule under the cursor anew; from the text to the list."""
        place = self.place
        if not self._list.has_focus:
            self._list.focus()
        elif place is not None and self._free():
            self._fill_in(self.rules[place], place, instead=True)

    def action_add(self) -> None:
        """A new rule above the cursor."""
        if self._free():
            self._fill_in(None, self.place or 0, instead=False)

    def _fill_in(self, rule: Rule | None, place: int, *, instead: bool) -> None:
        def filled(made: Rule | None) -> None:
            if made is not None:
                self.show_rules(self.placed(made, place, instead=instead), place)
                self._say_unsaved()

        self.app.push_screen(self.form(rule), filled)

    def action_remove(self) -> None:
        """The rule under the cursor goes."""
        place = self.place
        if place is not None and self._free():
            self.show_rules((*self.rules[:place], *self.rules[place + 1 :]), place)
            self._say_unsaved()

    def action_move(self, step: int) -> None:
        """The rule under the cursor and its neighbour change places."""
        place = self.place
        if self.ordered and place is not None and self._free() and 0 <= place + step < len(self.rules):
            self.show_rules(self.reordered(place, step), place + step)
            self._say_unsaved()

    def _say_unsaved(self) -> None:
        self.say(
            _("Changed; {key} says what that would do, and saves").format(key=shown_key("submit"))
            if self.changed
            else ""
        )

    def _free(self) -> bool:
        """Whether something may be changed now."""
        if not self.may_change:
            self.say(_("Only admins and owners change this; you may look and try"), error=True)
        return self.may_change and not self._busy

    def action_submit(self) -> None:
        """Say what would change; a second word saves."""
        if not self._free():
            return
        if not self.changed:
            self.say(_("Nothing was changed"))
            return
        self._busy = True
        self.say(_("Looking what would change…"))
        self.begin(self._effect)

    async def _effect(self) -> EffectTold:
        return EffectTold(await self.effect())

    def on_effect_told(self, event: EffectTold) -> None:
        def answered(save: bool | None) -> None:
            self._busy = bool(save)
            if save:
                self.say(_("Saving…"))
                self.begin(self._save)
            else:
                self._say_unsaved()

        title = _("Save? This would change")
        self.app.push_screen(ConfirmScreen(title, event.lines, _("save"), back=_("back")), answered)

    async def _save(self) -> RulesSaved:
        if await self.fetch() != self.kept:
            raise Rejected(_("A colleague changed this meanwhile: leave and open it again"))
        return RulesSaved(await self.save())

    def on_rules_saved(self, event: RulesSaved) -> None:
        self._busy = False
        self.kept = self.rules
        self.say(f"✓ {event.line}")

    def begin(self, question: Callable[[], Awaitable[Message]]) -> None:
        """Ask the desk, however long it takes: leaving the screen ends it."""

        async def work() -> None:
            try:
                with waited_for(self):
                    self.post_message(await question())
            except Exception as error:  # noqa: BLE001 - whatever it was, one line says it and the rules stay
                self.post_message(Failed(explained(error)))

        start(self, work, group="rules", exclusive=True)

    def on_failed(self, event: Failed) -> None:
        self._busy = False
        self.say(f"✗ {explain(event.error)}", error=True)

    def say(self, line: str, *, error: bool = False) -> None:
        """One line under the list."""
        said = self.query_one("#rules-said", Static)
        said.update(Content(line))
        said.set_class(error, "-error")

    def action_leave(self) -> None:
        if not self.changed:
            self.dismiss()
            return

        def answered(leave: bool | None) -> None:
            if leave:
                self.dismiss()

        self.app.push_screen(leave_question(), answered)
