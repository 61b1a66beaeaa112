"""What belongs to a conversation beside its messages: a review, question or chat about the same order; and its end."""

from __future__ import annotations

from textual.content import Content

from agentiq_core.domain.views import RelatedChat
from agentiq_tui.asking import ask
from agentiq_tui.locale import _
from agentiq_tui.messages import ChatChosen, Settled
from agentiq_tui.screens.filing import FilingScreen


class RelatedScreen(FilingScreen):
    """The part of the desk that goes from one channel to another."""

    def action_related(self) -> None:
        """The first conversation that belongs to this one."""
        self.action_open_related(1)

    def action_open_related(self, number: int) -> None:
        """The `number`th conversation of those named above the messages."""
        related: tuple[RelatedChat, ...] = self.conversation.related if self.conversation else ()
        if not 1 <= number <= len(related):
            self.hint(_("Nothing else is known about this order"))
            return
        self.post_message(ChatChosen(related[number - 1].ref))

    def action_decline(self) -> None:
        """Reject a question at the marketplace, after a second word: nobody will see it any more."""
        from agentiq_tui.screens.confirm import ConfirmScreen

        chat, desk = self.conversation, self.desk
        if chat is None or desk is None:
            return
        if self.read_only:
            self.hint(_("Your role may only read"))
            return
        if not chat.can_decline:
            self.hint(_("This cannot be rejected here"))
            return
        ref = chat.ref

        async def decline() -> Settled:
            await desk.decline(ref)
            return Settled(ref, _("Rejected: the marketplace hides the question"))

        def decided(yes: bool | None) -> None:
            if yes:
                ask(self, decline)

        lines = Content(
            _("The marketplace will hide this question from everybody; it cannot be undone here.")
        )
        self.app.push_screen(ConfirmScreen(_("Reject the question?"), lines, _("reject")), decided)
