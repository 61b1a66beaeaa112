"""What a key says of itself before the first call."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agentiq_core.connectors.base import Credentials, KeyProblem, KeyReport
from agentiq_core.connectors.wildberries.token import bare_key, inspect_key
from tests.connectors.wildberries_answers import make_key

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CHAT, READ_ONLY = 1 << 9, 1 << 30


def report(secret: str) -> KeyReport:
    return inspect_key(Credentials(secret), NOW)


def unsigned(payload: object) -> str:
    parts = [{"alg": "ES256", "typ": "JWT"}, payload]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJl"])


def test_a_personal_key_for_chats_is_usable() -> None:
    assert report(make_key(s=CHAT | 1 << 7 | 1 << 1 | 1 << 11)) == KeyReport(
        account_id="9d5c1b0e-53a1-4a3f-9d7e-2f1f5d0b7c11",
        expires_at=datetime(2030, 3, 17, 17, 46, 40, tzinfo=UTC),
        kind="personal",
        scopes=frozenset({"chat", "feedbacks", "content", "returns"}),
        channels=frozenset({"chat", "review", "question", "claim"}),
    )


@pytest.mark.parametrize(
    ("bit", "channels"),
    [(9, {"chat"}), (7, {"review", "question"}), (11, {"claim"}), (1, set()), (30, set())],
)
def test_each_category_opens_its_channels(bit: int, channels: set[str]) -> None:
    told = report(make_key(s=1 << bit))
    assert told.channels == channels
    assert told.usable == bool(channels)


@pytest.mark.parametrize(
    ("acc", "kind"), [(1, "base"), (2, "test"), (3, "personal"), (4, "service"), (9, "unknown")]
)
def test_the_kind_of_a_key(acc: int, kind: str) -> None:
    told = report(make_key(acc=acc))
    assert (told.kind, told.slow) == (kind, kind == "base")


@pytest.mark.parametrize(
    ("claims", "problems"),
    [
        ({"exp": int(NOW.timestamp())}, (KeyProblem.EXPIRED,)),
        ({"exp": int(NOW.timestamp()) + 1}, ()),
        ({"s": 1 << 7}, ()),
        ({"s": 1 << 1}, (KeyProblem.NO_CHAT_SCOPE,)),
        ({"acc": 2}, (KeyProblem.TEST_KEY,)),
        ({"acc": 3, "t": True}, (KeyProblem.TEST_KEY,)),
        ({"s": 0, "exp": 1, "acc": 2}, (KeyProblem.EXPIRED, KeyProblem.NO_CHAT_SCOPE, KeyProblem.TEST_KEY)),
        ({"s": CHAT | READ_ONLY}, ()),
    ],
)
def test_what_is_wrong_with_a_key(claims: dict[str, Any], problems: tuple[KeyProblem, ...]) -> None:
    told = report(make_key(**claims))
    assert (told.problems, told.usable) == (problems, not problems)


def test_a_read_only_key_reads() -> None:
    assert report(make_key(s=CHAT | READ_ONLY)).read_only
    assert not report(make_key()).read_only


def test_the_account_is_the_seller_else_the_older_number_never_the_person() -> None:
    assert report(make_key(sid="")).account_id == "4711"
    assert report(make_key(sid=None, oid=None)).account_id is None


@pytest.mark.parametrize("wrap", ["{}\n", "  {}  ", "Bearer {}", "bearer   {}\r\n", "\tBearer\n{}"])
def test_a_pasted_key_may_bring_its_surroundings(wrap: str) -> None:
    key = make_key()
    assert bare_key(wrap.format(key)) == key
    assert report(wrap.format(key)).usable


def test_a_key_broken_over_lines_is_joined() -> None:
    key = make_key()
    assert bare_key(f"{key[:40]}\n{key[40:]}\n") == key


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "Bearer",
        "abc",
        "a.b.c",
        "ключ",
        "eyJ." * 9,
        "x" * 100_000,
        unsigned([1]),
        unsigned("s"),
        unsigned({}),
        unsigned({"s": -1}),
    ],
)
def test_what_is_no_key_is_malformed(secret: str) -> None:
    assert report(secret).problems == (KeyProblem.MALFORMED,)


def test_a_payload_nested_past_reason_is_malformed() -> None:
    nested = base64.urlsafe_b64encode(b"[" * 5000).rstrip(b"=").decode()
    head = unsigned({}).partition(".")[0]
    assert report(f"{head}.{nested}.c2ln").problems == (KeyProblem.MALFORMED,)


patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(10**15, 10**60), st.floats(), st.text(max_size=9),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)  # fmt: skip


@patient
@given(
    st.dictionaries(
        st.sampled_from(["acc", "s", "exp", "sid", "oid", "uid", "t", "iat", "nbf", "sub", "aud"]), ODD
    )
)
def test_claims_of_any_type_never_raise(claims: dict[str, object]) -> None:
    told = report(unsigned(claims))
    assert told.account_id is None or isinstance(told.account_id, str)


@patient
@given(st.text(max_size=60))
def test_any_text_never_raises(secret: str) -> None:
    assert report(secret).problems == (KeyProblem.MALFORMED,)
