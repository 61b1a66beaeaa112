"""Secrets in a private file: for the embedded server, whose whole database lies beside it."""

from __future__ import annotations

import json
from pathlib import Path

from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import private_file


class PlainFile:
    """A JSON object of names and secrets, 0600."""

    NAME = "secrets.json"
    kind = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str | None:
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        with private_file.changing(self._path):
            self._write(self._read() | {name: value})

    def delete(self, name: str) -> None:
        with private_file.changing(self._path):
            kept = self._read()
            if kept.pop(name, None) is not None:
                self._write(kept)

    def _read(self) -> dict[str, str]:
        raw = private_file.read(self._path)
        if raw is None:
            return {}
        try:
            kept = json.loads(raw)
        except ValueError:
            kept = None
        if not isinstance(kept, dict) or not all(isinstance(value, str) for value in kept.values()):
            raise VaultLocked(
                f"{self._path} is damaged: move it away to begin anew", path=str(self._path), reason="damaged"
            )
        return kept

    def _write(self, kept: dict[str, str]) -> None:
        private_file.write(self._path, json.dumps(kept).encode())
