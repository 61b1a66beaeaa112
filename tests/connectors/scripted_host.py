"""A marketplace's host on loopback that answers by script: real sockets, real HTTP, real failures."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import ssl
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

Step = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True)
class Received:
    """A request as the host saw it."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, list[bytes]]:
        """The parts of a multipart body by name, without their headers."""
        boundary = self.headers["content-type"].partition("boundary=")[2].encode()
        parts = defaultdict(list)
        for part in self.body.split(b"--" + boundary)[1:-1]:
            head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
            parts[head.split(b'name="')[1].split(b'"')[0].decode()].append(content.removesuffix(b"\r\n"))
        return dict(parts)


class ScriptedHost:
    """Answers each path with its scripted steps in order; a request that nobody planned gets 418."""

    def __init__(self) -> None:
        self.url = ""
        self.received: list[Received] = []
        self.connections = 0
        self.asked_once = asyncio.Event()
        self._steps: defaultdict[str, deque[Step]] = defaultdict(deque)
        self._open: set[asyncio.Task[None]] = set()

    def script(self, path: str, *steps: Step) -> None:
        """Plan the next answers of a path."""
        self._steps[path].extend(steps)

    def asked(self, path: str) -> list[Received]:
        """The requests to a path so far."""
        return [request for request in self.received if request.path == path]

    def json(self, payload: object, status: int = 200, headers: dict[str, str] | None = None) -> Step:
        """Answer with JSON."""
        return self.raw(json.dumps(payload, ensure_ascii=False).encode(), status, headers)

    def raw(self, body: bytes, status: int = 200, headers: dict[str, str] | None = None) -> Step:
        """Answer with these bytes."""

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.write(_head(status, {"Content-Length": str(len(body)), **(headers or {})}) + body)
            await writer.drain()

        return step

    def drop(self) -> Step:
        """Read the request, then reset the connection without an answer."""

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.transport.abort()

        return step

    def drop_inside(self, status: int = 200) -> Step:
        """Promise a hundred bytes of body, give nine, close."""

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.write(_head(status, {"Content-Length": "100"}) + b'{"result"')
            await writer.drain()
            writer.close()

        return step

    def hang(self) -> Step:
        """Read the request and never answer."""

        async def step(writer: asyncio.StreamWriter) -> None:
            await asyncio.Event().wait()

        return step

    def drip(self) -> Step:
        """Answer with a body that never ends, a byte at a time: no silence is ever long."""

        async def step(writer: asyncio.StreamWriter) -> None:
            writer.write(_head(200, {"Content-Length": "100000"}))
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)

        return step

    def forget(self) -> None:
        """Drop what was planned and not asked for."""
        self._steps.clear()

    async def serve(self, tls: ssl.SSLContext | None = None) -> None:
        """Listen on a free port of loopback, with TLS if given."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=tls)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    async def close(self) -> None:
        """Stop listening and break every connection."""
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while not writer.is_closing():
                    request = await _receive(reader)
                    self.received.append(request)
                    self.asked_once.set()
                    steps = self._steps[request.path]
                    await (steps.popleft() if steps else self.json({"unplanned": request.path}, 418))(writer)
        finally:
            writer.transport.abort()
            self._open.discard(task)


def _head(status: int, headers: dict[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def _receive(reader: asyncio.StreamReader) -> Received:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    method, target, _ = head[0].split(" ")
    headers = {
        name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)
    }
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    url = urlsplit(target)
    return Received(method, url.path, parse_qs(url.query, keep_blank_values=True), headers, body)


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody else signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = folder / "host.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
