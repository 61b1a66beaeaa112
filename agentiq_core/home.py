"""Where AgentIQ keeps what is this user's. Cheap to import: the first frame needs it."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

CONFIG = "config.toml"


def home_dir() -> Path:
    """Settings, keys, logs and the embedded database lie here. `$AGENTIQ_HOME` moves it."""
    named = os.environ.get("AGENTIQ_HOME")
    if named:
        return Path(named).expanduser().absolute()
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else Path.home() / ".local" / "share") / "agentiq"


def configured_language() -> str | None:
    """The language of the settings, before they are loaded in full; a file that cannot be read is named later."""
    named = os.environ.get("AGENTIQ_LANGUAGE")
    if named:
        return named
    try:
        value = tomllib.loads((home_dir() / CONFIG).read_text(encoding="utf-8")).get("language")
    except (OSError, ValueError):
        return None
    return value if isinstance(value, str) else None
