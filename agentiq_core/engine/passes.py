"""Models write suggestions: whatever is wanted, so many at the same moment, each once, within the seller's money.

The template is there already. The claim on the suggestion's row is the dispatch: no job is made for what is merely due.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from agentiq_core.ai.model import Model
from agentiq_core.ai.pipeline import suggest_with
from agentiq_core.ai.suggest import MODEL, Suggestion
from agentiq_core.domain.errors import AgentIQError, Misconfigured, SignInNeeded, VaultLocked
from agentiq_core.domain.suggesting import ModelSettings, PassFailure, PassState
from agentiq_core.domain.unforeseen import kind_and_place
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lease import kept
from agentiq_core.engine.model_context import gathered
from agentiq_core.engine.model_lines import currency_of, dearest
from agentiq_core.engine.suggest import row_of
from agentiq_core.store import models, passes, spending
from agentiq_core.store.passes import ClaimedPass
from agentiq_core.store.spending import Reserved

log = logging.getLogger(__name__)

HANDS = 8
"""Models that this worker waits for at once."""
TRANSACTIONS = 2
"""How many of them speak to the database at once, so that replies and pulls have its connections."""
SHOW_SECONDS = 0.4
"""Between two looks of the screens at what a model has written so far."""
IDLE_SECONDS, BUSY_SECONDS = 3.0, 0.1
ATTEMPTS = 3
"""Workers that may vanish over one question before it is given up."""
_STOP_SECONDS = 0.4


@dataclass(frozen=True, slots=True)
class _Begun:
    """A question that is paid for in advance."""

    claimed: ClaimedPass
    settings: ModelSettings
    model: Model
    reserved: Reserved


class Passes:
    """The models' passes of one worker."""

    def __init__(self, engine: Engine) -> None:
        self._engine = replace(engine, store=engine.store.lane(TRANSACTIONS))
        self._busy: set[asyncio.Task[None]] = set()
        self._sellers: dict[int, ModelSettings] = {}
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Let models write what is wanted until cancelled; a look that fails for a passing reason is said and skipped.

        Raises `SignInNeeded`.
        """
        while True:
            begun = 0
            self._wake.clear()
            try:
                begun = await self.begin_due()
            except SignInNeeded:
                raise
            except AgentIQError as error:
                log.warning("nothing was looked for that a model is to write: %s", error)
            with suppress(TimeoutError):
                async with asyncio.timeout(BUSY_SECONDS if begun else IDLE_SECONDS):
                    await self._wake.wait()

    def wake(self) -> None:
        """Something is wanted: look now."""
        self._wake.set()

    async def begin_due(self) -> int:
        """Begin as many questions as there are hands; how many that were. Raises as `Store.transaction`."""
        begun = 0
        reached = await self._reached()
        full: set[int] = set()
        while len(self._busy) < HANDS and (sellers := [one for one in reached if one not in full]):
            try:
                one = await self._begin(sellers, reached)
            except _AtOnce as busy:
                full.add(busy.seller_id)
                continue
            if one is False:
                break
            begun += 1
            if one is True:
                continue
            task = asyncio.create_task(self._one(one), name=f"model {one.claimed.ref.chat_id}")
            self._busy.add(task)
            task.add_done_callback(self._end)
        return begun

    async def settled(self) -> None:
        """Wait until every question under way has its answer."""
        while self._busy:
            await asyncio.wait(self._busy)

    async def stop(self) -> None:
        """End what is under way, and let other workers have it at once; where that fails, when the lease ends."""
        running = list(self._busy)
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        with suppress(AgentIQError, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS), self._engine.store.transaction() as session:
                await passes.hand_back(session, self._engine.worker, list(self._sellers))

    async def _reached(self) -> Mapping[int, tuple[ModelSettings, Model | None]]:
        """Sellers whose model this machine may ask; None for one that nobody can."""
        async with self._engine.store.transaction() as session:
            known = await models.every(session)
        reached: dict[int, tuple[ModelSettings, Model | None]] = {}
        for seller, settings in known.items():
            if not settings.enabled:
                continue
            try:
                model = await self._engine.models.reach(settings)
            except VaultLocked as error:
                log.info("this machine's secrets stay closed: %s", error)
            except Misconfigured as error:
                log.info("seller %s: the model cannot be asked: %s", seller, error)
                reached[seller] = (settings, None)
            else:
                if model is not None:
                    reached[seller] = (settings, model)
        self._sellers = {seller: settings for seller, (settings, _) in reached.items()}
        return reached

    async def _begin(
        self, sellers: list[int], reached: Mapping[int, tuple[ModelSettings, Model | None]]
    ) -> _Begun | bool:
        """Claim what is due next and reserve its money, in one transaction; False when nothing is due, True when what was
        due may not be asked. Raises `_AtOnce`, which undoes everything."""
        engine = self._engine
        async with engine.store.transaction() as session:
            claimed = await passes.claim(session, engine.worker, engine.settings.lease_seconds, sellers)
            if claimed is None:
                return False
            seller = claimed.ref.seller_id
            settings, model = reached[seller]
            if model is None or claimed.attempts > ATTEMPTS:
                why = PassFailure.MISCONFIGURED if model is None else PassFailure.WORKER_LOST
                await passes.fail(session, claimed, why)
                return True
            reserved = await spending.reserve(
                session, seller, model.name, dearest(settings), currency_of(settings)
            )
            if await passes.under_way(session, seller) > settings.concurrency:
                raise _AtOnce(seller)
            budget = settings.daily_budget
            if budget is not None and await spending.spent(session, seller) > budget:
                await spending.release(session, reserved)
                await passes.fail(session, claimed, PassFailure.OVER_BUDGET)
                # the others would hear the same, one by one
                await passes.give_up(session, seller, PassFailure.OVER_BUDGET)
                return True
        return _Begun(claimed, settings, model, reserved)

    async def _one(self, begun: _Begun) -> None:
        """One question to its end; whatever stops it stops this one alone."""
        claimed = begun.claimed
        try:
            await self._ask(begun)
        except AgentIQError as error:
            # a lost database is said by the loops of the worker; when the lease ends the question is asked again
            log.info("the model's pass over conversation %s was cut off: %s", claimed.ref.chat_id, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the template stays and the others go on
            log.error(
                "the model's pass over conversation %s broke: %s", claimed.ref.chat_id, kind_and_place(error)
            )
            with suppress(AgentIQError):
                async with self._engine.store.transaction() as session:
                    await passes.fail(session, claimed, PassFailure.BROKEN)

    async def _ask(self, begun: _Begun) -> None:
        engine, claimed = self._engine, begun.claimed
        found = await gathered(engine, claimed.ref, begun.settings, claimed.intent)
        if found is None or found[0].asked != claimed.asked:
            # the buyer wrote again: another row is wanted by now
            async with engine.store.transaction() as session:
                await passes.fail(session, claimed, None, state=PassState.NONE)
                await spending.release(session, begun.reserved)
            return
        so_far = _SoFar()
        draft = claimed.body if claimed.wish else ""
        asking = asyncio.ensure_future(
            suggest_with(begun.model, found[1], wish=claimed.wish, draft=draft, on_text=so_far.told)
        )
        telling = asyncio.create_task(self._tell(claimed, so_far, asking))
        try:
            async with kept(
                engine,
                lambda session: passes.renew(session, claimed, engine.settings.lease_seconds),
            ):
                await asyncio.wait([asking])
        finally:
            telling.cancel()
            asking.cancel()
            await asyncio.gather(telling, asking, return_exceptions=True)
        if asking.cancelled():
            log.info("the model's pass over conversation %s is nobody's any more", claimed.ref.chat_id)
            return
        await self._answered(begun, asking.result())

    async def _tell(self, claimed: ClaimedPass, so_far: _SoFar, asking: asyncio.Future[Suggestion]) -> None:
        """Show what is there so far; end the question when nobody waits for its answer any more."""
        engine, shown = self._engine, ""
        while True:
            await asyncio.sleep(SHOW_SECONDS)
            if so_far.text == shown:
                continue
            shown = so_far.text
            # what could not be shown is shown with what comes next
            with suppress(AgentIQError):
                async with engine.store.transaction() as session:
                    held = await passes.show(session, claimed, engine.settings.lease_seconds, shown)
                if not held:
                    asking.cancel()
                    return

    async def _answered(self, begun: _Begun, suggestion: Suggestion) -> None:
        claimed = begun.claimed
        new = row_of(claimed.ref, claimed.asked, suggestion)
        async with self._engine.store.transaction() as session:
            if suggestion.source == MODEL:
                held = await passes.finish(session, claimed, new, PassState.DONE)
            elif suggestion.failure is None:
                held = await passes.finish(session, claimed, new, PassState.NONE)
            elif claimed.wish:
                # what was on offer before the wish is better than the template
                held = await passes.fail(
                    session, claimed, suggestion.failure, latency=new.latency, cost=new.cost
                )
            else:
                held = await passes.finish(session, claimed, new, PassState.FAILED)
            # behind the suggestion, as whoever begins holds them
            await spending.settle(
                session, begun.reserved, cost=new.cost, tokens_in=new.tokens_in, tokens_out=new.tokens_out
            )
        if not held:
            log.info("the answer for conversation %s came too late", claimed.ref.chat_id)

    def _end(self, task: asyncio.Task[None]) -> None:
        self._busy.discard(task)
        self._wake.set()


class _SoFar:
    """What a model has written so far."""

    def __init__(self) -> None:
        self.text = ""

    async def told(self, text: str) -> None:
        """`OnText`."""
        self.text = text


class _AtOnce(Exception):
    """Enough questions of this seller are under way; what was claimed waits."""

    def __init__(self, seller_id: int) -> None:
        super().__init__()
        self.seller_id = seller_id
