"""Above the messages: who asks about what, and how long there is to answer."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widgets import Static

from agentiq_core.domain.messages import Product
from agentiq_core.domain.views import Conversation
from agentiq_tui.locale import _
from agentiq_tui.shown import list_line
from agentiq_tui.timing import SOON, clock_time, countdown
from agentiq_tui.wording import STATUSES, marketplace_short


class ChatHeader(Static):
    """Two lines; the second counts down."""

    def __init__(self) -> None:
        super().__init__(id="chat-header")
        self.conversation: Conversation | None = None

    def show(self, conversation: Conversation, now: datetime) -> None:
        self.conversation = conversation
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """A second has passed."""
        chat = self.conversation
        if chat is None:
            return
        buyer = list_line(chat.buyer_name or "") or _("buyer")
        facts = [*_about(chat.product), list_line(chat.seller_name)]
        first = Content.assemble(
            (marketplace_short(chat.marketplace), "bold $accent"),
            " · ",
            (buyer, "bold"),
            *(f" · {fact}" for fact in facts),
        )
        self.update(Content("\n").join([first, self._clock(chat, now)]))

    def _clock(self, chat: Conversation, now: datetime) -> Content:
        status = _(STATUSES[chat.status])
        if not chat.needs_reply or chat.due_at is None:
            return Content.styled(status, "$faint")
        left = countdown(chat.due_at, now)
        tone = (
            "$error bold"
            if chat.due_at <= now
            else "$warning bold"
            if chat.due_at - now <= SOON
            else "$success"
        )
        word = _("overdue by {left}") if chat.due_at <= now else _("answer within {left}, by {time}")
        line = word.format(left=left.lstrip("\N{MINUS SIGN}"), time=clock_time(chat.due_at))
        rule = f" · {list_line(chat.sla_rule)}" if chat.sla_rule else ""
        return Content.assemble((line, tone), (f" · {status}{rule}", "$faint"))


def _about(product: Product | None) -> list[str]:
    if product is None:
        return []
    title = list_line(product.title or product.external_id)
    facts = [title] if title else []
    if product.size:
        facts.append(_("size {size}").format(size=list_line(product.size)))
    if product.order_id:
        facts.append(_("order {id}").format(id=list_line(product.order_id)))
    return facts
