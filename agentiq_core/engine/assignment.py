"""Whose a conversation is: given, taken for a while, handed over with a word, or shared out among those who are here."""

from __future__ import annotations

from collections.abc import Iterable

from agentiq_core.domain.errors import Forbidden, Rejected, SignedOut
from agentiq_core.domain.sharing import Given, share_out
from agentiq_core.domain.team import AssignmentMode, AssignmentRule, NoteView
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.context import Engine
from agentiq_core.engine.many import by_seller, changed
from agentiq_core.engine.notes import LONGEST
from agentiq_core.store import assignment as stored
from agentiq_core.store import notes, sellers
from agentiq_core.store.messages import storable

AT_ONCE = 200
"""Conversations that one step of sharing out gives away."""
LONGEST_CLAIM = 24 * 60
"""Minutes."""


class Assignment:
    """Giving conversations to people (`desk.assignment`).

    An operator gives away what is the own or nobody's; a colleague's only an admin, unless the claim ran out or the colleague
    is gone (docs/security.md). A reply is nobody's privilege: whoever may write may answer.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def me(self) -> int:
        """This operator's number. Raises `SignedOut`."""
        who = self._engine.access.who
        if who is None:
            raise SignedOut("this sign-in has ended")
        return who.operator_id

    async def assign(self, refs: ChatRef | Iterable[ChatRef], to: int | None) -> int:
        """Give conversations to somebody, or to nobody; how many changed hands.

        Raises `Forbidden` for a viewer, `Rejected` for who may not be given them; for a single conversation `NotFound`, and
        `Forbidden` for a colleague's.
        """
        return await self._give(refs, to)

    async def take(self, refs: ChatRef | Iterable[ChatRef]) -> int:
        """These conversations are this operator's. Raises as `assign`."""
        return await self._give(refs, self.me)

    async def claim(self, refs: ChatRef | Iterable[ChatRef], minutes: int | None = None) -> int:
        """These conversations are this operator's for so long (the seller's rule says how long by itself), then nobody's again.

        Claiming anew prolongs it. Raises as `assign`, `Rejected` for a time that is none or too long.
        """
        if minutes is not None and not 1 <= minutes <= LONGEST_CLAIM:
            raise Rejected(
                f"a claim lasts between 1 and {LONGEST_CLAIM} minutes", longest_claim=LONGEST_CLAIM
            )
        return await self._give(refs, self.me, by="claim", minutes=minutes)

    async def hand_over(self, ref: ChatRef, to: int, word: str) -> NoteView:
        """Give a conversation to a colleague with a note that names them, both or neither. Raises as `assign`."""
        self._engine.access.only_writers()
        body = storable(word).strip()
        if not body or len(body) > LONGEST:
            raise Rejected(f"a note has between 1 and {LONGEST} characters", longest_note=LONGEST)
        async with self._engine.store.transaction() as session:
            found = await stored.assign(session, ref.seller_id, [ref.chat_id], to, by="handover")
            changed(ref, found)
            if found[ref.chat_id] is False:
                raise Forbidden("a colleague works on this")
            return await notes.add(session, ref, body, {to} - {self.me}, handover=True)

    async def rule(self, seller_id: int) -> AssignmentRule:
        """How a seller's conversations are shared out. Raises `NotFound`."""
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            return await stored.rule(session, seller_id)

    async def set_rule(self, seller_id: int, rule: AssignmentRule) -> None:
        """Share a seller's conversations out so. Raises `NotFound`, `Forbidden` for whoever is no admin, `Rejected`."""
        self._engine.access.only_admins()
        if not 1 <= rule.claim_minutes <= LONGEST_CLAIM:
            raise Rejected(
                f"a claim lasts between 1 and {LONGEST_CLAIM} minutes", longest_claim=LONGEST_CLAIM
            )
        async with self._engine.store.transaction() as session:
            await sellers.get(session, seller_id)
            await stored.set_rule(session, seller_id, rule)

    async def _give(
        self,
        refs: ChatRef | Iterable[ChatRef],
        to: int | None,
        *,
        by: str = "person",
        minutes: int | None = None,
    ) -> int:
        self._engine.access.only_writers()
        done = 0
        for seller_id, ids in by_seller(refs).items():
            async with self._engine.store.transaction() as session:
                lasts = minutes
                if by == "claim" and lasts is None:
                    lasts = (await stored.rule(session, seller_id)).claim_minutes
                found = await stored.assign(session, seller_id, ids, to, by=by, minutes=lasts)
            done += changed(refs, found)
            if isinstance(refs, ChatRef) and found[refs.chat_id] is False:
                raise Forbidden("a colleague works on this")
        return done


async def distribute(engine: Engine, seller_id: int) -> list[Given]:
    """Share out what waits and is nobody's among those who are at their desks, as the seller's rule says.

    Harmless to repeat, and side by side with another worker: they share out one behind the other.
    """
    async with engine.store.transaction() as session:
        mode = (await stored.rule(session, seller_id)).mode
        if mode is AssignmentMode.MANUAL:
            return []
        last = await stored.last_turn(session, seller_id)
        candidates = await stored.candidates(session, seller_id)
        if not candidates:
            return []
        chats = await stored.take_unassigned(session, seller_id, AT_ONCE)
        given = share_out(mode, chats, candidates, last)
        if given:
            await stored.give(session, seller_id, given, mode)
        return given


async def distribute_all(engine: Engine) -> None:
    """Claims that ran out end; then `distribute` for every seller that has something to share out."""
    async with engine.store.transaction() as session:
        await stored.expire_claims(session)
        waiting = await stored.sellers_with_work(session)
    for seller_id in waiting:
        await distribute(engine, seller_id)
