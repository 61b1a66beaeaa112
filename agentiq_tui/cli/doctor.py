"""`agentiq doctor`: what is well and what is not, one line each."""

from __future__ import annotations

import asyncio
import platform
import sys
from collections.abc import AsyncIterator, Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import typer

from agentiq_core import __version__
from agentiq_core.domain.errors import AgentIQError, SignInNeeded, VaultLocked
from agentiq_core.domain.views import SellerState
from agentiq_tui.cli.account import where_kept
from agentiq_tui.cli.addresses import place
from agentiq_tui.cli.doctor_keys import keys
from agentiq_tui.cli.expiry import warning
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, failed, line, local
from agentiq_tui.cli.prompts import passphrase_asker
from agentiq_tui.cli.session import current_settings, open_access, open_desk, perform
from agentiq_tui.explain import explain, explain_trouble
from agentiq_tui.locale import _, ngettext
from agentiq_tui.wording import ROLES, SECRET_PLACES, said, where_in_trouble

if TYPE_CHECKING:
    from agentiq_core.config import Settings
    from agentiq_core.domain.suggesting import ModelStanding
    from agentiq_core.domain.views import Overview, SellerStatus
    from agentiq_core.engine.desk import Desk
    from agentiq_core.identity.secret_store import AskPassphrase
    from agentiq_core.identity.vault import Vault

_OK, _WARN, _FAIL = "ok", "warning", "failed"
_SIGNS = {_OK: "✓", _WARN: "!", _FAIL: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    said: str


app = typer.Typer(
    invoke_without_command=True,
    help="Look at settings, database, keys and sellers; exit code 1 when something is broken.",
)
app.command("keys")(keys)


@app.callback()
def doctor(context: typer.Context, as_json: Json = False) -> None:
    """Look at settings, database, keys and sellers; exit code 1 when something is broken."""
    if context.invoked_subcommand is not None:
        return

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
            why = "; ".join(f"{finding.what}: {finding.said}" for finding in broken)
            return failed("unwell", why, as_json=as_json, also=shown)
        if as_json:
            data(shown)
        return Exit.DONE

    perform(work, as_json=as_json)


async def _database() -> list[Finding]:
    from agentiq_core.engine.opening import database, located
    from agentiq_core.store.schema import VERSIONS

    ask = passphrase_asker()
    settings = current_settings()
    findings = [Finding(_("home"), _OK, str(settings.home))]
    try:
        settings, _secrets = await asyncio.to_thread(located, settings, ask)
        async with database(settings) as dsn:
            embedded = settings.database_url is None
            where = _("embedded") if embedded else place(dsn)
            findings.append(Finding(_("database"), _OK, where + ", " + _("schema") + f" {VERSIONS[-1]}"))
            if not embedded:
                findings += _connection(dsn)
            findings.append(await _secrets_state(settings, ask))
            async with open_access(ask=ask) as engine:
                findings.append(_team_key_state(engine.vault))
            async with open_desk(ask=ask) as desk:
                findings += await _desk(desk)
    except SignInNeeded as error:
        findings.append(Finding(_("signed in"), _FAIL, explain(error)))
    except VaultLocked as error:
        findings.append(Finding(_("secrets"), _FAIL, explain(error)))
    except AgentIQError as error:
        findings.append(Finding(_("database"), _FAIL, explain(error)))
    return findings


def _connection(dsn: str) -> Iterable[Finding]:
    from agentiq_core.identity.addresses import weak_tls

    if weak_tls(dsn):
        said = _("the address turns the check of the server's certificate off: use sslmode=verify-full")
        yield Finding(_("connection"), _WARN, said)


async def _secrets_state(settings: Settings, ask: AskPassphrase | None) -> Finding:
    kept = await where_kept(settings, ask)
    return Finding(_("the sign-in is kept in"), _OK, said(SECRET_PLACES, kept))


def _team_key_state(vault: Vault) -> Finding:
    if vault.packed():
        return Finding(_("team key"), _OK, _("present"))
    missing = _(
        "missing: this machine shows conversations, other machines pull and send (agentiq team-key set)"
    )
    return Finding(_("team key"), _WARN, missing)


async def _desk(desk: Desk) -> list[Finding]:
    from agentiq_core.store.accounts import is_owners_address

    who = f"{desk.who.email}, {said(ROLES, desk.who.role)}"
    found = [Finding(_("signed in"), _OK, who)]
    if desk.engine.settings.database_url is not None:
        async with desk.engine.store.transaction() as session:
            above = await is_owners_address(session)
        if above:
            warned = _(
                "this is the address of the database's owner, whom no rule holds back: use the team's (agentiq init --email)"
            )
            found.append(Finding(_("address"), _WARN, warned))
    overview = await desk.overview()
    return [*found, *_sellers(overview), *[one async for one in _models(desk, overview)]]


async def _models(desk: Desk, overview: Overview) -> AsyncIterator[Finding]:
    """Sellers whose suggestions a model writes; a machine without the key does all the rest."""
    for seller in overview.sellers:
        standing = await desk.models.standing(seller.seller_id)
        if standing.settings is None or not standing.settings.enabled:
            continue
        what = _("model of {seller}").format(seller=seller.name)
        if standing.trouble:
            yield Finding(what, _WARN, _("its settings cannot be used: agentiq model set"))
        elif not standing.key_here:
            waiting = ngettext("{n} suggestion waits", "{n} suggestions wait", standing.waiting)
            missing = _(
                "{model}, no key on this machine: other machines that have one ask it (agentiq model key --seller {seller} --stdin)"
            ).format(model=standing.model, seller=seller.seller_id)
            yield Finding(what, _WARN, f"{missing}; {waiting.format(n=standing.waiting)}")
        else:
            yield Finding(what, _OK, _models_day(standing))


def _models_day(standing: ModelStanding) -> str:
    calls = sum(one.calls for one in standing.today)
    told = ngettext("{n} question today", "{n} questions today", calls).format(n=calls)
    spent = f"{standing.spent_today:.2f} {standing.currency}".strip()
    settings = standing.settings
    if settings is not None and settings.daily_budget is not None:
        spent = _("{spent} of {budget}").format(spent=spent, budget=settings.daily_budget)
    return f"{standing.model}, {told}, {spent}"


def _sellers(overview: Overview) -> Iterable[Finding]:
    if not overview.sellers:
        yield Finding(
            _("sellers"), _WARN, _("none yet: agentiq seller add wildberries --name NAME --token-stdin")
        )
    for seller in overview.sellers:
        yield _seller(seller)
        if seller.quarantined:
            kept = ngettext(
                "{n} item could not be read and is kept: agentiq quarantine list",
                "{n} items could not be read and are kept: agentiq quarantine list",
                seller.quarantined,
            ).format(n=seller.quarantined)
            yield Finding(seller.name, _WARN, kept)
        ending = warning(seller.key_expires_at)
        if ending is not None:
            yield Finding(seller.name, _WARN, ending)
    if overview.need_a_look:
        undecided = _("{n} need your decision").format(n=overview.need_a_look)
        yield Finding(_("replies"), _WARN, undecided)


def _seller(seller: SellerStatus) -> Finding:
    if seller.trouble is not None:
        state = _FAIL if seller.state is SellerState.STOPPED else _WARN
        line = where_in_trouble(seller) + explain_trouble(seller.trouble, seller.trouble_detail)
        return Finding(seller.name, state, line)
    well = _("last sync {when}, {n} messages").format(when=local(seller.last_sync_at), n=seller.messages)
    if seller.slow:
        well += "; " + _("slow mode: one request an hour")
    return Finding(seller.name, _OK, well)
