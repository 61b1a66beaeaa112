"""The audit log for those who may read it: phones and secrets masked."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

from agentiq_core.domain.team import AuditKey, AuditLine, AuditPage
from agentiq_core.engine.context import Engine
from agentiq_core.guardrails.redaction import redacted
from agentiq_core.store import audit as stored


class Audit:
    """Who did what (`desk.audit`). An admin reads of the own sellers, an owner of the team too."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def page(
        self,
        before: AuditKey | None = None,
        limit: int = 50,
        *,
        seller_id: int | None = None,
        operator_id: int | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> AuditPage:
        """Lines older than `before`, newest first. `action` is a kind or its beginning ("chats.", "chats.assign"), `subject`
        a number as the log writes it. Raises `Forbidden` for whoever is no admin."""
        self._engine.access.only_admins()
        async with self._engine.store.transaction() as session:
            found = await stored.page(
                session,
                before=before,
                limit=limit,
                seller_id=seller_id,
                operator_id=operator_id,
                action=action,
                subject=subject,
            )
        # the masking reads words: off the event loop
        return replace(found, lines=await asyncio.to_thread(_masked, found.lines))


def _masked(lines: tuple[AuditLine, ...]) -> tuple[AuditLine, ...]:
    return tuple(replace(one, change=_without_secrets(one.change)) for one in lines)


def _without_secrets(change: dict[str, Any]) -> dict[str, Any]:
    shown = redacted(json.dumps(change, ensure_ascii=False))
    try:
        found = json.loads(shown)
    except ValueError:
        # longer than a real line of the log
        return {"cut": shown}
    return found if isinstance(found, dict) else {"cut": shown}
