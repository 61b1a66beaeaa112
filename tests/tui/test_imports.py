"""The first screen costs what it needs: no database, network or settings library."""

from __future__ import annotations

import subprocess
import sys

HEAVY = (
    "sqlalchemy",
    "sqlmodel",
    "psycopg",
    "pydantic",
    "pydantic_settings",
    "httpx",
    "aiohttp",
    "pymorphy3",
    "typer",
    "procrastinate",
    "babel",
    "tomlkit",
    "yaml",
    "PIL",
)


def test_importing_the_app_imports_no_heavy_library() -> None:
    code = f"import sys, agentiq_tui.app; print(*(name for name in {HEAVY!r} if name in sys.modules))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []


def test_importing_the_app_imports_of_the_core_only_its_words() -> None:
    code = "import sys, agentiq_tui.app; print(*(name for name in sys.modules if name.startswith('agentiq_core.')))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert all(
        name.startswith(("agentiq_core.domain", "agentiq_core.home")) for name in result.stdout.split()
    )


def test_a_key_that_nobody_opens_loads_no_cryptography() -> None:
    code = (
        "import sys; from agentiq_core.identity.vault import Vault, new_key;"
        "vault = Vault('m1BJBKCVXr3VwcbqHL8MA28XJYW1uIrwx9tYTQmTPQQ='); vault.packed();"
        "print('cryptography' in sys.modules); print(vault.open(vault.seal('secret')), 'cryptography' in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["False", "secret", "True"]
