"""Changes `config.toml`: the user's comments and order stay, and a crash leaves the old file or the new one, whole."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentiq_core.domain.errors import Misconfigured
from agentiq_core.home import CONFIG

PRIVATE = 0o600
"""The file may hold an address with a password."""


def change(home: Path, name: str, value: object) -> None:
    """Set one setting; None takes it out. Raises `Misconfigured` with one line, and then nothing is changed."""
    _rewrite(home, lambda document: _put(document, name, value))


def _put(document: Any, name: str, value: object) -> None:
    if value is None:
        document.pop(name, None)
    else:
        document[name] = list(value) if isinstance(value, tuple) else value


def _rewrite(home: Path, edit: Callable[[Any], None]) -> None:
    # only who changes a setting pays for its import
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    path = (home / CONFIG).resolve()
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        document = tomlkit.parse(text)
        edit(document)
        written = tomlkit.dumps(document)
        # what is written must be what was meant, or the old file stays
        if tomlkit.parse(written).unwrap() != document.unwrap():
            raise Misconfigured(f"{path} cannot be changed", fields=str(path))
        replace_file(path, written)
    except (TOMLKitError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{path} is not valid TOML: {error}", fields=f"{path}: {error}") from None
    except OSError as error:
        raise Misconfigured(
            f"{path} cannot be written: {error.strerror}", fields=f"{path}: {error.strerror}"
        ) from None


def replace_file(path: Path, text: str) -> None:
    """Put a text in the place of a file, at once and for good. Raises OSError, and then the old one is there."""
    # the embedded server may run as another user and must reach its own folder below
    path.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777 if path.exists() else PRIVATE)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
