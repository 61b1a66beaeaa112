"""The keyboard shield on bytes, without a terminal."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.message import Message

from agentiq_tui.keys import KeyboardAnswered, ShieldedParser, on_both_layouts


def keys(*chunks: str) -> list[str]:
    return [message.key for message in fed(*chunks) if isinstance(message, events.Key)]


def fed(*chunks: str) -> list[Message]:
    parser = ShieldedParser()
    return [message for chunk in chunks for message in parser.feed(chunk)]


@pytest.mark.parametrize(
    ("sequence", "key"),
    [
        ("\x1b[13;5u", "ctrl+enter"),
        ("\x1b[27;5;13~", "ctrl+enter"),
        ("\x1b[13;5:1u", "ctrl+enter"),
        ("\x1b[1103::122;5u", "ctrl+z"),
        ("\x1b[1099;5u", "ctrl+s"),
        ("\x1b[27;5;1099~", "ctrl+s"),
        ("\n", "ctrl+j"),
        ("\r", "enter"),
        ("\x1b[15~", "f5"),
        ("\x1bOP", "f1"),
        ("\x1b[A", "up"),
        ("\x1b[1;5A", "ctrl+up"),
        ("\x1b[1;1:1A", "up"),
        ("\x1b[1086;;1086u", "о"),
        ("\x1b[27;2;1055~", "П"),
        ("\x1b[9u", "tab"),
        ("\x1b[9;2u", "shift+tab"),
        ("\x1b[27u", "escape"),
    ],
)
def test_every_form_of_a_key_is_understood(sequence: str, key: str) -> None:
    assert keys(sequence) == [key]


@pytest.mark.parametrize(
    "sequence",
    [
        "\x1b[?25u",
        "\x1b[?1;2;4c",
        "\x1b[>0;276;0c",
        "\x1b[?997;1n",
        "\x1b[0n",
        "\x1b[8;24;80t",
        "\x1b[>4;1m",
        "\x1b]11;rgb:0000/0000/0000\x07",
        "\x1b]11;rgb:0000/0000/0000\x1b\\",
        "\x1bP>|tmux 3.5\x1b\\",
        "\x1bP1+r5463=0\x1b\\",
        "\x1b_Gi=1;OK\x1b\\",
        "\x1b[13;5:3u",
        "\x1b[99999999;5u",
        "\x1b[97;1;99999999u",
        "\x1b[27;5;99999999~",
    ],
)
def test_answers_of_the_terminal_and_impossible_keys_type_nothing(sequence: str) -> None:
    assert keys(f"a{sequence}b") == ["a", "b"]


def test_an_answer_split_between_reads_types_nothing() -> None:
    answer = "\x1b]11;rgb:0000/0000/0000\x1b\\"
    for cut in range(4, len(answer)):
        assert keys("a" + answer[:cut], answer[cut:] + "b") == ["a", "b"], cut


def test_an_answer_about_the_keyboard_is_told_to_the_app() -> None:
    assert any(isinstance(message, KeyboardAnswered) for message in fed("\x1b[?25u"))


def test_a_paste_is_kept_whole_wherever_the_read_cuts_it() -> None:
    text = "цена \x1b]11;rgb:0/0/0\x07 и \x1b[31mконец"
    stream = f"\x1b[200~{text}\x1b[201~b"
    for cut in range(6, len(stream)):
        messages = fed(stream[:cut], stream[cut:])
        pasted = "".join(message.text for message in messages if isinstance(message, events.Paste))
        assert pasted == text.replace("\x1b", "␛").replace("\x07", ""), cut
        assert [message.key for message in messages if isinstance(message, events.Key)] == ["b"]


@given(st.lists(st.text(alphabet="\x1b[]?;:0123456789uA~cPRn\\\x07_Gябz<>$y=|", max_size=40), max_size=6))
def test_no_input_kills_the_parser(chunks: list[str]) -> None:
    fed(*[chunk for chunk in chunks if chunk])


@pytest.mark.parametrize(
    ("key", "both"),
    [
        ("j", ("j", "о")),
        ("G", ("G", "П")),
        ("ctrl+s", ("ctrl+s", "ctrl+ы")),
        ("?", ("?", ",")),
        ("f5", ("f5",)),
        ("ctrl+enter", ("ctrl+enter",)),
    ],
)
def test_a_key_has_a_twin_on_the_russian_layout(key: str, both: tuple[str, ...]) -> None:
    assert on_both_layouts(key) == both


def test_what_is_pasted_holds_nothing_that_a_field_would_pass_on_to_the_terminal() -> None:
    sent = "\x1b[200~за\u202eказ \x9b31m\x07№\t1\n2\x1b[201~"
    pasted = [one.text for one in fed(sent) if isinstance(one, events.Paste)]
    assert pasted == ["заказ 31m№\t1\n2"]
