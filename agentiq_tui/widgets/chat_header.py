"""Above the messages: who asks about what, and how long there is to answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content

from agentiq_core.domain.messages import Product
from agentiq_core.domain.views import Conversation, RelatedChat
from agentiq_tui.locale import _
from agentiq_tui.shown import list_line
from agentiq_tui.timing import SOON, clock_time, countdown
from agentiq_tui.widgets.action_text import ActionLine, link, word
from agentiq_tui.wording import STATUSES, channel_line, marketplace_short


class ChatHeader(ActionLine):
    """Two lines, the second counts down; more where colleagues, tags or other conversations belong to this one."""

    def __init__(self) -> None:
        super().__init__(id="chat-header")
        self.conversation: Conversation | None = None
        self._lines = 0

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
            *(f" · {kind}" for kind in (channel_line(chat.channel, chat.stars),) if kind),
            " · ",
            (buyer, "bold"),
            *(f" · {fact}" for fact in facts),
        )
        lines = [first, self._clock(chat, now)]
        if (team := _team(chat, now)).plain:
            lines.append(team)
        if chat.related:
            lines.append(_related(chat.related))
        # its lines are cut off, not wrapped: only their number takes room
        grown = len(lines) != self._lines
        self._lines = len(lines)
        self.update(Content("\n").join(lines), layout=grown)

    def _clock(self, chat: Conversation, now: datetime) -> Content:
        status = _(STATUSES[chat.status])
        if chat.shut:
            return Content.styled(_("closed at the marketplace: nothing can be written here"), "$faint")
        limit = self._limit(chat, now)
        if not chat.needs_reply or chat.due_at is None:
            return Content.assemble((status, "$faint"), limit)
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
        return Content.assemble((line, tone), limit, (f" · {status}{rule}", "$faint"))

    def _limit(self, chat: Conversation, now: datetime) -> Content:
        """The marketplace's own limit, which nothing pauses; told where it refuses later replies."""
        if chat.closes_at is None or not chat.closes_hard:
            return Content("")
        if chat.closes_at <= now:
            return Content.styled(" · " + _("the marketplace takes no reply any more"), "$error bold")
        left = countdown(chat.closes_at, now)
        line = _("{name} takes a reply for {left} more").format(
            name=marketplace_short(chat.marketplace), left=left
        )
        return Content.styled(f" · {line}", "$warning bold" if chat.closes_at - now <= SOON else "$faint")


def _team(chat: Conversation, now: datetime) -> Content:
    """Who is here, whose it is, and its tags: nothing at all where nobody and none is."""
    parts = []
    for one in chat.presence:
        if one.until > now:
            line = _("{who} is typing") if one.types(now) else _("{who} is looking")
            tone = "$warning bold" if one.types(now) else "$faint"
            parts.append(Content.styled("● " + line.format(who=list_line(one.name)), tone))
    if chat.assignee is not None:
        name = list_line(chat.assignee_name or "") or "?"
        if chat.claimed_until is not None and chat.claimed_until > now:
            line = _("{who} has it until {time}").format(who=name, time=clock_time(chat.claimed_until))
        else:
            line = _("{who} has it").format(who=name)
        parts.append(Content(line))
    parts += [Content.styled(f"#{list_line(tag)}", "$accent") for tag in chat.tags]
    return Content(" · ").join(parts)


def _related(chats: Sequence[RelatedChat]) -> Content:
    parts = []
    for number, chat in enumerate(chats, 1):
        kind = channel_line(chat.channel, chat.stars) or _("chat")
        label = _("maybe {what}").format(what=kind) if chat.maybe else kind
        waits = " ●" if chat.needs_reply else ""
        action = f"open_related({number})"
        # the key goes to the first of them, a click to any
        parts.append(
            link(label + waits, "related", run=action) if number == 1 else word(label + waits, action)
        )
    return Content.assemble((_("together with:") + " ", "$faint"), Content("  ").join(parts))


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
