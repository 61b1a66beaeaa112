"""`agentiq model`: which language model writes a seller's suggestions, its key on this machine, and what it costs."""

from __future__ import annotations

from dataclasses import asdict, replace
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentiq_core.domain.errors import NoModel
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.options import Seller
from agentiq_tui.cli.output import Exit, data, line, pairs, say
from agentiq_tui.cli.prompts import ask_secret, secret_lines, somebody_there
from agentiq_tui.cli.session import open_desk, perform
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.domain.suggesting import ModelStanding

app = typer.Typer(help="Language models that write suggestions.", no_args_is_help=True)
KeyStdin = Annotated[bool, typer.Option("--stdin", help="Read the key from standard input.")]


@app.command("show")
def show(
    seller: Annotated[int | None, typer.Option("--seller", help="Only this seller.")] = None,
    as_json: Json = False,
) -> None:
    """Each seller's model, whether this machine has the key, and what today cost."""

    async def work() -> Exit:
        async with open_desk() as desk:
            names = {one.seller_id: one.name for one in (await desk.overview()).sellers}
            wanted = list(names) if seller is None else [seller]
            standings = {one: await desk.models.standing(one) for one in wanted}
        if as_json:
            data([_json(one, standing) for one, standing in standings.items()])
            return Exit.DONE
        for one, standing in standings.items():
            line(f"{one} {names.get(one, '')}".strip())
            pairs([(f"  {name}", value) for name, value in _lines(standing)])
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("set")
def choose(
    seller: Seller,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile",
            help="deepseek, yandexgpt, gigachat, openrouter, ollama, llamacpp or custom; the one that is set without it.",
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Instead of the profile's.")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Instead of the profile's; up to /chat/completions.")
    ] = None,
    folder: Annotated[str | None, typer.Option("--folder", help="The folder's id (YandexGPT).")] = None,
    scope: Annotated[
        str | None, typer.Option("--scope", help="The kind of contract, as GIGACHAT_API_CORP (GigaChat).")
    ] = None,
    price_in: Annotated[
        str | None, typer.Option("--price-in", help="Of a million tokens that are read.")
    ] = None,
    price_out: Annotated[
        str | None, typer.Option("--price-out", help="Of a million tokens that are written.")
    ] = None,
    currency: Annotated[str | None, typer.Option("--currency", help="Of the prices, as RUB.")] = None,
    budget: Annotated[
        str | None, typer.Option("--budget", help="Money a day, in the prices' currency; none for no limit.")
    ] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, max=16, help="Questions at once.")
    ] = None,
    tone: Annotated[
        str | None, typer.Option("--tone", help="How the shop wants to sound, in your own words.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Let a model write this seller's suggestions; what is not named stays as it is."""

    amounts: dict[str, Any] = {
        name: _money(value)
        for name, value in (("price_in", price_in), ("price_out", price_out))
        if value is not None
    }
    limit: dict[str, Any] = (
        {} if budget is None else {"daily_budget": None if budget == "none" else _money(budget)}
    )

    async def work() -> Exit:
        from agentiq_core.domain.suggesting import ModelSettings

        async with open_desk() as desk:
            before = await desk.models.settings(seller)
            if before is None and profile is None:
                raise NoModel("this seller has no language model", reason="none")
            if before is None or profile not in (None, before.profile):
                # another provider has other names, addresses and prices
                kept = {} if before is None else {"tone": before.tone, "concurrency": before.concurrency}
                before = ModelSettings(profile or "", **kept)  # type: ignore[arg-type]
            named: dict[str, Any] = {
                "model": model,
                "base_url": base_url,
                "folder": folder,
                "scope": scope,
                "currency": currency,
                "concurrency": concurrency,
                "tone": tone,
            }
            told = {name: value for name, value in named.items() if value is not None}
            await desk.models.set(seller, replace(before, enabled=True, **told, **amounts, **limit))
            standing = await desk.models.standing(seller)
        _shown(seller, standing, as_json)
        if not standing.key_here:
            say(
                _(
                    "This machine has no key for it: agentiq model key --seller {seller} --stdin; others that have one ask"
                ).format(seller=seller)
            )
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("key")
def key(
    seller: Seller,
    stdin: KeyStdin = False,
    forget: Annotated[bool, typer.Option("--forget", help="Forget the key on this machine.")] = False,
    as_json: Json = False,
) -> None:
    """Keep the key of this seller's provider among this machine's secrets. It is never in the database."""
    if not stdin and not forget and not somebody_there():
        raise typer.BadParameter(_("give the key on standard input with --stdin"))

    async def work() -> Exit:
        async with open_desk() as desk:
            settings = await desk.models.settings(seller)
            if settings is None:
                raise NoModel("this seller has no language model", reason="none")
            if forget:
                await desk.models.forget_key(settings.profile)
            else:
                given = secret_lines(_("the key"))[0] if stdin else ask_secret(_("Key"))
                await desk.models.keep_key(seller, given)
            standing = await desk.models.standing(seller)
        if as_json:
            data({"seller_id": seller, "profile": settings.profile, "key_here": standing.key_here})
        elif forget:
            say(_("The key is forgotten here; other machines keep theirs"))
        else:
            say(_("The key is kept here and goes to {where} alone").format(where=standing.model))
        return Exit.DONE

    perform(work, as_json=as_json, kept=mark("the key was not changed"))


@app.command("test")
def ask_a_word(seller: Seller, stdin: KeyStdin = False, as_json: Json = False) -> None:
    """Ask the model a word: with a key from standard input, which is not kept, or with the one that is here."""

    async def work() -> Exit:
        given = secret_lines(_("the key"))[0] if stdin else None
        async with open_desk() as desk:
            said = await desk.models.test(seller, given)
        if as_json:
            data(asdict(said))
        else:
            answered = _("{model} answered in {seconds} s")
            line(answered.format(model=said.model, seconds=f"{said.latency:.1f}"))
        return Exit.DONE

    perform(work, as_json=as_json)


@app.command("off")
def off(seller: Seller, as_json: Json = False) -> None:
    """Templates only from now on; the settings stay for later."""

    async def work() -> Exit:
        async with open_desk() as desk:
            await desk.models.off(seller)
            standing = await desk.models.standing(seller)
        _shown(seller, standing, as_json)
        return Exit.DONE

    perform(work, as_json=as_json)


def _shown(seller: int, standing: ModelStanding, as_json: bool) -> None:
    if as_json:
        data(_json(seller, standing))
    else:
        pairs(_lines(standing))


def _lines(standing: ModelStanding) -> list[tuple[str, str]]:
    settings = standing.settings
    if settings is None:
        return [(_("model"), _("none: templates only"))]
    limit = _("no limit") if settings.daily_budget is None else f"{settings.daily_budget} {standing.currency}"
    spent = _("{cost} in {n} questions").format(
        cost=f"{standing.spent_today:f} {standing.currency}".strip(),
        n=sum(one.calls for one in standing.today),
    )
    return [
        (_("model"), standing.model + ("" if settings.enabled else " · " + _("off"))),
        *([(_("trouble"), standing.trouble)] if standing.trouble else []),
        (_("key on this machine"), _("yes") if standing.key_here else _("no")),
        (_("money a day"), limit.strip()),
        (_("spent today"), spent),
        (_("questions at once"), str(settings.concurrency)),
        (_("waiting"), str(standing.waiting)),
        (_("tone"), settings.tone or "—"),
    ]


def _json(seller: int, standing: ModelStanding) -> dict[str, Any]:
    return {
        "seller_id": seller,
        "settings": None if standing.settings is None else asdict(standing.settings),
        "model": standing.model,
        "currency": standing.currency,
        "key_here": standing.key_here,
        "waiting": standing.waiting,
        "trouble": standing.trouble,
        "spent_today": standing.spent_today,
        "today": [asdict(one) for one in standing.today],
    }


def _money(written: str) -> Decimal:
    try:
        amount = Decimal(written.replace(",", "."))
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(_("“{value}” is no sum of money").format(value=written))
    return amount
