"""Connecting a seller: look at the key, try it, seal it, store it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime

from agentiq_core.connectors.base import Connector, Credentials, KeyReport, Marketplace
from agentiq_core.connectors.errors import KeyRefused
from agentiq_core.domain.errors import MarketplaceError, Rejected
from agentiq_core.domain.messages import Channel
from agentiq_core.engine.context import Engine
from agentiq_core.sla.rules import DEFAULT_RULES, SlaRule
from agentiq_core.store import sellers
from agentiq_core.store.sellers import NewSeller
from agentiq_core.store.tables import SlaRuleRow


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What a key can do, and what its first call said. `tried` is False where a call would spend the hour's only one.

    `chats` is how many there are, where one call tells.
    """

    report: KeyReport
    tried: bool
    chats: int | None = None


async def check_key(marketplace: Marketplace, credentials: Credentials) -> KeyCheck:
    """Read a key, then ask the marketplace whose it is and what it opens.

    Raises `KeyRefused` (detail: a word of `KeyProblem`, or the marketplace's own), `SeveralAccounts` and the other
    `MarketplaceError`s.
    """
    report = marketplace.inspect_key(credentials, datetime.now(UTC))
    if report.problems:
        problem = report.problems[0].value
        raise KeyRefused(f"the key cannot be used: {problem}", detail=problem)
    if report.slow:
        return KeyCheck(report, tried=False)
    channel = next(
        (one for one in marketplace.channels if report.opens(one)), next(iter(marketplace.channels))
    )
    await asyncio.to_thread(marketplace.load)
    connector = marketplace.connect(credentials, channel=channel)
    try:
        return await _tried(marketplace, connector, channel)
    finally:
        await connector.aclose()


async def _tried(marketplace: Marketplace, connector: Connector, channel: str) -> KeyCheck:
    report = await connector.account()
    if report.problems:
        problem = report.problems[0].value
        raise KeyRefused(f"the key cannot be used: {problem}", detail=problem)
    listed = channel == Channel.CHAT and not marketplace.capabilities(channel).whole_conversations
    return KeyCheck(report, tried=True, chats=len(await connector.chats()) if listed else None)


async def add_seller(
    engine: Engine, marketplace_id: str, name: str, credentials: Credentials
) -> tuple[int, KeyCheck]:
    """Connect a seller; its id and what its key can do.

    Raises `Rejected` for an empty name, `NotFound` for an unknown marketplace, `KeyRefused` and other
    `MarketplaceError`s from the check, `DuplicateAccount` when the account is connected already. Nothing is stored then.
    """
    name = " ".join(name.split())
    if not name:
        raise Rejected("a seller needs a name")
    checked = await check_key(engine.lines.marketplace(marketplace_id), credentials)
    new = await asyncio.to_thread(_sealed, engine, marketplace_id, name, credentials, checked.report)
    async with engine.store.transaction() as session:
        return await sellers.add(session, new, default_rules()), checked


async def replace_key(engine: Engine, seller_id: int, secret: str) -> KeyCheck:
    """Give a connected seller a new key; a stopped one starts again and its waiting replies leave.

    Raises `NotFound`, `Rejected` when the key belongs to another account, and what `check_key` raises; the old key stays then.
    """
    async with engine.store.transaction() as session:
        seller = await sellers.get(session, seller_id)
        known = await sellers.credential(session, seller_id)
    credentials = Credentials(
        secret=secret, client_id=known.client_id, base_url=seller.base_url, account_id=seller.account_id
    )
    checked = await check_key(engine.lines.marketplace(seller.marketplace), credentials)
    new = await asyncio.to_thread(
        _sealed, engine, seller.marketplace, seller.name, credentials, checked.report
    )
    async with engine.store.transaction() as session:
        await sellers.replace_key(session, seller_id, new)
    return checked


async def try_seller(engine: Engine, seller_id: int) -> KeyCheck:
    """Try a connected seller's key now. Raises what `check_key` raises, `NotFound`, `VaultLocked`."""
    line = await engine.lines.to(seller_id)
    if line.report.slow:
        return KeyCheck(line.report, tried=False)
    channel = next((one for one in line.marketplace.channels if line.report.opens(one)), Channel.CHAT)
    return await _tried(line.marketplace, line.pulling(channel), channel)


def _sealed(
    engine: Engine, marketplace_id: str, name: str, credentials: Credentials, report: KeyReport
) -> NewSeller:
    if report.account_id is None:
        raise MarketplaceError("the key does not say whose account it is")
    return NewSeller(
        name=name,
        marketplace=marketplace_id,
        account_id=report.account_id,
        ciphertext=engine.vault.seal(credentials.secret),
        base_url=credentials.base_url,
        client_id=credentials.client_id,
        kind=report.kind,
        scopes=sorted(report.scopes),
        read_only=report.read_only,
        slow=report.slow,
        expires_at=report.expires_at,
        channels=[
            channel for channel in engine.lines.marketplace(marketplace_id).channels if report.opens(channel)
        ],
    )


def default_rules() -> list[SlaRuleRow]:
    """The rules a new seller starts with, as rows of its own to change."""
    return [rule_row(rule) for rule in DEFAULT_RULES]


def rule_row(rule: SlaRule) -> SlaRuleRow:
    """A rule as it is stored, of no seller yet."""
    return SlaRuleRow(
        seller_id=0,
        position=rule.position,
        name=rule.name,
        phrases=[list(phrase) for phrase in rule.phrases],
        pattern=rule.pattern,
        priority=int(rule.priority),
        minutes=rule.minutes,
        channels=None if rule.channels is None else sorted(rule.channels),
        most_stars=rule.most_stars,
    )
