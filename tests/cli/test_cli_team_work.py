"""Filters, tags, assignment, notes, bulk actions, views and the log, as scripts use them."""

from __future__ import annotations

from tests.cli.conftest import Cli

PHONE = "+7 900 123-45-67"


def ids(cli: Cli, *options: str) -> list[int]:
    return sorted(row["id"] for row in cli("chats", "list", "--json", *options).json)


def test_what_was_tagged_is_found_by_its_tag_and_by_its_marketplace(cli: Cli) -> None:
    first, second = cli.chat("Где заказ?"), cli.chat("Подскажите размер")
    assert cli("chats", "tag", str(first), "--add", "#брак", "--add", "vip").out == f"{first}: #vip #брак\n"
    assert ids(cli, "--filter", "wb #брак") == [first]
    assert ids(cli, "--filter", "wb @nobody", "--queue", "all") == [first, second]
    assert ids(cli, "--filter", "ozon") == []
    tagged = cli("chats", "tag", str(first), str(second), "--remove", "vip", "--json").json
    assert tagged == [{"id": first, "tags": ["брак"]}, {"id": second, "tags": []}]
    assert "#брак" in cli("chats", "show", str(first)).out
    wrong = cli("chats", "list", "--filter", "ерунда")
    assert (wrong.code, wrong.out, wrong.lines) == (1, "", ["This word means nothing in a filter: ерунда"])
    assert cli("chats", "tag", str(first)).code == 2
    assert cli("chats", "tag", str(first), "--add", "два слова").code == 1


def test_a_conversation_is_given_claimed_and_laid_down(cli: Cli) -> None:
    chat = cli.chat()
    [given] = cli("chats", "assign", str(chat), "--to", "me", "--json").json
    assert given["assignee"] is not None
    assert ids(cli, "--filter", "@me") == [chat]
    [claimed] = cli("chats", "assign", str(chat), "--to", "me", "--minutes", "5", "--json").json
    assert claimed["claimed_until"] is not None
    assert cli("chats", "assign", str(chat), "--to", "nobody").out.startswith(f"{chat}: ")
    assert ids(cli, "--filter", "@me") == []
    stranger = cli("chats", "assign", str(chat), "--to", "кто-то")
    assert (stranger.code, len(stranger.lines)) == (1, 1)
    assert cli("chats", "assign", str(chat), "--to", "nobody", "--minutes", "5").code == 1
    assert cli("chats", "assign", "999", "--to", "me").code == 1


def test_notes_are_written_read_and_deleted_without_a_phone_in_json(cli: Cli) -> None:
    chat = cli.chat()
    assert "No notes" in cli("chats", "note", str(chat)).err
    [note] = cli("chats", "note", str(chat), "--text-stdin", "--json", stdin=f"Звонить {PHONE}").json
    assert PHONE not in note["text"]
    assert note["text"].startswith("Звонить")
    assert PHONE in cli("chats", "note", str(chat)).out
    assert cli("chats", "note", str(chat), "--text-stdin", stdin=" ").code == 1
    assert cli("chats", "note", str(chat), "--delete", str(note["id"]), "--json").json == []
    assert cli("chats", "note", str(chat), "--delete", "999").code == 1


def test_many_at_once_are_counted_first_and_done_on_a_second_word(cli: Cli) -> None:
    chats = [cli.chat("Где заказ?"), cli.chat("Какой размер?")]
    meant = cli("chats", "bulk", "--filter", "wb", "--tag", "vip")
    assert (meant.code, meant.lines) == (0, ["2 conversations are meant: --yes does it"])
    assert ids(cli, "--filter", "#vip") == []
    done = cli("chats", "bulk", "--filter", "wb", "--tag", "vip", "--yes", "--json")
    assert done.json == {"found": 2, "done": 2, "unchanged": 0, "refused": {}}
    again = cli("chats", "bulk", "--filter", "wb", "--tag", "vip", "--yes")
    assert again.lines == ["0 conversations changed, 2 were so already"]
    assert cli("chats", "bulk", "--filter", "#vip", "--no-reply-needed", "--yes", "--json").json["done"] == 2
    assert ids(cli, "--queue", "waiting") == []
    refused = cli("chats", "bulk", "--filter", "#vip", "--snooze", "2", "--yes", "--json")
    assert (refused.code, refused.json["refused"]) == (1, {"rejected": 2})
    assert cli("chats", "bulk", "--filter", "#vip", "--reopen", "--yes", "--json").json["done"] == 2
    assert cli("chats", "bulk", "--filter", "#vip", "--snooze", "2", "--yes", "--json").json["done"] == 2
    assert ids(cli, "--filter", "snoozed") == chats
    assert cli("chats", "bulk", "--filter", "snoozed", "--wake", "--yes", "--json").json["done"] == 2
    assert cli("chats", "bulk", "--filter", "", "--assign", "me", "--yes", "--json").json["done"] == 2
    assert cli("chats", "bulk", "--filter", "wb", "--tag", "a", "--reopen").code == 2


def test_the_log_says_who_did_what(cli: Cli) -> None:
    chat = cli.chat()
    cli("chats", "tag", str(chat), "--add", "брак")
    cli("chats", "assign", str(chat), "--to", "me")
    lines = cli("audit", "--chat", str(chat), "--json").json
    assert [line["action"] for line in lines] == ["chats.assign", "chats.tag"]
    assert lines[1]["change"] == {"tags": [[], ["брак"]]}
    assert lines[0]["operator"]
    assert [line["action"] for line in cli("audit", "--limit", "1", "--by", "me", "--json").json] == [
        "chats.assign"
    ]
    assert "chats.tag" in cli("audit", "--action", "chats.tag").out
    assert cli("audit", "--action", "nothing.").err.strip() == "Nothing is written there"


def test_views_are_kept_changed_ordered_and_forgotten(cli: Cli) -> None:
    cli.chat()
    [first] = cli("views", "save", "Плохие отзывы", "wb review ★1-3", "--json").json
    assert (first["text"], first["filter"]) == (
        "wb review ★1-3",
        {"channel": "review", "marketplace": "wildberries", "stars": [1, 3]},
    )
    [second] = cli("views", "save", "Мои", "@me", "--share", "1", "--json").json
    assert second["seller_id"] == 1
    cli("views", "order", str(second["id"]), str(first["id"]))
    assert [view["name"] for view in cli("views", "list", "--json").json] == ["Мои", "Плохие отзывы"]
    [changed] = cli("views", "change", str(first["id"]), "--name", "Хорошие", "--filter", "★5", "--json").json
    assert (changed["name"], changed["text"]) == ("Хорошие", "★5")
    assert "Хорошие" in cli("views", "list").out
    assert cli("views", "remove", str(first["id"]), "--json").json == {"removed": first["id"]}
    assert cli("views", "remove", str(first["id"])).code == 1


def test_how_conversations_are_shared_out_is_shown_and_changed(cli: Cli) -> None:
    seller = cli.connected(cli.market.shop())
    shown = {"seller_id": seller, "mode": "manual", "claim_minutes": 15}
    assert cli("sharing", "show", "--seller", str(seller), "--json").json == shown
    changed = cli("sharing", "set", "--seller", str(seller), "--mode", "round-robin", "--json").json
    assert changed == shown | {"mode": "round-robin"}
    assert cli("sharing", "show", "--seller", "99").code == 1
    assert cli("sharing", "set", "--seller", str(seller)).code == 2
