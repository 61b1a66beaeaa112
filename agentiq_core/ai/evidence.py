"""Whether a claim of a model rests on what it names: looked up by us, believed from nobody."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from agentiq_core.ai.answer import AnsweredClaim
from agentiq_core.ai.suggest import Claim, ClaimSource
from agentiq_core.guardrails.facts import facts_in, keys_of
from agentiq_core.language.normalize import normalize
from agentiq_core.language.reading import read

_NOT_WORDS = re.compile(r"[\W_]+")
_SHORTEST = 2


def verified(
    claims: Sequence[AnsweredClaim], reply: str, sources: Mapping[ClaimSource, str]
) -> tuple[Claim, ...]:
    """The claims that stand in the reply, quote words that stand in a source, and state no more than those words.

    A quotation from another source than the one named is attributed to where it stands.
    """
    plain_reply = _plain(reply)
    plain = {source: _plain(text) for source, text in sources.items()}
    kept = []
    for claim in claims:
        words = _plain(claim.words)
        if len(words) < _SHORTEST or _plain(claim.text) not in plain_reply:
            continue
        homes = [claim.source, *(source for source in sources if source is not claim.source)]
        home = next((source for source in homes if f" {words} " in f" {plain.get(source, '')} "), None)
        if home is not None and _bears_out(claim):
            kept.append(Claim(claim.text, home, claim.words))
    return tuple(dict.fromkeys(kept))


def _bears_out(claim: AnsweredClaim) -> bool:
    known = keys_of(read(claim.words))
    return all(keys & known for *_, keys in facts_in(read(claim.text)))


def _plain(text: str) -> str:
    """Words alone, in one spelling."""
    return _NOT_WORDS.sub(" ", normalize(text).text).strip()
