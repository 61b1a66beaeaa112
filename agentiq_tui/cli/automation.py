"""`agentiq auto`: what may leave by itself, and what would have."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from agentiq_core.domain.automation import AutomationRecord, AutomationReport, AutomationSettings, Mode
from agentiq_tui.automation_wording import HELD, MODES
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import moment
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, line, local, pairs, say, table
from agentiq_tui.cli.private import without_phones
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, ngettext
from agentiq_tui.wording import INTENTS, said

app = typer.Typer(help="Replies that leave by themselves.", no_args_is_help=True)


@app.command("show")
def show(seller: Seller, as_json: Json = False) -> None:
    """What a seller lets leave by itself."""

    async def work() -> Exit:
        async with open_desk() as desk:
            _show(await desk.automation.settings(seller), as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def set_mode(
    intent: Annotated[str, typer.Argument(help="What the buyer asks: size_advice, thanks and so on.")],
    mode: Annotated[Mode, typer.Argument(help="off, shadow or on.")],
    seller: Seller,
    cap: Annotated[
        int | None, typer.Option("--cap", min=0, max=10_000, help="At most so many a day; 20 at first.")
    ] = None,
    confidence: Annotated[
        float | None, typer.Option("--confidence", min=0, max=1, help="At least so sure; 0.8 at first.")
    ] = None,
    templates: Annotated[
        bool | None,
        typer.Option("--templates/--no-templates", help="Templates too, or only what a model wrote."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Let answers to one kind of question leave, only write them down, or neither."""

    async def work() -> Exit:
        async with open_desk() as desk:
            before = (await desk.automation.settings(seller)).of(intent)
            await desk.automation.set(
                seller,
                replace(
                    before,
                    mode=mode,
                    daily_cap=before.daily_cap if cap is None else cap,
                    least_confidence=before.least_confidence if confidence is None else confidence,
                    templates=before.templates if templates is None else templates,
                ),
            )
            _show(await desk.automation.settings(seller), as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("stop")
def stop(seller: Seller, as_json: Json = False) -> None:
    """Nothing of this seller leaves by itself from this moment on; what waits to leave is taken back."""

    async def work() -> Exit:
        async with open_desk() as desk:
            taken = await desk.automation.stop(seller)
        if as_json:
            data({"seller_id": seller, "stopped": True, "taken_back": taken})
        else:
            say(
                ngettext(
                    "Stopped; {n} reply that waited was taken back",
                    "Stopped; {n} replies that waited were taken back",
                    taken,
                ).format(n=taken)
            )
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("resume")
def resume(
    seller: Seller,
    per_chat: Annotated[
        int | None,
        typer.Option(
            "--per-chat", min=1, max=20, help="At most so many in a conversation and day; 2 at first."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Let replies leave again; what was asked meanwhile stays with people."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.automation.resume(seller, per_chat=per_chat)
            _show(await desk.automation.settings(seller), as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("report")
def report(
    seller: Seller,
    before: Annotated[
        str, typer.Option("--before", help="Only decisions before this moment, as ISO 8601.")
    ] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, max=500, help="At most so many.")] = 20,
    as_json: Json = False,
) -> None:
    """What would have left or did, why the rest did not, and what a person sent instead."""

    async def work() -> Exit:
        until = moment(before) if before else None
        async with open_desk() as desk:
            found = await desk.automation.report(seller, before=until, limit=limit)
        if as_json:
            data(_report_json(seller, found))
        else:
            _show_report(found)
        return Exit.DONE

    perform(work, as_json=as_json)


def _show(found: AutomationSettings, as_json: bool) -> None:
    if as_json:
        data(asdict(found))
        return
    pairs(
        [
            (_("switch"), _("everything is stopped") if found.stopped else _("on")),
            (_("in one conversation"), _("at most {n} a day").format(n=found.per_chat)),
        ]
    )
    if not found.intents:
        say(_("Nothing leaves by itself"))
        return
    table(
        [
            (
                one.intent,
                said(MODES, one.mode),
                str(one.daily_cap),
                f"{one.least_confidence:g}",
                _("yes") if one.templates else _("no"),
            )
            for one in found.intents
        ],
        (_("intent"), _("mode"), _("a day"), _("confidence"), _("templates")),
    )


def _show_report(found: AutomationReport) -> None:
    if not found.records:
        say(_("Nothing was decided yet"))
        return
    for one in found.records:
        line(f"{local(one.at)} · {one.ref.chat_id} · {said(INTENTS, one.intent)} · {_became(one)}")
        line(_("  buyer: {text}").format(text=one.question))
        line(_("  suggestion: {text}").format(text=one.text))
        if one.person_sent is not None:
            alike = f"{one.likeness or 0:.0%}".replace("%", " %")
            line(_("  a person sent ({alike} alike): {text}").format(alike=alike, text=one.person_sent))
    if found.reasons:
        line()
        table(
            [(said(HELD, why), str(count)) for why, count in found.reasons],
            (_("held back because"), _("times")),
        )


def _became(one: AutomationRecord) -> str:
    if one.reasons:
        return ", ".join(said(HELD, why) for why in one.reasons)
    return _("left by itself") if one.sent else _("would have left")


def _report_json(seller: int, found: AutomationReport) -> dict[str, Any]:
    return {
        "seller_id": seller,
        "before": found.before,
        "reasons": dict(found.reasons),
        "decisions": [
            {
                "chat_id": one.ref.chat_id,
                "at": one.at,
                "intent": one.intent,
                "mode": one.mode,
                "sent": one.sent,
                "reasons": list(one.reasons),
                "question": without_phones(one.question),
                "suggestion": without_phones(one.text),
                "person_sent": None if one.person_sent is None else without_phones(one.person_sent),
                "likeness": one.likeness,
            }
            for one in found.records
        ],
    }
