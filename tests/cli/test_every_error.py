"""Every error that the core raises by name has a sentence in the operator's language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import agentiq_core
from agentiq_core.domain import errors
from agentiq_core.domain.errors import AgentIQError, Rejected
from agentiq_tui import locale
from agentiq_tui.explain import explain

CORE = Path(agentiq_core.__file__).parent
SIGN_IN_STATES = ("AQ401", "AQ403")
"""What these say has a sentence by its code, whatever the words."""


def kinds() -> dict[str, type[AgentIQError]]:
    return {
        name: kind
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, AgentIQError)
    }


def written(node: ast.expr) -> object:
    """The value of an argument; something of the kind where it is made when the program runs."""
    match node:
        case ast.Constant(value=value):
            return value
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in parts)
    return "x"


def raised_in_python() -> Iterator[tuple[str, AgentIQError]]:
    known = kinds()
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call)):
                continue
            call = node.exc
            if not (isinstance(call.func, ast.Name) and call.func.id in known and call.args):
                continue
            kind = known[call.func.id]
            params = {word.arg: written(word.value) for word in call.keywords if word.arg}
            error = kind.__new__(kind)
            Exception.__init__(error, str(written(call.args[0])))
            error.params = params
            yield f"{path.relative_to(CORE)}:{node.lineno}", error


def raised_in_the_database() -> Iterator[tuple[str, AgentIQError]]:
    for path in sorted(CORE.rglob("*.sql")):
        for words, state in re.findall(
            r"raise exception '([^']+)' using errcode = '(\w+)'", path.read_text()
        ):
            if state not in SIGN_IN_STATES:
                yield f"{path.name}: {words}", Rejected(words)


CASES = [*raised_in_python(), *raised_in_the_database()]


def test_the_walk_finds_the_errors() -> None:
    assert len(CASES) > 60


@pytest.mark.parametrize("error", [pytest.param(error, id=place) for place, error in CASES])
def test_an_error_is_said_in_russian(error: AgentIQError) -> None:
    locale.use("ru")
    try:
        said = explain(error)
    finally:
        locale.use("en")
    assert re.search("[а-яё]{3}", said), f"{error.code}: {error} {error.params}"
    assert "\n" not in said
