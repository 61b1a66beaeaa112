"""`python -m agentiq_core.sandbox`: the sandbox as a process of its own.

Prints one JSON line when it is ready; ends on SIGTERM or SIGINT, and with --exit-with-stdin when its
standard input closes, so that it does not outlive its parent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress

from agentiq_core.sandbox.demo import populate
from agentiq_core.sandbox.market import seller_lines
from agentiq_core.sandbox.server import Sandbox


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m agentiq_core.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same people and texts")
    parser.add_argument(
        "--chats", type=int, default=60, help="chats at the start, over all sellers; 0 for none"
    )
    parser.add_argument("--live", action="store_true", help="buyers keep coming and answer replies")
    parser.add_argument("--no-rate-limits", action="store_true", help="accept any number of requests")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes")
    return parser.parse_args(arguments)


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """End with the parent: a blocked read in a daemon thread works for pipes, terminals and files alike."""

    descriptor = sys.stdin.fileno()

    def watch() -> None:
        while os.read(descriptor, 4096):
            pass
        loop.call_soon_threadsafe(stop.set)

    threading.Thread(target=watch, name="stdin", daemon=True).start()


async def serve(options: argparse.Namespace) -> None:
    """Run until told to stop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        # Windows has no signal handlers in the loop; standard input ends the process there
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    async with Sandbox(
        seed=options.seed, port=options.port, rate_limits=not options.no_rate_limits, live=options.live
    ) as sandbox:
        populate(sandbox, chats=options.chats)
        ready = {
            "url": sandbox.url,
            "control_secret": sandbox.control_secret,
            "sellers": seller_lines(sandbox.markets, sandbox.url),
        }
        sys.stdout.write(json.dumps(ready, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        if options.exit_with_stdin:
            _watch_stdin(loop, stop)
        await stop.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry of the process."""
    asyncio.run(serve(_arguments(arguments)))


if __name__ == "__main__":
    main()
