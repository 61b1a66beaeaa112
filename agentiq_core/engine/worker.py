"""The worker: ticks and jobs, inside the app's event loop or in a process of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import procrastinate
from procrastinate.exceptions import ConnectorException

from agentiq_core.domain.errors import AgentIQError, SignInNeeded, StoreUnavailable
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, FeedRef
from agentiq_core.engine.assignment import distribute, distribute_all
from agentiq_core.engine.automation import consider
from agentiq_core.engine.context import Engine
from agentiq_core.engine.deadlines import recount
from agentiq_core.engine.deliver import LOOK_FOR_ECHO_AFTER, deliver
from agentiq_core.engine.indexing import index_all
from agentiq_core.engine.jobs import ASK, DELIVER, PULL, RECOUNT, SUGGEST, Dispatch
from agentiq_core.engine.passes import Passes
from agentiq_core.engine.pull import PullReport
from agentiq_core.engine.pulls import Pulls
from agentiq_core.engine.statistics import count
from agentiq_core.engine.suggest import BATCH, suggest_missing
from agentiq_core.engine.sweep import Forgotten, escalate, sweep
from agentiq_core.engine.turns import Turns

log = logging.getLogger(__name__)

CONCURRENCY = 8
SENDING = 6
"""Of these at most so many send: what was asked for by name never waits behind a marketplace's limits for replies."""
FETCH_SECONDS = 1.0
"""A scheduled reply leaves at most this late: Procrastinate looks for due jobs this often."""
SWEEP_TICK, ESCALATE_TICK, INDEX_TICK = 10.0, 60.0, 3.0
"""Each worker's own, and not a job that one of them takes for all: a worker sees the sellers of its operator only."""
STOP_SECONDS = 5.0
_PULLS_END_WITHIN = 4.0
"""Of the five: pulls under way then end where they are, and each page that was stored stays."""
_STALLED_SECONDS = 60.0
_RESTART = (0.5, 1.0, 2.0, 5.0, 10.0)


class Worker:
    """Pulls, sends, suggests, lets models write and escalates for every seller until it is cancelled.

    Any number may run anywhere against one database. It takes no signal handlers, so that it can live in an app.
    """

    def __init__(self, engine: Engine, app: procrastinate.App, *, patient: bool = True) -> None:
        """A `patient` worker waits for a person to sign in again; another one raises `SignInNeeded`."""
        self._engine = engine
        self._patient = patient
        self._app = app
        self._dispatch = Dispatch(app)
        self._pulls = Pulls(engine, self._pulled)
        self._passes = Passes(engine)
        self._turns = Turns(self._deliver_all, hands=SENDING)
        self._register()

    async def run(self) -> None:
        """Work until cancelled; a lost database is waited for. Stops within five seconds, leaving nothing half-claimed.

        Raises `SignInNeeded` unless it is patient.
        """
        attempt = 0
        while True:
            try:
                await self._sweep()
                attempt = 0
                await self._work()
                return
            except SignInNeeded as error:
                if not self._patient:
                    raise
                log.warning("the worker waits for a sign-in: %s", error)
            except (ConnectorException, StoreUnavailable) as error:
                log.warning("the worker lost the database: %s", error)
            await asyncio.sleep(_RESTART[min(attempt, len(_RESTART) - 1)])
            attempt += 1

    async def _work(self) -> None:
        """Jobs, pulls and ticks side by side; whatever ends one of them ends all."""
        jobs = self._app.run_worker_async(
            name=self._engine.worker,
            concurrency=CONCURRENCY,
            fetch_job_polling_interval=FETCH_SECONDS,
            shutdown_graceful_timeout=STOP_SECONDS,
            delete_jobs="always",
            install_signal_handlers=False,
        )
        ticks = (
            self._pulls.run(),
            self._passes.run(),
            _every(SWEEP_TICK, self._sweep),
            _every(ESCALATE_TICK, self._escalate),
            _every(INDEX_TICK, self._index),
        )
        tasks = [asyncio.create_task(one) for one in (jobs, *ticks)]
        try:
            done, _waiting = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(
                *tasks, self._pulls.stop(_PULLS_END_WITHIN), self._passes.stop(), return_exceptions=True
            )
            await self._pulls.hand_back()

    def _register(self) -> None:
        app = self._app
        app.task(name=DELIVER)(self._deliver)
        app.task(name=PULL)(self._pull)
        app.task(name=SUGGEST)(self._suggest)
        app.task(name=ASK)(self._ask)
        app.task(name=RECOUNT)(self._recount)

    async def _deliver(self, seller_id: int, chat_id: int) -> None:
        await self._turns.take(ChatRef(seller_id, chat_id))

    async def _deliver_all(self, ref: ChatRef) -> None:
        """Whatever a conversation has to send, in order, until something must be waited for."""
        while True:
            done = await deliver(self._engine, ref)
            if done is None:
                return
            if done.state in (OutboxState.SENT, OutboxState.UNKNOWN):
                await self._dispatch.pull(ref.seller_id, channel=done.channel, after=LOOK_FOR_ECHO_AFTER)
            if done.state not in (OutboxState.SENT, OutboxState.CONFIRMED, OutboxState.FAILED):
                return

    async def _pull(self, seller_id: int, channel: str = Channel.CHAT) -> None:
        await self._pulls.now(FeedRef(seller_id, channel))

    async def _pulled(self, report: PullReport) -> None:
        if report.new:
            await distribute(self._engine, report.seller_id)
            await self._dispatch.suggest(report.seller_id)
        if report.recovered:
            # replies waited for this seller's pulls to work again
            await self._dispatch_due()

    async def _suggest(self, seller_id: int) -> None:
        while await suggest_missing(self._engine, seller_id) == BATCH:
            continue
        self._passes.wake()
        await consider(self._engine, self._dispatch, seller_id)

    async def _ask(self, seller_id: int) -> None:
        self._passes.wake()

    async def _recount(self, seller_id: int) -> None:
        await recount(self._engine, seller_id)

    async def _sweep(self) -> None:
        if (await self._dispatch_due()).suggestions:
            await suggest_missing(self._engine)
        await distribute_all(self._engine)
        await consider(self._engine, self._dispatch)
        for job in await self._app.job_manager.get_stalled_jobs(seconds_since_heartbeat=_STALLED_SECONDS):
            # its worker died; the business tables know what is still due
            await self._app.job_manager.finish_job(
                job, status=procrastinate.jobs.Status.FAILED, delete_job=True
            )

    async def _dispatch_due(self) -> Forgotten:
        forgotten = await sweep(self._engine)
        for ref in forgotten.replies:
            await self._dispatch.deliver(ref)
        return forgotten

    async def _escalate(self) -> None:
        await escalate(self._engine)
        await count(self._engine)

    async def _index(self) -> None:
        await index_all(self._engine)


async def _every(seconds: float, tick: Callable[[], Awaitable[object]]) -> None:
    """Run a tick again and again; one that fails for a passing reason is said and skipped. Raises `SignInNeeded`."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await tick()
        except SignInNeeded:
            raise
        except (AgentIQError, ConnectorException) as error:
            log.warning("a tick was skipped: %s", error)
