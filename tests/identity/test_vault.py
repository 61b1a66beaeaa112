"""The team key: made once, private, and silent about itself."""

from __future__ import annotations

import logging
import stat
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity.plain_file import PlainFile
from agentiq_core.identity.vault import FILE, TEAM_KEY, Vault, open_vault


def key() -> str:
    return Fernet.generate_key().decode()


def vault_of(home: Path) -> Vault:
    """The vault of a machine that is its own team."""
    return open_vault(Settings(home=home), PlainFile(home / PlainFile.NAME))


def key_of(home: str) -> str:
    """Open the vault as a process of its own would; the key it found or made."""
    return vault_of(Path(home)).packed()


def teams_key_of(home: str) -> str:
    """The same on a team's machine, which makes none."""
    secrets = PlainFile(Path(home) / PlainFile.NAME)
    return open_vault(Settings(home=Path(home)), secrets, make=False).packed()


def test_what_is_sealed_opens_again(tmp_path: Path) -> None:
    sealed = vault_of(tmp_path).seal("ключ магазина")
    assert "ключ".encode() not in sealed
    assert vault_of(tmp_path).open(sealed) == "ключ магазина"


def test_processes_that_race_to_make_the_key_agree_on_one(tmp_path: Path) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        keys = set(pool.map(key_of, [str(tmp_path)] * 4))
    assert len(keys) == 1


@pytest.mark.parametrize("make", [True, False])
def test_the_key_of_an_older_home_moves_to_the_other_secrets(make: bool, tmp_path: Path) -> None:
    ours = key()
    (tmp_path / FILE).write_text(f"{ours}\n")
    secrets = PlainFile(tmp_path / PlainFile.NAME)
    for _ in range(2):
        assert open_vault(Settings(home=tmp_path), secrets, make=make).packed() == ours
        assert secrets.get(TEAM_KEY) == ours
        assert not (tmp_path / FILE).exists()


def test_a_move_that_was_cut_off_is_finished(tmp_path: Path) -> None:
    ours = key()
    (tmp_path / FILE).write_text(ours)
    PlainFile(tmp_path / PlainFile.NAME).set(TEAM_KEY, ours)
    assert vault_of(tmp_path).packed() == ours
    assert not (tmp_path / FILE).exists()


def test_a_file_with_another_key_than_the_kept_one_stays(tmp_path: Path) -> None:
    ours, other = key(), key()
    PlainFile(tmp_path / PlainFile.NAME).set(TEAM_KEY, ours)
    for there in (other.encode(), b"\xff\xfe"):
        (tmp_path / FILE).write_bytes(there)
        assert vault_of(tmp_path).packed() == ours
        assert (tmp_path / FILE).read_bytes() == there


def test_a_key_that_cannot_move_is_used_where_it_lies(tmp_path: Path) -> None:
    ours = key()
    (tmp_path / FILE).write_text(ours)
    assert open_vault(Settings(home=tmp_path), None).packed() == ours
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    # a directory of that name: nothing can be written in the lock's place
    (tmp_path / f"{FILE}.lock").mkdir()
    assert vault_of(tmp_path).packed() == ours
    assert (tmp_path / FILE).read_text() == ours


def test_processes_that_move_the_key_at_once_lose_nothing(tmp_path: Path) -> None:
    ours = key()
    (tmp_path / FILE).write_text(ours)
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert set(pool.map(teams_key_of, [str(tmp_path)] * 6)) == {ours}
    assert vault_of(tmp_path).packed() == ours


def test_several_keys_may_be_written_down_newest_first(tmp_path: Path) -> None:
    new, old = key(), key()
    vault = open_vault(Settings(home=tmp_path, team_key=SecretStr(f" {new},\n{old},\n")))
    assert vault.open(Vault(old).seal("secret")) == "secret"
    assert Vault(new).open(vault.seal("secret")) == "secret"


@pytest.mark.parametrize("nothing", [",", " , "])
def test_commas_alone_are_no_key(nothing: str, tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="44 characters"):
        open_vault(Settings(home=tmp_path, team_key=SecretStr(nothing)))


def test_the_room_is_cheap_to_enter() -> None:
    script = (
        "import importlib, pkgutil, sys, agentiq_core.identity as room\n"
        "for found in pkgutil.iter_modules(room.__path__, room.__name__ + '.'):\n"
        "    importlib.import_module(found.name)\n"
        "print(*sorted({'keyring', 'cryptography', 'argon2', 'jwt'} & sys.modules.keys()))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_teams_machine_without_the_key_makes_none_and_says_what_to_do(tmp_path: Path) -> None:
    secrets = PlainFile(tmp_path / PlainFile.NAME)
    vault = open_vault(Settings(home=tmp_path), secrets, make=False)
    for refused in (lambda: vault.seal("x"), lambda: vault.open(b"x"), vault.with_new_key):
        with pytest.raises(VaultLocked, match="team-key set"):
            refused()
    assert secrets.get(TEAM_KEY) is None


def test_rotation_seals_anew_and_the_old_key_opens_no_longer(tmp_path: Path) -> None:
    old = Vault(key())
    sealed = old.seal("secret")
    rotated, fresh = old.with_new_key()
    again = rotated.reseal(sealed)
    assert rotated.open(sealed) == rotated.open(again) == Vault(fresh).open(again) == "secret"
    with pytest.raises(VaultLocked):
        old.open(again)
    assert Vault(*rotated.packed().split(",")).open(sealed) == "secret"


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
        vault_of(tmp_path)
    assert (tmp_path / FILE).read_bytes() == content


def test_a_home_that_cannot_be_made_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(VaultLocked) as locked:
        vault_of(tmp_path / "file" / "home")
    assert len(str(locked.value).splitlines()) == 1


def test_the_key_is_never_shown(caplog: pytest.LogCaptureFixture) -> None:
    ours = key()
    with caplog.at_level(logging.DEBUG):
        settings = Settings(team_key=SecretStr(ours))
        vault = open_vault(settings)
        shown = f"{settings!r} {settings} {vault!r} {vault} {settings.model_dump()} {vars(vault)}"
    assert ours not in shown
    assert ours not in caplog.text
