"""One conversation or many: what is asked of each seller's, and what came of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.views import ChatRef


def by_seller(refs: ChatRef | Iterable[ChatRef]) -> dict[int, list[int]]:
    """The conversations' numbers by seller, each once, both in order: two who hold many never wait in a ring."""
    found: dict[int, set[int]] = defaultdict(set)
    for ref in [refs] if isinstance(refs, ChatRef) else refs:
        found[ref.seller_id].add(ref.chat_id)
    return {seller: sorted(ids) for seller, ids in sorted(found.items())}


def changed(refs: ChatRef | Iterable[ChatRef], found: Mapping[int, bool | None]) -> int:
    """How many changed. Raises `NotFound` for a single conversation that is not there."""
    if isinstance(refs, ChatRef) and refs.chat_id not in found:
        raise NotFound(f"there is no conversation {refs.chat_id}", chat=refs.chat_id)
    return sum(one is True for one in found.values())
