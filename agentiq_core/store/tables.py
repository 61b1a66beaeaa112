"""The tables as SQLModel classes. The migrations make them; a test holds the two together column by column."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    DateTime,
    Double,
    Identity,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL
from sqlmodel import Field, MetaData, SQLModel


class Table(SQLModel):
    """What every table of the schema shares."""

    metadata = MetaData(schema="agentiq")


def _time(*, optional: bool = True) -> Any:
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=optional))


def _key(**options: Any) -> Any:
    return Field(sa_type=BigInteger, primary_key=True, **options)


def _generated() -> Any:
    return Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))


class Seller(Table, table=True):
    """A seller's account at one marketplace. `feed` names its NOTIFY channel."""

    __tablename__ = "sellers"
    id: int | None = _generated()
    name: str = Field(sa_type=Text)
    marketplace: str = Field(sa_type=Text)
    account_id: str = Field(sa_type=Text)
    base_url: str | None = Field(default=None, sa_type=Text)
    timezone: str = Field(default="Europe/Moscow", sa_type=Text)
    state: str = Field(default="active", sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    detail: str = Field(default="", sa_type=Text)
    feed: str = Field(sa_type=Text)
    created_at: datetime = _time(optional=False)


class SellerCredential(Table, table=True):
    """A seller's marketplace key, encrypted with the team key, and what is known of it."""

    __tablename__ = "seller_credentials"
    seller_id: int = _key()
    ciphertext: bytes = Field(sa_type=LargeBinary)
    client_id: str | None = Field(default=None, sa_type=Text)
    kind: str = Field(default="unknown", sa_type=Text)
    scopes: list[str] = Field(default_factory=list, sa_column=Column(ARRAY(Text), nullable=False))
    read_only: bool = False
    slow: bool = False
    expires_at: datetime | None = _time()
    replaced_at: datetime = _time(optional=False)


class SlaRuleRow(Table, table=True):
    """A seller's rule; `phrases` is a list of lists of lemmas or concepts."""

    __tablename__ = "sla_rules"
    seller_id: int = _key()
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
    seller_id: int = _key()
    zone: str = Field(sa_type=Text)
    week: list[list[list[int]]] = Field(sa_column=Column(JSONB, nullable=False))
    holidays: str | None = Field(default=None, sa_type=Text)
    days: dict[str, list[list[int]] | None] = Field(
        default_factory=dict, sa_column=Column(JSONB, nullable=False)
    )


class GuardRulesRow(Table, table=True):
    """What a seller forbids beside the built-in guardrails (`guardrails.own_rules`)."""

    __tablename__ = "guard_rules"
    seller_id: int = _key()
    rules: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    revision: str | None = Field(default=None, sa_type=Text)


class Quarantined(Table, table=True):
    """An item of a feed that could not be read, kept raw."""

    __tablename__ = "quarantine"
    seller_id: int = _key()
    id: int | None = _generated()
    channel: str = Field(default="chat", sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary)
    chat_external_id: str | None = Field(default=None, sa_type=Text)
    message_external_id: str | None = Field(default=None, sa_type=Text)
    raw: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    created_at: datetime = _time(optional=False)
    replayed_at: datetime | None = _time()
    dismissed_at: datetime | None = _time()


class SuggestionRow(Table, table=True):
    """A ready reply to one waiting episode of a conversation."""

    __tablename__ = "suggestions"
    seller_id: int = _key()
    id: int | None = _generated()
    chat_id: int = Field(sa_type=BigInteger)
    asked: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    intent: str = Field(sa_type=Text)
    sentiment: str = Field(sa_type=Text)
    confidence: float = Field(sa_type=REAL)
    source: str = Field(sa_type=Text)
    stop_class: str | None = Field(default=None, sa_type=Text)
    evidence: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    violations: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    guardrails: str = Field(sa_type=Text)
    created_at: datetime = _time(optional=False)
    used_at: datetime | None = _time()
    model: str | None = Field(default=None, sa_type=Text)
    latency: float | None = Field(default=None, sa_type=REAL)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Field(default=Decimal(0), sa_type=Numeric)
    recommendation: str | None = Field(default=None, sa_type=Text)
    categories: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    urgency: str | None = Field(default=None, sa_type=Text)
    claims: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    analyzed_at: datetime | None = _time()
    injection: float = Field(default=0.0, sa_type=REAL)
    failure: str | None = Field(default=None, sa_type=Text)
    repaired: bool = False
    broken_first: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    wish: str = Field(default="", sa_type=Text)
    language: str = Field(default="ru", sa_type=Text)
    state: str = Field(default="none", sa_type=Text)
    partial: str = Field(default="", sa_type=Text)
    worker_id: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = _time()
    attempts: int = Field(default=0, sa_type=SmallInteger)


class ModelSettingsRow(Table, table=True):
    """How a seller's model is asked. Prices are for a million tokens, `daily_budget` is money."""

    __tablename__ = "model_settings"
    seller_id: int = _key()
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


class ModelSpendingRow(Table, table=True):
    """What was asked of a model in a day of the seller's zone."""

    __tablename__ = "model_spending"
    seller_id: int = _key()
    day: date = Field(sa_type=Date, primary_key=True)
    model: str = Field(sa_type=Text, primary_key=True)
    calls: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: Decimal = Field(default=Decimal(0), sa_type=Numeric)


class SnippetRow(Table, table=True):
    """A reply to start from, or knowledge that a reply may state."""

    __tablename__ = "snippets"
    seller_id: int = _key()
    id: int | None = _generated()
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    intent: str | None = Field(default=None, sa_type=Text)
    channel: str | None = Field(default=None, sa_type=Text)
    language: str = Field(default="ru", sa_type=Text)
    lemmas: str = Field(default="", sa_type=Text)
    updated_by: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: datetime = _time(optional=False)
    archived_at: datetime | None = _time()


class ExampleRow(Table, table=True):
    """A question and the reply that a person accepted, both masked."""

    __tablename__ = "examples"
    seller_id: int = _key()
    id: int | None = _generated()
    chat_id: int = Field(sa_type=BigInteger)
    outbox_id: int = Field(sa_type=BigInteger)
    channel: str = Field(sa_type=Text)
    stars: int | None = Field(default=None, sa_type=SmallInteger)
    intent: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    reply: str = Field(sa_type=Text)
    lemmas: str = Field(sa_type=Text)
    created_at: datetime = _time(optional=False)


class OutboxRow(Table, table=True):
    """A reply of ours and how far it got (`domain.outbox`). One row is one effect: a text, or one file."""

    __tablename__ = "outbox"
    seller_id: int = _key()
    id: int | None = _generated()
    chat_id: int = Field(sa_type=BigInteger)
    client_id: UUID
    operator_id: int | None = Field(default=None, sa_type=BigInteger)
    body: str = Field(default="", sa_type=Text)
    file_name: str | None = Field(default=None, sa_type=Text)
    file_type: str | None = Field(default=None, sa_type=Text)
    file_content: bytes | None = Field(default=None, sa_type=LargeBinary)
    state: str = Field(default="queued", sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    detail: str = Field(default="", sa_type=Text)
    not_before: datetime = _time(optional=False)
    seen_at: datetime | None = _time()
    seen_id: str | None = Field(default=None, sa_type=Text)
    seen_reply: int | None = Field(default=None, sa_type=BigInteger)
    anyway: bool = False
    overridden: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    guardrails: str | None = Field(default=None, sa_type=Text)
    suggestion_id: int | None = Field(default=None, sa_type=BigInteger)
    automatic: bool = False
    worker_id: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = _time()
    attempt: int = 0
    attempted_at: datetime | None = _time()
    ahead: float = Field(default=0.0, sa_type=Double)
    polls: int = 0
    accepted_at: datetime | None = _time()
    reference: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = _time(optional=False)
    settled_at: datetime | None = _time()


class NoteRow(Table, table=True):
    """A colleague's word on a conversation; `handover` goes with it to its next assignee."""

    __tablename__ = "notes"
    seller_id: int = _key()
    id: int | None = _generated()
    chat_id: int = Field(sa_type=BigInteger)
    operator_id: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
    mentions: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False))
    handover: bool = False
    created_at: datetime = _time(optional=False)
    edited_at: datetime | None = _time()


class TagRow(Table, table=True):
    """A word that a seller's conversations may bear, and its colour's name."""

    __tablename__ = "tags"
    seller_id: int = _key()
    name: str = Field(sa_type=Text, primary_key=True)
    colour: str = Field(default="grey", sa_type=Text)
    created_at: datetime = _time(optional=False)


class ViewRow(Table, table=True):
    """A saved filter; `seller_id` 0 is its maker's own."""

    __tablename__ = "views"
    seller_id: int = _key()
    id: int | None = _generated()
    operator_id: int = Field(sa_type=BigInteger)
    name: str = Field(sa_type=Text)
    filter: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    position: int = 0
    created_at: datetime = _time(optional=False)
    shared_with: int | None = Field(default=None, sa_type=BigInteger)


class OutcomeRow(Table, table=True):
    """What a person made of a suggestion (`domain.learning`); `outbox_id` is 0 for a rejection."""

    __tablename__ = "suggestion_outcomes"
    seller_id: int = _key()
    suggestion_id: int = _key()
    outbox_id: int = _key(default=0)
    chat_id: int = Field(sa_type=BigInteger)
    operator_id: int | None = Field(default=None, sa_type=BigInteger)
    outcome: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    words: str = Field(default="", sa_type=Text)
    difference: list[list[str]] | None = Field(default=None, sa_column=Column(JSONB))
    intent: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    at: datetime = _time(optional=False)


class ServiceDay(Table, table=True):
    """A day of one operator's answers for a seller. Waits are in seconds, one by one."""

    __tablename__ = "service_days"
    seller_id: int = _key()
    day: date = Field(primary_key=True)
    operator_id: int = _key(default=0)
    first_waits: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False))
    next_waits: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(Integer), nullable=False))
    first_in_time: int = 0
    next_in_time: int = 0
    replies: int = 0
    untouched: int = 0
    edited: int = 0
    automatic: int = 0
    counted: int = 0
    counted_within: int = 0


class AutomationRow(Table, table=True):
    """Which replies of a seller may leave by themselves (`domain.automation`)."""

    __tablename__ = "automations"
    seller_id: int = _key()
    intent: str = Field(sa_type=Text, primary_key=True)
    mode: str = Field(default="off", sa_type=Text)
    daily_cap: int = 20
    least_confidence: float = Field(default=0.8, sa_type=REAL)
    templates: bool = False
