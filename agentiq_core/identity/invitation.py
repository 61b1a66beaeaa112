"""An invitation: one string that a colleague pastes, with the team's address and a code that works once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from dataclasses import dataclass, field

from agentiq_core.domain.errors import Rejected

_PREFIX = "agentiq-"
_CHECK_BYTES = 4


@dataclass(frozen=True, slots=True)
class Invitation:
    """Both parts are secrets: the address holds the password of the team's database user."""

    server: str = field(repr=False)
    code: str = field(repr=False)

    def pack(self) -> str:
        """As one word that survives a chat, a terminal's line breaks and a double click."""
        raw = json.dumps([1, self.server, self.code], separators=(",", ":")).encode()
        checked = hashlib.sha256(raw).digest()[:_CHECK_BYTES] + raw
        return _PREFIX + base64.urlsafe_b64encode(checked).decode().rstrip("=")

    @classmethod
    def unpack(cls, text: str) -> Invitation:
        """What was pasted; white space in it does not matter. Raises `Rejected`, never with the text."""
        plain = re.sub(r"\s+", "", text)
        body = plain.removeprefix(_PREFIX)
        try:
            checked = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
            raw = checked[_CHECK_BYTES:]
            if body == plain or hashlib.sha256(raw).digest()[:_CHECK_BYTES] != checked[:_CHECK_BYTES]:
                raise ValueError
            version, server, code = json.loads(raw)
        except (ValueError, binascii.Error, TypeError):
            raise Rejected(
                "this is no whole invitation: copy all of it, from agentiq- to its end", rule="invitation"
            ) from None
        if version != 1 or not isinstance(server, str) or not isinstance(code, str):
            raise Rejected("this invitation is of a newer AgentIQ: update this one", rule="invitation")
        if not server.startswith(("postgresql://", "postgres://")):
            raise Rejected("this invitation leads to no Postgres", rule="invitation")
        return cls(server, code)
