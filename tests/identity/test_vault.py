"""The team key: made once, private, and silent about itself."""

from __future__ import annotations

import logging
import stat
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity.vault import FILE, Vault, open_vault


def key() -> str:
    return Fernet.generate_key().decode()


def key_file_of(home: str) -> str:
    """Open the vault as a process of its own would; what it made of the key file."""
    open_vault(Settings(home=Path(home)))
    return (Path(home) / FILE).read_text()


def test_what_is_sealed_opens_again(tmp_path: Path) -> None:
    sealed = open_vault(Settings(home=tmp_path)).seal("ключ магазина")
    assert "ключ".encode() not in sealed
    assert open_vault(Settings(home=tmp_path)).open(sealed) == "ключ магазина"


def test_the_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "new" / "home"
    open_vault(Settings(home=home))
    assert stat.S_IMODE((home / FILE).stat().st_mode) == 0o600
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert [path.name for path in home.iterdir()] == [FILE], "nothing is left of its making"


def test_processes_that_race_to_make_the_key_agree_on_one(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(key_file_of, [str(tmp_path)] * 4))
    assert len(keys) == 1
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


def test_the_key_of_the_environment_wins_and_makes_no_file(tmp_path: Path) -> None:
    ours = key()
    vault = open_vault(Settings(home=tmp_path, team_key=SecretStr(f" {ours}\n")))
    assert Vault(ours).open(vault.seal("secret")) == "secret"
    assert list(tmp_path.iterdir()) == []


def test_another_key_opens_nothing_and_says_so_in_one_line() -> None:
    ours, theirs = key(), key()
    with pytest.raises(VaultLocked) as locked:
        Vault(theirs).open(Vault(ours).seal("secret"))
    assert len(str(locked.value).splitlines()) == 1
    assert not any(word in str(locked.value) for word in (ours, theirs, "secret"))


def test_an_older_key_still_opens_what_it_sealed() -> None:
    old, new = key(), key()
    sealed = Vault(old).seal("secret")
    both = Vault(new, old)
    assert both.open(sealed) == "secret"
    assert Vault(new).open(both.seal("secret")) == "secret"


@pytest.mark.parametrize("broken", ["", "not a key", "ключ", "A" * 43, "A" * 45])
def test_a_broken_key_is_refused_without_being_repeated(broken: str) -> None:
    with pytest.raises(VaultLocked) as locked:
        Vault(broken).seal("x")
    assert len(str(locked.value).splitlines()) == 1
    assert not broken or broken not in str(locked.value)


@pytest.mark.parametrize("content", [b"", b"half a ke", b"\xff\xfe"])
def test_a_half_written_key_file_is_never_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    with pytest.raises(VaultLocked):
        open_vault(Settings(home=tmp_path))
    assert (tmp_path / FILE).read_bytes() == content


def test_a_home_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VaultLocked, match=r"team\.key") as locked:
        open_vault(Settings(home=tmp_path / "file" / "home"))
    assert len(str(locked.value).splitlines()) == 1


def test_the_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    ours = key()
    with caplog.at_level(logging.DEBUG):
        settings = Settings(team_key=SecretStr(ours))
        vault = open_vault(settings)
        shown = f"{settings!r} {settings} {vault!r} {vault} {settings.model_dump()} {vars(vault)}"
    assert ours not in shown
    assert ours not in caplog.text
