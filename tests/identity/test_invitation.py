"""An invitation survives being pasted, and a piece of one is told from a whole one."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.domain.errors import Rejected
from agentiq_core.identity.invitation import Invitation

SERVER = "postgresql://shop_team:se%40cret@db.example.org:5432/shop"
INVITATION = Invitation(SERVER, "a-one-time-code")


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_packed_is_unpacked(rest: str, code: str) -> None:
    invitation = Invitation(f"postgresql://{rest}", code)
    assert Invitation.unpack(invitation.pack()) == invitation


def test_line_breaks_of_a_terminal_do_not_matter() -> None:
    packed = INVITATION.pack()
    broken = "\n ".join(packed[start : start + 40] for start in range(0, len(packed), 40))
    assert Invitation.unpack(f"  {broken}\t\n") == INVITATION


@given(st.data())
def test_a_piece_or_a_slip_is_recognised(data: st.DataObject) -> None:
    packed = INVITATION.pack()
    if data.draw(st.booleans()):
        damaged = packed[: data.draw(st.integers(0, len(packed) - 1))]
    else:
        place = data.draw(st.integers(8, len(packed) - 2))
        letter = data.draw(st.sampled_from("abcXYZ019-_").filter(lambda one: one != packed[place]))
        damaged = packed[:place] + letter + packed[place + 1 :]
    with pytest.raises(Rejected) as refused:
        Invitation.unpack(damaged)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("between", [" ", "\r\n", "\u00a0", "\u200b", "\u00ad", "\ufeff"])
def test_what_a_messenger_puts_between_the_letters_does_not_matter(between: str) -> None:
    packed = INVITATION.pack()
    assert Invitation.unpack(between.join([packed[:3], packed[3:40], packed[40:], ""])) == INVITATION


def sealed(raw: bytes) -> str:
    """A whole invitation with this inside, as somebody else's program could make it."""
    return "agentiq-" + base64.urlsafe_b64encode(hashlib.sha256(raw).digest()[:4] + raw).decode().rstrip("=")


@pytest.mark.parametrize(
    "server",
    [
        "mysql://x/y",
        "file:///etc/passwd",
        "",
        "host=db password=secret",
        "postgresql://db.example.org/shop?sslkeylogfile=/home/me/.profile",
        "postgresql://db.example.org/shop?pass%66ile=/home/me/.pgpass",
        "postgresql://db.example.org/shop? passfile=/home/me/.pgpass",
        "postgresql://db.example.org/shop?service=other",
    ],
)
def test_only_a_postgres_that_touches_no_file_here_is_joined_or_invited_to(server: str) -> None:
    for refused in (
        Invitation(server, "c").pack,
        lambda: Invitation.unpack(sealed(json.dumps([1, server, "c"]).encode())),
    ):
        with pytest.raises(Rejected) as told:
            refused()
        assert len(str(told.value).splitlines()) == 1
        assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[1]", b"[1,2,3]", b"[2,[],null]", b"null", b"\xff", b"[" * 100_000]
)
def test_a_whole_string_with_something_else_inside_is_refused(raw: bytes) -> None:
    with pytest.raises(Rejected):
        Invitation.unpack(sealed(raw))


@given(st.text())
def test_anything_else_is_refused_in_one_line_that_does_not_repeat_it(text: str) -> None:
    with pytest.raises(Rejected):
        Invitation.unpack(text)


def test_neither_part_is_shown() -> None:
    assert "cret" not in repr(INVITATION)
    assert "one-time" not in f"{INVITATION}"
