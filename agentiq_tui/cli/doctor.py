"""`agentiq doctor`: what is well and what is not, one line each."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agentiq_core import __version__
from agentiq_core.domain.errors import AgentIQError
from agentiq_core.domain.views import SellerState
from agentiq_tui.cli.explain import explain, explain_trouble
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, failed, line, local
from agentiq_tui.cli.session import current_settings, perform
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.domain.views import Overview, SellerStatus

EXPIRES_SOON = timedelta(days=14)
_OK, _WARN, _FAIL = "ok", "warning", "failed"
_SIGNS = {_OK: "✓", _WARN: "!", _FAIL: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    said: str


def doctor(as_json: Json = False) -> None:
    """Look at settings, database, keys and sellers; exit code 1 when something is broken."""

    async def work() -> Exit:
        findings = [
            Finding("agentiq", _OK, f"{__version__}, Python {platform.python_version()}, {sys.platform}")
        ]
        findings += await _database()
        shown = {"findings": [asdict(finding) for finding in findings]}
        if not as_json:
            for finding in findings:
                line(f"{_SIGNS[finding.state]} {finding.what}: {finding.said}")
        broken = [finding for finding in findings if finding.state == _FAIL]
        if broken:
            said = "; ".join(f"{finding.what}: {finding.said}" for finding in broken)
            return failed("unwell", said, as_json=as_json, also=shown)
        if as_json:
            data(shown)
        return Exit.DONE

    perform(work, as_json=as_json)


async def _database() -> list[Finding]:
    from agentiq_core.engine.desk import Desk
    from agentiq_core.engine.opening import database
    from agentiq_core.identity.vault import open_vault
    from agentiq_core.store.schema import VERSIONS

    settings = current_settings()
    findings = [Finding(_("home"), _OK, str(settings.home))]
    where = _("embedded") if settings.database_url is None else _("the team's server")
    try:
        async with database(settings):
            findings.append(Finding(_("database"), _OK, f"{where}, {_('schema')} {VERSIONS[-1]}"))
            findings.append(_vault_state(await asyncio.to_thread(_attempt, lambda: open_vault(settings))))
            async with Desk.open(settings, worker=False) as desk:
                findings += _sellers(await desk.overview())
    except AgentIQError as error:
        findings.append(Finding(_("database"), _FAIL, explain(error)))
    return findings


def _attempt(work: Callable[[], object]) -> AgentIQError | None:
    try:
        work()
    except AgentIQError as error:
        return error
    return None


def _vault_state(error: AgentIQError | None) -> Finding:
    if error is not None:
        return Finding(_("team key"), _FAIL, explain(error))
    return Finding(_("team key"), _OK, _("present"))


def _sellers(overview: Overview) -> Iterable[Finding]:
    if not overview.sellers:
        yield Finding(
            _("sellers"), _WARN, _("none yet: agentiq seller add wildberries --name NAME --token-stdin")
        )
    for seller in overview.sellers:
        yield _seller(seller)
        if seller.quarantined:
            said = _("{n} items could not be read and are kept").format(n=seller.quarantined)
            yield Finding(seller.name, _WARN, said)
        if seller.key_expires_at is not None and seller.key_expires_at - datetime.now(UTC) < EXPIRES_SOON:
            said = _("the key ends {when}: make a new one").format(when=local(seller.key_expires_at))
            yield Finding(seller.name, _WARN, said)
    if overview.need_a_look:
        said = _("{n} need your decision").format(n=overview.need_a_look)
        yield Finding(_("replies"), _WARN, said)


def _seller(seller: SellerStatus) -> Finding:
    if seller.trouble is not None:
        state = _FAIL if seller.state is SellerState.STOPPED else _WARN
        return Finding(seller.name, state, explain_trouble(seller.trouble, seller.trouble_detail))
    said = _("last sync {when}, {n} messages").format(when=local(seller.last_sync_at), n=seller.messages)
    if seller.slow:
        said += "; " + _("slow mode: one request an hour")
    return Finding(seller.name, _OK, said)
