"""`agentiq suggest`: a ready reply to what a buyer asked last."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, say
from agentiq_tui.cli.private import without_phones
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import INTENTS, SENTIMENTS, SOURCES, STOP_CLASSES, said


def suggest(
    chat: Annotated[int, typer.Argument(help="The conversation's number.")], as_json: Json = False
) -> None:
    """Make the suggestion for a conversation anew and print it."""

    async def work() -> Exit:
        async with open_desk() as desk:
            found = await desk.suggest(await desk.find(chat))
        if found is None:
            say(_("Nobody waits for an answer here"))
            if as_json:
                data(None)
            return Exit.DONE
        if as_json:
            quoted = [without_phones(words) for words in found.evidence]
            data(asdict(found) | {"text": without_phones(found.text), "evidence": quoted})
        else:
            line(found.text)
            words = (
                said(INTENTS, found.intent),
                said(SENTIMENTS, found.sentiment),
                said(SOURCES, found.source),
            )
            say(" · ".join(words))
            if found.stop_class is not None:
                say(
                    _("Only a person may answer this: {why}").format(why=said(STOP_CLASSES, found.stop_class))
                )
        return Exit.DONE

    perform(work, as_json=as_json)
