"""What a token says of itself is read here and proved in the database; what is no token means: sign in."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.errors import SignedOut
from agentiq_core.identity.claims import read

SAID = {
    "iss": "agentiq",
    "sub": "7",
    "sid": "0b9c7f6e-8f0a-4a58-9d3c-1f7d8c2b3a4e",
    "email": "anna@example.org",
    "role": "admin",
    "exp": 2_000_000_000,
}
KEY = "a key that the database alone has, and this machine has not"


def forged(payload: bytes) -> str:
    """A token with this payload, signed by nobody."""
    head, body, sign = (
        base64.urlsafe_b64encode(part).decode().rstrip("=")
        for part in (b'{"alg":"HS256","typ":"JWT"}', payload, bytes(32))
    )
    return f"{head}.{body}.{sign}"


def test_the_claims_are_read_without_the_key() -> None:
    claims = read(jwt.encode(SAID, KEY))
    assert (claims.operator_id, claims.email, claims.role) == (7, "anna@example.org", "admin")
    assert claims.session_id == SAID["sid"]
    assert claims.expires_at == datetime.fromtimestamp(2_000_000_000, UTC)


def test_a_token_that_has_ended_still_says_whose_it_was() -> None:
    assert read(jwt.encode(SAID | {"exp": 1}, KEY)).expires_at.year == 1970


@pytest.mark.parametrize("claim", ["sub", "sid", "email", "role", "exp"])
@pytest.mark.parametrize("value", [None, "", [], {}, 10**400, float("inf")])
def test_a_claim_of_another_kind_is_no_token(claim: str, value: object) -> None:
    with pytest.raises(SignedOut):
        read(forged(json.dumps(SAID | {claim: value}).encode()))


@pytest.mark.parametrize("claim", ["sub", "sid", "email", "role", "exp"])
def test_a_claim_that_is_missing_is_no_token(claim: str) -> None:
    with pytest.raises(SignedOut):
        read(forged(json.dumps({name: value for name, value in SAID.items() if name != claim}).encode()))


@pytest.mark.parametrize("payload", [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 100_000])
def test_a_payload_that_is_none_is_no_token(payload: bytes) -> None:
    with pytest.raises(SignedOut):
        read(forged(payload))


@given(st.text())
def test_garbage_is_no_token_and_is_not_repeated(text: str) -> None:
    with pytest.raises(SignedOut) as signed_out:
        read(text)
    assert str(signed_out.value) == "this is no access token"
    assert signed_out.value.params == {}
