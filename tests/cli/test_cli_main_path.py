"""The way of a seller's first day through the commands, and what each `--json` holds."""

from __future__ import annotations

from tests.cli.conftest import ASKED, Cli, Market

ANSWER = "Здравствуйте, Алёна! Очень жаль, что так вышло. Пришлите, пожалуйста, фото кружки."


def test_from_init_to_a_confirmed_reply(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    cli.secrets.append(shop.token)
    cli.monkeypatch.setenv("AGENTIQ_LOG_LEVEL", "DEBUG")

    made = cli("init", "--json")
    assert (made.code, set(made.json)) == (0, {"schema", "embedded", "home"})
    assert made.json["embedded"] is False

    where = ("--base-url", market.url, "--token-stdin", "--json")
    added = cli("seller", "add", "wildberries", "--name", "Дом и чай", *where, stdin=shop.token)
    assert added.code == 0, added.err
    assert set(added.json) == {
        "seller_id", "name", "marketplace", "account_id", "kind", "scopes", "read_only", "slow", "expires_at", "days_left",
        "tried", "chats", "channels", "problems",
    }  # fmt: skip
    seller = str(added.json["seller_id"])
    assert (added.json["chats"], added.json["kind"], "chat" in added.json["scopes"]) == (1, "personal", True)

    assert cli("seller", "test", seller).code == 0
    synced = cli("sync", "--json")
    assert synced.code == 0, synced.err
    assert synced.json["sellers"][0]["new"] == 1
    assert synced.json["sellers"][0]["trouble"] is None

    listed = cli("chats", "list", "--queue", "all", "--json").json
    assert [row["preview"] for row in listed] == [ASKED]
    chat = str(listed[0]["id"])
    assert cli("suggest", chat, "--json").json["text"]

    sent = cli("reply", chat, "--text-stdin", "--wait", "--json", stdin=ANSWER)
    assert (sent.code, sent.json["state"]) == (0, "confirmed"), sent
    assert market.sent_there(shop) == [ANSWER]

    shown = cli("chats", "show", chat, "--json").json
    assert [(one["author"], one["origin"], one["text"]) for one in shown["messages"]] == [
        ("buyer", "buyer", ASKED),
        ("seller", "api", ANSWER),
    ]
    assert shown["messages"][1]["reply_id"] == sent.json["reply_id"]
    assert cli("doctor").code == 0


def test_processes_keep_streams_and_secrets_apart(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    cli.secrets.append(shop.token)
    where = ("--base-url", market.url, "--token-stdin")
    added = cli.process("seller", "add", "wildberries", "--name", "Дом и чай", *where, stdin=shop.token)
    assert (added.code, "Connected" in added.out, "Connected" in added.err) == (0, False, True)
    assert cli("sync").code == 0
    chat = cli("chats", "list", "--json").json[0]["id"]
    sent = cli.process("reply", str(chat), "--text-stdin", "--wait", "--json", stdin=ANSWER)
    assert (sent.code, sent.json["state"]) == (0, "confirmed"), sent
    assert market.sent_there(shop) == [ANSWER]


def test_each_json_document_has_the_keys_that_scripts_read(cli: Cli) -> None:
    chat = str(cli.chat())
    assert set(cli("seller", "list", "--json").json[0]) == {
        "seller_id", "name", "marketplace", "state", "trouble", "detail", "last_sync_at", "next_sync_at", "slow", "pages",
        "oldest_at", "history_begins_at", "history_read_from", "messages", "quarantined", "key_expires_at", "key_days_left", "channels",
    }  # fmt: skip
    assert set(cli("sync", "--json").json["sellers"][0]) == {
        "seller_id", "pages", "read", "new", "unreadable", "confirmed", "oldest_at", "history_read_from",
        "trouble", "detail", "retry_after",
    }  # fmt: skip
    assert set(cli("chats", "list", "--json").json[0]) == {
        "id", "seller_id", "seller", "marketplace", "buyer", "product", "status", "priority", "needs_reply", "due_at",
        "last_at", "unread", "preview", "outbox", "channel", "stars", "closes_at",
        "assignee", "tags", "notes", "snoozed_until",
    }  # fmt: skip
    shown = cli("chats", "show", chat, "--json").json
    assert set(shown) == {
        "id", "seller_id", "marketplace", "external_id", "buyer", "product", "status", "priority", "needs_reply", "due_at",
        "rule", "messages", "replies", "older", "channel", "stars", "closes_at", "related", "snoozed_until",
        "assignee", "claimed_until", "tags",
    }  # fmt: skip
    assert set(shown["messages"][0]) == {
        "id", "author", "origin", "sent_at", "text", "attachments", "reply_id", "by_itself",
    }  # fmt: skip
    assert set(cli("suggest", chat, "--json").json) == {
        "id", "text", "intent", "sentiment", "confidence", "source", "stop_class", "evidence", "violations", "rules_checked",
        "created_at", "state", "partial", "failure", "wish", "model", "recommendation", "categories", "urgency",
        "claims", "analyzed_at", "injection", "repaired", "language", "latency", "cost", "tokens_in", "tokens_out", "rejected",
    }  # fmt: skip
    findings = cli("doctor", "--json").json["findings"]
    assert {frozenset(finding) for finding in findings} == {frozenset({"what", "state", "said"})}
    # this test speaks to its server as the owner
    assert [finding["what"] for finding in findings if finding["state"] != "ok"] == ["address"]


def test_people_read_tables_and_sentences_in_their_language(cli: Cli) -> None:
    chat = str(cli.chat())
    english = cli("chats", "list")
    assert english.out.splitlines()[0].split()[:2] == ["id", "seller"]
    assert "waits for the first reply" in english.out
    cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
    russian = cli("chats", "list")
    assert "ждёт" in russian.out
    assert ASKED in russian.out
    assert "Дом и чай" in cli("seller", "list").out
    shown = cli("chats", "show", chat).out
    assert f"покупатель: {ASKED}" in shown
    assert "Wildberries · Дом и чай" in shown
    assert "приоритет: обычный" in shown or "приоритет: высокий" in shown or "приоритет: срочный" in shown
    explained = cli("sla", "preview", "--text", "Чашка разбита").out
    assert "приоритет: срочный" in explained


def test_a_suggestion_for_a_person_is_its_text_alone_on_stdout(cli: Cli) -> None:
    chat = str(cli.chat())
    found = cli("suggest", chat)
    assert found.out.strip() == cli("suggest", chat, "--json").json["text"]
    assert len(found.lines) == 1


def test_where_nobody_waits_there_is_no_suggestion_and_no_error(cli: Cli, market: Market) -> None:
    shop = market.shop()
    external = market.asks(shop)
    market.do(lambda: shop.types_in_cabinet(external, "Здравствуйте! Уже разбираемся."))
    chat = str(cli.chat("Спасибо за быструю доставку!", shop=shop))
    chats = cli("chats", "list", "--json").json
    answered = next(row["id"] for row in chats if not row["needs_reply"])
    assert cli("suggest", str(answered), "--json").json is None
    assert cli("suggest", chat).code == 0
    assert [row["id"] for row in cli("chats", "list", "--queue", "waiting", "--json").json] == [int(chat)]
