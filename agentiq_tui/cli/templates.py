"""`agentiq templates`: replies to start from, and knowledge that a suggestion may state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.snippets import LONGEST_BODY, SnippetKind, SnippetText
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.input import json_lines, read_text
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, ngettext
from agentiq_tui.wording import CHANNELS, INTENTS, said

if TYPE_CHECKING:
    from agentiq_core.domain.snippets import Snippet
    from agentiq_core.engine.desk import Desk

app = typer.Typer(
    help="Templates of replies, and knowledge that suggestions may state.", no_args_is_help=True
)
Number = Annotated[int, typer.Argument(help="The template's number.")]
Kind = Annotated[SnippetKind, typer.Option("--kind", help="template, or knowledge, which admins write.")]
Intent = Annotated[str | None, typer.Option("--intent", help="For this intent, as defect; any without it.")]
Channel = Annotated[
    str | None, typer.Option("--channel", help="Only there: chat, review or question; anywhere without it.")
]
Text = Annotated[
    str | None, typer.Option("--text", help="The text; {name}, {product} and {order} are filled in.")
]
TextStdin = Annotated[bool, typer.Option("--text-stdin", help="Read the text from standard input.")]
_FIELDS = frozenset({"name", "body", "kind", "intent", "channel", "language"})
_WIDTH = 60


@app.command("list")
def every(
    seller: Annotated[int | None, typer.Option("--seller", help="Only this seller's.")] = None,
    kind: Annotated[SnippetKind | None, typer.Option("--kind", help="Only template or knowledge.")] = None,
    words: Annotated[
        str, typer.Option("--find", help="What the name begins with, or words of the text in any form.")
    ] = "",
    removed: Annotated[bool, typer.Option("--removed", help="Those that are used no more.")] = False,
    as_json: Json = False,
) -> None:
    """Templates and knowledge, by name."""
    if words and seller is None:
        raise typer.BadParameter(_("--find needs --seller"))
    if words and removed:
        raise typer.BadParameter(_("--find looks only among those in use"))

    async def work() -> Exit:
        async with open_desk() as desk:
            if words and seller is not None:
                found = await desk.snippets.find(seller, words, kind=kind)
            else:
                every = await desk.snippets.list(seller, kind, archived=removed)
                found = tuple(one for one in every if (one.archived_at is not None) is removed)
        if as_json:
            data([_json(one) for one in found])
        elif found:
            header = [_("no."), _("seller"), _("kind"), _("name"), _("for"), _("text")]
            table([_row(one) for one in found], header)
        else:
            say(_("Nothing there yet: agentiq templates add"))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("add")
def add(
    seller: Seller,
    name: Annotated[str, typer.Option("--name", help="What it is called and found by.")],
    text: Text = None,
    text_stdin: TextStdin = False,
    kind: Kind = SnippetKind.TEMPLATE,
    intent: Intent = None,
    channel: Channel = None,
    as_json: Json = False,
) -> None:
    """Write a template or a piece of knowledge."""

    async def work() -> Exit:
        body = _text(text, text_stdin)
        if body is None:
            raise Rejected(_("give --text, or --text-stdin"))
        async with open_desk() as desk:
            number = await desk.snippets.add(seller, SnippetText(name, body, kind, intent, channel))
            await _show(desk, seller, number, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("edit")
def edit(
    number: Number,
    seller: Seller,
    name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    text: Text = None,
    text_stdin: TextStdin = False,
    intent: Annotated[
        str | None, typer.Option("--intent", help="For this intent; an empty one for any.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", help="Only there; an empty one for anywhere.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Say a template anew; what is not named stays."""

    async def work() -> Exit:
        body = _text(text, text_stdin)
        async with open_desk() as desk:
            before = (await desk.snippets.get(seller, number)).said
            changed = replace(
                before,
                name=before.name if name is None else name,
                body=before.body if body is None else body,
                intent=before.intent if intent is None else intent or None,
                channel=before.channel if channel is None else channel or None,
            )
            await desk.snippets.change(seller, number, changed)
            await _show(desk, seller, number, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("remove")
def remove(number: Number, seller: Seller, as_json: Json = False) -> None:
    """Use a template no more."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.snippets.archive(seller, number)
        if as_json:
            data({"seller_id": seller, "removed": number})
        else:
            say(_("Removed"))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("restore")
def restore(number: Number, seller: Seller, as_json: Json = False) -> None:
    """Use a removed template again."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.snippets.restore(seller, number)
            await _show(desk, seller, number, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("import")
def import_lines(seller: Seller, as_json: Json = False) -> None:
    """Read JSON lines {"name","body","kind","intent","channel"} from standard input; a name that is there is said anew."""

    async def work() -> Exit:
        added = changed = 0
        async with open_desk() as desk:
            known = {
                (one.said.kind, one.said.name.lower()): one.id for one in await desk.snippets.list(seller)
            }
            for number, item in json_lines():
                text = _from_line(number, item)
                there = known.get((text.kind, text.name.lower()))
                if there is None:
                    known[text.kind, text.name.lower()] = await desk.snippets.add(seller, text)
                    added += 1
                else:
                    await desk.snippets.change(seller, there, text)
                    changed += 1
        if as_json:
            data({"seller_id": seller, "added": added, "changed": changed})
        else:
            say(
                ngettext("{n} was added", "{n} were added", added).format(n=added)
                + "; "
                + ngettext("{n} was changed", "{n} were changed", changed).format(n=changed)
            )
        return Exit.DONE

    perform(work, as_json=as_json)


async def _show(desk: Desk, seller: int, number: int, as_json: bool) -> None:
    kept = await desk.snippets.get(seller, number)
    if as_json:
        data(_json(kept))
    else:
        say(_("Template {n}: {name}").format(n=kept.id, name=kept.said.name))


def _text(text: str | None, from_stdin: bool) -> str | None:
    return read_text(LONGEST_BODY * 4) if from_stdin else text


def _from_line(number: int, item: Mapping[str, Any]) -> SnippetText:
    """Raises `Rejected` that names the line."""
    strange = sorted(set(item) - _FIELDS)
    texts = all(value is None or isinstance(value, str) for value in item.values())
    if strange or not texts or not item.get("name") or not item.get("body"):
        raise Rejected(
            _(
                "line {n} needs name and body, and may have kind, intent, channel and language, all texts"
            ).format(n=number),
            line=number,
        )
    kind = item.get("kind") or SnippetKind.TEMPLATE
    if kind not in set(SnippetKind):
        raise Rejected(_("line {n}: kind is template or knowledge").format(n=number), line=number)
    return SnippetText(
        name=item["name"],
        body=item["body"],
        kind=SnippetKind(kind),
        intent=item.get("intent") or None,
        channel=item.get("channel") or None,
        language=item.get("language") or "ru",
    )


def _row(one: Snippet) -> list[str]:
    text = one.said
    kinds = {SnippetKind.TEMPLATE: _("template"), SnippetKind.KNOWLEDGE: _("knowledge")}
    limits = [
        said(INTENTS, text.intent) if text.intent else "",
        said(CHANNELS, text.channel) if text.channel else "",
    ]
    return [
        str(one.id),
        str(one.seller_id),
        kinds[text.kind],
        text.name,
        ", ".join(filter(None, limits)) or "—",
        shorten(text.body, _WIDTH, placeholder="…"),
    ]


def _json(one: Snippet) -> dict[str, Any]:
    return {
        "id": one.id,
        "seller_id": one.seller_id,
        **asdict(one.said),
        "updated_by": one.updated_by,
        "updated_at": one.updated_at,
    }
