"""`agentiq sync`: one full pull now, with counts."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.text import inert_line
from agentiq_core.domain.views import SellerState, history_read
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, failed, local, say
from agentiq_tui.cli.session import only_who_may_work, open_desk, perform
from agentiq_tui.explain import explain, explain_trouble
from agentiq_tui.locale import _, mark
from agentiq_tui.wording import channel_line

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk
    from agentiq_core.engine.pull import PullReport


_BAR = 20
CLOSED = "channel_closed"
BUSY = "busy"
"""Another worker holds the feed."""


def sync(
    seller: Annotated[int | None, typer.Option("--seller", help="Only this seller.")] = None,
    as_json: Json = False,
) -> None:
    """Read every seller's feed to its end and write suggestions for what waits."""

    async def work() -> Exit:
        from agentiq_core.domain.errors import NotFound

        reports: list[PullReport] = []
        troubles: list[tuple[str, str]] = []
        async with open_desk() as desk:
            only_who_may_work(desk)
            known = (await desk.overview()).sellers
            chosen = [one for one in known if seller is None or one.seller_id == seller]
            if seller is not None and not chosen:
                missing = NotFound(f"there is no seller {seller}", seller=seller)
                return failed(missing.code, explain(missing), as_json=as_json)
            for one in chosen:
                if seller is None and one.state is SellerState.PAUSED:
                    say(
                        _("{name} is paused: agentiq seller resume {id}").format(
                            name=one.name, id=one.seller_id
                        )
                    )
                    continue
                report = await sync_seller(desk, one.seller_id, one.name, quiet=as_json)
                reports.append(report)
                if report.trouble is not None:
                    where = ": ".join(filter(None, (one.name, channel_line(report.channel))))
                    line = f"{where}: {trouble_line(report)}"
                    if report.trouble == CLOSED:
                        # every channel that the account has a right to was read
                        say(line)
                    else:
                        troubles.append((report.trouble, line))
        if not chosen and not as_json:
            say(_("No sellers yet: agentiq seller add wildberries --name NAME --token-stdin"))
        shown = {"sellers": [report_json(report) for report in reports]}
        if troubles:
            said = "; ".join(line for _code, line in troubles)
            return failed(troubles[0][0], said, as_json=as_json, also=shown)
        if as_json:
            data(shown)
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("what was read is kept"))


async def sync_seller(desk: Desk, seller_id: int, name: str, *, quiet: bool) -> PullReport:
    """Read one seller's feed to its end and write what suggestions are missing; on a terminal a bar shows that it moves."""
    from agentiq_core.engine.pull import PullReport, pull
    from agentiq_core.engine.suggest import BATCH, suggest_missing

    reports = [
        await pull(desk.engine, seller_id, None if quiet else _progress(name), channel=one.channel)
        for one in (await desk.seller(seller_id)).channels
    ]
    report = _together([report for report in reports if report is not None])
    while await suggest_missing(desk.engine, seller_id) == BATCH:
        continue
    if report is None:
        return PullReport(seller_id, trouble=BUSY)
    if not quiet and (report.trouble is None or report.read):
        _tell(name, report)
    return report


def _together(reports: list[PullReport]) -> PullReport | None:
    """The channels of a seller as one report; the first trouble is told, a channel that the account has no right to only
    where there is no other. None where other workers read all of them."""
    if not reports:
        return None
    in_trouble = sorted(
        (report for report in reports if report.trouble is not None),
        key=lambda report: report.trouble == CLOSED,
    )
    told = next(iter(in_trouble), reports[0])
    return replace(
        told,
        pages=sum(report.pages for report in reports),
        read=sum(report.read for report in reports),
        new=sum(report.new for report in reports),
        unreadable=sum(report.unreadable for report in reports),
        confirmed=sum(report.confirmed for report in reports),
        oldest_at=min(filter(None, (report.oldest_at for report in reports)), default=None),
    )


def _progress(name: str) -> Callable[[PullReport], None] | None:
    if not sys.stderr.isatty():
        return None

    def show(report: PullReport) -> None:
        said = _("{name}: {pages} pages, {messages} messages, oldest {oldest}")
        counts = said.format(
            name=name, pages=report.pages, messages=report.read, oldest=local(report.oldest_at)
        )
        share = history_read(report.begins_at, report.read_from, datetime.now(UTC))
        bar = _bar(report.pages) if share is None else _filled(int(share * _BAR))
        sys.stderr.write(f"\r\x1b[K[{bar}] {inert_line(counts)}")
        sys.stderr.flush()

    return show


def _bar(pages: int) -> str:
    """How long a feed is nobody knows before its end: the bar fills once every hundred pages and begins anew."""
    return _filled((pages - 1) % 100 * _BAR // 100 + 1)


def _filled(full: int) -> str:
    return "━" * full + " " * (_BAR - full)


def _tell(name: str, report: PullReport) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    say(
        _("{name}: {pages} pages, {new} new messages, {unreadable} unreadable").format(
            name=name, pages=report.pages, new=report.new, unreadable=report.unreadable
        )
    )


def trouble_line(report: PullReport) -> str:
    """Why a pull ended early, and what was kept."""
    trouble = report.trouble or ""
    if trouble == BUSY:
        return _("another worker is reading it right now; try again in a minute")
    if trouble == "rate_limited" and report.retry_after is not None:
        when = datetime.now(UTC) + timedelta(seconds=report.retry_after)
        return _(
            "the marketplace allows the next request at {when} (in about {n} min); what was read is kept"
        ).format(when=local(when), n=max(1, round(report.retry_after / 60)))
    said = explain_trouble(trouble, report.detail) + "; " + _("what was read is kept")
    if trouble == "key_refused":
        said += "; " + _(
            "the seller is stopped until it has a new key: agentiq seller rotate {id} --token-stdin"
        ).format(id=report.seller_id)
    return said


def report_json(report: PullReport) -> dict[str, object]:
    """A pull for scripts."""
    return {
        "seller_id": report.seller_id,
        "pages": report.pages,
        "read": report.read,
        "new": report.new,
        "unreadable": report.unreadable,
        "confirmed": report.confirmed,
        "oldest_at": report.oldest_at,
        "history_read_from": report.read_from,
        "trouble": report.trouble,
        "detail": report.detail,
        "retry_after": report.retry_after,
    }
