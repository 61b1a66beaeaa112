"""One conversation or many: what is asked of each seller's, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.views import ChatRef


def by_seller(refs: ChatRef | Iterable[ChatRef]) -> dict[int, list[int]]:
    """The conversations' numbers by seller, each once, both in order: two who hold many never wait in a ring."""
    found: dict[int, set[int]] = defaultdict(set)
    for ref in [refs] if isinstance(refs, ChatRef) else refs:
        found[ref.seller_id].add(ref.chat_id)
    return {seller: sorted(ids) for seller, ids in sorted(found.items())}


def outcome(refs: ChatRef | Iterable[ChatRef], found: Mapping[int, bool | None], refusal: str) -> int:
    """How many changed. For a single conversation raises `NotFound` when it is not there, `Rejected` when it was refused."""
    if isinstance(refs, ChatRef):
        if refs.chat_id not in found:
            raise NotFound(f"there is no conversation {refs.chat_id}", chat=refs.chat_id)
        if found[refs.chat_id] is False:
            raise Rejected(refusal)
    return sum(changed is True for changed in found.values())
