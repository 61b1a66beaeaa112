"""The model's pass over a suggestion, in SQL: who writes it, what is there so far, what became of it.

A pass is claimed with a lease and fenced by the name of the claim: whoever lost it writes nothing any more.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from agentiq_core.domain.suggesting import PassState
from agentiq_core.domain.views import ChatRef
from agentiq_core.store.messages import storable
from agentiq_core.store.suggestions import NewSuggestion, columns

# a pass under way for the same wish goes on; another wish takes its place
_WANT = text("""
update suggestions g set state = 'wanted', wish = :wish, partial = '', attempts = 0, worker_id = null, lease_until = null,
    failure = null
from chats c
where c.seller_id = :seller and c.id = :chat and g.seller_id = c.seller_id and g.chat_id = c.id and g.asked = c.asked
  and c.needs_reply and not (g.state in ('wanted', 'writing') and g.wish = :wish)
returning g.id
""")

# a ready reply that no model was asked to write anew: its question was old, or the model came later
_WANT_SEEN = text("""
update suggestions g set state = 'wanted', wish = '', partial = '', attempts = 0, worker_id = null, lease_until = null
from chats c join model_settings m on m.seller_id = c.seller_id and m.enabled
where c.seller_id = :seller and c.id = :chat and g.seller_id = c.seller_id and g.chat_id = c.id and g.asked = c.asked
  and c.needs_reply and g.state = 'none' and g.source = 'template' and g.stop_class is null and g.failure is null
""")

# reads suggestions_wanted; what nobody waits for any more is let go
_LET_GO = text("""
with past as materialized (
    select g.seller_id, g.id from suggestions g
    join chats c on c.seller_id = g.seller_id and c.id = g.chat_id
    where g.seller_id = any(:sellers) and g.state in ('wanted', 'writing') and (g.asked is distinct from c.asked or not c.needs_reply)
    for update of g skip locked)
update suggestions g set state = 'none', partial = '', worker_id = null, lease_until = null
from past where g.seller_id = past.seller_id and g.id = past.id
""")

# reads suggestions_wanted; what a person asked for goes first, then what is due first
_CLAIM = text("""
with busy as (
    select g.seller_id, count(*) as questions from suggestions g
    where g.seller_id = any(:sellers) and g.state = 'writing' and g.lease_until > clock_timestamp() group by g.seller_id),
next as materialized (
    select g.seller_id, g.id from suggestions g
    join chats c on c.seller_id = g.seller_id and c.id = g.chat_id and c.asked = g.asked and c.needs_reply
    join model_settings m on m.seller_id = g.seller_id
    left join busy b on b.seller_id = g.seller_id
    where g.seller_id = any(:sellers) and (g.state = 'wanted' or g.state = 'writing' and g.lease_until <= clock_timestamp())
      and coalesce(b.questions, 0) < m.concurrency
    order by g.wish = '', c.due_at nulls last, g.id limit 1 for update of g skip locked)
update suggestions g set state = 'writing', worker_id = :holder, partial = '', attempts = g.attempts + 1,
    lease_until = clock_timestamp() + make_interval(secs => :lease)
from next where g.seller_id = next.seller_id and g.id = next.id
returning g.seller_id, g.chat_id, g.id, g.asked, g.wish, g.attempts, g.worker_id, g.intent, g.body
""")

# reads suggestions_wanted
_UNDER_WAY = text("""
select count(*) from suggestions where seller_id = :seller and state = 'writing' and lease_until > clock_timestamp()
""")

_WAITING = text(
    "select count(*) from suggestions where seller_id = :seller and state in ('wanted', 'writing')"
)

_RENEW = text("""
update suggestions set lease_until = clock_timestamp() + make_interval(secs => :lease)
where seller_id = :seller and id = :id and worker_id = :holder and state = 'writing'
""")

_SHOW = text("""
update suggestions g set partial = :partial, lease_until = clock_timestamp() + make_interval(secs => :lease)
from chats c
where g.seller_id = :seller and g.id = :id and g.worker_id = :holder and g.state = 'writing'
  and c.seller_id = g.seller_id and c.id = g.chat_id and c.asked = g.asked and c.needs_reply
returning g.id
""")

# reads suggestions_wanted
_GIVE_UP = text("""
update suggestions set state = :state, failure = :failure, partial = '', worker_id = null, lease_until = null
where seller_id = :seller and state in ('wanted', 'writing') and (state = 'wanted' or :writing)
""")

_HAND_BACK = text("""
update suggestions set state = 'wanted', partial = '', worker_id = null, lease_until = null, attempts = greatest(attempts - 1, 0)
where seller_id = any(:sellers) and starts_with(worker_id, :worker || ':') and state = 'writing'
""")

# the buyer may have written again meanwhile: then this answers another question
_FINISH = text("""
update suggestions g set body = :body, intent = :intent, sentiment = :sentiment, confidence = :confidence, source = :source,
    stop_class = :stop_class, evidence = cast(:evidence as jsonb), violations = cast(:violations as jsonb), guardrails = :guardrails,
    model = :model, latency = :latency, tokens_in = :tokens_in, tokens_out = :tokens_out, cost = :cost,
    recommendation = :recommendation, categories = cast(:categories as jsonb), urgency = :urgency,
    claims = cast(:claims as jsonb), analyzed_at = :analyzed_at, injection = :injection, failure = :failure, repaired = :repaired,
    broken_first = cast(:broken_first as jsonb), state = :state, partial = '', worker_id = null, lease_until = null,
    created_at = now()
from chats c
where g.seller_id = :seller and g.id = :id and g.worker_id = :holder and g.state = 'writing'
  and c.seller_id = g.seller_id and c.id = g.chat_id and c.asked = g.asked
returning g.id
""")

# the text on offer stays, whoever wrote it
_FAIL = text("""
update suggestions set state = :state, failure = :failure, partial = '', worker_id = null, lease_until = null,
    latency = coalesce(cast(:latency as real), latency), cost = cost + :cost
where seller_id = :seller and id = :id and worker_id = :holder and state = 'writing'
returning id
""")


@dataclass(frozen=True, slots=True)
class ClaimedPass:
    """A suggestion that this worker lets a model write. `attempts` counts this one, `body` is on offer meanwhile."""

    ref: ChatRef
    id: int
    asked: str
    wish: str
    attempts: int
    holder: str
    """The name of this claim: the same worker may have another one of the same row later."""
    intent: str
    body: str


async def want(session: AsyncSession, ref: ChatRef, wish: str = "") -> bool:
    """A model is to write the suggestion for the newest question; False where nobody waits, or it is on its way already."""
    values = {"seller": ref.seller_id, "chat": ref.chat_id, "wish": storable(wish)}
    return (await session.execute(_WANT, values)).first() is not None


async def want_seen(session: AsyncSession, ref: ChatRef) -> None:
    """Somebody who answers has the conversation on screen: a model is to write what none was asked for yet."""
    await session.execute(_WANT_SEEN, {"seller": ref.seller_id, "chat": ref.chat_id})


async def claim(
    session: AsyncSession, worker: str, lease_seconds: float, sellers: Sequence[int]
) -> ClaimedPass | None:
    """The next pass of these sellers that may begin now; None when there is none."""
    await session.execute(_LET_GO, {"sellers": list(sellers)})
    holder = f"{worker}:{secrets.token_hex(4)}"
    values = {"holder": holder, "lease": lease_seconds, "sellers": list(sellers)}
    row = (await session.execute(_CLAIM, values)).first()
    if row is None:
        return None
    return ClaimedPass(
        ref=ChatRef(row.seller_id, row.chat_id),
        id=row.id,
        asked=row.asked,
        wish=row.wish,
        attempts=row.attempts,
        holder=row.worker_id,
        intent=row.intent,
        body=row.body,
    )


async def under_way(session: AsyncSession, seller_id: int) -> int:
    """How many questions of a seller are being asked right now, this transaction's among them."""
    found: int = (await session.execute(_UNDER_WAY, {"seller": seller_id})).scalar_one()
    return found


async def waiting(session: AsyncSession, seller_id: int) -> int:
    """How many suggestions of a seller a model is still to write."""
    found: int = (await session.execute(_WAITING, {"seller": seller_id})).scalar_one()
    return found


async def renew(session: AsyncSession, claimed: ClaimedPass, lease_seconds: float) -> None:
    """This worker is still at it."""
    await session.execute(_RENEW, _key(claimed) | {"lease": lease_seconds})


async def show(session: AsyncSession, claimed: ClaimedPass, lease_seconds: float, partial: str) -> bool:
    """Show what the model has written so far; False when the pass was lost or nobody waits for it any more."""
    values = _key(claimed) | {"lease": lease_seconds, "partial": storable(partial)}
    return (await session.execute(_SHOW, values)).first() is not None


async def finish(session: AsyncSession, claimed: ClaimedPass, new: NewSuggestion, state: PassState) -> bool:
    """Put what came of it in the template's place; False when the pass was lost or the buyer wrote again meanwhile."""
    values = columns(new) | _key(claimed) | {"state": state.value}
    return (await session.execute(_FINISH, values)).first() is not None


async def fail(
    session: AsyncSession,
    claimed: ClaimedPass,
    failure: str | None,
    *,
    state: PassState = PassState.FAILED,
    latency: float | None = None,
    cost: Decimal = Decimal(0),
) -> bool:
    """Leave the text that is on offer and say why; False when the pass was lost."""
    values = _key(claimed) | {"failure": failure, "state": state.value, "latency": latency, "cost": cost}
    return (await session.execute(_FAIL, values)).first() is not None


async def give_up(session: AsyncSession, seller_id: int, failure: str) -> None:
    """Nobody asks about what is wanted of this seller; the texts on offer stay. What is being written goes on."""
    values = {"seller": seller_id, "failure": failure, "state": PassState.FAILED.value, "writing": False}
    await session.execute(_GIVE_UP, values)


async def let_go(session: AsyncSession, seller_id: int) -> None:
    """No model writes for this seller any more, also what is being written."""
    values = {"seller": seller_id, "failure": None, "state": PassState.NONE.value, "writing": True}
    await session.execute(_GIVE_UP, values)


async def hand_back(session: AsyncSession, worker: str, sellers: Sequence[int]) -> None:
    """Let other workers have at once what this one holds."""
    await session.execute(_HAND_BACK, {"worker": worker, "sellers": list(sellers)})


def _key(claimed: ClaimedPass) -> dict[str, object]:
    return {"seller": claimed.ref.seller_id, "id": claimed.id, "holder": claimed.holder}
