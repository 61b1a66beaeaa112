"""The line that is always there: connection, sellers, what is unsent, the draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from textual.content import Content

from agentiq_core.domain.views import Overview, SellerState, SellerStatus
from agentiq_tui.locale import _
from agentiq_tui.shown import steady_line
from agentiq_tui.timing import age
from agentiq_tui.widgets.still_text import StillText
from agentiq_tui.wording import ERRORS, REASONS, marketplace_short, said, where_in_trouble

KEY_ENDS_SOON = timedelta(days=14)


@dataclass(frozen=True)
class Status:
    """What the line says. `keyless`: this machine lacks the team key. `who` is the e-mail of whoever signed in, if somebody had to. `trouble` is one clear line, about the database when `offline`; `waiting` is the sign of what was asked for; `draft` one of "", "saved", "unsaved", "kept"; `untold`: colleagues do not see what this operator does."""

    connecting: bool = False
    trouble: str = ""
    offline: bool = False
    waiting: str = ""
    overview: Overview | None = None
    draft: str = ""
    who: str = ""
    read_only: bool = False
    keyless: bool = False
    untold: bool = False


class StatusBar(StillText):
    """Signs and words, colour only beside them."""

    def __init__(self) -> None:
        super().__init__(id="status-bar")
        self.status = Status()

    def show(self, now: datetime, **facts: object) -> None:
        """Change some facts and draw the line."""
        self.status = replace(self.status, **facts)  # type: ignore[arg-type]
        self.tick(now)

    def tick(self, now: datetime) -> None:
        """A second has passed: ages grow."""
        # one line that is cut off, whatever it says
        self.update(Content(" · ").join(self._parts(now)), layout=False)

    def _parts(self, now: datetime) -> list[Content]:
        status = self.status
        if status.trouble and not status.offline:
            parts = [Content.styled(f"✗ {status.trouble}", "$error bold")]
        elif status.trouble:
            parts = [Content.assemble(("✗ " + _("offline"), "$error bold"), f": {status.trouble}")]
        elif status.waiting:
            parts = []
        elif status.overview is None:
            parts = [Content.styled(_("connecting to the database…") if status.connecting else "", "$faint")]
        else:
            parts = [Content.styled("● " + _("online"), "$success")]
        if status.waiting:
            parts.append(Content.styled(f"◌ {status.waiting}", "$accent"))
        if status.keyless:
            parts.append(Content.styled("! " + _("no team key: others send"), "$warning"))
        if status.overview is not None:
            parts += [
                *_counts(status.overview),
                *(_seller_line(group, now) for group in _grouped(status.overview)),
                *(_key_line(seller, now) for seller in status.overview.sellers),
            ]
        if status.who:
            line = _("{who} (may only read)") if status.read_only else "{who}"
            style = "$warning" if status.read_only else "$faint"
            parts.append(Content.styled(line.format(who=steady_line(status.who)), style))
        # without the database nobody is told anything, and that is said already
        if status.untold and not status.trouble:
            parts.append(Content.styled(_("colleagues do not see you"), "$warning"))
        if status.draft:
            words = {"saved": _("draft saved"), "kept": _("draft kept on this machine")}
            word = words.get(status.draft, _("draft not saved yet"))
            parts.append(Content.styled(word, "$faint" if status.draft == "saved" else "$warning"))
        return [part for part in parts if part.plain]


def _grouped(overview: Overview) -> list[list[SellerStatus]]:
    """Healthy sellers of a marketplace share one entry; one in trouble stands alone, and first."""
    healthy: dict[str, list[SellerStatus]] = {}
    alone = []
    for seller in overview.sellers:
        if _trouble(seller):
            alone.append([seller])
        else:
            healthy.setdefault(seller.marketplace, []).append(seller)
    return alone + list(healthy.values())


def _trouble(seller: SellerStatus) -> str:
    if seller.state is SellerState.PAUSED:
        return _("paused")
    if seller.trouble is not None:
        return where_in_trouble(seller) + said(ERRORS | REASONS, seller.trouble)
    return _("key refused") if seller.state is SellerState.STOPPED else ""


def _seller_line(group: list[SellerStatus], now: datetime) -> Content:
    seller = group[0]
    short = marketplace_short(seller.marketplace)
    if trouble := _trouble(seller):
        return Content.styled(f"✗ {short}: {trouble}", "$error bold")
    synced = [one.last_sync_at for one in group if one.last_sync_at is not None]
    # a look for news takes a moment, and would only flicker
    if any(one.syncing and one.last_sync_at is None for one in group):
        pages = sum(one.pages for one in group if one.syncing)
        return Content.assemble(f"{short} ", (_("syncing, page {n}").format(n=pages), "$warning"))
    when = _("{age} ago").format(age=age(min(synced), now)) if synced else _("not synced yet")
    line = Content.assemble(f"{short} ok ", (when, "$faint"))
    missing = [share for one in group if (share := one.history_read(now)) is not None]
    if missing:
        history = _("history {n}%").format(n=int(min(missing) * 100))
        line = Content.assemble(line, " ", (history, "$warning"))
    return line


def _key_line(seller: SellerStatus, now: datetime) -> Content:
    """A key that ends soon (WB: 180 days, Ozon: 6 months): nothing is shown before its last fourteen days."""
    if seller.key_expires_at is None or seller.key_expires_at > now + KEY_ENDS_SOON:
        return Content("")
    name = f"{marketplace_short(seller.marketplace)} {steady_line(seller.name)}"
    if seller.key_expires_at <= now:
        line = _("the key has ended")
        return Content.styled(f"✗ {name}: {line}", "$error bold")
    line = _("key ends in {n} d").format(n=(seller.key_expires_at - now).days)
    return Content.styled(f"! {name}: {line}", "$warning")


def _counts(overview: Overview) -> list[Content]:
    parts = []
    if overview.need_a_look:
        line = _("need a look: {n}").format(n=overview.need_a_look)
        parts.append(Content.styled(f"! {line}", "$error bold"))
    if overview.mentions:
        parts.append(Content.styled(f"@{overview.mentions}", "$accent bold"))
    if overview.unsent:
        line = _("unsent: {n}").format(n=overview.unsent)
        parts.append(Content.styled(f"… {line}", "$warning"))
    if unreadable := sum(seller.quarantined for seller in overview.sellers):
        line = _("unreadable: {n}").format(n=unreadable)
        parts.append(Content.styled(f"! {line}", "$warning"))
    return parts
