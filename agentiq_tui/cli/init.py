"""`agentiq init`: the database and the team key, made or brought up to date."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from agentiq_tui.cli.output import Exit, data, say
from agentiq_tui.cli.session import current_settings, perform
from agentiq_tui.locale import _

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def init(as_json: Json = False) -> None:
    """Create or upgrade the database schema and this machine's team key. Repeating it changes nothing."""

    async def work() -> Exit:
        from agentiq_core.engine.opening import database
        from agentiq_core.identity.vault import FILE, open_vault
        from agentiq_core.store.schema import VERSIONS

        settings = current_settings()
        async with database(settings):
            await asyncio.to_thread(open_vault, settings)
        embedded = settings.database_url is None
        if as_json:
            data({"schema": VERSIONS[-1], "embedded": embedded, "home": str(settings.home)})
        else:
            say(_("The database is ready (schema {version})").format(version=VERSIONS[-1]))
            if settings.team_key is None:
                path = settings.home / FILE
                say(_("The team key lies in a file that you alone may read: {path}").format(path=path))
                if not embedded:
                    say(
                        _(
                            "Other machines of the team need this same key, as AGENTIQ_TEAM_KEY or as this file"
                        )
                    )
        return Exit.DONE

    perform(work, as_json=as_json)
