"""The tables that are read as objects, as SQLModel classes. The migrations make them; a test holds the two together column by
column, and those of `tables_in_sql` too.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    DateTime,
    Identity,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, MetaData, SQLModel


class Table(SQLModel):
    """What every table of the schema shares."""

    metadata = MetaData(schema="agentiq")


def time(*, optional: bool = True) -> Any:
    """A moment, UTC."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=optional))


def key(**options: Any) -> Any:
    """A number that others give."""
    return Field(sa_type=BigInteger, primary_key=True, **options)


def generated() -> Any:
    """A number that the database gives."""
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


class Seller(Table, table=True):
    """A seller's account at one marketplace. `feed` names its NOTIFY channel."""

    __tablename__ = "sellers"
    id: int | None = generated()
    name: str = Field(sa_type=Text)
    marketplace: str = Field(sa_type=Text)
    account_id: str = Field(sa_type=Text)
    base_url: str | None = Field(default=None, sa_type=Text)
    timezone: str = Field(default="Europe/Moscow", sa_type=Text)
    state: str = Field(default="active", sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    detail: str = Field(default="", sa_type=Text)
    feed: str = Field(sa_type=Text)
    created_at: datetime = time(optional=False)


class SellerCredential(Table, table=True):
    """A seller's marketplace key, encrypted with the team key, and what is known of it."""

    __tablename__ = "seller_credentials"
    seller_id: int = key()
    ciphertext: bytes = Field(sa_type=LargeBinary)
    client_id: str | None = Field(default=None, sa_type=Text)
    kind: str = Field(default="unknown", sa_type=Text)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    read_only: bool = False
    slow: bool = False
    expires_at: datetime | None = time()
    replaced_at: datetime = time(optional=False)


class SlaRuleRow(Table, table=True):
    """A seller's rule; `phrases` is a list of lists of lemmas or concepts."""

    __tablename__ = "sla_rules"
    seller_id: int = key()
    position: int = Field(primary_key=True)
    name: str = Field(sa_type=Text)
    phrases: list[list[str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    pattern: str | None = Field(default=None, sa_type=Text)
    priority: int
    minutes: int
    channels: list[str] | None = Field(default=None, sa_column=Column(ARRAY(Text)))
    most_stars: int | None = Field(default=None, sa_type=SmallInteger)


class CalendarRow(Table, table=True):
    """When a seller works (`sla.calendar.Calendar`)."""

    __tablename__ = "calendars"
    seller_id: int = key()
    zone: str = Field(sa_type=Text)
    week: list[list[list[int]]] = Field(sa_column=Column(JSONB, nullable=False))
    holidays: str | None = Field(default=None, sa_type=Text)
    days: dict[str, list[list[int]] | None] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False)
    )


class ModelSettingsRow(Table, table=True):
    """How a seller's model is asked. Prices are for a million tokens, `daily_budget` is money."""

    __tablename__ = "model_settings"
    seller_id: int = key()
    enabled: bool = True
    profile: str = Field(sa_type=Text)
    base_url: str | None = Field(default=None, sa_type=Text)
    model: str | None = Field(default=None, sa_type=Text)
    folder: str | None = Field(default=None, sa_type=Text)
    scope: str | None = Field(default=None, sa_type=Text)
    price_in: Decimal | None = Field(default=None, sa_type=Numeric)
    price_out: Decimal | None = Field(default=None, sa_type=Numeric)
    currency: str | None = Field(default=None, sa_type=Text)
    tone: str = Field(default="", sa_type=Text)
    daily_budget: Decimal | None = Field(default=None, sa_type=Numeric)
    concurrency: int = Field(default=2, sa_type=SmallInteger)
