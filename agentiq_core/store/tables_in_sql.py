"""The tables that only named SQL reads and writes. No program imports them: each costs memory and time at the start, and a test
holds them to the migrations.
"""

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
    Double,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB, REAL
from sqlmodel import Field

from agentiq_core.store.tables import Table, generated, key, time


class GuardRulesRow(Table, table=True):
    """What a seller forbids beside the built-in guardrails (`guardrails.own_rules`)."""

    __tablename__ = "guard_rules"
    seller_id: int = key()
    rules: list[dict[str, Any]] = Field(sa_column=Column(JSONB, nullable=False))
    revision: str | None = Field(default=None, sa_type=Text)


class Quarantined(Table, table=True):
    """An item of a feed that could not be read, kept raw."""

    __tablename__ = "quarantine"
    seller_id: int = key()
    id: int | None = generated()
    channel: str = Field(default="chat", sa_type=Text)
    digest: bytes = Field(sa_type=LargeBinary)
    chat_external_id: str | None = Field(default=None, sa_type=Text)
    message_external_id: str | None = Field(default=None, sa_type=Text)
    raw: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    created_at: datetime = time(optional=False)
    replayed_at: datetime | None = time()
    dismissed_at: datetime | None = time()


class SuggestionRow(Table, table=True):
    """A ready reply to one waiting episode of a conversation."""

    __tablename__ = "suggestions"
    seller_id: int = key()
    id: int | None = generated()
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
    created_at: datetime = time(optional=False)
    used_at: datetime | None = time()
    model: str | None = Field(default=None, sa_type=Text)
    latency: float | None = Field(default=None, sa_type=REAL)
    tokens_in: int = 0
    tokens_out: int = 0
    cost: Decimal = Field(default=Decimal(0), sa_type=Numeric)
    recommendation: str | None = Field(default=None, sa_type=Text)
    categories: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    urgency: str | None = Field(default=None, sa_type=Text)
    claims: list[dict[str, str]] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    analyzed_at: datetime | None = time()
    injection: float = Field(default=0.0, sa_type=REAL)
    failure: str | None = Field(default=None, sa_type=Text)
    repaired: bool = False
    broken_first: list[str] = Field(default_factory=list, sa_column=Column(JSONB, nullable=False))
    wish: str = Field(default="", sa_type=Text)
    language: str = Field(default="ru", sa_type=Text)
    state: str = Field(default="none", sa_type=Text)
    partial: str = Field(default="", sa_type=Text)
    worker_id: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = time()
    attempts: int = Field(default=0, sa_type=SmallInteger)


class ModelSpendingRow(Table, table=True):
    """What was asked of a model in a day of the seller's zone."""

    __tablename__ = "model_spending"
    seller_id: int = key()
    day: date = Field(sa_type=Date, primary_key=True)
    model: str = Field(sa_type=Text, primary_key=True)
    calls: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: Decimal = Field(default=Decimal(0), sa_type=Numeric)
    currency: str = Field(default="", sa_type=Text)


class SnippetRow(Table, table=True):
    """A reply to start from, or knowledge that a reply may state."""

    __tablename__ = "snippets"
    seller_id: int = key()
    id: int | None = generated()
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    body: str = Field(sa_type=Text)
    intent: str | None = Field(default=None, sa_type=Text)
    channel: str | None = Field(default=None, sa_type=Text)
    language: str = Field(default="ru", sa_type=Text)
    lemmas: str = Field(default="", sa_type=Text)
    updated_by: int | None = Field(default=None, sa_type=BigInteger)
    updated_at: datetime = time(optional=False)
    archived_at: datetime | None = time()


class ExampleRow(Table, table=True):
    """A question and the reply that a person accepted, both masked."""

    __tablename__ = "examples"
    seller_id: int = key()
    id: int | None = generated()
    chat_id: int = Field(sa_type=BigInteger)
    outbox_id: int = Field(sa_type=BigInteger)
    channel: str = Field(sa_type=Text)
    stars: int | None = Field(default=None, sa_type=SmallInteger)
    intent: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    reply: str = Field(sa_type=Text)
    lemmas: str = Field(sa_type=Text)
    created_at: datetime = time(optional=False)


class OutboxRow(Table, table=True):
    """A reply of ours and how far it got (`domain.outbox`). One row is one effect: a text, or one file."""

    __tablename__ = "outbox"
    seller_id: int = key()
    id: int | None = generated()
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
    not_before: datetime = time(optional=False)
    seen_at: datetime | None = time()
    seen_id: str | None = Field(default=None, sa_type=Text)
    seen_reply: int | None = Field(default=None, sa_type=BigInteger)
    anyway: bool = False
    overridden: list[dict[str, Any]] | None = Field(default=None, sa_column=Column(JSONB))
    guardrails: str | None = Field(default=None, sa_type=Text)
    suggestion_id: int | None = Field(default=None, sa_type=BigInteger)
    automatic: bool = False
    worker_id: str | None = Field(default=None, sa_type=Text)
    lease_until: datetime | None = time()
    attempt: int = 0
    attempted_at: datetime | None = time()
    ahead: float = Field(default=0.0, sa_type=Double)
    polls: int = 0
    accepted_at: datetime | None = time()
    reference: str | None = Field(default=None, sa_type=Text)
    external_id: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = time(optional=False)
    settled_at: datetime | None = time()


class NoteRow(Table, table=True):
    """A colleague's word on a conversation; `handover` goes with it to its next assignee."""

    __tablename__ = "notes"
    seller_id: int = key()
    id: int | None = generated()
    chat_id: int = Field(sa_type=BigInteger)
    operator_id: int = Field(sa_type=BigInteger)
    body: str = Field(sa_type=Text)
    mentions: list[int] = Field(default_factory=list, sa_column=Column(ARRAY(BigInteger), nullable=False))
    handover: bool = False
    created_at: datetime = time(optional=False)
    edited_at: datetime | None = time()


class TagRow(Table, table=True):
    """A word that a seller's conversations may bear, and its colour's name."""

    __tablename__ = "tags"
    seller_id: int = key()
    name: str = Field(sa_type=Text, primary_key=True)
    colour: str = Field(default="grey", sa_type=Text)
    created_at: datetime = time(optional=False)


class ViewRow(Table, table=True):
    """A saved filter; `seller_id` 0 is its maker's own."""

    __tablename__ = "views"
    seller_id: int = key()
    id: int | None = generated()
    operator_id: int = Field(sa_type=BigInteger)
    name: str = Field(sa_type=Text)
    filter: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    position: int = 0
    created_at: datetime = time(optional=False)
    shared_with: int | None = Field(default=None, sa_type=BigInteger)


class OutcomeRow(Table, table=True):
    """What a person made of a suggestion (`domain.learning`); `outbox_id` is 0 for a rejection."""

    __tablename__ = "suggestion_outcomes"
    seller_id: int = key()
    suggestion_id: int = key()
    outbox_id: int = key(default=0)
    chat_id: int = Field(sa_type=BigInteger)
    operator_id: int | None = Field(default=None, sa_type=BigInteger)
    outcome: str = Field(sa_type=Text)
    reason: str | None = Field(default=None, sa_type=Text)
    words: str = Field(default="", sa_type=Text)
    difference: list[list[str]] | None = Field(default=None, sa_column=Column(JSONB))
    intent: str = Field(sa_type=Text)
    model: str = Field(sa_type=Text)
    at: datetime = time(optional=False)


class ServiceDay(Table, table=True):
    """A day of one operator's answers for a seller. Waits are in seconds, one by one."""

    __tablename__ = "service_days"
    seller_id: int = key()
    day: date = Field(primary_key=True)
    operator_id: int = key(default=0)
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
    seller_id: int = key()
    intent: str = Field(sa_type=Text, primary_key=True)
    mode: str = Field(default="off", sa_type=Text)
    daily_cap: int = 20
    least_confidence: float = Field(default=0.8, sa_type=REAL)
    templates: bool = False
