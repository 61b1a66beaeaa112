"""Runs a small language model behind an OpenAI-compatible address until standard input ends; prints the address.

`python model_server.py WEIGHTS`, with the packages of requirements/live.lock on the path.
"""

from __future__ import annotations

import json
import sys

import xllamacpp

CONTEXT = 6_144
AT_ONCE = 2


def main() -> None:
    """Serve on a free port of loopback."""
    params = xllamacpp.CommonParams()
    params.model.path = sys.argv[1]
    params.n_ctx = CONTEXT * AT_ONCE
    params.n_parallel = AT_ONCE
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.verbosity = 0
    params.warmup = False
    params.sampling.seed = 11
    # threads wait for each other by spinning: where other tests run beside it, two are ten times slower than one
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    server = xllamacpp.Server(params)
    sys.stdout.write(json.dumps({"base_url": f"{server.listening_address}/v1"}) + "\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
