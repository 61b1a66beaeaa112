"""An invitation: one string that a colleague pastes, with the team's address and a code that works once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field

from agentiq_core.domain.errors import Rejected
from agentiq_core.identity.addresses import SCHEMES, parameters

_PREFIX = "agentiq-"
_CHECK_BYTES = 4
_INVISIBLE = re.compile("[\\s\u00ad\u200b-\u200d\u2060\ufeff]+")
"""What terminals and messengers put into a long word: white space, soft hyphens, joiners of no width."""
_OF_THIS_MACHINE = frozenset({"service", "servicefile", "passfile", "sslkeylogfile"})
"""Parameters of libpq that read passwords from a file of this machine or write to one: nobody else may choose it."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """Both parts are secrets: the address holds the password of the team's database user."""

    server: str = field(repr=False)
    code: str = field(repr=False)

    def pack(self) -> str:
        """As one word that survives a chat, a terminal's line breaks and a double click. Raises `Rejected`."""
        _check(self.server)
        raw = json.dumps([1, self.server, self.code], separators=(",", ":")).encode()
        checked = hashlib.sha256(raw).digest()[:_CHECK_BYTES] + raw
        return _PREFIX + base64.urlsafe_b64encode(checked).decode().rstrip("=")

    @classmethod
    def unpack(cls, text: str) -> Invitation:
        """What was pasted; white space in it does not matter. Raises `Rejected`, never with the text."""
        plain = _INVISIBLE.sub("", text)
        body = plain.removeprefix(_PREFIX)
        try:
            checked = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
            raw = checked[_CHECK_BYTES:]
            if body == plain or hashlib.sha256(raw).digest()[:_CHECK_BYTES] != checked[:_CHECK_BYTES]:
                raise ValueError
            version, server, code = json.loads(raw)
        except (ValueError, binascii.Error, TypeError, RecursionError):
            raise Rejected(
                "this is no whole invitation: copy all of it, from agentiq- to its end", rule="invitation"
            ) from None
        if version != 1 or not isinstance(server, str) or not isinstance(code, str):
            raise Rejected("this invitation is of a newer AgentIQ: update this one", rule="invitation")
        _check(server)
        return cls(server, code)


def _check(server: str) -> None:
    if not server.startswith(SCHEMES):
        raise Rejected("this invitation leads to no Postgres", rule="invitation")
    chosen = sorted(_OF_THIS_MACHINE & parameters(server).keys())
    if chosen:
        raise Rejected(
            f"an invitation may not choose a file of this machine: {', '.join(chosen)}",
            rule="invitation",
            chosen=", ".join(chosen),
        )
