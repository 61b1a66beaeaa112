"""The rooms keep their walls: who may import whom, how long a file may be, what carries a docstring."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from operator import attrgetter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "agentiq_core"
PACKAGES = [CORE, ROOT / "agentiq_tui"]

SCREENS = {"textual", "agentiq_tui", "typer", "rich"}
EFFECTS = {"sqlalchemy", "sqlmodel", "psycopg", "httpx", "aiohttp", "procrastinate"}

LONGEST_FILE = 500
LONGEST_APP = 250
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}

IMPORT_ALL_OF = """
import importlib, json, pkgutil, sys
sys.modules.update(dict.fromkeys(sys.argv[2:]))
room = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(getattr(room, "__path__", []), room.__name__ + "."):
    if not module.name.endswith("__main__") and ".migrations." not in module.name:  # Alembic's to run
        importlib.import_module(module.name)
print(json.dumps([name for name, module in sys.modules.items() if module]))
"""


def test_imports_follow_the_contracts_of_pyproject() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint_imports, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_core_imports_where_no_screen_library_is_installed() -> None:
    # Absent, not merely unloaded: httpx by itself loads rich wherever it finds it.
    assert "agentiq_core" in packages_loaded_by("agentiq_core", absent=SCREENS)


@pytest.mark.parametrize(
    ("room", "foreign"),
    [
        ("agentiq_core.domain", EFFECTS | {"pydantic"}),
        ("agentiq_core.language", EFFECTS),
        ("agentiq_core.sla", EFFECTS),
        ("agentiq_core.guardrails", EFFECTS),
    ],
)
def test_a_pure_room_loads_neither_database_nor_network(room: str, foreign: set[str]) -> None:
    assert packages_loaded_by(room) & foreign == set()


def test_no_file_of_the_packages_is_too_long_to_read() -> None:
    too_long = {name(path): lines for path in modules() if (lines := line_count(path)) > LONGEST_FILE}
    assert too_long == {}


def test_the_app_module_stays_thin() -> None:
    assert line_count(ROOT / "agentiq_tui" / "app.py") <= LONGEST_APP


def test_keys_are_bound_by_the_registry_of_actions_alone() -> None:
    registry = ROOT / "agentiq_tui" / "actions" / "registry.py"
    bound = [
        f"{name(path)}:{node.lineno}"
        for path in modules(ROOT / "agentiq_tui")
        if path != registry
        for node in ast.walk(parsed(path))
        if binds_keys(node)
    ]
    assert bound == []


def binds_keys(node: ast.AST) -> bool:
    """Whether this makes a binding, lists some, or handles a key by the name of its method."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func).rpartition(".")[2] == "Binding"
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        named = any(ast.unparse(target).endswith("BINDINGS") for target in targets)
        return named and not ast.unparse(node.value or node).startswith("bindings(")
    if isinstance(node, ast.ClassDef):
        methods = [
            part.name for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        return any(method.startswith("key_") for method in methods)
    return False


def test_no_module_has_a_name_that_says_nothing() -> None:
    named_vaguely = [name(path) for path in modules() if VAGUE_NAMES & {path.stem, *path.stem.split("_")}]
    assert named_vaguely == []


def test_every_public_part_of_the_core_has_a_docstring() -> None:
    documented = set(documented_methods())
    bare = [
        f"{name(path)}:{node.lineno} {qualified}"
        for path in modules(CORE)
        for qualified, node in public_parts(path)
        if ast.get_docstring(node) is None
        and qualified.rpartition(".")[2] not in documented
        and not is_override(path, qualified)
    ]
    assert not bare, "\n".join(bare)


def test_every_module_of_the_core_says_what_it_is_for() -> None:
    silent = [name(path) for path in modules(CORE) if ast.get_docstring(parsed(path)) is None]
    assert silent == []


def packages_loaded_by(module: str, absent: Iterable[str] = ()) -> set[str]:
    """Top-level names in sys.modules once a fresh Python has imported `module` and all below it.

    Importing a package named in `absent` fails there as if it were not installed.
    """
    command = [sys.executable, "-c", IMPORT_ALL_OF, module, *absent]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {loaded.partition(".")[0] for loaded in json.loads(done.stdout)}


def modules(*packages: Path) -> Iterator[Path]:
    """Every Python file of the packages, of both when none is named."""
    for package in packages or PACKAGES:
        yield from sorted(package.rglob("*.py"))


def public_parts(path: Path) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    """Public classes, functions and methods of a module; migrations hold only what Alembic calls."""
    if "migrations" not in path.parts:
        yield from public_parts_of(parsed(path), "")


def public_parts_of(
    parent: ast.Module | ast.ClassDef, prefix: str
) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]]:
    for node in parent.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_") or is_setter_or_overload(node):
            continue
        yield prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            yield from public_parts_of(node, f"{prefix}{node.name}.")


def is_setter_or_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """A property's setter and a typing overload are described by the definition they belong to."""
    decorators = [ast.unparse(decorator) for decorator in node.decorator_list]
    return any(decorator.endswith((".setter", "overload", "override")) for decorator in decorators)


def documented_methods() -> Iterator[str]:
    """Names of methods that some class of the core documents: a Protocol or base that others implement."""
    for path in modules(CORE):
        for qualified, node in public_parts(path):
            if "." in qualified and ast.get_docstring(node) is not None:
                yield qualified.rpartition(".")[2]


def is_override(path: Path, qualified: str) -> bool:
    """Whether a method takes the place of a base class's, whose words then stand for it."""
    owner, _, method = qualified.rpartition(".")
    if not owner:
        return False
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    return any(hasattr(base, method) for base in attrgetter(owner)(module).__mro__[1:])


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def line_count(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
