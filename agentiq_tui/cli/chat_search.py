"""`agentiq chats search`: conversations by what was written in them, by buyer, good or order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, local, say, table
from agentiq_tui.cli.private import without_phones
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import channel_line, marketplace_short

if TYPE_CHECKING:
    from agentiq_core.domain.search import SearchHit
    from agentiq_core.domain.views import ChatRef


def search(
    words: Annotated[
        str, typer.Argument(help='Words in any form; "quoted words" stand as they are.', metavar="TEXT")
    ],
    seller: Annotated[int | None, typer.Option("--seller", help="Only this seller's.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=1_000)] = 50,
    as_json: Json = False,
) -> None:
    """Find conversations by their messages, buyer, good or order: each by its newest message with all the words."""

    async def work() -> Exit:
        hits: list[SearchHit] = []
        seen: frozenset[ChatRef] = frozenset()
        async with open_desk() as desk:
            if seller is not None:
                await desk.seller(seller)
            sellers = None if seller is None else [seller]
            page = await desk.search.find(words, sellers=sellers, limit=limit)
            meant, behind = page.meant, page.behind
            hits += page.hits
            while page.after is not None and len(hits) < limit:
                seen |= {hit.ref for hit in page.hits}
                page = await desk.search.find(
                    meant or words, sellers=sellers, after=page.after, limit=limit - len(hits), seen=seen
                )
                hits += page.hits
        if as_json:
            data({"meant": meant, "complete": not behind, "hits": [_hit(hit) for hit in hits]})
            return Exit.DONE
        if meant is not None:
            say(_("Nothing was found for this; shown is “{meant}”").format(meant=meant.strip()))
        if not hits:
            say(_("Nothing was found"))
        else:
            header = ("id", "", _("seller"), _("buyer"), _("written"), _("found"))
            table([_cells(hit) for hit in hits], header)
        if behind:
            say(_("Some messages are still being indexed: they cannot be found yet"))
        return Exit.DONE

    perform(work, as_json=as_json)


def _cells(hit: SearchHit) -> tuple[str, ...]:
    kind = channel_line(hit.channel, hit.stars)
    return (
        str(hit.ref.chat_id),
        " ".join(filter(None, (marketplace_short(hit.marketplace), kind))),
        hit.seller_name,
        hit.buyer_name or "—",
        local(hit.sent_at),
        hit.excerpt,
    )


def _hit(hit: SearchHit) -> dict[str, Any]:
    return {
        "id": hit.ref.chat_id,
        "seller_id": hit.ref.seller_id,
        "marketplace": hit.marketplace,
        "channel": hit.channel,
        "stars": hit.stars,
        "buyer": hit.buyer_name,
        "product": hit.product,
        "needs_reply": hit.needs_reply,
        "message_id": hit.message.external_id if hit.message else None,
        "author": hit.author,
        "sent_at": hit.sent_at,
        "excerpt": without_phones(hit.excerpt),
    }
