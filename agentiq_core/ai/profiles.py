"""Providers of language models as data: where they are, what they can, what they cost."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

from agentiq_core.domain.errors import Misconfigured

MILLION = Decimal(1_000_000)


class JsonMode(StrEnum):
    """How a provider is told to answer with JSON."""

    SCHEMA = "json_schema"
    """By a schema, wrapped as OpenAI does."""
    BARE_SCHEMA = "bare_json_schema"
    """By a schema right inside `response_format`, as GigaChat does."""
    OBJECT = "json_object"
    """Any JSON object: the prompt says which."""
    NONE = "none"
    """Not at all: the prompt alone says it."""


class KeyKind(StrEnum):
    """What a key is and how it opens the provider."""

    BEARER = "bearer"
    API_KEY = "api_key"
    """Yandex Cloud's name for a key that does not expire; its IAM tokens (`t1.…`) are bearers."""
    SBER = "sber"
    """An authorization key, exchanged for an access token of half an hour."""


@dataclass(frozen=True, slots=True)
class Prices:
    """What a million tokens cost in `currency` (ISO 4217): read, read again from the provider's cache, written."""

    tokens_in: Decimal
    tokens_cached: Decimal
    tokens_out: Decimal
    currency: str

    def cost(self, tokens_in: int, tokens_cached: int, tokens_out: int) -> Decimal:
        """Of one request. `tokens_cached` are part of `tokens_in`."""
        cached = min(tokens_in, tokens_cached)
        spent = (
            (tokens_in - cached) * self.tokens_in + cached * self.tokens_cached + tokens_out * self.tokens_out
        )
        return spent / MILLION


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds. `connect` includes TLS, `read` is the longest silence, `total` bounds a request with its repetitions."""

    connect: float = 10.0
    read: float = 40.0
    total: float = 90.0


@dataclass(frozen=True, slots=True)
class Profile:
    """One provider. `base_url` ends before `/chat/completions`; `{folder}` in `model` stands for an id of the seller's.

    `prices` are None where nobody knows them: costs then count as nothing, unless it `tells_cost` of every answer.
    """

    id: str
    title: str
    base_url: str
    model: str
    json_mode: JsonMode
    needs_key: bool
    prices: Prices | None
    context_tokens: int
    patience: Patience = Patience()
    concurrency: int = 4
    """Requests at once from one process."""
    key_kind: KeyKind = KeyKind.BEARER
    exchange_at: str = ""
    scope: str = ""
    tells_cost: bool = False
    asks_usage: bool = True
    """Usage in a stream comes only when it is asked for."""
    extra: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    """Fields that its requests carry besides."""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Headers likewise."""
    own_roots: bool = False
    """Its servers may be signed by a root that only its users trust."""
    ca_file: Path | None = None
    """Root certificates that are trusted beside the usual ones (PEM)."""

    @property
    def needs_folder(self) -> bool:
        """Whether `configured` wants a folder."""
        return "{folder}" in self.model

    def configured(
        self,
        *,
        base_url: str | None = None,
        model: str | None = None,
        folder: str | None = None,
        prices: Prices | None = None,
        json_mode: JsonMode | None = None,
        ca_file: Path | None = None,
        scope: str | None = None,
        concurrency: int | None = None,
    ) -> Profile:
        """This profile with a seller's own settings. Raises Misconfigured when they cannot be used.

        `ca_file` is this machine's: it is taken where `own_roots` says so and nowhere else.
        """
        made = replace(
            self,
            base_url=(base_url or self.base_url).strip().rstrip("/"),
            model=(model or self.model).strip(),
            prices=prices or self.prices,
            json_mode=json_mode or self.json_mode,
            ca_file=(ca_file if self.own_roots else None) or self.ca_file,
            scope=scope or self.scope,
            concurrency=concurrency or self.concurrency,
        )
        if made.needs_folder:
            if not folder or not folder.strip().isalnum():
                raise Misconfigured(f"{self.title} needs the id of a folder", folder_of=self.title)
            made = replace(made, model=made.model.replace("{folder}", folder.strip()))
        if not made.model:
            raise Misconfigured("name a model")
        _must_be_address(made.base_url)
        return made


def profile(name: str) -> Profile:
    """The profile of that id. Raises Misconfigured for an unknown one."""
    if name not in PROFILES:
        known = ", ".join(PROFILES)
        raise Misconfigured(f"no provider is called {name}: {known}", provider=name, providers=known)
    return PROFILES[name]


def _must_be_address(base_url: str) -> None:
    """Raises Misconfigured for what is no address, holds a secret, or would carry buyers' words in the clear."""
    try:
        url = urlsplit(base_url)
        host, _ = url.hostname, url.port
    except ValueError:
        raise Misconfigured("the model's address is not a URL") from None
    if url.scheme not in ("http", "https") or not host:
        raise Misconfigured("the model's address must begin with http:// or https:// and name a host")
    if url.username or url.password or url.query or url.fragment:
        raise Misconfigured(
            "the model's address must hold no key, question mark or #: the key has its own field"
        )
    if url.scheme == "http" and not _is_near(host):
        raise Misconfigured("the model's address must begin with https:// unless it is in your own network")


def _is_near(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))


DEFAULT = "deepseek"
_OLLAMA = Profile(
    "ollama",
    "Ollama",
    "http://localhost:11434/v1",
    "qwen2.5:7b",
    JsonMode.SCHEMA,
    needs_key=False,
    prices=Prices(Decimal(0), Decimal(0), Decimal(0), "USD"),
    context_tokens=4_096,
    patience=Patience(read=240.0, total=240.0),
    concurrency=1,
    own_roots=True,
)
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        one.id: one
        for one in (
            Profile(
                "deepseek",
                "DeepSeek",
                "https://api.deepseek.com",
                "deepseek-flash",
                JsonMode.OBJECT,
                needs_key=True,
                # api-docs.deepseek.com/quick_start/pricing, October 2026: the price of peak hours, off-peak is half
                prices=Prices(Decimal("0.3"), Decimal("0.006"), Decimal("1.2"), "USD"),
                context_tokens=1_000_000,
                # it thinks unless told not to: dearer, slower, and a reply to a buyer needs none of it
                extra=MappingProxyType({"thinking": MappingProxyType({"type": "disabled"})}),
            ),
            Profile(
                "yandexgpt",
                "YandexGPT",
                "https://llm.api.cloud.yandex.net/v1",
                "gpt://{folder}/yandexgpt/latest",
                JsonMode.SCHEMA,
                needs_key=True,
                prices=None,
                context_tokens=32_000,
                key_kind=KeyKind.API_KEY,
                # it would keep what it was asked
                headers=MappingProxyType({"x-data-logging-enabled": "false"}),
            ),
            Profile(
                "gigachat",
                "GigaChat",
                "https://gigachat.devices.sberbank.ru/api/v1",
                "GigaChat-2-Pro",
                # a schema is taken only at api.giga.chat, from companies: there JsonMode.BARE_SCHEMA
                JsonMode.NONE,
                needs_key=True,
                prices=None,
                context_tokens=128_000,
                concurrency=1,
                key_kind=KeyKind.SBER,
                exchange_at="https://ngw.devices.sberbank.ru:9443/api/v2/oauth",
                scope="GIGACHAT_API_PERS",
                asks_usage=False,
                own_roots=True,
            ),
            Profile(
                "openrouter",
                "OpenRouter",
                "https://openrouter.ai/api/v1",
                "deepseek/deepseek-v4.1-flash",
                JsonMode.OBJECT,
                needs_key=True,
                # it tells the cost of every answer itself
                prices=None,
                tells_cost=True,
                context_tokens=1_000_000,
                extra=MappingProxyType(
                    {
                        "reasoning": MappingProxyType({"enabled": False}),
                        # only to those who keep nothing of what they are asked
                        "provider": MappingProxyType({"data_collection": "deny"}),
                    }
                ),
            ),
            _OLLAMA,
            replace(
                _OLLAMA,
                id="llamacpp",
                title="llama.cpp",
                base_url="http://localhost:8080/v1",
                model="default",
            ),
            Profile(
                "custom",
                "OpenAI-compatible",
                "",
                "",
                JsonMode.OBJECT,
                needs_key=False,
                prices=None,
                context_tokens=8_192,
                own_roots=True,
            ),
        )
    }
)
"""By id. Prices change: a seller may override them with his own (`Profile.configured`).

None where the provider publishes them by contract, package or region (YandexGPT, GigaChat), or tells each cost itself.
"""
