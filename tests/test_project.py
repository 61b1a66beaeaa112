"""The checkout itself: locks that any index can serve, and documents that name only what exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
LOCKS = ["app.lock", "dev.lock", "live.lock"]
DOCUMENTS = ["README.md", "CHANGELOG.md", "LICENSE"]


class Pin(NamedTuple):
    """One requirement of a lock: `name==version ; marker --hash=… --hash=…`."""

    requirement: Requirement
    hashes: list[str]

    @property
    def name(self) -> str:
        return canonicalize_name(self.requirement.name)

    @property
    def version(self) -> Version:
        (specifier,) = self.requirement.specifier
        return Version(specifier.version)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index_and_takes_no_option(lock: str) -> None:
    text = lock_text(lock)
    assert "://" not in text
    assert " @ " not in text
    assert [line for line in text.splitlines() if line.startswith("-")] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_of_a_lock_is_pinned_and_hashed(lock: str) -> None:
    pins = pins_of(lock)
    assert pins
    for pin in pins:
        assert [specifier.operator for specifier in pin.requirement.specifier] == ["=="], pin.name
        assert pin.hashes, pin.name
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", digest) for digest in pin.hashes), pin.name


@pytest.mark.parametrize(
    ("lock", "groups"), [("app.lock", ["build"]), ("dev.lock", ["build", "dev"])], ids=LOCKS[:2]
)
def test_a_lock_satisfies_everything_that_pyproject_asks_for(lock: str, groups: list[str]) -> None:
    wanted = list(pyproject()["project"]["dependencies"])
    for group in groups:
        wanted += pyproject()["dependency-groups"][group]
    locked = {pin.name: pin.version for pin in pins_of(lock)}
    for requirement in map(Requirement, wanted):
        version = locked.get(canonicalize_name(requirement.name))
        assert version is not None, f"{requirement.name}: run make lock"
        assert version in requirement.specifier, f"{requirement}: {version} is locked, run make lock"


def test_the_small_models_lock_names_it_and_nothing_else() -> None:
    wanted = {one.name: one.specifier for one in map(Requirement, pyproject()["dependency-groups"]["live"])}
    locked = {pin.name: pin.version for pin in pins_of("live.lock")}
    assert locked.keys() == {canonicalize_name(name) for name in wanted}
    assert all(locked[canonicalize_name(name)] in specifier for name, specifier in wanted.items())


def test_the_developers_lock_holds_the_apps_pins_unchanged() -> None:
    assert pinned("app.lock") - pinned("dev.lock") == set()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_the_documents_a_visitor_looks_for_are_there(document: str) -> None:
    assert (ROOT / document).read_text(encoding="utf-8").strip()


def test_every_make_target_that_the_readme_names_exists() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", " ".join(code_in(readme))))
    assert {"demo", "test"} <= named
    assert named - targets() == set()


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_the_targets_and_does_nothing_else() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = set(re.findall(r"^ +make ([a-z-]+) ", done.stdout, re.MULTILINE))
    assert {"demo", "test", "check", "bench", "lock", "clean"} <= listed <= targets()


def test_every_file_and_module_that_the_makefile_runs_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for script in re.findall(r"scripts/[a-z_]+(?:\.py)?\b", makefile):
        assert (ROOT / script).is_file(), script
    for module in re.findall(r"PYTHON_IN_VENV\) -m (agentiq_\S+|benchmarks)", makefile):
        path = ROOT / module.replace(".", "/")
        assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), module


def test_the_version_is_said_once() -> None:
    from agentiq_core import __version__

    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert pyproject()["project"]["version"] == __version__
    assert re.search(rf"^## .*{re.escape(__version__)}", changelog, re.MULTILINE)


def pyproject() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def lock_text(lock: str) -> str:
    return (ROOT / "requirements" / lock).read_text(encoding="utf-8")


def pins_of(lock: str) -> list[Pin]:
    joined = lock_text(lock).replace("\\\n", " ")
    lines = [line for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    return [
        Pin(Requirement(requirement.strip()), [digest.strip() for digest in hashes])
        for requirement, *hashes in (line.split("--hash=") for line in lines)
    ]


def pinned(lock: str) -> set[tuple[str, Version]]:
    return {(pin.name, pin.version) for pin in pins_of(lock)}


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z][a-z-]+):(?!=)", makefile, re.MULTILINE))


def code_in(markdown: str) -> list[str]:
    """Fenced blocks and inline code, where a command is a command and not a sentence."""
    return re.findall(r"^```.*?^```", markdown, re.MULTILINE | re.DOTALL) + re.findall(r"`[^`\n]+`", markdown)
