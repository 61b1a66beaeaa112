"""A desk in memory that keeps the same promises as `agentiq_core.engine.desk.Desk`, for tests of the screen alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

from agentiq_core.connectors.base import Capabilities, Credentials, KeyReport
from agentiq_core.connectors.wildberries.limits import CHAT
from agentiq_core.domain.chats import ChatStatus, Priority, Queue
from agentiq_core.domain.drafts import DraftView
from agentiq_core.domain.errors import (
    AgentIQError,
    DuplicateReply,
    EmptyReply,
    GuardrailBlocked,
    NotFound,
    StaleConversation,
    StoreUnavailable,
)
from agentiq_core.domain.files import OutgoingFile, ReceivedFile
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.messages import Author, Channel, Origin, Product
from agentiq_core.domain.outbox import NEEDS_A_LOOK, OutboxState, file_client_id
from agentiq_core.domain.text import folded
from agentiq_core.domain.views import (
    Change,
    ChatRef,
    Conversation,
    MessageKey,
    MessageView,
    NewMessage,
    News,
    Overview,
    QuarantinedItem,
    QuarantinePage,
    QueueKey,
    QueuePage,
    QueueRow,
    ReplayReport,
    ReplyView,
    Resolution,
    SellerState,
    SellerStatus,
    SuggestionView,
    TakenBack,
    ViolationView,
)
from agentiq_core.engine.access import SignedIn
from agentiq_core.engine.retelling import Translated
from agentiq_core.engine.sellers import KeyCheck
from agentiq_core.home import home_dir
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.rules import DEFAULT_RULES
from tests.tui.scripted_cards import ScriptedCards
from tests.tui.scripted_learning import ScriptedLearning
from tests.tui.scripted_office import ScriptedAutomation, ScriptedModels, ScriptedShops
from tests.tui.scripted_rules import ScriptedGuardRules, ScriptedTerms
from tests.tui.scripted_search import ScriptedSearch
from tests.tui.scripted_snippets import ScriptedSnippets
from tests.tui.scripted_statistics import ScriptedStatistics
from tests.tui.scripted_team import ScriptedTeam, team_facts

NOW = datetime(2026, 3, 10, 9, 0, 0, tzinfo=UTC)
UNDO = timedelta(seconds=5)
FORBIDDEN = "вернём деньги"


@dataclass
class Chat:
    """A conversation of the script."""

    ref: ChatRef
    buyer: str
    product: Product
    messages: list[MessageView]
    due_at: datetime | None = None
    priority: Priority = Priority.NORMAL
    status: ChatStatus = ChatStatus.WAITING
    unread: int = 0
    draft: str = ""
    other: str = ""
    """What the same operator typed as a reply elsewhere."""
    replies: list[ReplyView] = field(default_factory=list)
    suggestion: SuggestionView | None = None
    marketplace: str = "wildberries"
    seller: str = "Уютный дом"
    limit: int = 1000
    facts: dict[str, Any] = field(default_factory=dict)
    """What its channel adds to `Conversation`: stars, limits, what belongs together."""

    @property
    def needs_reply(self) -> bool:
        return self.status in (ChatStatus.WAITING, ChatStatus.CLIENT_REPLIED)

    @property
    def queue(self) -> Queue | None:
        if not self.needs_reply or self.facts.get("snoozed_until") is not None:
            return None
        return Queue.WORK if self.priority is Priority.URGENT else Queue.WAITING

    @property
    def newest(self) -> MessageKey | None:
        return MessageKey(self.messages[-1].sent_at, self.messages[-1].external_id) if self.messages else None

    def row(self) -> QueueRow:
        last = self.messages[-1] if self.messages else None
        outbox = next((reply.state for reply in reversed(self.replies)), None)
        return QueueRow(
            ref=self.ref,
            marketplace=self.marketplace,
            seller_name=self.seller,
            buyer_name=self.buyer,
            product=self.product.title,
            preview=last.text if last else "",
            last_author=last.author if last else None,
            last_at=last.sent_at if last else None,
            status=self.status,
            priority=self.priority,
            needs_reply=self.needs_reply,
            due_at=self.due_at,
            unread=self.unread,
            outbox=outbox,
            channel=self.facts.get("channel", Channel.CHAT),
            stars=self.facts.get("stars"),
            closes_at=self.facts.get("closes_at"),
            queue=self.queue,
            waiting_since=last.sent_at if last and self.needs_reply else None,
            **team_facts(self.facts),
        )


def message(
    number: int, text: str, at: datetime, author: Author = Author.BUYER, **facts: object
) -> MessageView:
    origin = Origin.BUYER if author is Author.BUYER else Origin.API
    return MessageView(f"m{number}", author, facts.pop("origin", origin), at, text, **facts)  # type: ignore[arg-type]


class ScriptedDesk(ScriptedTeam, ScriptedTerms):
    """`calls` records what the screen asked for; `failing` maps a method to the error it raises once.

    While it is `away` nothing is answered. Conversations come when `slow` is set, if there is one.
    """

    def __init__(self, chats: list[Chat], clock: Callable[[], datetime]) -> None:
        self.chats = {chat.ref: chat for chat in chats}
        self.clock = clock
        self.calls: list[tuple[object, ...]] = []
        self.failing: dict[str, AgentIQError] = {}
        self.away = False
        self.sellers: tuple[SellerStatus, ...] = (
            seller(1, "Уютный дом", "wildberries"),
            seller(2, "Свет", "ozon"),
        )
        self.who = SignedIn(1, "anna@example.org", "operator")
        self.personal = False
        self.in_their_words = ""
        self.search = ScriptedSearch(lambda: list(self.chats.values()), self._called, self.holding)
        self.guard_rules = ScriptedGuardRules(self._called)
        self.statistics = ScriptedStatistics(self._called, self.holding)
        self.shops = ScriptedShops(self)
        self.automation = ScriptedAutomation(self)
        self.models = ScriptedModels(self)
        self.by = Terms(DEFAULT_RULES, "Europe/Moscow")
        self.key = KeyCheck(
            KeyReport(account_id="7", expires_at=NOW + timedelta(days=180), kind="personal"), True, chats=42
        )
        self.kept: list[QuarantinedItem] = []
        self.unreadable: set[int] = set()
        self.watched: ChatRef | None = None
        self.closed = False
        self.gate: asyncio.Event | None = None
        self.keyless = False
        self.slow: asyncio.Event | None = None
        self.held: dict[str, asyncio.Event] = {}
        self.given_up: list[str] = []
        self._accepted: dict[UUID, ReplyView] = {}
        self._changes: asyncio.Queue[Change] = asyncio.Queue()
        self._next_reply = 100
        self._held: dict[int, tuple[str, str, OutgoingFile | None]] = {}
        self.files: dict[tuple[str, int], list[ReceivedFile]] = {}
        """What the marketplace answers to each request of a message's file; the last answer stays."""
        self.rules = CHAT.files
        self.cards = ScriptedCards()
        self.snippets = ScriptedSnippets(self._called)
        self.learning = ScriptedLearning(self)
        self.keeps_at = home_dir() / "attached" / uuid4().hex
        self.keeps_words_at = home_dir() / "unsaved" / "place"
        self.staff()

    def _called(self, name: str, *facts: object) -> None:
        self.calls.append((name, *facts))
        if name in self.failing:
            raise self.failing.pop(name)
        # presence is told behind the screen
        if self.away and not name.startswith("presence."):
            raise StoreUnavailable("gone")

    async def holding(self, name: str) -> None:
        """This question is answered when the test lets it be; who asks may give it up before."""
        gate = self.held.get(name)
        if gate is None:
            return
        try:
            await gate.wait()
        except asyncio.CancelledError:
            self.given_up.append(name)
            raise

    def called(self, name: str) -> list[tuple[object, ...]]:
        """What this method was called with."""
        return [call[1:] for call in self.calls if call[0] == name]

    def change(self, ref: ChatRef | None, presence_of: int | None = None) -> None:
        self._changes.put_nowait(Change(ref, presence_of))

    def buyer_writes(self, ref: ChatRef, text: str) -> None:
        chat = self.chats[ref]
        chat.messages.append(message(1000 + len(chat.messages), text, self.clock()))
        chat.status, chat.unread = ChatStatus.CLIENT_REPLIED, chat.unread + 1
        self.change(ref)

    async def sign_in(self, email: str, password: str) -> SignedIn:
        self._called("sign_in", email, password)
        self.who = replace(self.who, email=email)
        return self.who

    async def sign_out(self, *, everywhere: bool = False) -> int:
        self._called("sign_out", everywhere)
        return 1

    async def check_key(self, marketplace: str, credentials: Credentials) -> KeyCheck:
        self._called("check_key", marketplace, credentials.secret)
        return self.key

    async def add_seller(self, marketplace: str, name: str, credentials: Credentials) -> int:
        self._called("add_seller", marketplace, name, credentials.secret)
        self.sellers = (*self.sellers, seller(9, name, marketplace, last_sync_at=None))
        return 9

    async def pull_now(self, seller_id: int) -> None:
        self._called("pull_now", seller_id)

    async def seller(self, seller_id: int) -> SellerStatus:
        self._called("seller", seller_id)
        return next(known for known in self.sellers if known.seller_id == seller_id)

    async def keep_team_key(self, key: str) -> None:
        self._called("keep_team_key", key)
        self.keyless = False

    async def overview(self) -> Overview:
        self._called("overview")
        replies = [reply for chat in self.chats.values() for reply in chat.replies]
        return Overview(
            counts={queue: len(self._in(queue)) for queue in Queue},
            sellers=self.sellers,
            unsent=sum(reply.state in (OutboxState.QUEUED, OutboxState.SENDING) for reply in replies),
            need_a_look=sum(reply.state in NEEDS_A_LOOK for reply in replies),
            **self.team_counts(),
        )

    async def next_waiting(
        self, current: ChatRef | None, filter: QueueFilter = EVERYTHING
    ) -> tuple[Queue, ChatRef] | None:
        self._called("next_waiting", current)
        await self.holding("next_waiting")
        waiting = [
            (queue, chat.ref) for queue in (Queue.WORK, Queue.WAITING) for chat in self._in(queue, filter)
        ]
        place = next((at + 1 for at, (_queue, ref) in enumerate(waiting) if ref == current), 0)
        return next((one for one in (*waiting[place:], *waiting[:place]) if one[1] != current), None)

    async def rows(self, refs: Sequence[ChatRef]) -> list[QueueRow]:
        self._called("rows", tuple(refs))
        return [self.chats[ref].row() for ref in refs if ref in self.chats]

    async def snooze(self, ref: ChatRef, until: datetime | None) -> None:
        self._called("snooze", ref, until)
        self._chat(ref).facts["snoozed_until"] = until
        self.change(ref)

    async def queue(
        self,
        queue: Queue,
        after: QueueKey | None = None,
        limit: int = 100,
        filter: QueueFilter = EVERYTHING,
    ) -> QueuePage:
        self._called("queue", queue, after, limit)
        await self.holding("page" if after else "queue")
        chats = self._in(queue, filter)
        start = next(
            (place + 1 for place, chat in enumerate(chats) if after and chat.ref.chat_id == after.chat_id), 0
        )
        run = chats[start : start + limit]
        more = start + limit < len(chats)
        return QueuePage(
            tuple(chat.row() for chat in run), QueueKey(NOW, run[-1].ref.chat_id) if more and run else None
        )

    def _chat(self, ref: ChatRef) -> Chat:
        if ref not in self.chats:
            raise NotFound("no such chat")
        return self.chats[ref]

    async def conversation(
        self, ref: ChatRef, before: MessageKey | None = None, limit: int = 50
    ) -> Conversation:
        self._called("conversation", ref, before)
        if self.slow is not None:
            await self.slow.wait()
        chat = self._chat(ref)
        keys = [(message.sent_at, message.external_id) for message in chat.messages]
        end = keys.index(before) if before is not None else len(keys)
        start = max(0, end - limit)
        return Conversation(
            ref=ref,
            marketplace=chat.marketplace,
            seller_name=chat.seller,
            external_id=f"chat-{ref.chat_id}",
            buyer_name=chat.buyer,
            product=chat.product,
            status=chat.status,
            priority=chat.priority,
            needs_reply=chat.needs_reply,
            due_at=chat.due_at,
            waiting_since=chat.messages[-1].sent_at if chat.needs_reply else None,
            sla_rule="срочные слова" if chat.priority is Priority.URGENT else None,
            messages=tuple(chat.messages[start:end]),
            replies=tuple(chat.replies),
            draft=DraftView(chat.draft, chat.other),
            text_limit=chat.limit,
            older=MessageKey(*keys[start]) if start else None,
            newest=chat.newest,
            **chat.facts,
        )

    async def suggestion(self, ref: ChatRef) -> SuggestionView | None:
        self._called("suggestion", ref)
        return self._chat(ref).suggestion

    async def suggest(self, ref: ChatRef, *, wish: str = "") -> SuggestionView | None:
        self._called("suggest", ref, wish)
        return self._chat(ref).suggestion

    def suggests(self, ref: ChatRef, view: SuggestionView | None) -> None:
        """A worker has put this suggestion there."""
        self._chat(ref).suggestion = view
        self.change(ref)

    async def summary(self, ref: ChatRef) -> tuple[str, ...]:
        self._called("summary", ref)
        return ("Кружка пришла с трещиной.", "Покупатель спрашивает, что делать.")

    async def translate_reply(self, ref: ChatRef, reply: str) -> Translated:
        self._called("translate_reply", ref, reply)
        return Translated(self.in_their_words or reply, "en" if self.in_their_words else "ru")

    async def translate(self, ref: ChatRef, message_id: str) -> Translated:
        self._called("translate", ref, message_id)
        return Translated("Где мой заказ?", "en")

    async def mark_read(self, ref: ChatRef) -> None:
        self._called("mark_read", ref)
        self._chat(ref).unread = 0

    async def check(self, ref: ChatRef, text: str) -> tuple[ViolationView, ...]:
        self._called("check", ref, text)
        start = text.find(FORBIDDEN)
        if start < 0:
            return ()
        return (
            ViolationView("promise", "error", start, start + len(FORBIDDEN), "Нельзя обещать возврат денег"),
        )

    async def queued_files(self, ref: ChatRef, client_id: UUID, numbers: Sequence[int]) -> frozenset[int]:
        self._called("queued_files", ref, client_id, numbers)
        return frozenset(one for one in numbers if file_client_id(client_id, one) in self._accepted)

    async def reply(
        self,
        ref: ChatRef,
        text: str,
        files: Mapping[int, OutgoingFile] = MappingProxyType({}),
        *,
        client_id: UUID,
        seen: MessageKey | None,
        suggestion_id: int | None = None,
        override: bool = False,
        past: News | None = None,
        repeat: bool = False,
    ) -> tuple[ReplyView, ...]:
        self._called("reply", ref, text, client_id, suggestion_id)
        if self.gate is not None:
            await self.gate.wait()
        chat = self._chat(ref)
        parts = {client_id: (text, None)} if text.strip() else {}
        parts |= {file_client_id(client_id, number): ("", file) for number, file in files.items()}
        if not parts:
            raise EmptyReply("there is nothing to send")
        if all(one in self._accepted for one in parts):
            return tuple(self._accepted[one] for one in parts)
        if not override and (violations := await self.check(ref, text)):
            raise GuardrailBlocked("promise", violations=violations)
        if past is not None and past.message is not None:
            seen = past.message.key
        if chat.newest != seen:
            newest = chat.messages[-1]
            key = MessageKey(newest.sent_at, newest.external_id)
            news = News(NewMessage(key, newest.author, newest.origin, newest.text))
            raise StaleConversation("moved on", news=news)
        if not repeat and any(
            folded(reply.text) == folded(text) and reply.state is not OutboxState.CANCELLED
            for reply in chat.replies
        ):
            raise DuplicateReply("same text")
        now = self.clock()
        for one, (body, file) in parts.items():
            if one in self._accepted:
                continue
            self._next_reply += 1
            name = file.name if file else None
            shown = body or f"[{name}]"
            view = ReplyView(self._next_reply, OutboxState.QUEUED, shown, now, now + UNDO, None, file=name)
            self._accepted[one] = view
            self._held[view.id] = (str(one)[:34], body, file)
            chat.replies.append(view)
        self.change(ref)
        return tuple(self._accepted[one] for one in parts)

    def _back(self, ref: ChatRef, reply_id: int) -> TakenBack:
        """The reply, and what was sent with it and is in the same state."""
        reply = next(reply for reply in self._chat(ref).replies if reply.id == reply_id)
        group, text, _file = self._held.get(reply_id, ("", reply.text, None))
        files = []
        for other in self._chat(ref).replies:
            theirs, body, file = self._held.get(other.id, ("alone", "", None))
            if other.id == reply_id or (theirs == group and other.state is reply.state):
                text = text or body
                files += [file] if file else []
                self.put(ref, other.id, state=OutboxState.CANCELLED)
        return TakenBack(text, tuple(files))

    async def file(self, ref: ChatRef, message_id: str, number: int) -> ReceivedFile:
        self._called("file", ref, message_id, number)
        if self.gate is not None:
            await self.gate.wait()
        answers = self.files[message_id, number]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def abilities(self, marketplace_id: str, channel: str) -> Capabilities:
        return replace(CHAT, files=self.rules)

    def put(self, ref: ChatRef, reply_id: int, **facts: object) -> None:
        """A reply's state moves, as a worker would move it."""
        chat = self._chat(ref)
        chat.replies = [
            replace(reply, **facts) if reply.id == reply_id else reply  # type: ignore[arg-type]
            for reply in chat.replies
        ]
        self.change(ref)

    async def undo(self, ref: ChatRef, reply_id: int) -> TakenBack | None:
        self._called("undo", ref, reply_id)
        reply = next(reply for reply in self._chat(ref).replies if reply.id == reply_id)
        if (
            reply.state is not OutboxState.QUEUED
            or reply.not_before is None
            or reply.not_before <= self.clock()
        ):
            return None
        return self._back(ref, reply_id)

    async def resolve(
        self, ref: ChatRef, reply_id: int, choice: Resolution, *, override: bool = False
    ) -> None:
        self._called("resolve", ref, reply_id, choice, *(("override",) if override else ()))
        states = {
            Resolution.CHECK_AGAIN: OutboxState.UNKNOWN,
            Resolution.SEND_AGAIN: OutboxState.QUEUED,
            Resolution.TREAT_AS_SENT: OutboxState.SENT,
        }
        self.put(ref, reply_id, state=states[choice])

    async def take_back(self, ref: ChatRef, reply_id: int) -> TakenBack:
        self._called("take_back", ref, reply_id)
        return self._back(ref, reply_id)

    async def decline(self, ref: ChatRef) -> None:
        self._called("decline", ref)
        chat = self._chat(ref)
        chat.status, chat.facts = ChatStatus.CLOSED, chat.facts | {"can_decline": False}
        self.change(ref)

    async def no_reply_needed(self, ref: ChatRef) -> None:
        self._called("no_reply_needed", ref)
        self._chat(ref).status = ChatStatus.CLOSED
        self.change(ref)

    async def quarantine(
        self, seller_id: int | None = None, before: int | None = None, limit: int = 50
    ) -> QuarantinePage:
        self._called("quarantine", before, limit)
        waiting = sorted(
            (item for item in self.kept if before is None or item.id < before), key=lambda item: -item.id
        )
        run = waiting[:limit]
        return QuarantinePage(
            tuple(replace(item, raw=None) for item in run), run[-1].id if len(waiting) > limit else None
        )

    async def quarantined(self, item_id: int) -> QuarantinedItem:
        self._called("quarantined", item_id)
        return next(item for item in self.kept if item.id == item_id)

    async def replay(self, ids: Sequence[int]) -> ReplayReport:
        self._called("replay", *ids)
        if self.gate is not None:
            await self.gate.wait()
        read = {item.id for item in self.kept if item.id in ids} - self.unreadable
        tried = len(read) + len(self.unreadable & set(ids))
        self.kept = [item for item in self.kept if item.id not in read]
        return ReplayReport(tried, replayed=len(read), new=len(read), unreadable=tried - len(read))

    async def replay_all(self, seller_id: int | None = None) -> AsyncGenerator[ReplayReport]:
        self._called("replay_all")
        report = ReplayReport()
        for item in sorted(self.kept, key=lambda item: -item.id):
            report += await self.replay([item.id])
            yield report

    async def dismiss(self, ids: Sequence[int]) -> int:
        self._called("dismiss", *ids)
        before, self.kept = len(self.kept), [item for item in self.kept if item.id not in ids]
        return before - len(self.kept)

    def watching(self, ref: ChatRef | None) -> None:
        self.watched = ref

    async def changes(self) -> AsyncIterator[Change]:
        while True:
            yield await self._changes.get()

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[ScriptedDesk]:
        """What an app is given as its desk factory."""
        self._called("open")
        try:
            yield self
        finally:
            self.closed = True


def seller(seller_id: int, name: str, marketplace: str, **facts: object) -> SellerStatus:
    status = SellerStatus(
        seller_id=seller_id,
        name=name,
        marketplace=marketplace,
        state=SellerState.ACTIVE,
        last_sync_at=NOW - timedelta(seconds=12),
        next_sync_at=NOW + timedelta(seconds=18),
        trouble=None,
        trouble_detail="",
        slow=False,
        pages=0,
        messages=0,
        quarantined=0,
        syncing=False,
        oldest_at=None,
    )
    return replace(status, **facts)  # type: ignore[arg-type]


def suggestion(number: int, text: str, **facts: object) -> SuggestionView:
    view = SuggestionView(
        id=number,
        text=text,
        intent="complaint",
        sentiment="negative",
        confidence=0.86,
        source="template",
        stop_class=None,
        evidence=("карточка товара: объём 350 мл",),
        violations=(),
        rules_checked=12,
        created_at=NOW,
    )
    return replace(view, **facts)  # type: ignore[arg-type]


def quarantined(number: int, raw: str = "{}", **facts: object) -> QuarantinedItem:
    item = QuarantinedItem(
        id=number,
        seller_id=1,
        seller_name="Уютный дом",
        marketplace="wildberries",
        channel="chat",
        created_at=NOW - timedelta(minutes=100 - number),
        reason="message.text: string_type",
        chat_external_id=f"1:chat-{number}",
        message_external_id=f"event-{number}",
        raw=raw,
    )
    return replace(item, **facts)  # type: ignore[arg-type]
