from __future__ import annotations

import base64
import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Invitation:
    server: str
    code: str

    def pack(self) -> str:
        return "agentiq-" + base64.urlsafe_b64encode(json.dumps([self.server, self.code]).encode()).decode()

    @staticmethod
    def unpack(text: str) -> Invitation:
        return Invitation(*json.loads(base64.urlsafe_b64decode(text[8:])))
