"""Keys of model providers on this machine: each is bound to the host it is for, and never in the database.

Whoever may change a seller's settings names the model's address. A key goes to no host but the one that somebody gave it
for on this machine.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from time import monotonic
from urllib.parse import urlsplit

from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.identity.secret_store import SecretStore

_NAME = "model-key:"
FRESH_SECONDS = 30.0
"""A key that another process keeps here is seen this late: a keyring is not asked with every question."""


class ModelKeys:
    """This machine's keys by profile. Blocking: call it in a thread. Raises `VaultLocked`.

    AGENTIQ_MODEL_KEY, of the profile AGENTIQ_MODEL_PROFILE, goes before what is kept. A profile that needs no key has an
    empty one where somebody said that this machine reaches it.
    """

    def __init__(
        self,
        secrets: SecretStore | None = None,
        *,
        settings: Settings | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._secrets = secrets
        self._settings = settings
        self._clock = clock
        self._seen: dict[str, tuple[float, str | None]] = {}
        self._lock = threading.Lock()

    @property
    def keeps(self) -> bool:
        """Whether a key can be kept here: a machine that has all in its environment keeps none."""
        return self._secrets is not None

    @property
    def place(self) -> str:
        """Where keys are kept here: the `kind` of a secret store, or "environment"."""
        return "environment" if self._secrets is None else self._secrets.kind

    def get(self, profile: str, address: str, *, usual: str) -> SecretStr | None:
        """The key for this profile at this address, `usual` being the profile's own; None where this machine has none."""
        given = self._settings.model_key if self._settings is not None else None
        if given is not None and self._settings is not None and profile == self._settings.model_profile:
            where = self._settings.model_url or usual
            return given if _host(where) == _host(address) else None
        kept = self._kept(profile)
        if kept is None:
            return None
        entry = json.loads(kept)
        return SecretStr(entry["key"]) if entry["host"] == _host(address) else None

    def set(self, profile: str, address: str, key: str) -> None:
        """Keep a key for this profile at this address, instead of any it had. Raises `Misconfigured` where none is kept."""
        if self._secrets is None:
            raise Misconfigured(
                "this machine keeps no secrets: set AGENTIQ_MODEL_KEY", fields="AGENTIQ_MODEL_KEY"
            )
        with self._lock:
            self._secrets.set(_NAME + profile, json.dumps({"host": _host(address), "key": key}))
            self._seen.pop(profile, None)

    def delete(self, profile: str) -> None:
        """Forget a profile's key; one that is not there is no error."""
        if self._secrets is None:
            return
        with self._lock:
            self._secrets.delete(_NAME + profile)
            self._seen.pop(profile, None)

    def _kept(self, profile: str) -> str | None:
        if self._secrets is None:
            return None
        with self._lock:
            at, kept = self._seen.get(profile, (float("-inf"), None))
            if self._clock() - at > FRESH_SECONDS:
                kept = self._secrets.get(_NAME + profile)
                self._seen[profile] = (self._clock(), kept)
            return kept


def _host(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}".lower()
