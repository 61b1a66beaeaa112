"""`agentiq suggest`: a ready reply to what a buyer asked last."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.suggesting import PassState
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Chat
from agentiq_tui.cli.output import Exit, data, failed, line, say
from agentiq_tui.cli.private import without_phones
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _
from agentiq_tui.wording import INTENTS, MODEL_FAILURES, SENTIMENTS, SOURCES, STOP_CLASSES, said

if TYPE_CHECKING:
    from agentiq_core.domain.views import ChatRef, SuggestionView
    from agentiq_core.engine.desk import Desk

PATIENCE = 120.0
"""Seconds that `--wait` waits for a model: more than a question takes with its repetitions."""
_LOOK = 0.3
_UNDER_WAY = (PassState.WANTED, PassState.WRITING)


def suggest(
    chat: Chat,
    wish: Annotated[
        str,
        typer.Option(
            "--wish", help="A variant by the seller's model: shorter, warmer, formal, or your own words."
        ),
    ] = "",
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until the seller's model has written, where it has one.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make the suggestion for a conversation anew and print it; a model's comes a moment later (`--wait`)."""

    async def work() -> Exit:
        async with open_desk() as desk:
            ref = await desk.find(chat)
            found = await desk.suggest(ref, wish=wish)
            if wait and found is not None:
                found = await _written(desk, ref, found)
        if found is None:
            say(_("Nobody waits for an answer here"))
            if as_json:
                data(None)
            return Exit.DONE
        if wait and found.state in _UNDER_WAY:
            return failed("no_answer", _("No machine with the model's key took it in time"), as_json=as_json)
        _show(found, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


async def _written(desk: Desk, ref: ChatRef, found: SuggestionView) -> SuggestionView | None:
    """The suggestion once no model is at it any more, or as it stands when patience ends."""
    last: SuggestionView | None = found
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            # with a key here nobody else is needed to ask the model
            await desk.models.write_due()
            while last is not None and last.state in _UNDER_WAY:
                await asyncio.sleep(_LOOK)
                last = await desk.suggestion(ref)
    return last


def _show(found: SuggestionView, as_json: bool) -> None:
    if as_json:
        data(_json(found))
        return
    line(found.text)
    words = [said(INTENTS, found.intent), said(SENTIMENTS, found.sentiment), said(SOURCES, found.source)]
    if found.model and found.source == "model":
        words.append(found.model)
    say(" · ".join(words))
    if found.stop_class is not None:
        say(_("Only a person may answer this: {why}").format(why=said(STOP_CLASSES, found.stop_class)))
    if found.failure is not None:
        say(_("Without the model: {why}").format(why=said(MODEL_FAILURES, found.failure)))
    if found.state in _UNDER_WAY:
        say(_("The model is at it: --wait waits for its reply"))


def _json(found: SuggestionView) -> dict[str, Any]:
    told = asdict(found)
    for name in ("text", "partial", "recommendation"):
        told[name] = told[name] and without_phones(told[name])
    told["evidence"] = [without_phones(words) for words in found.evidence]
    told["claims"] = [
        {name: without_phones(words) for name, words in asdict(claim).items()} for claim in found.claims
    ]
    return told
