"""`agentiq eval`: how good suggestions are on labelled conversations; needs no database."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.text import inert_line
from agentiq_tui.cli.init import Json
from agentiq_tui.cli.output import Exit, data, line, say
from agentiq_tui.cli.session import current_settings, perform, secrets_here
from agentiq_tui.locale import _, ngettext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from agentiq_core.ai.evaluation import Case
    from agentiq_core.ai.evaluation.report import Heading
    from agentiq_core.ai.profiles import Profile
    from agentiq_core.ai.provider import ChatCompletions

TEMPLATES = "templates"
PAGE, FIGURES = "report.md", "report.json"


def evaluate(
    sets: Annotated[
        list[Path] | None,
        typer.Option(
            "--set", help="A file of labelled conversations (JSONL); without it the set that came along."
        ),
    ] = None,
    templates: Annotated[
        bool,
        typer.Option("--templates", help="No model: ready replies alone. So it is without --profile, too."),
    ] = False,
    profile: Annotated[
        str | None, typer.Option("--profile", help="A provider of models, as deepseek or ollama.")
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="Another model than the profile's.")] = None,
    base_url: Annotated[
        str | None, typer.Option("--base-url", help="Another address than the profile's.")
    ] = None,
    folder: Annotated[str | None, typer.Option("--folder", help="The folder's id, for YandexGPT.")] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many conversations, spread over the set.")
    ] = None,
    report: Annotated[
        Path | None, typer.Option("--report", help="A directory for report.md and report.json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Make a suggestion for each labelled conversation and say how good they are.

    Exit code 1 when a text on offer breaks a guardrail.
    """
    if templates and profile is not None:
        raise typer.BadParameter(_("--templates and --profile exclude each other"))
    if profile is None and (model or base_url or folder):
        raise typer.BadParameter(_("--model, --base-url and --folder need --profile"))

    async def work() -> Exit:
        chosen = _profile(profile, model, base_url, folder) if profile is not None else None
        names, cases = _cases(sets, limit)
        return await _judge(names, cases, chosen, report, as_json)

    perform(work, as_json=as_json)


async def _judge(
    names: Sequence[str],
    cases: Sequence[Case],
    profile: Profile | None,
    report: Path | None,
    as_json: bool,
) -> Exit:
    from agentiq_core.ai.evaluation import as_json as figures_of
    from agentiq_core.ai.evaluation import as_markdown, measure
    from agentiq_core.ai.evaluation import evaluate as run
    from agentiq_core.ai.evaluation.run import AT_ONCE

    if report is not None:
        _make(report)
    quiet = as_json or not sys.stderr.isatty()
    async with _model(profile) as model:
        outcomes = await run(
            cases,
            model,
            at_once=profile.concurrency if profile else AT_ONCE,
            on_done=None if quiet else _progress(len(cases)),
        )
    heading = _heading(names, profile, model)
    measured = measure(outcomes)
    page, figures = as_markdown(heading, measured, outcomes), figures_of(heading, measured, outcomes)
    if report is not None:
        _write(report / PAGE, page)
        _write(report / FIGURES, json.dumps(figures, ensure_ascii=False, indent=1) + "\n")
        say(_("Written to {directory}").format(directory=inert_line(str(report))))
    if as_json:
        data(figures)
    else:
        line(page.rstrip())
    broken = measured.broken_after.hits
    if broken:
        say(
            ngettext(
                "{n} text on offer breaks a guardrail", "{n} texts on offer break a guardrail", broken
            ).format(n=broken)
        )
    return Exit.FAILED if broken else Exit.DONE


def _cases(sets: list[Path] | None, limit: int | None) -> tuple[tuple[str, ...], tuple[Case, ...]]:
    from agentiq_core.ai.evaluation import WrongSet, default_set, read_cases
    from agentiq_core.connectors.registry import marketplace

    def limit_of(name: str, channel: str) -> int:
        return marketplace(name).capabilities(channel).text_limit

    path: Path | None = None
    found: list[Case] = []
    try:
        paths = tuple(sets or default_set())
        for path in paths:
            found.extend(read_cases(path, limit_of=limit_of))
    except OSError as error:
        raise Rejected(
            _("{file} cannot be read: {why}").format(file=inert_line(str(path)), why=error.strerror)
        ) from None
    except WrongSet as wrong:
        place = "" if path is None else f"{inert_line(str(path))}: "
        where = "" if wrong.line is None else _("line {n}: ").format(n=wrong.line)
        raise Rejected(f"{place}{where}{inert_line(str(wrong))}") from None
    if not found:
        raise Rejected(_("there is no conversation in the set"))
    if limit is not None and limit < len(found):
        found = [found[place * len(found) // limit] for place in range(limit)]
    return tuple(path.name for path in paths), tuple(found)


def _profile(name: str, model: str | None, base_url: str | None, folder: str | None) -> Profile:
    from agentiq_core.ai.profiles import profile

    ca_file = current_settings().model_ca_file
    return profile(name).configured(model=model, base_url=base_url, folder=folder, ca_file=ca_file)


@asynccontextmanager
async def _model(profile: Profile | None) -> AsyncIterator[ChatCompletions | None]:
    """The model behind a profile, with this machine's key. Raises `Rejected` without one that it needs."""
    if profile is None:
        yield None
        return
    import asyncio

    from agentiq_core.ai.profiles import profile as ready
    from agentiq_core.ai.provider import ChatCompletions
    from agentiq_core.identity.model_keys import ModelKeys

    settings = current_settings()
    given = settings.model_key is not None and settings.model_profile == profile.id
    key = None
    if profile.needs_key or given:
        secrets = None if given else (await secrets_here())[1]
        keys = ModelKeys(secrets, settings=settings)
        usual = ready(profile.id).base_url
        key = await asyncio.to_thread(keys.get, profile.id, profile.base_url, usual=usual)
        if key is None and profile.needs_key:
            raise Rejected(
                _(
                    "this machine has no key for {title}: set AGENTIQ_MODEL_KEY and AGENTIQ_MODEL_PROFILE={profile}"
                ).format(title=profile.title, profile=profile.id)
            )
    async with ChatCompletions(profile, key) as model:
        yield model


def _heading(names: Sequence[str], profile: Profile | None, model: ChatCompletions | None) -> Heading:
    from datetime import UTC, datetime

    from agentiq_core.ai.evaluation.report import Heading

    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    currency = profile.prices.currency if profile and profile.prices else ""
    name = model.name if model else TEMPLATES
    return Heading(tuple(names), name, f"{datetime.now(UTC):%Y-%m-%d}", machine, currency)


def _progress(of: int) -> Callable[[int], None]:
    def show(done: int) -> None:
        sys.stderr.write(f"\r{done}/{of}" + ("\n" if done == of else ""))
        sys.stderr.flush()

    return show


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Rejected(
            _("{file} cannot be written: {why}").format(file=inert_line(str(directory)), why=error.strerror)
        ) from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Rejected(
            _("{file} cannot be written: {why}").format(file=inert_line(str(path)), why=error.strerror)
        ) from None
