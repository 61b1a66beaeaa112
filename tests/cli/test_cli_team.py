"""A team on one server: founded, joined from other machines; each sees what is theirs, and who is disabled is out at once."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from agentiq_core.identity import encrypted_file
from agentiq_core.identity.invitation import Invitation
from agentiq_core.identity.passwords import LEAST_MEMORY_KIB
from agentiq_core.store.accounts import HashParameters
from tests.cli.cli_team import BOSS, BOSS_PASSWORD, PASSPHRASE, Team, machine
from tests.cli.conftest import Cli, Result
from tests.databases import named

if TYPE_CHECKING:
    from tests.databases import Server

ANNA, ANNA_PASSWORD = "anna@example.org", "осенью улетают журавли"
OLEG, OLEG_PASSWORD = "oleg@example.org", "зимой трещит мороз в лесу"
ANSWER = "Здравствуйте! Пришлите, пожалуйста, фото кружки, и мы подскажем, что делать."


@pytest.fixture(autouse=True)
def _cheap_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hundreds of commands open a secrets file here; what its passphrase costs is proven elsewhere.

    A new password is hashed with the least that a machine takes: a hundred hashes were half of the time here.
    """
    monkeypatch.setattr(encrypted_file, "_COST", 2**10)
    monkeypatch.setattr(HashParameters.__init__, "__defaults__", (1, LEAST_MEMORY_KIB, 1))


def refused(result: Result, *words: str) -> None:
    """One line that says so, and nothing on stdout."""
    assert (result.code, result.out) == (1, ""), result
    assert len(result.lines) == 1, result.err
    for word in words:
        assert word in result.err, result.err


def test_from_a_founded_team_to_a_colleague_who_is_shut_out(team: Team) -> None:
    _, tea = team.connected("Дом и чай")
    _, books = team.connected("Книги")
    me = team.boss("whoami", "--json").json
    assert (me["email"], me["role"], me["tokens_kept"]) == (BOSS, "owner", "encrypted file")
    assert [one["name"] for one in me["sellers"]] == ["Дом и чай", "Книги"]
    assert "@" not in me["database"]

    anna = team.joined(ANNA, "operator", ANNA_PASSWORD, "--name", "Анна", "--seller", str(books))
    me = anna("whoami", "--json").json
    assert (me["email"], me["role"]) == (ANNA, "operator")
    assert [one["id"] for one in me["sellers"]] == [books]
    seen = anna("chats", "list", "--json").json
    assert {row["seller_id"] for row in seen} == {books}
    hidden = next(row["id"] for row in team.boss("chats", "list", "--json").json if row["seller_id"] == tea)
    refused(anna("chats", "show", str(hidden)), "no conversation")
    refused(anna("seller", "test", str(tea)), "no seller")
    assert [one["seller_id"] for one in anna("seller", "list", "--json").json] == [books]
    queued = anna("reply", str(seen[0]["id"]), "--text-stdin", "--json", stdin=ANSWER)
    assert (queued.code, queued.json["state"]) == (0, "queued")

    assert team.boss("operator", "disable", ANNA).code == 0
    refused(anna("chats", "list"), "sign-in has ended", "agentiq login")
    refused(anna("login", "--email", ANNA, "--password-stdin", stdin=ANNA_PASSWORD), "Wrong e-mail")
    assert team.boss("operator", "disable", ANNA, "--enable").code == 0
    assert anna("login", "--email", ANNA, "--password-stdin", stdin=ANNA_PASSWORD).code == 0
    assert anna("chats", "list").code == 0
    assert anna.kept("refresh")


def test_a_viewer_looks_and_changes_nothing(team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    chat = str(team.boss("chats", "list", "--json").json[0]["id"])
    oleg = team.joined(OLEG, "viewer", OLEG_PASSWORD, "--seller", str(seller))
    assert oleg("chats", "show", chat).code == 0
    may_not = "role does not allow"
    refused(oleg("reply", chat, "--text-stdin", stdin=ANSWER), may_not)
    refused(oleg("reply", chat, "--text-stdin", "--wait", stdin=ANSWER), may_not)
    for command in (
        ("sync",),
        ("worker", "--for", "1"),
        ("seller", "pause", str(seller)),
        ("seller", "remove", str(seller), "--yes"),
        ("operator", "add", "eve@example.org", "--role", "owner"),
        ("operator", "role", OLEG, "owner"),
        ("operator", "disable", BOSS),
        ("operator", "invite", BOSS),
        ("operator", "service-token", OLEG, "--name", "robot"),
    ):
        refused(oleg(*command), may_not)
    as_json = oleg("operator", "invite", BOSS, "--json")
    assert (as_json.code, as_json.json["error"]) == (1, "forbidden")
    refused(oleg("whoami", AGENTIQ_VAULT_PASSPHRASE="не та фраза"), "passphrase does not open")
    oleg.cli.monkeypatch.setenv("AGENTIQ_LANGUAGE", "ru")
    refused(oleg("sync"), "роль этого не позволяет")


def test_an_operator_is_no_admin_and_an_admin_no_owner(team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    where = ("--seller", str(seller))
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD, *where)
    for command in (("pause", str(seller)), ("remove", str(seller), "--yes")):
        refused(anna("seller", *command), "role does not allow")
    assert team.boss("seller", "list", "--json").json[0]["state"] == "active"
    assert team.boss("operator", "role", ANNA, "admin").code == 0
    # a role holds from the next statement on, without a new sign-in
    assert anna("seller", "pause", str(seller)).code == 0
    refused(anna("operator", "disable", BOSS), "role does not allow")
    refused(anna("operator", "add", OLEG, "--role", "owner"), "role does not allow")
    refused(anna("team-key", "rotate"), "only an owner")
    key = team.boss("team-key", "show", hands_out=True).out
    assert anna("team-key", "set", "--key-stdin", stdin=key).code == 0
    refused(anna("team-key", "rotate"), "only an owner")
    assert anna("operator", "add", OLEG, "--role", "viewer", *where, hands_out=True).code == 0
    refused(team.boss("operator", "disable", BOSS), "nobody disables themselves")
    refused(team.boss("operator", "role", BOSS, "viewer"), "the last owner stays")


def test_colleagues_are_listed_changed_and_added_once(team: Team) -> None:
    _, tea = team.connected("Дом и чай")
    _, books = team.connected("Книги")
    both = ("--seller", str(tea), "--seller", str(books))
    added = team.boss(
        "operator", "add", " Anna@Example.org ", "--role", "operator", "--name", "Анна", *both, "--json", hands_out=True
    )  # fmt: skip
    assert set(added.json) == {"email", "role", "sellers", "invitation"}
    assert added.json["email"] == ANNA
    assert "good once and for three days" in added.err
    assert added.json["invitation"] not in added.err
    refused(team.boss("operator", "add", ANNA, "--role", "viewer"), "this e-mail is taken")
    refused(team.boss("operator", "add", "not an e-mail", "--role", "viewer"), "not an e-mail address")
    refused(team.boss("operator", "add", OLEG, "--role", "viewer", "--seller", "77"), "no such seller")
    refused(team.boss("operator", "role", "nobody@example.org", "viewer"), "no such operator")
    assert [one["email"] for one in team.boss("operator", "list", "--json").json] == [BOSS, ANNA]

    def sellers_of_anna() -> list[int]:
        listed: list[int] = team.boss("operator", "list", "--json").json[1]["sellers"]
        return listed

    assert sellers_of_anna() == [tea, books]
    assert team.boss("operator", "role", ANNA, "viewer").code == 0
    assert sellers_of_anna() == [tea, books], "a role alone leaves the sellers"
    assert team.boss("operator", "role", ANNA, "viewer", "--seller", str(books)).code == 0
    assert sellers_of_anna() == [books]
    assert team.boss("operator", "role", ANNA, "viewer", "--no-seller").code == 0
    assert sellers_of_anna() == []
    row = team.boss("operator", "list").out.splitlines()[2]
    assert ("Анна" in row, "viewer" in row) == (True, True)
    assert team.boss("operator", "role", ANNA, "boss").code == 2
    assert team.boss("operator", "role", ANNA, "viewer", "--no-seller", "--seller", "1").code == 2


def test_an_invitation_works_once_and_a_newer_one_ends_it(team: Team) -> None:
    first = team.invited(ANNA, "operator")
    second = team.invitation("operator", "invite", ANNA)
    assert first != second
    anna = team.machine("anna")
    team.cli.secrets += [ANNA_PASSWORD, OLEG_PASSWORD]
    join = ("login", "--invitation-stdin")
    refused(anna(*join, stdin=f"{first}\n{ANNA_PASSWORD}\n"), "spent", "operator invite")
    refused(anna(*join, stdin=f"{second}\nмало\n"), "at least 10 characters")
    refused(anna(*join, stdin=f"{second[:-9]}\n{ANNA_PASSWORD}\n"), "no whole invitation")
    refused(anna(*join, stdin=f"{second}\n"), "line 2")
    done = anna(*join, "--json", stdin=f"{second}\n{ANNA_PASSWORD}\n")
    assert (done.code, done.json) == (0, {"email": ANNA, "role": "operator", "team_key": False})
    refused(team.machine("oleg")(*join, stdin=f"{second}\n{OLEG_PASSWORD}\n"), "spent")
    assert anna("whoami").code == 0
    refused(anna("seller", "add", "wildberries", "--name", "X", "--token-stdin", stdin="no key"), "not a key")
    # with an invitation a forgotten password is set anew, on the same machine
    third = team.invitation("operator", "invite", ANNA)
    assert anna(*join, stdin=f"{third}\n{OLEG_PASSWORD}\n").code == 0
    refused(anna("login", "--email", ANNA, "--password-stdin", stdin=ANNA_PASSWORD), "Wrong e-mail")


def test_wrong_passwords_are_one_line_and_then_a_wait(team: Team) -> None:
    wrong = "не тот пароль совсем"
    team.cli.secrets.append(wrong)
    sign_in = ("login", "--email", BOSS, "--password-stdin")
    for _ in range(5):
        refused(team.boss(*sign_in, stdin=wrong), "Wrong e-mail or password")
    blocked = [team.boss(*sign_in, "--json", stdin=wrong) for _ in range(5)]
    said = [one for one in blocked if one.json["error"] == "sign_in_delayed"]
    assert said, "ten wrong ones in a row slow the account down"
    assert all("seconds before the next try" in one.err for one in said)
    # others are not concerned, nor who is signed in already
    unknown = ("login", "--email", "nobody@example.org", "--password-stdin")
    refused(team.boss(*unknown, stdin=wrong), "Wrong e-mail or password")
    assert team.boss("whoami").code == 0


def test_signing_out_here_and_everywhere(team: Team) -> None:
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD)
    laptop = team.machine("laptop")
    again = team.invitation("operator", "invite", ANNA)
    assert laptop("login", "--invitation-stdin", stdin=f"{again}\n{ANNA_PASSWORD}").code == 0
    # the invitation ended the sign-ins before it
    refused(anna("whoami"), "sign-in has ended")
    sign_in = ("login", "--email", ANNA, "--password-stdin")
    assert anna(*sign_in, stdin=ANNA_PASSWORD).code == 0
    assert laptop("logout").lines == ["Signed out here"]
    refused(laptop("chats", "list"), "Nobody has signed in", "agentiq login")
    assert laptop("logout").lines == ["Nobody was signed in here"]
    assert anna("whoami").code == 0
    assert laptop(*sign_in, stdin=ANNA_PASSWORD).code == 0
    assert laptop("logout", "--everywhere", "--json").json == {"ended": 2, "left_team": False}
    refused(anna("whoami"), "sign-in has ended")
    assert anna("logout", "--leave-team").code == 0
    for name in ("server", "refresh", "team-key"):
        assert anna.kept(name) is None
    refused(anna("logout"), "nothing to sign in to")


def test_a_password_is_changed_by_who_knows_it(team: Team) -> None:
    anna = team.joined(ANNA, "viewer", ANNA_PASSWORD)
    team.cli.secrets.append(OLEG_PASSWORD)
    change = ("password", "--password-stdin")
    kept = "the old password is kept"
    refused(anna(*change, stdin=f"{OLEG_PASSWORD}\n{OLEG_PASSWORD}"), "old password is wrong", kept)
    refused(anna(*change, stdin=f"{ANNA_PASSWORD}\n1234567890"), "guessed first", kept)
    refused(anna(*change, stdin=f"{ANNA_PASSWORD}\n{ANNA}"), "guessed first", kept)
    assert anna(*change, stdin=f"{ANNA_PASSWORD}\n{OLEG_PASSWORD}").code == 0
    assert anna("whoami").code == 0
    sign_in = ("login", "--email", ANNA, "--password-stdin")
    refused(anna(*sign_in, stdin=ANNA_PASSWORD), "Wrong e-mail")
    assert anna(*sign_in, stdin=OLEG_PASSWORD).code == 0


def test_a_rotated_team_key_replaces_the_former_one(team: Team) -> None:
    shop, seller = team.connected("Дом и чай")
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD, "--seller", str(seller))
    refused(anna("sync"), "no team key", "what was read is kept")
    refused(anna("team-key", "show"), "no team key")
    shown = team.boss("team-key", "show", hands_out=True)
    former = shown.out.strip()
    assert "every seller's marketplace key" in shown.err
    wrong = "bm90LXRoZS1zYW1lLWtleS1hcy1iZWZvcmUtMTIzNDU="
    team.cli.secrets += [former, wrong]
    keep = ("team-key", "set", "--key-stdin")
    for key, said in (("nonsense", "not a valid key"), (wrong, "does not open")):
        refused(anna(*keep, stdin=key), said, "the team key was not changed")
    assert anna(*keep, "--json", stdin=former).json == {"kept_in": "encrypted file"}
    assert anna("sync").code == 0

    rotated = team.boss("team-key", "rotate", "--json", hands_out=True)
    fresh = rotated.json["team_key"]
    team.cli.secrets.append(fresh)
    assert (rotated.code, rotated.json["sealed"], fresh == former) == (0, 1, False)
    team.cli.market.asks(shop)
    assert team.boss("sync").code == 0
    refused(anna("sync"), "does not open the stored key")
    assert anna("chats", "list").code == 0, "a machine without the key still shows everything"
    assert anna(*keep, stdin=fresh).code == 0
    assert anna("seller", "test", str(seller)).code == 0
    assert team.boss("team-key", "show", hands_out=True).out.strip() == fresh


def test_a_machine_without_a_person_works_by_its_token(team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    robot = "robot@example.org"
    team.invited(robot, "operator", "--seller", str(seller))
    refused(team.boss("operator", "service-token", BOSS, "--name", "ci"), "an operator or a viewer")
    made = team.boss("operator", "service-token", robot, "--name", "ci", "--json", hands_out=True)
    token, key = made.json["token"], team.boss.kept("team-key") or ""
    team.cli.secrets.append(token)
    assert "AGENTIQ_TOKEN" in made.err
    address = team.boss.kept("server") or ""
    # no home, no keyring, no passphrase: the environment holds it all
    given = {"AGENTIQ_TOKEN": token, "AGENTIQ_TEAM_KEY": key, "AGENTIQ_DATABASE_URL": address}
    ci = machine(team.cli, team.home.parent / "ci")
    del ci.environment["AGENTIQ_VAULT_PASSPHRASE"]
    me = ci("whoami", "--json", **given)
    assert (me.code, me.json["email"], me.json["tokens_kept"]) == (0, robot, "environment"), me
    assert ci("sync", **given).code == 0
    assert ci("seller", "test", str(seller), **given).code == 0
    for command in (("logout",), ("login", "--email", BOSS, "--password-stdin")):
        refused(ci(*command, stdin=BOSS_PASSWORD, **given), "AGENTIQ_TOKEN")
    assert team.boss("operator", "disable", robot).code == 0
    refused(ci("whoami", **given), "sign-in has ended")


def test_a_machine_that_nobody_signed_in_on_says_what_to_do(team: Team) -> None:
    address = {"AGENTIQ_DATABASE_URL": team.boss.kept("server") or ""}
    new = team.machine("new")
    for command in (("chats", "list"), ("whoami",), ("worker", "--for", "1"), ("operator", "list")):
        refused(new(*command, **address), "Nobody has signed in", "agentiq login")
    assert new("whoami", "--json", **address).json["error"] == "sign_in_needed"
    found = new("doctor", "--json", **address)
    assert (found.code, found.json["findings"][-1]["what"]) == (1, "signed in")
    del new.environment["AGENTIQ_VAULT_PASSPHRASE"]
    refused(new("whoami", **address), "AGENTIQ_VAULT_PASSPHRASE")
    assert new("login", **address).code == 2, "nobody to ask"
    assert not (new.home / "secrets.enc").exists()


def test_a_team_is_founded_again_without_harm(team: Team) -> None:
    _, seller = team.connected("Дом и чай")
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD, "--seller", str(seller))
    found = ("init", "--email", BOSS, "--password-stdin")
    refused(team.boss(*found, stdin="мало", AGENTIQ_DATABASE_URL=team.owners_dsn), "at least 10 characters")
    again = team.boss(*found, "--json", stdin=OLEG_PASSWORD, AGENTIQ_DATABASE_URL=team.owners_dsn)
    team.cli.secrets.append(OLEG_PASSWORD)
    assert again.code == 0
    assert set(again.json) == {"schema", "embedded", "home", "email", "role", "kept_in"}
    assert team.boss("sync").code == 0, "the team key is the same"
    assert anna("whoami").code == 0, "other machines go on"
    refused(team.boss(*found, stdin=OLEG_PASSWORD), "AGENTIQ_DATABASE_URL")
    refused(anna(*found, stdin=OLEG_PASSWORD, AGENTIQ_DATABASE_URL=anna.kept("server") or ""), "owner")


def test_a_second_machine_of_the_owner_makes_no_key_that_opens_nothing(team: Team) -> None:
    team.connected("Дом и чай")
    second = team.machine("second")
    found = ("init", "--email", BOSS, "--password-stdin")
    team.cli.secrets.append(OLEG_PASSWORD)
    made = second(*found, stdin=OLEG_PASSWORD, AGENTIQ_DATABASE_URL=team.owners_dsn)
    assert made.code == 0, made
    assert "has no team key" in made.err
    refused(second("team-key", "show"), "no team key")
    key = team.boss.kept("team-key") or ""
    assert second("team-key", "set", "--key-stdin", stdin=key).code == 0
    assert second("sync").code == 0


def test_what_init_says_about_the_team(bare: Cli, owners_dsn: str) -> None:
    boss = machine(bare, bare.home)
    bare.secrets += [BOSS_PASSWORD, PASSPHRASE]
    made = boss(
        "init", "--email", BOSS, "--password-stdin", stdin=BOSS_PASSWORD, AGENTIQ_DATABASE_URL=owners_dsn
    )
    assert (made.code, made.out) == (0, "")
    for word in ("unset AGENTIQ_DATABASE_URL", "agentiq team-key show", "encrypted file", "operator add"):
        assert word in made.err
    # the address of the owner is above every rule: it is never handed on
    above = boss("doctor", "--json", AGENTIQ_DATABASE_URL=owners_dsn)
    assert [one["state"] for one in above.json["findings"] if one["what"] == "address"] == ["warning"]
    refused(
        boss("operator", "add", ANNA, "--role", "viewer", AGENTIQ_DATABASE_URL=owners_dsn),
        "address of the database's owner",
    )
    assert [one["email"] for one in boss("operator", "list", "--json").json] == [BOSS], "nothing half done"
    well = boss("doctor", "--json")
    assert not [one for one in well.json["findings"] if one["what"] == "address"]
    assert {"signed in", "team key", "the sign-in is kept in"} <= {
        one["what"] for one in well.json["findings"]
    }


def test_a_key_from_before_the_team_had_an_owner_is_kept(bare: Cli, owners_dsn: str) -> None:
    alone = machine(bare, bare.home)
    shop = bare.market.shop()
    bare.secrets += [shop.token, BOSS_PASSWORD, PASSPHRASE]
    where = ("--name", "Дом и чай", "--base-url", bare.market.url, "--token-stdin")
    address = {"AGENTIQ_DATABASE_URL": owners_dsn}
    assert alone("seller", "add", "wildberries", *where, stdin=shop.token, **address).code == 0
    found = ("init", "--email", BOSS, "--password-stdin")
    assert alone(*found, stdin=BOSS_PASSWORD, **address).code == 0
    assert alone("sync").code == 0
    assert alone.kept("team-key")


def test_a_machine_is_in_one_team_at_a_time(team: Team) -> None:
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD)
    elsewhere = Invitation("postgresql://desk:secret-of-another@db.example.org/desk", "code").pack()
    team.cli.secrets += [elsewhere, "secret-of-another"]
    refused(
        anna("login", "--invitation-stdin", stdin=f"{elsewhere}\n{ANNA_PASSWORD}"),
        "belongs to the team",
        "--leave-team",
    )


def test_a_server_that_is_gone_can_be_left(team: Team) -> None:
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD)
    gone = {"AGENTIQ_DATABASE_URL": "postgresql://desk@127.0.0.1:1/desk"}
    refused(anna("logout", "--leave-team", **gone), "could not be told")
    assert anna.kept("server") is None
    assert not (anna.home / "team").exists()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_embedded_database_needs_no_account(language: str, bare: Cli) -> None:
    bare.monkeypatch.setenv("AGENTIQ_LANGUAGE", language)
    assert bare("init").code == 0
    sign_in = "agentiq login --invitation-stdin"
    refused(bare("login", "--email", BOSS, "--password-stdin", stdin="x"), sign_in)
    refused(bare("logout"), sign_in)
    refused(bare("password", "--password-stdin", stdin="a\nb"), sign_in)
    refused(bare("init", "--email", BOSS, "--password-stdin", stdin=BOSS_PASSWORD), "AGENTIQ_DATABASE_URL")
    me = bare("whoami", "--json").json
    assert (me["database"], me["tokens_kept"], me["sign_in_expires_at"]) == (None, "embedded", None)
    key = bare("team-key", "show", hands_out=True).out.strip()
    rotated = bare("team-key", "rotate", hands_out=True).out.strip()
    bare.secrets += [key, rotated]
    assert len(key) == len(rotated) == 44
    assert key != rotated


def test_neither_the_database_nor_a_home_holds_a_secret_that_can_be_read(team: Team, server: Server) -> None:
    _, seller = team.connected("Дом и чай")
    anna = team.joined(ANNA, "operator", ANNA_PASSWORD, "--seller", str(seller))
    assert anna("chats", "list").code == 0
    robot = team.boss("operator", "service-token", ANNA, "--name", "robot", hands_out=True).out.strip()
    key = team.boss("team-key", "show", hands_out=True).out.strip()
    for place in (team.boss, anna):
        assert place.kept("refresh")
    secrets = {secret for secret in [*team.cli.secrets, robot, key, BOSS_PASSWORD, PASSPHRASE] if secret}
    assert len(secrets) >= 10
    dump = whole_database(named(server.admin_dsn, urlsplit(team.owners_dsn).path[1:]))
    assert "anna@example.org" in dump, "it is the whole database"
    homes = "".join(
        path.read_bytes().decode("utf-8", "replace")
        for place in (team.boss, anna)
        for path in place.home.rglob("*")
        if path.is_file()
    )
    for secret in secrets:
        raw = secret.encode()
        for shape in (secret, raw.hex(), base64.b64encode(raw).decode().rstrip("=")):
            assert shape not in dump, f"{secret[:3]}… stands in the database"
            assert shape not in homes, f"{secret[:3]}… stands in a file"


def whole_database(dsn: str) -> str:
    """Every row of every table, and the text of every function, as a dump would hold them."""
    with psycopg.connect(dsn) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname !~ '^(pg_|information_schema)'"
        ).fetchall()
        assert len(tables) > 20
        rows = [
            row
            for (table,) in tables
            for (row,) in connection.execute(f"select t::text from {table} t").fetchall()
        ]
        functions = connection.execute(
            "select coalesce(prosrc, '') from pg_proc where oid > 16384"
        ).fetchall()
    return "\n".join([*rows, *(source for (source,) in functions)])
