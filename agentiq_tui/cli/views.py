"""`agentiq views`: filters with a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import NotFound
from agentiq_core.domain.filters import Names, parsed
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, say, table
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _

if TYPE_CHECKING:
    from agentiq_core.domain.team import SavedView, ViewRef
    from agentiq_core.engine.desk import Desk

app = typer.Typer(help="Filters with a name.", no_args_is_help=True)
View = Annotated[int, typer.Argument(help="The view's number.")]
Filter = Annotated[str, typer.Argument(help='As in chats list: "wb ★1-3 @me #tag".', metavar="FILTER")]


@app.command("list")
def every(as_json: Json = False) -> None:
    """Your views and those that a seller's team shares, in their order."""

    async def work() -> Exit:
        async with open_desk() as desk:
            _show(await desk.views.every(), await desk.colleagues.names(), as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("save")
def save(
    name: Annotated[str, typer.Argument(help="What it is called.")],
    narrowed: Filter,
    share: Annotated[
        int | None,
        typer.Option("--share", help="Everybody sees it who works for this seller.", metavar="SELLER"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Keep a filter."""

    async def work() -> Exit:
        async with open_desk() as desk:
            names = await desk.colleagues.names()
            _show(
                [await desk.views.save(name, parsed(narrowed, names), share_with=share)],
                names,
                as_json=as_json,
            )
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("change")
def change(
    view: View,
    name: Annotated[str | None, typer.Option("--name", help="Call it so.")] = None,
    narrowed: Annotated[str | None, typer.Option("--filter", help="Find this.", metavar="FILTER")] = None,
    as_json: Json = False,
) -> None:
    """Give a view another name or filter."""
    if name is None and narrowed is None:
        raise typer.BadParameter(_("give --name or --filter"))

    async def work() -> Exit:
        async with open_desk() as desk:
            names = await desk.colleagues.names()
            ref = await _ref(desk, view)
            found = parsed(narrowed, names) if narrowed is not None else None
            if name is not None:
                changed = await desk.views.rename(ref, name)
            if found is not None:
                changed = await desk.views.refine(ref, found)
            _show([changed], names, as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("remove")
def remove(view: View, as_json: Json = False) -> None:
    """Forget a view."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.views.remove(await _ref(desk, view))
        if as_json:
            data({"removed": view})
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("order")
def order(
    views: Annotated[
        list[int], typer.Argument(help="The views' numbers, the first first.", metavar="VIEW...")
    ],
    as_json: Json = False,
) -> None:
    """Put views in this order."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.views.order([await _ref(desk, view) for view in views])
            _show(await desk.views.every(), await desk.colleagues.names(), as_json=as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


async def _ref(desk: Desk, number: int) -> ViewRef:
    for view in await desk.views.every():
        if view.ref.id == number:
            return view.ref
    raise NotFound(f"there is no view {number}", view=number)


def _show(views: tuple[SavedView, ...] | list[SavedView], names: Names, *, as_json: bool) -> None:
    if as_json:
        data([_json(view, names) for view in views])
    elif not views:
        say(_("No views are saved"))
    else:
        rows = [
            (
                str(view.ref.id),
                view.name,
                str(view.ref.seller_id) if view.shared else "—",
                view.filter.text(names) or "—",
            )
            for view in views
        ]
        table(rows, ("id", _("name"), _("shared with"), _("filter")))


def _json(view: SavedView, names: Names) -> dict[str, Any]:
    return {
        "id": view.ref.id,
        "name": view.name,
        "seller_id": view.ref.seller_id or None,
        "own": view.own,
        "text": view.filter.text(names),
        "filter": view.filter.to_json(),
    }
