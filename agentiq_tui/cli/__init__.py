"""The commands, one module a noun. Scripts rely on their names, options, `--json` and exit codes."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence

import typer

from agentiq_core.home import configured_language
from agentiq_tui import locale
from agentiq_tui.cli import (
    account,
    audit,
    automation,
    chats,
    demo,
    doctor,
    evaluation,
    guard,
    init,
    model,
    operators,
    quarantine,
    reply,
    seller,
    sharing,
    sla,
    stats,
    suggest,
    sync,
    team_key,
    templates,
    views,
    worker,
)
from agentiq_tui.cli.output import Exit, failed
from agentiq_tui.cli.session import reader_left

app = typer.Typer(
    name="agentiq",
    help="The support desk for sellers on Russian marketplaces. Without a command: the terminal app.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
    # plain lines: scripts keep them in logs, and the box of rich would break them
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("login")(account.login)
app.command("logout")(account.logout)
app.command("whoami")(account.whoami)
app.command("password")(account.password)
app.add_typer(operators.app, name="operator")
app.add_typer(team_key.app, name="team-key")
app.add_typer(seller.app, name="seller")
app.command("sync")(sync.sync)
app.command("worker")(worker.worker)
app.add_typer(chats.app, name="chats")
app.add_typer(views.app, name="views")
app.add_typer(sharing.app, name="sharing")
app.command("reply")(reply.reply)
app.command("suggest")(suggest.suggest)
app.add_typer(model.app, name="model")
app.add_typer(templates.app, name="templates")
app.add_typer(guard.app, name="guard")
app.command("eval")(evaluation.evaluate)
app.add_typer(sla.app, name="sla")
app.add_typer(quarantine.app, name="quarantine")
app.command("stats")(stats.stats)
app.add_typer(automation.app, name="auto")
app.add_typer(doctor.app, name="doctor")
app.command("audit")(audit.audit)


@app.callback(invoke_without_command=True)
def version(
    show: bool = typer.Option(False, "--version", help="Print the version."),
) -> None:
    """The support desk for sellers on Russian marketplaces."""
    if show:
        from agentiq_core import __version__

        typer.echo(__version__)
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Run a command; its exit code. An unforeseen error never prints the values it met: they may be a buyer's."""
    # until the settings are read, and where they cannot be
    locale.use(configured_language())
    if isinstance(sys.stdout, io.TextIOWrapper):
        # a terminal of another encoding shows what it can
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(args=list(arguments), prog_name="agentiq", standalone_mode=True)
    except SystemExit as end:
        return int(end.code) if isinstance(end.code, int) else Exit.FAILED
    except BrokenPipeError:
        reader_left()
        return Exit.READER_LEFT
    except Exception as error:  # noqa: BLE001 - the last resort: place and kind, no values
        line = f"agentiq: unexpected {type(error).__name__} {_place(error)}"
        return failed("unexpected", line, as_json="--json" in arguments)
    return Exit.DONE


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"at {trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}" if trace is not None else ""
