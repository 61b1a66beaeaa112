"""What all marketplaces share over httpx: time-outs, one exchange, typed errors, repeated reads.

Nothing here knows a marketplace. No error text holds a header, a query, a body or a key.
"""

from __future__ import annotations

import asyncio
import math
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from typing import Any

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_exponential_jitter,
)

from agentiq_core import __version__
from agentiq_core.connectors.errors import (
    InsecureConnection,
    NoAnswer,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)
from agentiq_core.connectors.pools import SharedTransport
from agentiq_core.domain.errors import Misconfigured

Sleep = Callable[[float], Awaitable[None]]

MEBIBYTE = 1024 * 1024
ANSWER_LIMIT = 64 * MEBIBYTE
"""The largest answer that is read into memory."""

READ_ATTEMPTS = 3
PATIENCE = 3.0
"""A read waits out a marketplace's own delay of at most so many seconds; a longer one is the caller's to plan."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds. `connect` includes TLS, `pool` is the wait for a free connection, `read` and `write` are the longest
    silence on the line, `total` bounds a whole exchange, so that an answer that drips cannot hold a worker."""

    connect: float = 10.0
    read: float = 30.0
    write: float = 30.0
    pool: float = 10.0
    total: float = 180.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, whatever its status. `body` is None when a success was longer than the limit."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None


@cache
def _trust() -> ssl.SSLContext:
    """One set of root certificates for all sellers: loading it takes tens of milliseconds."""
    return httpx.create_ssl_context()


@cache
def load() -> None:
    """What a first request loads: root certificates, and the libraries under httpx, which imports them late. Blocking."""
    httpx.AsyncHTTPTransport(verify=_trust())
    import_module("anyio._backends._asyncio")


def open_client(base_url: str, headers: Mapping[str, str], timeouts: Timeouts) -> httpx.AsyncClient:
    """A client with keep-alive and without redirects, so that a key never follows one to another host. Its connections
    are those of every client to the same marketplace.

    Raises Misconfigured when `base_url` is not an http(s) address.
    """
    try:
        url = httpx.URL(base_url.strip().rstrip("/"))
    except httpx.InvalidURL as error:
        raise Misconfigured("the marketplace's address is not a URL") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise Misconfigured("the marketplace's address must begin with http:// or https:// and name a host")
    return httpx.AsyncClient(
        base_url=url,
        headers={"User-Agent": f"agentiq/{__version__}", **headers},
        timeout=httpx.Timeout(
            connect=timeouts.connect, read=timeouts.read, write=timeouts.write, pool=timeouts.pool
        ),
        transport=SharedTransport(url, _trust()),
        follow_redirects=False,
    )


async def exchange(
    client: httpx.AsyncClient, request: httpx.Request, *, total: float, limit: int = ANSWER_LIMIT
) -> Answer:
    """Send once and read the answer of at most `limit` bytes.

    Raises Unreachable or InsecureConnection when nothing was written, NoAnswer in every other failure. An error
    status whose body breaks off is still an answer: its status alone decides.
    """
    with _typed_errors(request.url.host):
        async with asyncio.timeout(total):
            response = await client.send(request, stream=True)
            try:
                body = await _read(response, limit)
            except httpx.RequestError:
                if response.status_code < 400:
                    raise
                body = b""
            finally:
                await response.aclose()
    return Answer(response.status_code, response.headers, body)


async def _read(response: httpx.Response, limit: int) -> bytes | None:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > limit:
            return None if response.status_code < 400 else b""
    return bytes(body)


@contextmanager
def _typed_errors(host: str) -> Iterator[None]:
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ConnectError, httpx.ProxyError) as error:
        if _is_tls(error):
            raise InsecureConnection(f"no secure connection to {host}", host=host) from error
        raise Unreachable(f"cannot connect to {host}: {type(error).__name__}", host=host) from error
    except (httpx.RequestError, TimeoutError) as error:
        # written in part, or read in part: whatever is not surely before the first byte counts as sent
        raise NoAnswer(f"no answer from {host}: {type(error).__name__}", host=host) from error


def _is_tls(error: BaseException) -> bool:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def retrying(sleep: Sleep = asyncio.sleep) -> AsyncRetrying:
    """The policy of reads, which may be repeated freely: three attempts, 0.2 s and more between them.

    Connect failures, lost answers and 5xx are repeated; a rate limit only when its delay is at most `PATIENCE`.
    Never for a request that changes something.
    """
    return AsyncRetrying(
        sleep=sleep,
        stop=stop_after_attempt(READ_ATTEMPTS),
        retry=retry_if_exception(_worth_repeating),
        wait=_pause,
        reraise=True,
    )


def _worth_repeating(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return error.retry_after is not None and error.retry_after <= PATIENCE
    return isinstance(error, Unreachable | OutcomeUnknown)


_backoff = wait_exponential_jitter(multiplier=0.2, max=2.0, jitter=0.2)


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    if isinstance(error, RateLimited) and error.retry_after is not None:
        return error.retry_after
    return _backoff(state)


def delay_of(headers: Mapping[str, str], *names: str, now: datetime | None = None) -> float | None:
    """Seconds to wait from the first of `names` that holds a delay: a number, or an HTTP date (RFC 9110, Retry-After)."""
    for name in names:
        seconds = _seconds(headers.get(name, "").strip(), now or datetime.now(UTC))
        if seconds is not None:
            return seconds
    return None


IN_STEP = 2.0
"""Seconds of lead that the rounding of a Date header and the way of an answer can make up: they mean none."""


def ahead_of(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds by which the sender's clock is ahead of `now`, when the answer came (RFC 9110, Date, whole seconds)."""
    try:
        told = parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    # the header cuts the second off: half of one is what it loses on average
    ahead = (told.replace(tzinfo=told.tzinfo or UTC) - now).total_seconds() + 0.5
    return ahead if abs(ahead) > IN_STEP else 0.0


def _seconds(value: str, now: datetime) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now)
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _seconds_until(value: str, now: datetime) -> float:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return math.nan
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds())


def multipart(
    fields: Mapping[str, str], files: list[tuple[str, tuple[str, bytes, str]]]
) -> list[tuple[str, Any]]:
    """Form fields as parts, so that httpx writes multipart/form-data even without a file."""
    return [*((name, (None, value)) for name, value in fields.items()), *files]
