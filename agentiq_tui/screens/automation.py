"""What a shop lets leave by itself, intent by intent, and the switch that stops all of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.content import Content

from agentiq_core.domain.automation import Automation, AutomationSettings, Mode
from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.actions import Where, shown_key
from agentiq_tui.automation_wording import MODES
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.confirm import ConfirmScreen
from agentiq_tui.screens.office_list import OfficeListScreen
from agentiq_tui.shown import fitted
from agentiq_tui.statistics_words import share_words
from agentiq_tui.widgets.action_text import link
from agentiq_tui.wording import INTENTS, marketplace_short, said

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

NAME, MODE, CAP, SURE = 20, 34, 8, 6
_SIGNS = {Mode.OFF: ("○", "$faint"), Mode.SHADOW: ("◐", "$warning"), Mode.ON: ("●", "$success")}


class AutomationScreen(OfficeListScreen[Automation], keys=Where.AUTOMATION):
    """s stops everything at once, r lets it go on; Enter changes an intent, v shows what was decided."""

    def __init__(self, desk: Desk, shop: SellerStatus, clock: Callable[[], datetime]) -> None:
        super().__init__(desk, clock)
        self.shop = shop
        self._never: frozenset[str] = frozenset()

    @property
    def settings(self) -> AutomationSettings | None:
        """What is allowed, as it was read last."""
        return self.facts if isinstance(self.facts, AutomationSettings) else None

    def heading(self) -> str:
        shop = f"{marketplace_short(self.shop.marketplace)} {inert_line(self.shop.name)}"
        return _("Automatic replies: {shop}").format(shop=shop)

    def empty(self) -> str:
        return ""

    async def fetch(self) -> OfficeFetched:
        from agentiq_core.ai.automation import NEVER

        self._never = frozenset(str(one) for one in NEVER)
        found = await self._desk.automation.settings(self.shop.seller_id)
        # what only people may answer stands last
        intents = sorted(INTENTS, key=lambda intent: intent in self._never)
        return OfficeFetched(tuple(found.of(intent) for intent in intents), found)

    def head(self) -> Content:
        found = self.settings
        if found is None:
            return Content("")
        if found.stopped:
            stopped = _("■ EVERYTHING IS STOPPED: nothing leaves by itself in this shop")
            return Content.styled(stopped, "bold reverse $error")
        on = [said(INTENTS, one.intent) for one in found.intents if one.mode is Mode.ON]
        shadow = sum(one.mode is Mode.SHADOW for one in found.intents)
        if not on and not shadow:
            return Content.styled(_("Nothing leaves by itself"), "$faint")
        lines = [_("leaves by itself: {intents}").format(intents=", ".join(on) or "—")]
        if shadow:
            lines.append(ngettext("{n} intent in shadow", "{n} intents in shadow", shadow).format(n=shadow))
        lines.append(_("in one conversation at most {n} a day").format(n=found.per_chat))
        return Content(" · ".join(lines))

    def columns(self) -> Content:
        titles = (
            fitted(_("intent"), NAME) + fitted(_("mode"), MODE) + fitted(_("a day"), CAP) + _("sure from")
        )
        return Content.styled(titles, "$faint")

    def row(self, row: Automation) -> Content:
        sign, style = _SIGNS[row.mode]
        if row.intent in self._never and row.mode is Mode.OFF:
            people = Content.styled(_("– only people answer"), "$faint")
            return Content.assemble(fitted(said(INTENTS, row.intent), NAME - 1) + " ", people)
        limits: tuple[str, ...] = ("", "")
        if row.mode is not Mode.OFF:
            limits = (str(row.daily_cap), share_words(row.least_confidence))
        return Content.assemble(
            fitted(said(INTENTS, row.intent), NAME - 1) + " ",
            (fitted(f"{sign} {said(MODES, row.mode)}", MODE - 1) + " ", style),
            fitted(limits[0], CAP),
            fitted(limits[1], SURE),
            (_("templates too") if row.templates and row.mode is not Mode.OFF else "", "$faint"),
        )

    def key(self, row: Automation) -> Hashable:
        return row.intent

    def detail(self, row: Automation) -> Content:
        if row.intent in self._never:
            return Content(
                _(
                    "Displeased buyers ask this, or nobody could name it: a person answers, whatever is set. Shadow only writes down."
                )
            )
        words = {
            Mode.OFF: _("Nothing happens by itself: a suggestion waits for a person."),
            Mode.SHADOW: _(
                "Nothing leaves: what would have left is written down beside what people sent ({key})."
            ).format(key=shown_key("automation_report")),
            Mode.ON: _(
                "A suggestion that nothing speaks against leaves by itself, and may be undone like any reply."
            ),
        }
        return Content(words[row.mode])

    def link_line(self) -> list[Content]:
        found, who = self.settings, self._desk.who
        links: list[Content] = []
        if who.may_write and found is not None and not found.stopped:
            links.append(link(_("STOP everything"), "automation_stop"))
        if self.may_change:
            if found is not None and found.stopped:
                links.append(link(_("let it go on"), "automation_resume"))
            links.append(link(_("edit"), "list_edit"))
        return [*links, link(_("what was decided"), "automation_report"), link(_("back"), "leave")]

    def action_stop(self) -> None:
        """Nothing leaves by itself from this moment on: no question is asked first."""
        if not self._desk.who.may_write:
            self.say(_("A viewer only looks"), error=True)
            return

        async def stop() -> str:
            taken = await self._desk.automation.stop(self.shop.seller_id)
            line = ngettext(
                "Stopped; {n} reply that waited was taken back",
                "Stopped; {n} replies that waited were taken back",
                taken,
            )
            return line.format(n=taken)

        self.work(_("Stopping…"), stop, at_once=True)

    def action_resume(self) -> None:
        """What is allowed may leave again."""
        from agentiq_tui.screens.resume import ResumeScreen

        found = self.settings
        if found is None or not found.stopped or self.busy or not self.allowed():
            return

        def answered(per_chat: int | None) -> None:
            if per_chat is None:
                return

            async def resume() -> str:
                await self._desk.automation.resume(self.shop.seller_id, per_chat=per_chat)
                return _("It goes on; what was asked meanwhile stays with people")

            self.work(_("One moment…"), resume)

        self.app.push_screen(ResumeScreen(found.per_chat), answered)

    def action_edit(self) -> None:
        """Mode, cap and confidence of the intent under the cursor."""
        from agentiq_tui.screens.automation_rule import AutomationRuleScreen

        row = self.current
        if row is None or self.busy or not self.allowed():
            return

        def filled(wanted: Automation | None) -> None:
            if wanted is None or wanted == row:
                return
            if wanted.mode is Mode.ON and row.mode is not Mode.ON:
                self._second_word(wanted)
            else:
                self._keep(wanted)

        self.app.push_screen(AutomationRuleScreen(row, only_people=row.intent in self._never), filled)

    def _second_word(self, wanted: Automation) -> None:
        """Replies without a person are a second word's matter."""
        lines = _(
            "Replies to “{intent}” will leave without a person: at most {cap} a day, from a confidence of {sure} on."
        ).format(
            intent=said(INTENTS, wanted.intent),
            cap=wanted.daily_cap,
            sure=share_words(wanted.least_confidence),
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._keep(wanted)

        title = _("Let replies leave by themselves?")
        self.app.push_screen(ConfirmScreen(title, Content(lines), _("let them"), back=_("back")), answered)

    def _keep(self, wanted: Automation) -> None:
        async def keep() -> str:
            await self._desk.automation.set(self.shop.seller_id, wanted)
            return f"{said(INTENTS, wanted.intent)}: {said(MODES, wanted.mode)}"

        self.work(_("Saving…"), keep)

    def action_report(self) -> None:
        """What was decided of questions, beside what people sent."""
        from agentiq_tui.screens.automation_report import AutomationReportScreen

        self.app.push_screen(AutomationReportScreen(self._desk, self.shop, self.clock))

    def show(self, rows: Sequence[Automation]) -> None:
        super().show(rows)
        found = self.settings
        self.query_one("#dialog").set_class(found is not None and found.stopped, "-trouble")
