"""`agentiq chats`: the queues and one conversation, for people and for scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.chats import Queue
from agentiq_core.domain.filters import EVERYTHING, parsed
from agentiq_tui.cli.chat_bulk import bulk
from agentiq_tui.cli.chat_file import file
from agentiq_tui.cli.chat_search import search
from agentiq_tui.cli.chat_snooze import snooze
from agentiq_tui.cli.chat_team import assign, note, tag
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Chat
from agentiq_tui.cli.output import Exit, data, line, local, say, table
from agentiq_tui.cli.private import preview_without_phones, without_phones
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import (
    AUTHORS,
    DELIVERY,
    PRIORITIES,
    STATUSES,
    channel_line,
    marketplace_name,
    marketplace_short,
)

if TYPE_CHECKING:
    from agentiq_core.domain.views import Conversation, QueueRow

app = typer.Typer(help="Conversations.", no_args_is_help=True)
app.command("file")(file)
app.command("search")(search)
app.command("snooze")(snooze)
app.command("tag")(tag)
app.command("assign")(assign)
app.command("note")(note)
app.command("bulk")(bulk)


@app.command("list")
def every(
    queue: Annotated[Queue, typer.Option("--queue", help="work, waiting or all.")] = Queue.ALL,
    narrowed: Annotated[
        str,
        typer.Option(
            "--filter", help='Only what these words let through: "wb ★1-3 @me #tag".', metavar="FILTER"
        ),
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """A queue in its order: the nearest deadline first; `all` by the newest message."""

    async def work() -> Exit:
        rows: list[QueueRow] = []
        async with open_desk() as desk:
            only = parsed(narrowed, await desk.colleagues.names()) if narrowed.strip() else EVERYTHING
            after = None
            while len(rows) < limit:
                page = await desk.queue(queue, after, min(limit - len(rows), 500), filter=only)
                rows.extend(page.rows)
                after = page.after
                if after is None:
                    break
        if as_json:
            data([_row(row) for row in rows])
        elif not rows:
            say(_("Nobody waits here"))
        else:
            cells = [
                (
                    str(row.ref.chat_id),
                    " ".join(
                        filter(
                            None, (marketplace_short(row.marketplace), channel_line(row.channel, row.stars))
                        )
                    ),
                    row.seller_name,
                    row.buyer_name or "—",
                    _(STATUSES[row.status]),
                    _(PRIORITIES[row.priority]),
                    local(row.due_at),
                    row.preview,
                )
                for row in rows
            ]
            header = (
                "id",
                "",
                _("seller"),
                _("buyer"),
                _("status"),
                _("priority"),
                _("answer by"),
                _("last message"),
            )
            table(cells, header)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("show")
def show(
    chat: Chat,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000)] = 50,
    as_json: Json = False,
) -> None:
    """A conversation: its last messages, replies under way and draft."""

    async def work() -> Exit:
        async with open_desk() as desk:
            ref = await desk.find(chat)
            conversation = await desk.conversation(ref, limit=limit)
        if as_json:
            data(_conversation(conversation))
            return Exit.DONE
        product = conversation.product
        what = (product.title or product.external_id) if product else "—"
        line(
            f"{marketplace_name(conversation.marketplace)} · {conversation.seller_name} · {conversation.buyer_name or '—'} · {what}"
        )
        line(
            _("status: {status}, priority: {priority}, answer by: {due}").format(
                status=_(STATUSES[conversation.status]),
                priority=_(PRIORITIES[conversation.priority]),
                due=local(conversation.due_at),
            )
        )
        if conversation.assignee_name:
            line(_("assigned to: {name}").format(name=conversation.assignee_name))
        if conversation.tags:
            line(_("tags: {tags}").format(tags=" ".join(f"#{name}" for name in conversation.tags)))
        for other in conversation.related:
            kind = channel_line(other.channel, other.stars) or _("chat")
            known = _("maybe {what}").format(what=kind) if other.maybe else kind
            line(_("together with:") + f" {known} {other.ref.chat_id}: {other.preview}")
        for message in conversation.messages:
            files = f" [{len(message.attachments)} 📎 {message.external_id}]" if message.attachments else ""
            who = AUTHORS.get((message.author, message.origin))
            said_by = _(who) if who else message.author.value
            if message.by_itself:
                said_by = _("Automatic reply")
            line(f"{local(message.sent_at)}  {said_by}: {message.text}{files}")
        for reply in conversation.replies:
            delivery = _(DELIVERY[reply.state][1])
            line(f"{local(reply.created_at)}  → {delivery}: {reply.text}")
        for text in (conversation.draft.text, conversation.draft.other):
            if text:
                line(_("draft: {text}").format(text=text))
        return Exit.DONE

    perform(work, as_json=as_json)


def _row(row: QueueRow) -> dict[str, Any]:
    from agentiq_core.store.standings import PREVIEW_CHARACTERS

    return {
        "id": row.ref.chat_id,
        "seller_id": row.ref.seller_id,
        "seller": row.seller_name,
        "marketplace": row.marketplace,
        "channel": row.channel,
        "stars": row.stars,
        "buyer": row.buyer_name,
        "product": row.product,
        "status": row.status.value,
        "priority": row.priority.name.lower(),
        "needs_reply": row.needs_reply,
        "due_at": row.due_at,
        "closes_at": row.closes_at,
        "last_at": row.last_at,
        "unread": row.unread,
        "preview": preview_without_phones(row.preview, PREVIEW_CHARACTERS),
        "outbox": row.outbox.value if row.outbox else None,
        "tags": list(row.tags),
        "assignee": row.assignee,
        "snoozed_until": row.snoozed_until,
        "notes": row.notes,
    }


def _conversation(conversation: Conversation) -> dict[str, Any]:
    product = conversation.product
    return {
        "id": conversation.ref.chat_id,
        "seller_id": conversation.ref.seller_id,
        "marketplace": conversation.marketplace,
        "channel": conversation.channel,
        "stars": conversation.stars,
        "external_id": conversation.external_id,
        "buyer": conversation.buyer_name,
        "product": None
        if product is None
        else {
            "id": product.external_id,
            "title": product.title,
            "order": product.order_id,
            "size": product.size,
        },
        "status": conversation.status.value,
        "priority": conversation.priority.name.lower(),
        "needs_reply": conversation.needs_reply,
        "due_at": conversation.due_at,
        "closes_at": conversation.closes_at if conversation.closes_hard else None,
        "related": [
            {"id": other.ref.chat_id, "channel": other.channel, "maybe": other.maybe, "stars": other.stars}
            for other in conversation.related
        ],
        "rule": conversation.sla_rule,
        "snoozed_until": conversation.snoozed_until,
        "tags": list(conversation.tags),
        "assignee": conversation.assignee,
        "claimed_until": conversation.claimed_until,
        "messages": [
            {
                "id": message.external_id,
                "author": message.author.value,
                "origin": message.origin.value,
                "sent_at": message.sent_at,
                "text": without_phones(message.text),
                "attachments": len(message.attachments),
                "reply_id": message.outbox_id,
                "by_itself": message.by_itself,
            }
            for message in conversation.messages
        ],
        "replies": [
            {
                "id": reply.id,
                "state": reply.state.value,
                "reason": reply.reason,
                "text": without_phones(reply.text),
                "file": reply.file,
                "by_itself": reply.by_itself,
                "created_at": reply.created_at,
            }
            for reply in conversation.replies
        ],
        "older": conversation.older is not None,
    }
