"""Narrowing the queues, marking conversations in them, and doing something with one or all of those marked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from agentiq_core.domain.errors import BadFilter
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.team import BulkReport, Colleague
from agentiq_core.domain.views import ChatRef
from agentiq_tui.actions import shown_key
from agentiq_tui.asking import ask
from agentiq_tui.locale import _, ngettext
from agentiq_tui.messages import BulkAsked, PeopleFetched, Settled, TagsFetched
from agentiq_tui.screens.terminal import TerminalScreen
from agentiq_tui.widgets.queue_pane import QueuePane
from agentiq_tui.wording import error_line

if TYPE_CHECKING:
    from agentiq_core.engine.bulk import Action
    from agentiq_tui.screens.choose import ChooseScreen


class ManyScreen(TerminalScreen):
    """The part of the desk that works on more than one conversation; its dialogs are imported when first asked for."""

    @property
    def queue_pane(self) -> QueuePane:
        return self.query_one(QueuePane)

    def action_filter(self) -> None:
        """Show only some conversations in every queue."""
        from agentiq_tui.screens.filter import FilterScreen

        if self.desk is None or isinstance(self.app.screen, FilterScreen):
            return
        pane = self.queue_pane
        screen = FilterScreen(self.desk, pane.narrowed, pane.filter_words)

        def chosen(narrowed: QueueFilter | None) -> None:
            if narrowed is not None:
                pane.narrow(narrowed, screen.words)

        self.app.push_screen(screen, chosen)

    def action_back(self) -> None:
        """What takes long is given up; in the queue first the marks go, then the filter; elsewhere one level back."""
        if self._workplace.give_up(self):
            self.hint(_("Given up"))
            return
        pane = self.queue_pane
        if self.focused is pane.queue_list and not self.has_class("-full"):
            if pane.unmark():
                return
            if pane.narrowed:
                self.action_widen()
                return
        super().action_back()

    def action_widen(self) -> None:
        """Show everything again."""
        self.queue_pane.narrow(EVERYTHING)

    def action_snooze(self) -> None:
        """Put the open conversation off."""
        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or not self._may_write():
            return
        ref = chat.ref

        def chosen(until: datetime | None) -> None:
            if until is not None:
                ask(self, partial(put_off, until))

        async def put_off(until: datetime) -> Settled:
            await desk.snooze(ref, until)
            return Settled(ref, _("Put off until {until}").format(until=until.strftime("%d.%m %H:%M")))

        self.app.push_screen(self._times(), chosen)

    def action_wake(self) -> None:
        """Bring the open conversation back into the queue."""
        chat, desk = self.conversation, self.desk
        if chat is None or desk is None or not self._may_write():
            return
        ref = chat.ref

        async def wake() -> Settled:
            await desk.snooze(ref, None)
            return Settled(ref, _("Back in the queue"))

        ask(self, wake)

    def action_bulk(self) -> None:
        """Do something with the marked conversations; with everything a filter shows where none is marked."""
        desk, pane = self.desk, self.queue_pane
        if desk is None or not self._may_write():
            return
        marked = pane.marked
        if marked:
            self.post_message(BulkAsked(marked))
        elif pane.narrowed:
            queue, narrowed = pane.open_queue, pane.narrowed

            async def find() -> BulkAsked:
                from agentiq_core.engine.bulk import Found

                return BulkAsked(tuple(await desk.bulk.find(Found(queue, narrowed))))

            ask(self, find, long=True)
        else:
            line = _("Mark conversations with {mark}, or narrow the queue with {filter}")
            self.hint(line.format(mark=shown_key("mark_chat"), filter=shown_key("filter")))

    def on_bulk_asked(self, event: BulkAsked) -> None:
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        refs = event.refs
        if not refs:
            self.hint(_("Nobody waits here"))
            return
        count = ngettext("{n} conversation", "{n} conversations", len(refs)).format(n=len(refs))
        title = f"{count}: {event.said}" if event.said else count
        choices = [
            Choice("assign", _("give to a colleague…")),
            Choice("take", _("take")),
            Choice("free", _("nobody's any more")),
            Choice("tag", _("tag…")),
            Choice("untag", _("take a tag off…")),
            Choice("snooze", _("put off…")),
            Choice("no_reply", _("no reply needed")),
            Choice("reopen", _("need a reply after all")),
        ]

        def chosen(what: str | None) -> None:
            if what is not None:
                self._bulk(what, refs, count)

        self.app.push_screen(ChooseScreen(title, choices), chosen)

    def _bulk(self, what: str, refs: Sequence[ChatRef], count: str) -> None:
        from agentiq_core.engine.bulk import Assign, NoReplyNeeded, Reopen, Snooze

        desk = self.desk
        if desk is None:
            return
        run = partial(self._run, refs, count)
        match what:
            case "assign":

                async def people() -> PeopleFetched:
                    return PeopleFetched(await desk.colleagues.every(), tuple(refs))

                ask(self, people)
            case "tag" | "untag":

                async def tags() -> TagsFetched:
                    return TagsFetched(await desk.tags.of(), tuple(refs), off=what == "untag")

                ask(self, tags)
            case "snooze":
                self.app.push_screen(
                    self._times(), lambda until: run(Snooze(until)) if until is not None else None
                )
            case "take":
                run(Assign(desk.assignment.me))
            case "free":
                run(Assign(None))
            case "no_reply":
                run(NoReplyNeeded())
            case "reopen":
                run(Reopen())

    def on_people_fetched(self, event: PeopleFetched) -> None:
        from agentiq_core.engine.bulk import Assign
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        sellers = {ref.seller_id for ref in event.refs}
        able = [one for one in event.colleagues if all(one.may_be_given(seller) for seller in sellers)]
        choices = [Choice(one, one.name, _here(one)) for one in able]

        def chosen(to: Colleague | None) -> None:
            if to is not None:
                self._run(event.refs, _("Give to {name}").format(name=to.name), Assign(to.id))

        self.app.push_screen(ChooseScreen(_("Give to"), choices), chosen)

    def on_tags_fetched(self, event: TagsFetched) -> None:
        from agentiq_core.engine.bulk import AddTag, RemoveTag
        from agentiq_tui.screens.choose import Choice, ChooseScreen

        choices = [Choice(name, f"#{name}") for name in dict.fromkeys(tag.name for tag in event.tags)]
        title = _("Take a tag off") if event.off else _("Tag")

        def chosen(name: str | None) -> None:
            if name is not None:
                action: Action = RemoveTag(name) if event.off else AddTag(name)
                self._run(event.refs, f"{title}: #{name}", action)

        self.app.push_screen(
            ChooseScreen(title, choices, placeholder=_("a tag"), read=None if event.off else _new_tag), chosen
        )

    def _run(self, refs: Sequence[ChatRef], title: str, action: Action) -> None:
        from agentiq_tui.screens.bulk import BulkScreen

        if self.desk is None:
            return

        def ended(report: BulkReport | None) -> None:
            if report is not None and not report.not_done and set(refs) == set(self.queue_pane.marked):
                self.queue_pane.unmark()
            self.refetch_chat()

        self.app.push_screen(BulkScreen(self.desk, title, action, refs), ended)

    def _times(self) -> ChooseScreen[datetime]:
        from agentiq_core.language.times import moment
        from agentiq_tui.screens.choose import Choice, ChooseScreen
        from agentiq_tui.snooze_times import offered

        now = self.clock().astimezone()

        def read(words: str) -> datetime:
            until = moment(words, now)
            if until is None:
                raise ValueError(_("This is no time: 2 h, 40 min, 18:30, 5.12 10:00"))
            return until

        choices = [Choice(one.until, one.label) for one in offered(now)]
        return ChooseScreen(_("Put off"), choices, placeholder=_("2 h, 40 min, 18:30, 5.12"), read=read)

    def _may_write(self) -> bool:
        if self.read_only:
            self.hint(_("Your role may only read"))
        return not self.read_only


def _here(colleague: Colleague) -> str:
    return _("at the desk") if colleague.here else ""


def _new_tag(words: str) -> str:
    name = words.strip().lstrip("#")
    try:
        QueueFilter(tag=name)
    except BadFilter as error:
        raise ValueError(error_line(error)) from None
    return name
