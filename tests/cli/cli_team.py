"""A team's server and its people's machines, each with a home of its own, as the commands know them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import psycopg
import pytest

from agentiq_core.identity.encrypted_file import EncryptedFile
from agentiq_core.identity.invitation import Invitation

if TYPE_CHECKING:
    from tests.cli.conftest import Cli, Result
    from tests.databases import Server

PASSPHRASE = "сундук с тремя замками"
BOSS, BOSS_PASSWORD = "boss@example.org", "весной расцветут ландыши"
ROLES = ("agentiq_guard", "agentiq_app")


@dataclass(frozen=True)
class Machine:
    """A computer: its home, and what its environment holds."""

    cli: Cli
    home: Path
    environment: dict[str, str]

    def __call__(self, *arguments: str, stdin: str = "", hands_out: bool = False, **more: str) -> Result:
        """Run a command there."""
        with pytest.MonkeyPatch.context() as here:
            for name, value in {**self.environment, **more}.items():
                here.setenv(name, value)
            return self.cli(*arguments, stdin=stdin, hands_out=hands_out)

    def kept(self, name: str) -> str | None:
        """What the encrypted file of this machine holds; never to be printed by any command."""
        secret = EncryptedFile(self.home / EncryptedFile.NAME, PASSPHRASE).get(name)
        self.cli.secrets += [secret] if secret else []
        return secret


@dataclass
class Team:
    """A founded team: the owner's machine, and how others come to theirs."""

    cli: Cli
    home: Path
    owners_dsn: str
    boss: Machine

    def machine(self, name: str) -> Machine:
        """A colleague's new machine."""
        return machine(self.cli, self.home.parent / name)

    def invited(self, email: str, role: str, *more: str) -> str:
        """An invitation for a new colleague."""
        return self.invitation("operator", "add", email, "--role", role, *more)

    def invitation(self, *command: str) -> str:
        """What this command of the owner hands out."""
        result = self.boss(*command, hands_out=True)
        assert result.code == 0, result.err
        packed = result.out.strip()
        opened = Invitation.unpack(packed)
        self.cli.secrets += [
            packed,
            opened.code,
            opened.server,
            unquote(urlsplit(opened.server).password or ""),
        ]
        return packed

    def joined(self, email: str, role: str, password: str, *more: str) -> Machine:
        """A colleague at work on a machine of their own."""
        there = self.machine(email.partition("@")[0])
        self.cli.secrets.append(password)
        done = there("login", "--invitation-stdin", stdin=f"{self.invited(email, role, *more)}\n{password}\n")
        assert done.code == 0, done
        return there

    def connected(self, name: str) -> tuple[Any, int]:
        """A shop of the sandbox whose buyer asks something, connected and synced by the owner; its seller's id."""
        shop = self.cli.market.shop()
        self.cli.secrets.append(shop.token)
        self.cli.market.asks(shop)
        where = ("--name", name, "--base-url", self.cli.market.url, "--token-stdin", "--sync", "--json")
        added = self.boss("seller", "add", "wildberries", *where, stdin=shop.token)
        assert added.code == 0, added
        return shop, added.json["seller_id"]


def machine(cli: Cli, home: Path) -> Machine:
    environment = {"AGENTIQ_HOME": str(home), "AGENTIQ_VAULT_PASSPHRASE": PASSPHRASE}
    return Machine(cli, home, environment)


def owned(server: Server, dsn: str) -> tuple[str, Callable[[], None]]:
    """The database for a login role that owns it and is no superuser; its address, and how the roles go again."""
    name = urlsplit(dsn).path[1:]
    owner, password = f"{name}_owner", f"{name}-hozyain"
    with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
        admin.execute(f"create role {owner} login createrole password '{password}'")
        admin.execute(f"alter database {name} owner to {owner}")
        modern = admin.info.server_version >= 160000
        for role in ROLES:
            # as if it had made them itself: roles belong to the whole server, and other tests use them
            how = "with admin true, inherit false, set false" if modern else "with admin option"
            admin.execute(f"grant {role} to {owner} {how}")

    def forget() -> None:
        with psycopg.connect(server.admin_dsn, autocommit=True) as admin:
            admin.execute(f"drop database {name} with (force)")
            admin.execute(f"drop role if exists {name}_team")
            admin.execute(f"drop owned by {owner}")
            admin.execute(f"drop role {owner}")

    parts = urlsplit(dsn)
    place = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{owner}:{password}@{place}")), forget
