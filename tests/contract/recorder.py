"""A host on loopback that takes down every request of a client, as the specification's validator wants to see it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict


@dataclass
class Sent:
    """A request that was received, as openapi-core wants it: on the live host."""

    method: str
    path: str
    parameters: RequestParameters
    content_type: str
    body: bytes
    host_url: str


@dataclass
class Recorder:
    """Receives over HTTP whatever the client sends. `hosts` are the live hosts by the part that stands for each."""

    answer: Callable[[str, str], object]
    hosts: Mapping[str, str]
    url: str = ""
    sent: list[Sent] = field(default_factory=list)

    async def receive(self, request: web.Request) -> web.Response:
        parameters = RequestParameters(
            query=ImmutableMultiDict(request.query), header=Headers(list(request.headers.items()))
        )
        path = request.rel_url.raw_path
        part = next(part for part in sorted(self.hosts, reverse=True) if path.startswith(part))
        content_type = request.headers.get("Content-Type", "")
        body = await request.read()
        self.sent.append(
            Sent(
                request.method.lower(),
                path.removeprefix(part),
                parameters,
                content_type,
                body,
                self.hosts[part],
            )
        )
        answer = self.answer(request.method, path.removeprefix(part))
        if answer is None:
            return web.Response(status=204)
        return web.Response(text=json.dumps(answer, ensure_ascii=False), content_type="application/json")


@asynccontextmanager
async def recording(
    answer: Callable[[str, str], object], hosts: Mapping[str, str]
) -> AsyncIterator[Recorder]:
    """A recorder on a free port; `answer` gives the body to a method and path, None for 204."""
    recorder = Recorder(answer, hosts)
    async with serving(recorder.receive) as recorder.url:
        yield recorder


@asynccontextmanager
async def serving(receive: Callable[[web.Request], Awaitable[web.Response]]) -> AsyncIterator[str]:
    """The address of a host on loopback whose every request is given to `receive`."""
    app = web.Application(client_max_size=64 << 20)
    app.router.add_route("*", "/{tail:.*}", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
