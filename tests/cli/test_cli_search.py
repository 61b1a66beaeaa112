"""`agentiq chats search` finds what a worker has indexed, and says when that is not all."""

from __future__ import annotations

from tests.cli.conftest import Cli


def test_a_conversation_is_found_by_its_words_once_a_worker_has_been_there(cli: Cli) -> None:
    chat = cli.chat("Кружка пришла с трещиной, мой номер +7 900 000-00-00")
    early = cli("chats", "search", "трещина", "--json").json
    assert (early["hits"], early["complete"]) == ([], False)
    assert "still being indexed" in cli("chats", "search", "трещина").err
    assert cli.process("worker", "--for", "6").code == 0
    found = cli("chats", "search", "кружку трещина", "--json").json
    assert [hit["id"] for hit in found["hits"]] == [chat]
    assert (found["complete"], found["meant"]) == (True, None)
    assert "900" not in found["hits"][0]["excerpt"]
    wrong = cli("chats", "search", "трещена ")
    assert "“трещина”" in wrong.err
    assert str(chat) in wrong.out
    assert cli("chats", "search", "самовар").err.startswith("Nothing was found")
    assert cli("chats", "search", "кружка", "--seller", "99").code == 1
