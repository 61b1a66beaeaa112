"""Whatever bytes come back, and however they are cut: text, or a typed failure."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from agentiq_core.ai.model import ModelFailed
from agentiq_core.ai.stream import Told, read_answer
from tests.ai.model_host import chunk

PIECES = st.sampled_from(
    [
        b"data: ",
        b"data:[DONE]\n\n",
        b"\n",
        b"\r\n\r\n",
        b": keep-alive\n\n",
        b"event: ping\n",
        b'{"choices":[{"delta":{"content":"a"}}]}',
        b'{"choices":[{"message":{"content":"b"},"finish_reason":"stop"}]}',
        b'{"error":{"code":"429"}}',
        b'{"error":"x"}',
        b'{"usage":{"prompt_tokens":1e99,"completion_tokens":true,"cost":-1}}',
        b'{"choices":[{"delta":{"content":["x"],"refusal":1}}]}',
        b'{"choices":{}}',
        b"[[[[",
        b"<html>",
        b"\xd0",
        b"\xff",
        b"null",
    ]
)


async def read(body: bytes, cuts: Sequence[int], events: bool) -> Told:
    async def chunks() -> AsyncIterator[bytes]:
        ends = sorted({cut % (len(body) + 1) for cut in cuts} | {0, len(body)})
        for start, end in pairwise(ends):
            yield body[start:end]

    return await read_answer(chunks(), events, 100, None)


@settings(deadline=None)
@given(
    st.lists(st.one_of(PIECES, st.binary(max_size=12)), max_size=12),
    st.lists(st.integers(0, 500), max_size=6),
    st.booleans(),
)
async def test_any_bytes_are_text_or_a_typed_failure(
    pieces: list[bytes], cuts: list[int], events: bool
) -> None:
    with suppress(ModelFailed):
        told = await read(b"".join(pieces), cuts, events)
        assert told.text.strip()


@settings(deadline=None)
@given(
    st.lists(st.text(max_size=10), min_size=1, max_size=6),
    st.lists(st.integers(0, 900), max_size=8),
    st.booleans(),
)
async def test_a_stream_says_the_same_however_it_is_cut(
    texts: list[str], cuts: list[int], feed: bool
) -> None:
    end = b"\r\n\r\n" if feed else b"\n\n"
    lines = [b"data: " + json.dumps(chunk(text)).encode() + end for text in [*texts, "."]]
    whole = await read(b"".join(lines), (), events=True)
    assert whole.text == "".join(texts) + "."
    assert await read(b"".join(lines), cuts, events=True) == whole
    assert await read(b"".join(lines), cuts, events=False) == whole
