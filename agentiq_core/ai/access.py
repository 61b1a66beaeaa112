"""How a key opens a provider: as it is, or exchanged for a token that lives half an hour (GigaChat)."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Protocol
from uuid import uuid4

import httpx
from pydantic import SecretStr

from agentiq_core.ai.model import Failure, ModelFailed, ModelRefused, ModelUnreadable
from agentiq_core.ai.profiles import KeyKind, Profile
from agentiq_core.domain.errors import Misconfigured

TOKEN_LIFE = 30 * 60.0
"""Seconds that a token of GigaChat lives; its own word may only shorten that."""
SOONER = 60.0
"""A token is renewed so many seconds before its end: an answer may take that long."""
_IAM_BEGINS = "t1."
_LARGEST_TOKEN = 64 * 1024

Clock = Callable[[], float]
"""Seconds since 1970, as a token's end is told."""


class Access(Protocol):
    """What goes into `Authorization`."""

    async def header(self, client: httpx.AsyncClient) -> str | None:
        """Its value; None where no key is needed. Raises ModelFailed's kinds."""
        ...

    def refused(self) -> bool:
        """The provider took it no more: whether another may be had."""
        ...


class PlainKey:
    """A key that is sent as it is, behind the word that its kind wants."""

    def __init__(self, key: SecretStr | None, kind: KeyKind = KeyKind.BEARER) -> None:
        self._key = key
        self._kind = kind

    async def header(self, client: httpx.AsyncClient) -> str | None:
        """The word and the key."""
        if self._key is None:
            return None
        key = self._key.get_secret_value()
        word = "Api-Key" if self._kind is KeyKind.API_KEY and not key.startswith(_IAM_BEGINS) else "Bearer"
        return f"{word} {key}"

    def refused(self) -> bool:
        """There is no other."""
        return False


class SberToken:
    """GigaChat's access token, kept until shortly before its end and asked for once by however many wait for it."""

    def __init__(
        self, profile: Profile, key: SecretStr, failed: Callable[[httpx.Response], ModelFailed], clock: Clock
    ) -> None:
        self._profile = profile
        self._key = key
        self._failed = failed
        self._clock = clock
        self._token: SecretStr | None = None
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def header(self, client: httpx.AsyncClient) -> str | None:
        """`Bearer` and a token that is still good. Raises ModelFailed's kinds, and httpx's errors of the network."""
        async with self._asking:
            if self._token is None or self._clock() >= self._until:
                await self._renew(client)
            assert self._token is not None
            return f"Bearer {self._token.get_secret_value()}"

    def refused(self) -> bool:
        """Drop the token; another may be had if there was one."""
        had, self._token = self._token, None
        return had is not None

    async def _renew(self, client: httpx.AsyncClient) -> None:
        started = self._clock()
        request = client.build_request(
            "POST",
            self._profile.exchange_at,
            data={"scope": self._profile.scope},
            headers={
                "Authorization": f"Basic {self._key.get_secret_value()}",
                "RqUID": str(uuid4()),
                "Accept": "application/json",
            },
        )
        response = await client.send(request, stream=True)
        try:
            body = bytearray()
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _LARGEST_TOKEN:
                    raise ModelUnreadable("the service of access tokens answers without end")
        finally:
            await response.aclose()
        if response.status_code != 200:
            if response.status_code == 400:
                # what it says of a key that is none
                raise ModelRefused("the authorization key is not accepted", Failure.WRONG_KEY)
            raise self._failed(response)
        self._token, life = _token_in(bytes(body), self._profile.title, started)
        self._until = started + max(0.0, min(TOKEN_LIFE, life) - SOONER)


def access(
    profile: Profile,
    key: SecretStr | None,
    failed: Callable[[httpx.Response], ModelFailed],
    clock: Clock = time.time,
) -> Access:
    """How this profile is opened. Raises Misconfigured for a missing or impossible key, which it never repeats."""
    shown = key.get_secret_value().strip() if key is not None else ""
    if not shown:
        if profile.needs_key:
            raise Misconfigured(f"{profile.title} needs a key", keyless=profile.title)
        return PlainKey(None)
    if not shown.isascii() or not shown.isprintable() or " " in shown:
        # httpx would repeat it in its own error
        raise Misconfigured(
            f"the key of {profile.title} has characters that no key has", odd_key_of=profile.title
        )
    if profile.key_kind is KeyKind.SBER:
        return SberToken(profile, SecretStr(shown), failed, clock)
    return PlainKey(SecretStr(shown), profile.key_kind)


def _token_in(body: bytes, title: str, now: float) -> tuple[SecretStr, float]:
    """The token and the seconds it lives: `expires_at` is in milliseconds since 1970."""
    try:
        answer = json.loads(body)
        token, ends = answer["access_token"], answer.get("expires_at")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ModelUnreadable(f"{title} gave no access token") from None
    if (
        not isinstance(token, str)
        or not token.isascii()
        or not token.isprintable()
        or " " in token
        or not token
    ):
        raise ModelUnreadable(f"{title} gave no access token")
    life = ends / 1000 - now if isinstance(ends, int | float) else TOKEN_LIFE
    return SecretStr(token), life
