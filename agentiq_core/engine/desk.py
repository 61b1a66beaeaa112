"""The desk: everything a front end shows and does, in one object. No widget sees SQL, no command sees a connector."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from agentiq_core.config import Settings
from agentiq_core.connectors.base import Capabilities, Credentials, Marketplace
from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import AgentIQError, NotFound, SignedOut, SignInNeeded
from agentiq_core.domain.files import OutgoingFile, ReceivedFile
from agentiq_core.domain.filters import EVERYTHING, QueueFilter
from agentiq_core.domain.team import FilteredCount
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.domain.views import (
    Change,
    ChatRef,
    Conversation,
    MessageKey,
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
    SellerStatus,
    SuggestionView,
    TakenBack,
    ViolationView,
)
from agentiq_core.engine import deadlines, quarantine, replies, retelling, team
from agentiq_core.engine.access import Access, SignedIn
from agentiq_core.engine.assignment import Assignment
from agentiq_core.engine.audit import Audit
from agentiq_core.engine.automation import DeskAutomation
from agentiq_core.engine.bulk import Bulk
from agentiq_core.engine.cards import Cards
from agentiq_core.engine.colleagues import Colleagues
from agentiq_core.engine.context import Engine
from agentiq_core.engine.deadlines import Effect
from agentiq_core.engine.drafts import Drafts
from agentiq_core.engine.files import fetch_file
from agentiq_core.engine.guard_rules import GuardRules
from agentiq_core.engine.jobs import Dispatch, job_app
from agentiq_core.engine.learning import Learning
from agentiq_core.engine.models import Models
from agentiq_core.engine.notes import Notes
from agentiq_core.engine.opening import open_engine
from agentiq_core.engine.presence import Presence
from agentiq_core.engine.replies import Consent
from agentiq_core.engine.retelling import Translated
from agentiq_core.engine.saved_views import SavedViews
from agentiq_core.engine.searching import Searching
from agentiq_core.engine.sellers import KeyCheck, add_seller, check_key
from agentiq_core.engine.shops import Shops
from agentiq_core.engine.snippets import Snippets
from agentiq_core.engine.snooze import snooze
from agentiq_core.engine.statistics import DeskStatistics
from agentiq_core.engine.suggest import suggest_anew
from agentiq_core.engine.tags import Tags
from agentiq_core.engine.worker import Worker
from agentiq_core.guardrails.rules import SEVERITY
from agentiq_core.identity.secret_store import AskPassphrase
from agentiq_core.language.lemmas import warm
from agentiq_core.sla.calendar import Calendar
from agentiq_core.sla.deadline import Terms
from agentiq_core.sla.rules import SlaRule
from agentiq_core.store import conversations, memory, queues, sync
from agentiq_core.store.feed import changes

log = logging.getLogger(__name__)

SignIn = Callable[[Access, SignInNeeded], Awaitable[None]]
"""Asks a person to sign in, and why."""
WATCH_SECONDS = 60.0
"""How long an open conversation keeps its seller's pulls frequent without being renewed."""


class Desk:
    """One operator's view of the desk. Errors are those of `domain.errors`."""

    def __init__(self, engine: Engine, dispatch: Dispatch) -> None:
        self.engine = engine
        self.dispatch = dispatch
        self.cards = Cards(engine)
        self.guard_rules = GuardRules(engine, dispatch)
        self.search = Searching(engine)
        self.shops = Shops(engine)
        self.learning = Learning(engine)
        self.models = Models(engine)
        self.snippets = Snippets(engine)
        self.colleagues = Colleagues(engine)
        self.notes = Notes(engine, self.colleagues)
        self.drafts = Drafts(engine)
        self.tags = Tags(engine)
        self.assignment = Assignment(engine)
        self.presence = Presence(engine)
        self.views = SavedViews(engine)
        self.bulk = Bulk(engine)
        self.audit = Audit(engine)
        self.statistics = DeskStatistics(engine)
        self.automation = DeskAutomation(engine)
        self._tasks: set[asyncio.Task[None]] = set()
        self._worker: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._running: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        settings: Settings,
        *,
        worker: bool | None = None,
        marketplaces: Mapping[str, Marketplace] = MARKETPLACES,
        budgets: bool = True,
        ask_passphrase: AskPassphrase | None = None,
        sign_in: SignIn | None = None,
    ) -> AsyncIterator[Desk]:
        """A desk on the database that the settings name, with a worker inside unless it is turned off or may not write.

        `sign_in` is called while nobody is signed in, and may sign in or raise; without it `SignInNeeded` is raised.
        """
        async with AsyncExitStack() as stack:
            engine = await stack.enter_async_context(
                open_engine(
                    settings, marketplaces=marketplaces, budgets=budgets, ask_passphrase=ask_passphrase
                )
            )
            await _signed_in(engine.access, sign_in)
            app = job_app(engine.store)
            await stack.enter_async_context(app.open_async())
            desk = cls(engine, Dispatch(app))
            stack.push_async_callback(desk._settle)
            if settings.worker if worker is None else worker:
                desk._worker = Worker(engine, app).run
            stack.push_async_callback(desk._rest)
            desk._work()
            warm()
            yield desk

    @property
    def who(self) -> SignedIn:
        """Who works here. Raises `SignedOut` when the sign-in ended."""
        who = self.engine.access.who
        if who is None:
            raise SignedOut("this sign-in has ended")
        return who

    @property
    def keyless(self) -> bool:
        """Whether this machine lacks the team key: it shows everything, and leaves pulling and sending to others."""
        return not self.engine.vault.packed()

    async def keep_team_key(self, key: str) -> None:
        """Keep the team key here, and pull and send from now on. Raises what `engine.team.keep_team_key` raises."""
        await team.keep_team_key(self.engine, key)
        self._work()

    def _work(self) -> None:
        # a machine without the team key would only hold up what others can send
        if self._worker is not None and self._running is None and self.who.may_write and not self.keyless:
            self._running = asyncio.create_task(self._worker(), name="worker")

    async def _rest(self) -> None:
        if self._running is not None:
            await _stop(self._running)

    @property
    def personal(self) -> bool:
        """Whether a person signed in here; the embedded server serves its owner without."""
        return self.engine.access.personal

    @property
    def keeps_at(self) -> Path:
        """Where this machine keeps files that are not sent yet: a place of its own for each database and operator."""
        return self._place("attached")

    @property
    def keeps_words_at(self) -> Path:
        """The same for words that the database may not have yet."""
        return self._place("unsaved")

    def _place(self, what: str) -> Path:
        settings = self.engine.settings
        address = "" if settings.database_url is None else settings.database_url.get_secret_value()
        where = urlsplit(address)
        named = f"{where.hostname} {where.port} {where.path} {self.who.email}"
        return settings.home / what / hashlib.sha256(named.encode()).hexdigest()[:16]

    async def sign_in(self, email: str, password: str) -> SignedIn:
        """Sign in again, when the sign-in ended while the desk was open. Raises `WrongPassword`, `SignInDelayed`."""
        return await self.engine.access.sign_in(email, password)

    async def sign_out(self, *, everywhere: bool = False) -> int:
        """End this sign-in, or all of this operator; how many ended."""
        return await self.engine.access.sign_out(everywhere=everywhere)

    async def overview(self) -> Overview:
        """Counters and the state of every seller's line."""
        async with self.engine.store.transaction() as session:
            return await queues.overview(session)

    async def queue(
        self,
        queue: Queue,
        after: QueueKey | None = None,
        limit: int = 100,
        filter: QueueFilter = EVERYTHING,
    ) -> QueuePage:
        """A page of a queue behind `after`, of what the filter lets through."""
        async with self.engine.store.transaction() as session:
            return await queues.page(session, queue, after, limit, filter)

    async def next_waiting(
        self, current: ChatRef | None, filter: QueueFilter = EVERYTHING
    ) -> tuple[Queue, ChatRef] | None:
        """Who waits behind this conversation, by deadline, in which queue; None where nobody else waits."""
        async with self.engine.store.transaction() as session:
            return await queues.next_waiting(session, current, filter)

    async def rows(self, refs: Sequence[ChatRef]) -> list[QueueRow]:
        """The lines of these conversations as they are now, wherever they stand; what is gone is left out."""
        async with self.engine.store.transaction() as session:
            return await queues.rows(session, refs)

    async def count(self, queue: Queue, filter: QueueFilter, limit: int = 99) -> FilteredCount:
        """How many the filter lets through, counted no further than `limit`; of a whole queue `overview` knows."""
        async with self.engine.store.transaction() as session:
            return await queues.count(session, queue, filter, limit)

    async def conversation(
        self, ref: ChatRef, before: MessageKey | None = None, limit: int = 50
    ) -> Conversation:
        """A run of a conversation: its end, or what came before `before`. Raises `NotFound`."""
        async with self.engine.store.transaction() as session:
            return await conversations.read(
                session, ref, before=before, limit=limit, capabilities=self.abilities
            )

    async def find(self, chat_id: int) -> ChatRef:
        """The conversation with this number. Raises `NotFound`."""
        async with self.engine.store.transaction() as session:
            return await conversations.find(session, chat_id)

    async def suggestion(self, ref: ChatRef) -> SuggestionView | None:
        """The ready reply to what the buyer asked last."""
        async with self.engine.store.transaction() as session:
            return await conversations.suggestion(session, ref, rules_checked=len(SEVERITY))

    async def suggest(self, ref: ChatRef, *, wish: str = "") -> SuggestionView | None:
        """Make the suggestion anew, in the variant that is wished for: what is on offer meanwhile, and a model's comes as a
        change. None when nobody waits for an answer. Raises `NoModel` for a wish that only a model can fulfil, `Rejected`."""
        await suggest_anew(self.engine, ref, wish)
        await self.dispatch.ask(ref.seller_id)
        return await self.suggestion(ref)

    async def summary(self, ref: ChatRef) -> tuple[str, ...]:
        """The conversation in up to five lines, by the seller's model. Raises what `engine.retelling.summary` raises."""
        return await retelling.summary(self.engine, ref)

    async def translate(self, ref: ChatRef, message_id: str) -> Translated:
        """A message in Russian, by the seller's model. Raises what `engine.retelling.translation` raises."""
        return await retelling.translation(self.engine, ref, message_id)

    async def translate_reply(self, ref: ChatRef, reply: str) -> Translated:
        """A reply in the buyer's language. Raises what `engine.retelling.reply_translation` raises."""
        return await retelling.reply_translation(self.engine, ref, reply)

    async def mark_read(self, ref: ChatRef) -> None:
        """The conversation is on screen."""
        await replies.mark_read(self.engine, ref)

    async def check(self, ref: ChatRef, text: str) -> tuple[ViolationView, ...]:
        """What the guardrails object to in this reply."""
        return await replies.violations(self.engine, ref, text)

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
        anyway: bool = False,
        past: News | None = None,
        repeat: bool = False,
        undo_seconds: float | None = None,
    ) -> tuple[ReplyView, ...]:
        """Queue a text, the files behind it by number, or both: what was queued, a row each.

        Raises what `engine.replies.queue_replies` raises until the matching consent is given.
        """
        return await replies.queue_replies(
            self.engine,
            self.dispatch,
            ref,
            text,
            files,
            client_id=client_id,
            seen=seen,
            suggestion_id=suggestion_id,
            consent=Consent(override=override, anyway=anyway, past=past, repeat=repeat),
            undo_seconds=undo_seconds,
        )

    async def queued_files(self, ref: ChatRef, client_id: UUID, numbers: Sequence[int]) -> frozenset[int]:
        """Which of these files were queued with this reply, though nobody may have heard that they were."""
        return await replies.queued_files(self.engine, ref, client_id, numbers)

    async def reply_state(self, ref: ChatRef, reply_id: int) -> ReplyView:
        """How far a reply got. Raises `NotFound`."""
        async with self.engine.store.transaction() as session:
            return await conversations.reply(session, ref.seller_id, reply_id)

    async def undo(self, ref: ChatRef, reply_id: int) -> TakenBack | None:
        """Take a reply back before it leaves, with what was sent beside it; None when it is too late."""
        return await replies.undo(self.engine, ref, reply_id)

    async def take_back(self, ref: ChatRef, reply_id: int) -> TakenBack:
        """Give a refused reply back to its writer, a text with the files behind it."""
        return await replies.take_back(self.engine, ref, reply_id)

    async def resolve(
        self, ref: ChatRef, reply_id: int, choice: Resolution, *, override: bool = False
    ) -> ReplyView:
        """A person decides about a reply of unknown fate."""
        return await replies.resolve(self.engine, self.dispatch, ref, reply_id, choice, override=override)

    async def no_reply_needed(self, ref: ChatRef) -> None:
        """Close the need for a reply; the buyer's next message opens it again, or `bulk` with `Reopen`."""
        await replies.no_reply_needed(self.engine, ref)

    async def file(self, ref: ChatRef, message_id: str, number: int) -> ReceivedFile:
        """Fetch a buyer's file from the marketplace. Raises what `engine.files.fetch_file` raises."""
        return await fetch_file(self.engine, ref, message_id, number)

    async def decline(self, ref: ChatRef) -> None:
        """Reject a question, so that nobody sees it. Raises `NoReplyThere` where that cannot be done."""
        await replies.decline(self.engine, self.dispatch, ref)

    def abilities(self, marketplace_id: str, channel: str) -> Capabilities:
        """What a channel of a marketplace offers. Raises `NotFound`."""
        return replies.abilities(self.engine, marketplace_id, channel)

    async def check_key(self, marketplace_id: str, credentials: Credentials) -> KeyCheck:
        """What a key can do, asked of the marketplace; nothing is stored. Raises what `engine.sellers.check_key` raises."""
        return await check_key(self.engine.lines.marketplace(marketplace_id), credentials)

    async def add_seller(self, marketplace_id: str, name: str, credentials: Credentials) -> int:
        """Connect a seller; its number. Raises what `engine.sellers.add_seller` raises, `Forbidden`."""
        return (await add_seller(self.engine, marketplace_id, name, credentials))[0]

    async def pull_now(self, seller_id: int) -> None:
        """Ask the workers to read this seller's feeds now."""
        async with self.engine.store.transaction() as session:
            await sync.sooner(session, seller_id, delay=0)
        for channel in await self._channels(seller_id):
            await self.dispatch.pull(seller_id, channel=channel)

    async def seller(self, seller_id: int) -> SellerStatus:
        """How a seller's line does. Raises `NotFound`."""
        for known in (await self.overview()).sellers:
            if known.seller_id == seller_id:
                return known
        raise NotFound(f"there is no seller {seller_id}", seller=seller_id)

    async def quarantine(
        self, seller_id: int | None = None, before: int | None = None, limit: int = quarantine.PAGE
    ) -> QuarantinePage:
        """What could not be read, newest first, older than `before`. Raises `NotFound` for a seller."""
        return await quarantine.waiting(self.engine, seller_id, before, limit)

    async def quarantined(self, item_id: int) -> QuarantinedItem:
        """One item with what was kept of it, phones and secrets masked. Raises `NotFound`."""
        return await quarantine.look_into(self.engine, item_id)

    async def replay(self, ids: Sequence[int]) -> ReplayReport:
        """Read these items again. Raises `NotFound`, `Forbidden`."""
        return await quarantine.replay(self.engine, ids)

    def replay_all(self, seller_id: int | None = None) -> AsyncGenerator[ReplayReport]:
        """Read again everything that waits: what became of it so far, page by page. Raises `NotFound`, `Forbidden`."""
        return quarantine.replay_all(self.engine, seller_id)

    async def dismiss(self, ids: Sequence[int]) -> int:
        """These stay and are no longer counted; how many were. Raises `NotFound`, `Forbidden`."""
        return await quarantine.dismiss(self.engine, ids)

    async def snooze(self, ref: ChatRef, until: datetime | None) -> None:
        """Put a conversation off until then; None brings it back. Raises what `engine.snooze.snooze` raises."""
        await snooze(self.engine, ref, until)

    async def terms(self, seller_id: int) -> Terms:
        """What a seller's deadlines are counted by. Raises `NotFound`."""
        return await deadlines.terms(self.engine, seller_id)

    async def effect(self, seller_id: int, instead: Terms) -> Effect:
        """What other terms would change. Raises what `engine.deadlines.effect` raises."""
        return await deadlines.effect(self.engine, seller_id, instead)

    async def set_calendar(self, seller_id: int, calendar: Calendar | None) -> int:
        """Count deadlines by this calendar, or by none. Raises what `engine.deadlines.set_calendar` raises."""
        return await deadlines.set_calendar(self.engine, self.dispatch, seller_id, calendar)

    async def set_rules(self, seller_id: int, rules: Sequence[SlaRule]) -> int:
        """Give a seller these rules. Raises what `engine.deadlines.set_rules` raises."""
        return await deadlines.set_rules(self.engine, self.dispatch, seller_id, rules)

    def watching(self, ref: ChatRef | None) -> None:
        """This conversation is on screen: its feed is asked for news more often, unless it is a viewer's screen."""
        who = self.engine.access.who
        if ref is not None and who is not None and who.may_write:
            self._start(self._watch(ref))

    def changes(self) -> AsyncIterator[Change]:
        """Every change as it happens; `Change(None)` asks to look at everything again."""
        return changes(self.engine.store.dsn, self.engine.store.tokens)

    async def _channels(self, seller_id: int) -> tuple[str, ...]:
        return tuple(one.channel for one in (await self.seller(seller_id)).channels)

    async def _watch(self, ref: ChatRef) -> None:
        async with self.engine.store.transaction() as session:
            soon = self.engine.settings.open_chat_poll_seconds
            channel = await memory.watch(session, ref, WATCH_SECONDS)
            if channel is None:
                return
            await sync.sooner(session, ref.seller_id, delay=soon, watch=WATCH_SECONDS, channel=channel)

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        failure = None if task.cancelled() else task.exception()
        if failure is not None:
            log.warning("background work failed: %s", kind_and_place(failure))

    async def _settle(self) -> None:
        with suppress(AgentIQError):
            # a desk that cannot say so is taken as gone in half a minute
            await self.presence.leave()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _signed_in(access: Access, sign_in: SignIn | None) -> None:
    while True:
        try:
            await access.token()
        except SignInNeeded as needed:
            if sign_in is None:
                raise
            await sign_in(access, needed)
        else:
            return


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
