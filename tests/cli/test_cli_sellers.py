"""Connecting a seller with keys and addresses that are not what they should be: one clear line, nothing stored."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agentiq_core.sandbox import Account, Scope
from tests.cli.conftest import Cli, Market, Result

REFUSED_KEYS = {
    "garbage": "this is not a key",
    "expired": "the key has expired",
    "no chat scope": "opens no chats, reviews or questions",
    "test key": "this is a test key",
}

WRONG_ADDRESSES = {
    "http://127.0.0.1:1": "cannot be reached at 127.0.0.1",
    "http://no-such-host.invalid": "cannot be reached at no-such-host.invalid",
    "ftp://example.org": "http:// or https://",
    "marketplace": "http:// or https://",
    "http://[::1": "not a URL",
}
NONSENSE: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("garbage_json", {}, "not its format"),
    ("server_error", {"status": 503, "body": "html"}, "status 503"),
    # a connection that hangs for good takes the connector's own half minute, thrice
    ("hang", {"delay": 0.2}, "did not answer"),
)


def refused(result: Result, *words: str) -> None:
    """One line that says so and that nothing was stored."""
    assert result.code == 1, result
    assert len(result.lines) == 1, result.err
    for word in words:
        assert word in result.err, result.err
    assert result.out == ""


def key_of_kind(kind: str, market: Market) -> str:
    shop = market.shop()
    match kind:
        case "garbage":
            return "eyJhbGciOi.not-a-key"
        case "expired":
            return market.token(shop, expires_in=timedelta(days=-1))
        case "no chat scope":
            return market.token(shop, scopes=[Scope.CONTENT])
        case _:
            return market.token(shop, account=Account.TEST)


def test_a_key_that_cannot_work_is_refused_before_any_call(cli: Cli, market: Market) -> None:
    for kind, said in REFUSED_KEYS.items():
        key = key_of_kind(kind, market)
        cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "en")
        refused(cli.add(market.shop(), key), said, "not connected")
        cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
        refused(cli.add(market.shop(), key), "Ключ не подходит")
    assert cli("seller", "list", "--json").json == []


def test_an_empty_key_is_not_a_key(cli: Cli, market: Market) -> None:
    refused(cli.add(market.shop(), "   "), "this is not a key")


def test_with_json_a_refusal_is_an_object_on_stdout_and_the_line_on_stderr(cli: Cli, market: Market) -> None:
    result = cli.add(market.shop(), "nonsense", "--json")
    assert (result.code, set(result.json), result.json["error"]) == (1, {"error", "message"}, "key_refused")
    assert result.lines == [result.json["message"]]


def test_a_revoked_key_is_refused_with_the_marketplaces_words(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.do(lambda: market.sandbox.wildberries.revoke(shop))
    refused(cli.add(shop), "refused the key", "make a new one", "not connected")
    assert cli("seller", "list", "--json").json == []


def test_a_key_revoked_later_stops_the_seller_and_says_so_everywhere(cli: Cli, market: Market) -> None:
    shop = market.shop()
    seller = str(cli.connected(shop))
    market.do(lambda: market.sandbox.wildberries.revoke(shop))
    refused(cli("sync"), "refused the key", "what was read is kept", "stopped until it has a new key")
    failed = cli("sync", "--json")
    assert (failed.code, failed.json["error"]) == (1, "key_refused")
    assert failed.json["sellers"][0]["trouble"] == "key_refused"
    assert cli("seller", "list", "--json").json[0]["state"] == "stopped"
    assert "make a new one" in cli("seller", "list").out
    refused(cli("seller", "test", seller), "refused the key")
    well = cli("doctor")
    assert (well.code, len(well.lines)) == (1, 1)
    assert "refused the key" in well.err


def test_a_new_key_starts_a_stopped_seller_again(cli: Cli, market: Market) -> None:
    shop = market.shop()
    seller = str(cli.connected(shop))
    market.do(lambda: market.sandbox.wildberries.revoke(shop))
    assert cli("sync").code == 1
    fresh, foreign = market.token(shop), market.shop().token
    cli.secrets += [fresh, foreign]
    for key in ("nonsense", foreign):
        refused(cli("seller", "rotate", seller, "--token-stdin", stdin=key), "the old key is kept")
    assert cli("seller", "list", "--json").json[0]["state"] == "stopped"
    assert cli("seller", "rotate", seller, "--token-stdin", "--json", stdin=fresh).json["tried"] is True
    market.asks(shop)
    assert cli("sync").code == 0
    assert cli("seller", "list", "--json").json[0]["state"] == "active"
    assert len(cli("chats", "list", "--json").json) == 1


def test_a_read_only_key_connects_and_says_what_it_cannot_do(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    added = cli.add(shop, market.token(shop, read_only=True))
    assert added.code == 0
    assert "may only read" in added.err
    assert cli("sync").code == 0
    chat = cli("chats", "list", "--json").json[0]["id"]
    answer = "Здравствуйте! Пришлите, пожалуйста, фото кружки."
    refused(cli("reply", str(chat), "--text-stdin", "--wait", stdin=answer), "not sent", "may only read")
    assert market.sent_there(shop) == []


def test_a_base_key_connects_without_a_call_and_says_what_slow_means(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    added = cli.add(shop, market.token(shop, account=Account.BASE))
    assert added.code == 0
    assert "one request an hour" in added.err
    assert "not asked" in added.out
    cli("sync")
    again = cli("sync")
    refused(again, "next request at", "60 min", "what was read is kept")
    assert cli("chats", "list", "--json").json, "the hour's only request brought the message"
    cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
    refused(cli("sync"), "60")
    assert cli("sync", "--json").json["sellers"][0]["retry_after"] > 3000


def test_an_account_is_connected_once_whatever_key_it_comes_with(cli: Cli, market: Market) -> None:
    shop = market.shop()
    assert cli.add(shop).code == 0
    refused(cli.add(shop, name="Второй"), "already connected as “Дом и чай”")
    refused(cli.add(shop, market.token(shop), name="Третий"), "already connected as “Дом и чай”")
    assert len(cli("seller", "list", "--json").json) == 1


def test_a_name_is_needed(cli: Cli, market: Market) -> None:
    refused(cli.add(market.shop(), name="  "), "a seller needs a name")
    refused(cli.add(market.shop(), name=""), "a seller needs a name")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("amazon", "--name", "X", "--token-stdin"), "wildberries"),
        (("wildberries", "--token-stdin"), "--name"),
        (("wildberries", "--name", "X"), "--token-stdin"),
        (("wildberries", "--name", "X", "--token", "secret-token"), "--token"),
    ],
)
def test_wrong_usage_is_code_2_with_a_hint_and_no_output(
    arguments: tuple[str, ...], said: str, bare: Cli
) -> None:
    result = bare("seller", "add", *arguments)
    assert (result.code, result.out) == (2, "")
    assert said in result.err
    assert "╭" not in result.err


def test_an_address_where_nobody_answers_is_named(cli: Cli, market: Market) -> None:
    shop = market.shop()
    cli.secrets.append(shop.token)
    for address, said in WRONG_ADDRESSES.items():
        where = ("--name", "X", "--base-url", address, "--token-stdin")
        refused(cli("seller", "add", "wildberries", *where, stdin=shop.token), said, "not connected")


def test_a_certificate_nobody_vouches_for_gets_no_key(cli: Cli, market: Market, impostor: str) -> None:
    shop = market.shop()
    cli.secrets.append(shop.token)
    where = ("--name", "X", "--base-url", impostor, "--token-stdin")
    refused(cli("seller", "add", "wildberries", *where, stdin=shop.token), "certificate is not trusted")


def test_a_marketplace_that_answers_nonsense_is_told_from_a_bad_key(cli: Cli, market: Market) -> None:
    for kind, how, said in NONSENSE:
        shop = market.shop()
        market.goes_wrong(shop, "chats", kind, times=None, **how)
        refused(cli.add(shop), said, "not connected")
    assert cli("seller", "list", "--json").json == []


def test_a_feed_that_breaks_keeps_what_was_read_and_says_so(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    assert cli.add(shop).code == 0
    market.goes_wrong(shop, "events", "server_error", times=3)
    refused(cli("sync"), "server failed", "what was read is kept")
    assert cli("sync").code == 0
    assert len(cli("chats", "list", "--json").json) == 1


def test_a_channel_without_a_right_is_told_and_fails_no_script(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    seller = str(cli.connected(shop))
    poorer = market.token(shop, scopes=[Scope.BUYERS_CHAT])
    cli.secrets.append(poorer)
    assert cli("seller", "rotate", seller, "--token-stdin", stdin=poorer).code == 0
    done = cli("sync")
    assert done.code == 0
    assert "no right to this channel" in done.err


def test_an_unknown_seller_is_named(cli: Cli) -> None:
    for command in (("sync", "--seller", "77"), ("seller", "test", "77")):
        refused(cli(*command), "no seller 77")
        assert cli(*command, "--json").json["error"] == "not_found"


def test_a_key_says_what_it_can_and_cannot_do(cli: Cli, market: Market) -> None:
    shop = market.shop()
    added = cli.add(shop, market.token(shop, scopes=[Scope.BUYERS_CHAT, Scope.CONTENT], read_only=True))
    assert added.code == 0
    told = dict(row.split(": ", 1) for row in added.out.splitlines())
    assert told["can"] == "read chats, read product cards"
    assert told["cannot"] == "read reviews, read questions, read return claims, answer buyers"
    assert told["account"] == shop.sid


def test_a_key_that_ends_soon_is_said_two_weeks_ahead(cli: Cli, market: Market) -> None:
    soon, later = market.shop(), market.shop()
    added = cli.add(soon, market.token(soon, expires_in=timedelta(days=13, hours=1)), "--json", name="Скоро")
    assert added.json["days_left"] == 13
    assert cli.add(later, market.token(later, expires_in=timedelta(days=15)), name="Потом").code == 0
    days = [one["key_days_left"] for one in cli("seller", "list", "--json").json]
    assert days == [13, None]
    listed = cli("seller", "list").out.splitlines()
    assert ["the key ends in 13 days" in row for row in listed] == [False, True, False]
    warned = [one for one in cli("doctor", "--json").json["findings"] if "the key ends" in one["said"]]
    assert [(one["what"], one["state"]) for one in warned] == [("Скоро", "warning")]
    cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
    assert "ключ закончится через 13 дней" in cli("seller", "list").out


def test_a_seller_rests_and_goes_on(cli: Cli, market: Market) -> None:
    shop = market.shop()
    seller = str(cli.connected(shop))
    assert cli("seller", "pause", seller, "--json").json["state"] == "paused"
    market.asks(shop)
    skipped = cli("sync", "--json")
    assert (skipped.code, skipped.json) == (0, {"sellers": []})
    assert "is paused" in skipped.err
    assert cli("chats", "list", "--json").json == []
    assert "paused" in cli("seller", "list").out
    assert cli("seller", "resume", seller).code == 0
    assert cli("sync").code == 0
    assert len(cli("chats", "list", "--json").json) == 1


def test_a_removed_seller_is_forgotten_and_may_come_back(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    seller = str(cli.connected(shop))
    asked = cli("seller", "remove", seller)
    assert (asked.code, "--yes" in asked.err) == (2, True)
    assert cli("seller", "remove", seller, "--yes", "--json").json["removed"] is True
    assert cli("seller", "list", "--json").json == []
    assert cli("chats", "list", "--json").json == []
    for command in (("remove", seller, "--yes"), ("pause", seller), ("resume", seller)):
        refused(cli("seller", *command), f"no seller {seller}")
    assert cli.add(shop).code == 0


def test_the_first_sync_may_follow_at_once(cli: Cli, market: Market) -> None:
    shop = market.shop()
    market.asks(shop)
    added = cli.add(shop, None, "--sync", "--json")
    assert (added.code, added.json["sync"]["new"]) == (0, 1)
    other = market.shop()
    market.goes_wrong(other, "events", "server_error", times=3)
    broken = cli.add(other, None, "--sync", name="Второй")
    assert (broken.code, broken.lines[-1].startswith("Второй is connected, but:")) == (1, True), broken
    third = market.shop()
    assert "agentiq sync --seller" in cli.add(third, None, "--no-sync", name="Третий").err
    assert [one["name"] for one in cli("seller", "list", "--json").json] == ["Дом и чай", "Второй", "Третий"]


class _Silent(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        raise AssertionError("a request came through an untrusted connection")


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[str]:
    """The address of an https server with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "impostor.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Silent)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield f"https://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    serving.join()
    server.server_close()
