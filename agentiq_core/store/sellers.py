"""Sellers, their sealed keys and their SLA rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import select

from agentiq_core.domain.errors import DuplicateAccount, NotFound, Rejected
from agentiq_core.domain.views import SellerState
from agentiq_core.store.tables import Seller, SellerCredential, SlaRuleRow


@dataclass(frozen=True, slots=True)
class NewSeller:
    """A seller to connect, with its key already sealed."""

    name: str
    marketplace: str
    account_id: str
    ciphertext: bytes
    base_url: str | None = None
    client_id: str | None = None
    kind: str = "unknown"
    scopes: Sequence[str] = ()
    read_only: bool = False
    slow: bool = False
    expires_at: datetime | None = None
    channels: Sequence[str] = ("chat",)


async def add(session: AsyncSession, new: NewSeller, rules: Sequence[SlaRuleRow]) -> int:
    """Connect a seller; its id. Raises `DuplicateAccount` when the account is connected already, `Forbidden`."""
    created = await session.execute(
        text("select connect_seller(:name, :marketplace, :account_id, :base_url, :feed)"),
        {
            "name": new.name,
            "marketplace": new.marketplace,
            "account_id": new.account_id,
            "base_url": new.base_url,
            "feed": f"aiq_{uuid4().hex}",
        },
    )
    seller_id: int | None = created.scalar()
    if seller_id is None:
        existing = await session.scalar(
            select(Seller.name).where(
                Seller.marketplace == new.marketplace, Seller.account_id == new.account_id
            )
        )
        # a colleague's seller that this operator may not see has no name here
        known = f" as “{existing}”" if existing else ""
        raise DuplicateAccount(f"this account is already connected{known}", name=existing)
    await session.execute(
        text(
            "insert into seller_credentials (seller_id, ciphertext, client_id, kind, scopes, read_only, slow, expires_at)"
            " values (:seller, :ciphertext, :client_id, :kind, :scopes, :read_only, :slow, :expires_at)"
        ),
        _key_columns(seller_id, new),
    )
    await open_channels(session, seller_id, new.channels)
    for rule in rules:
        rule.seller_id = seller_id
        session.add(rule)
    await session.flush()
    return seller_id


async def get(session: AsyncSession, seller_id: int) -> Seller:
    """One seller. Raises `NotFound`."""
    seller = await session.get(Seller, seller_id)
    if seller is None:
        raise NotFound(f"there is no seller {seller_id}", seller=seller_id)
    return seller


async def every(session: AsyncSession) -> list[Seller]:
    """All sellers, in the order they were connected."""
    return list(await session.scalars(select(Seller).order_by(Seller.id)))  # type: ignore[arg-type]


async def credential(session: AsyncSession, seller_id: int) -> SellerCredential:
    """A seller's sealed key. Raises `NotFound`."""
    row = await session.get(SellerCredential, seller_id)
    if row is None:
        raise NotFound(f"seller {seller_id} has no key", seller=seller_id)
    return row


async def rules(session: AsyncSession, seller_id: int) -> list[SlaRuleRow]:
    """A seller's SLA rules in the order they are tried."""
    query = select(SlaRuleRow).where(SlaRuleRow.seller_id == seller_id).order_by(SlaRuleRow.position)  # type: ignore[arg-type]
    return list(await session.scalars(query))


async def change_rules(
    session: AsyncSession, seller_id: int, gone: Sequence[int], rules: Sequence[SlaRuleRow]
) -> None:
    """Take the rules at these positions away, then add others. Raises `Forbidden` unless an admin asks."""
    await session.execute(
        text("delete from sla_rules where seller_id = :seller and position = any(:gone)"),
        {"seller": seller_id, "gone": list(gone)},
    )
    for rule in rules:
        rule.seller_id = seller_id
        session.add(rule)
    await session.flush()


async def replace_key(session: AsyncSession, seller_id: int, new: NewSeller) -> None:
    """Give a seller the sealed key of `new`: one that was stopped starts again, and is pulled at once.

    Replies that wait leave when that pull succeeds. Raises `NotFound`; `Rejected` when the key opens another account.
    """
    seller = await get(session, seller_id)
    if (seller.marketplace, seller.account_id) != (new.marketplace, new.account_id):
        raise Rejected(f"this key belongs to another account than “{seller.name}”", name=seller.name)
    await session.execute(
        text(
            "update seller_credentials set ciphertext = :ciphertext, client_id = :client_id, kind = :kind, scopes = :scopes,"
            " read_only = :read_only, slow = :slow, expires_at = :expires_at, replaced_at = clock_timestamp()"
            " where seller_id = :seller"
        ),
        _key_columns(seller_id, new),
    )
    await session.execute(
        text("update sellers set base_url = :base_url where id = :seller"),
        {"seller": seller_id, "base_url": new.base_url},
    )
    if seller.state == SellerState.STOPPED:
        await set_state(session, seller_id, SellerState.ACTIVE)
    await open_channels(session, seller_id, new.channels)
    # a channel that the old key had no right to may be open now
    await session.execute(
        text(
            "update sync_state set due_at = now(), failures = case when trouble = 'channel_closed' then 0 else failures end"
            " where seller_id = :seller"
        ),
        {"seller": seller_id},
    )


async def open_channels(session: AsyncSession, seller_id: int, channels: Sequence[str]) -> None:
    """These channels of a seller are read from now on; those that are read already go on."""
    await session.execute(
        text(
            "insert into sync_state (seller_id, channel) select :seller, unnest(cast(:channels as text[]))"
            " on conflict do nothing"
        ),
        {"seller": seller_id, "channels": [str(channel) for channel in channels]},
    )


async def sealed_keys(session: AsyncSession) -> list[tuple[int, bytes]]:
    """Every seller's sealed key that this operator may see, locked until the transaction ends."""
    rows = await session.execute(
        text("select seller_id, ciphertext from seller_credentials order by seller_id for update")
    )
    return [(row.seller_id, bytes(row.ciphertext)) for row in rows]


async def sealed_key(session: AsyncSession) -> bytes | None:
    """The sealed key of a seller that this operator may see; None where there is none."""
    statement = text("select ciphertext from seller_credentials order by seller_id limit 1")
    found = (await session.execute(statement)).scalar()
    return None if found is None else bytes(found)


async def seal_anew(session: AsyncSession, seller_id: int, ciphertext: bytes) -> None:
    """The same key, sealed with another team key: open lines go on as they are."""
    await session.execute(
        text("update seller_credentials set ciphertext = :ciphertext where seller_id = :seller"),
        {"seller": seller_id, "ciphertext": ciphertext},
    )


async def remove(session: AsyncSession, seller_id: int) -> None:
    """Forget a seller with all its conversations. Raises `NotFound`, also where the role does not allow it."""
    removed = await session.execute(
        text("delete from sellers where id = :seller returning id"), {"seller": seller_id}
    )
    if removed.first() is None:
        raise NotFound(f"there is no seller {seller_id}", seller=seller_id)


def _key_columns(seller_id: int, new: NewSeller) -> dict[str, object]:
    return {
        "seller": seller_id,
        "ciphertext": new.ciphertext,
        "client_id": new.client_id,
        "kind": new.kind,
        "scopes": list(new.scopes),
        "read_only": new.read_only,
        "slow": new.slow,
        "expires_at": new.expires_at,
    }


async def set_state(
    session: AsyncSession, seller_id: int, state: SellerState, reason: str | None = None, detail: str = ""
) -> None:
    """Start, pause or stop a seller, and say why."""
    await session.execute(
        text(
            "update sellers set state = :state, reason = :reason, detail = :detail where id = :seller"
            " and (state, reason, detail) is distinct from (:state, :reason, :detail)"
        ),
        {"seller": seller_id, "state": state.value, "reason": reason, "detail": detail},
    )
