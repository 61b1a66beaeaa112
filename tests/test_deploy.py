"""Files for servers: they name only commands, variables and paths that exist, and keep the worker on a short leash."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from typer.main import get_command

from agentiq_core.config import Settings
from agentiq_core.engine.worker import STOP_SECONDS
from agentiq_tui.cli import app

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "docs" / "deploy"
UNIT = DEPLOY / "agentiq-worker.service"
CONTAINER = DEPLOY / "Containerfile"
FILES = [UNIT, CONTAINER, DEPLOY / "README.md"]
SECRETS = {"AGENTIQ_DATABASE_URL", "AGENTIQ_TOKEN", "AGENTIQ_TEAM_KEY"}


def unit() -> dict[str, list[str]]:
    """Every setting of the unit with its values, whatever its section."""
    settings: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text("utf-8").splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            settings[name].append(value)
    return settings


def container() -> list[tuple[str, str]]:
    """The instructions of the container's recipe with what they are given."""
    lines = [line for line in CONTAINER.read_text("utf-8").splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in joined.splitlines() if line.strip()]


def commands() -> set[str]:
    return set(get_command(app).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_variable_that_is_named_is_a_setting(file: Path) -> None:
    named = set(re.findall(r"AGENTIQ_([A-Z_]+)", file.read_text("utf-8")))
    assert named <= {name.upper() for name in Settings.model_fields}
    assert {f"AGENTIQ_{name}" for name in named} >= SECRETS


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_command_that_is_named_exists(file: Path) -> None:
    called = re.findall(r"(?:^|[`/ ])agentiq ([a-z][a-z-]+)", file.read_text("utf-8"), re.MULTILINE)
    spoken = {"agentiq"}
    assert {word for word in called if word not in spoken} <= commands()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_secret_and_no_host_is_written_down(file: Path) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"AGENTIQ_(?:TOKEN|TEAM_KEY|DATABASE_URL)\s*=\s*\S", text) == []
    # an image or a package is named without where it comes from
    assert re.findall(r"https?://|--\S*(?:index|trusted)", text) == []
    images = re.findall(r"^(?:ARG BASE=|FROM )(\S+)", text, re.MULTILINE)
    assert [image for image in images if re.match(r"[^/]+[.:][^/]*/", image)] == []


def test_the_unit_starts_the_worker_and_gives_it_time_to_stop() -> None:
    (start,) = unit()["ExecStart"]
    program, *arguments = shlex.split(start)
    assert program.endswith("/.venv/bin/agentiq")
    assert arguments[0] in commands()
    assert float(unit()["TimeoutStopSec"][0]) > 2 * STOP_SECONDS
    assert unit()["Restart"] == ["always"]
    assert unit()["KillSignal"] == ["SIGTERM"]


def test_the_unit_takes_its_secrets_from_a_file_of_roots_and_its_rights_away() -> None:
    assert unit()["EnvironmentFile"] == ["/etc/agentiq/worker.env"]
    assert not SECRETS & set(re.findall(r"AGENTIQ_[A-Z_]+", " ".join(unit()["Environment"])))
    wanted = {
        "DynamicUser": "yes",
        "ProtectSystem": "strict",
        "ProtectHome": "yes",
        "NoNewPrivileges": "yes",
        "UMask": "0077",
    }
    assert {name: unit()[name][0] for name in wanted} == wanted
    assert unit()["CapabilityBoundingSet"] == [""]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_systemd_takes_the_unit_as_it_is(tmp_path: Path) -> None:
    program = tmp_path / "agentiq"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    here = tmp_path / UNIT.name
    here.write_text(UNIT.read_text("utf-8").replace("/opt/agentiq/.venv/bin/agentiq", str(program)))
    done = subprocess.run(["systemd-analyze", "verify", str(here)], capture_output=True, text=True)
    complaints = [line for line in done.stderr.splitlines() if UNIT.name in line]
    assert (done.returncode, complaints) == (0, [])


def test_the_container_runs_a_command_that_exists_as_nobody_special() -> None:
    steps = container()
    last = dict(steps)
    assert last["STOPSIGNAL"] == "SIGTERM"
    assert last["USER"].isdigit()
    assert int(last["USER"]) > 0
    assert re.findall(r'"([^"]+)"', last["CMD"]) == ["worker"]
    assert "worker" in commands()
    names = [name for name, _ in steps]
    assert names.index("USER") < names.index("ENTRYPOINT")


def test_the_container_is_built_from_the_lock_and_from_what_is_in_the_checkout() -> None:
    installs = [what for name, what in container() if name == "RUN" and " install " in what and "pip" in what]
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "requirements/app.lock" in installs[0]
    assert all("--no-deps" in what for what in installs)
    for name, what in container():
        if name == "COPY" and not what.startswith("--from"):
            for source in what.split()[:-1]:
                assert (ROOT / source).exists(), source


def test_no_layer_of_the_container_holds_a_secret() -> None:
    kept = " ".join(what for name, what in container() if name in ("ENV", "ARG", "RUN", "COPY"))
    assert not SECRETS & set(re.findall(r"AGENTIQ_[A-Z_]+", kept))
