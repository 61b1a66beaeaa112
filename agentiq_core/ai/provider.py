"""Any endpoint that speaks as OpenAI's does, over httpx: streamed, bounded, repeated where that may help."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from types import TracebackType
from typing import Self

import httpx
from pydantic import SecretStr
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from agentiq_core import __version__
from agentiq_core.ai.access import Clock, access
from agentiq_core.ai.model import (
    Completion,
    Failure,
    ModelBusy,
    ModelFailed,
    ModelRefused,
    ModelRequest,
    ModelUnreachable,
    ModelUnreadable,
    OnText,
)
from agentiq_core.ai.profiles import JsonMode, Profile
from agentiq_core.ai.refusals import failure_of
from agentiq_core.ai.stream import Told, read_answer
from agentiq_core.connectors.http import delay_of
from agentiq_core.domain.errors import Misconfigured

ATTEMPTS = 3
LONGEST_WAIT = 20.0
"""Seconds of a provider's own delay that are waited out; a longer one is the caller's to plan."""
_CHARS_A_TOKEN = 3
"""Of Russian text, where a provider tells no usage: on the safe side."""
_LARGEST_REFUSAL = 16 * 1024
_WEAKER = {
    JsonMode.SCHEMA: JsonMode.OBJECT,
    JsonMode.BARE_SCHEMA: JsonMode.NONE,
    JsonMode.OBJECT: JsonMode.NONE,
}

Sleep = Callable[[float], Awaitable[None]]


class ChatCompletions:
    """A `Model` behind a profile. Its connections are its own: close it, or use it as a context.

    Proxies come from the environment, as with httpx; redirects are not followed. Raises Misconfigured for a missing
    key or a root certificate that cannot be read.
    """

    def __init__(
        self,
        profile: Profile,
        key: SecretStr | None = None,
        *,
        sleep: Sleep = asyncio.sleep,
        clock: Clock = time.time,
    ) -> None:
        self._profile = profile
        self._access = access(profile, key, _failed, clock)
        self._json_mode = profile.json_mode
        self._sleep = sleep
        self._places = asyncio.Semaphore(profile.concurrency)
        patience = profile.patience
        self._client = httpx.AsyncClient(
            verify=_trust(profile),
            timeout=httpx.Timeout(patience.read, connect=patience.connect),
            headers={"User-Agent": f"agentiq/{__version__}"},
            follow_redirects=False,
        )

    def __repr__(self) -> str:
        return f"ChatCompletions({self.name})"

    @property
    def name(self) -> str:
        """Provider and model: "deepseek/deepseek-flash"."""
        model = self._profile.model.removeprefix("gpt://").partition("/")[2].removesuffix("/latest")
        return (
            f"{self._profile.id}/{model if self._profile.model.startswith('gpt://') else self._profile.model}"
        )

    @property
    def context_tokens(self) -> int:
        """How much it reads at once, its answer included."""
        return self._profile.context_tokens

    async def complete(self, request: ModelRequest, *, on_text: OnText | None = None) -> Completion:
        """Ask it. `on_text` begins anew when an attempt is repeated. Raises ModelFailed's kinds."""
        async with self._places:
            started = time.monotonic()
            limit = asyncio.timeout(self._profile.patience.total)
            try:
                async with limit:
                    told: Told = await self._retrying()(self._ask, request, on_text)
            except TimeoutError:
                if not limit.expired():
                    raise
                raise ModelUnreachable("no answer in time") from None
            return self._completion(request, told, time.monotonic() - started)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    def _retrying(self) -> AsyncRetrying:
        return AsyncRetrying(
            sleep=self._sleep,
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception(_worth_repeating),
            wait=_pause,
            reraise=True,
        )

    async def _ask(self, request: ModelRequest, on_text: OnText | None) -> Told:
        """One attempt, and within it one more where a fresh token or a weaker way to ask for JSON may help."""
        mode = self._json_mode
        try:
            return await self._once(request, on_text, mode)
        except ModelRefused as error:
            if error.failure is Failure.WRONG_KEY and self._access.refused():
                return await self._once(request, on_text, mode)
            weaker = _WEAKER.get(mode)
            if error.failure is not Failure.REFUSED or request.schema is None or weaker is None:
                raise
        told = await self._once(request, on_text, weaker)
        # it was the mode, not something else in the request
        self._json_mode = weaker
        return told

    async def _once(self, request: ModelRequest, on_text: OnText | None, mode: JsonMode) -> Told:
        try:
            asked = self._client.build_request(
                "POST",
                f"{self._profile.base_url}/chat/completions",
                json=self._body(request, mode),
                headers={"Accept": "text/event-stream, application/json", **self._profile.headers},
            )
        except (httpx.InvalidURL, ValueError):
            raise ModelRefused("the model's address cannot be used", Failure.NOT_FOUND) from None
        try:
            header = await self._access.header(self._client)
            if header is not None:
                asked.headers["Authorization"] = header
            response = await self._client.send(asked, stream=True)
            try:
                if response.status_code != 200:
                    raise await _refusal(response)
                kind = response.headers.get("content-type", "").lower()
                if "html" in kind:
                    raise ModelUnreadable("a page instead of an answer: look at the address")
                return await read_answer(
                    response.aiter_bytes(), "event-stream" in kind, request.max_tokens, on_text
                )
            finally:
                await response.aclose()
        except httpx.HTTPError as error:
            # "from None": httpx's error holds the request, and that the key
            raise _network(error) from None

    def _body(self, request: ModelRequest, mode: JsonMode) -> Mapping[str, object]:
        body: dict[str, object] = {
            "model": self._profile.model,
            "messages": [{"role": turn.role.value, "content": turn.text} for turn in request.turns],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "stream": True,
        }
        if self._profile.asks_usage:
            body["stream_options"] = {"include_usage": True}
        if request.schema is not None:
            body |= _asking_json(mode, request.schema)
        return body | {name: _plain(value) for name, value in self._profile.extra.items()}

    def _completion(self, request: ModelRequest, told: Told, latency: float) -> Completion:
        asked = sum(len(turn.text) for turn in request.turns)
        estimated = told.tokens_in is None or told.tokens_out is None
        tokens_in = asked // _CHARS_A_TOKEN + 1 if told.tokens_in is None else told.tokens_in
        tokens_out = len(told.text) // _CHARS_A_TOKEN + 1 if told.tokens_out is None else told.tokens_out
        cost = told.cost
        if cost is None:
            prices = self._profile.prices
            cost = prices.cost(tokens_in, told.tokens_cached, tokens_out) if prices else Decimal(0)
        return Completion(
            text=told.text,
            model=self.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            latency=latency,
            cost=cost,
            cut=told.cut,
            tokens_cached=min(told.tokens_cached, tokens_in),
            estimated=estimated,
        )


def _trust(profile: Profile) -> ssl.SSLContext:
    context = httpx.create_ssl_context()
    if profile.ca_file is not None:
        try:
            context.load_verify_locations(cafile=profile.ca_file)
        except (OSError, ssl.SSLError):
            raise Misconfigured(
                f"{profile.ca_file} holds no root certificate that can be read", ca_file=profile.ca_file
            ) from None
    return context


def _asking_json(mode: JsonMode, schema: Mapping[str, object]) -> Mapping[str, object]:
    match mode:
        case JsonMode.SCHEMA:
            wrapped = {"name": "answer", "schema": schema}
            return {"response_format": {"type": "json_schema", "json_schema": wrapped}}
        case JsonMode.BARE_SCHEMA:
            return {"response_format": {"type": "json_schema", "schema": schema}}
        case JsonMode.OBJECT:
            return {"response_format": {"type": "json_object"}}
        case JsonMode.NONE:
            return {}


def _plain(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value


async def _refusal(response: httpx.Response) -> ModelFailed:
    """The error of a status other than 200. Of the body only one word counts, none is repeated."""
    body = b""
    if response.status_code == 429:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > _LARGEST_REFUSAL:
                break
    return _failed(response, out_of_money=b"insufficient_quota" in body)


def _failed(response: httpx.Response, *, out_of_money: bool = False) -> ModelFailed:
    wait = delay_of(response.headers, "retry-after")
    return failure_of(response.status_code, wait, out_of_money=out_of_money)


def _network(error: httpx.HTTPError) -> ModelFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return ModelRefused(
                "the server did not prove who it is: a root certificate may be missing", Failure.INSECURE
            )
        cause = cause.__cause__ or cause.__context__
    return ModelUnreachable(f"no answer: {type(error).__name__}")


def _worth_repeating(error: BaseException) -> bool:
    if isinstance(error, ModelBusy):
        return error.wait is None or error.wait <= LONGEST_WAIT
    return isinstance(error, ModelFailed) and error.retry


_backoff = wait_exponential_jitter(multiplier=0.5, max=8.0, jitter=0.5)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, ModelBusy) and error.wait is not None:
        return error.wait
    return _backoff(state)
