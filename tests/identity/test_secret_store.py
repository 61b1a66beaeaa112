"""Secrets of a machine: found again by the next process, opened by nobody else, never half written."""

from __future__ import annotations

import logging
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import keyring
import keyring.errors
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail, null
from keyring.backends.chainer import ChainerBackend
from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import VaultLocked
from agentiq_core.identity import encrypted_file, keyring_store, private_file
from agentiq_core.identity.encrypted_file import EncryptedFile
from agentiq_core.identity.plain_file import PlainFile
from agentiq_core.identity.secret_store import SecretStore, open_secret_store

PHRASE = "ключ под ковриком"


class Desktop(KeyringBackend):
    """A keyring as a desktop has one; the library's own place to plug one in."""

    viable = False  # type: ignore[assignment]
    """The library takes every class that it finds and can use: this one only where a test says so."""

    def __init__(
        self, *, broken: type[Exception] | None = None, hangs: threading.Event | None = None
    ) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.written: list[str] = []
        self.broken = broken
        self._hangs = hangs

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self._hangs is not None:
            self._hangs.wait(30)
        if self.broken is not None:
            raise self.broken(f"no room for {password}")
        self.written.append(username)
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise keyring.errors.PasswordDeleteError("not there")


@pytest.fixture
def full_price() -> None:
    """For tests whose other processes open the file too: with the cost that everybody pays."""


@pytest.fixture(autouse=True)
def _cheap_passphrase(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of a second for each passphrase that is tried was nine tenths of the time here."""
    if "full_price" not in request.fixturenames:
        monkeypatch.setattr(encrypted_file, "_COST", 2**10)


@pytest.fixture
def desktop() -> Iterator[Desktop]:
    """A working keyring for this test."""
    before, ours = keyring.get_keyring(), Desktop()
    keyring.set_keyring(ours)
    yield ours
    keyring.set_keyring(before)


def store_of(kind: str, home: Path) -> SecretStore:
    """As the next process would open it."""
    if kind == "keyring":
        return open_secret_store(Settings(home=home), embedded=False)
    if kind == "encrypted":
        return EncryptedFile(home / EncryptedFile.NAME, PHRASE)
    return PlainFile(home / PlainFile.NAME)


def python(script: str, *arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Another process that runs a script."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *arguments],
        capture_output=True,
        text=True,
        timeout=timeout,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
    )


def left_over(home: Path) -> list[str]:
    """Files that a write leaves when it does not end."""
    return [found.name for found in home.iterdir() if found.name.startswith(".")]


@pytest.mark.parametrize("kind", ["keyring", "encrypted", "plain"])
def test_what_was_kept_is_found_by_the_next_process_and_forgotten_when_asked(
    kind: str, tmp_path: Path, desktop: Desktop
) -> None:
    assert store_of(kind, tmp_path).get("refresh") is None
    store_of(kind, tmp_path).set("refresh", "секрет")
    store_of(kind, tmp_path).set("server", "адрес")
    assert store_of(kind, tmp_path).get("refresh") == "секрет"
    store_of(kind, tmp_path).delete("refresh")
    store_of(kind, tmp_path).delete("refresh")
    assert store_of(kind, tmp_path).get("refresh") is None
    assert store_of(kind, tmp_path).get("server") == "адрес"


def test_two_homes_of_one_account_do_not_mix_in_the_keyring(tmp_path: Path, desktop: Desktop) -> None:
    store_of("keyring", tmp_path / "one").set("refresh", "1")
    assert store_of("keyring", tmp_path / "two").get("refresh") is None
    assert all(service == "agentiq" for service, _ in desktop.kept)


def test_with_the_embedded_server_nobody_is_asked(tmp_path: Path) -> None:
    assert open_secret_store(Settings(home=tmp_path), embedded=True).kind == "file"


def test_a_working_keyring_is_taken_before_a_passphrase_is_asked_for(
    tmp_path: Path, desktop: Desktop
) -> None:
    asked: list[bool] = []
    store = open_secret_store(
        Settings(home=tmp_path), embedded=False, ask_passphrase=lambda new: str(asked.append(new))
    )
    assert (store.kind, asked) == ("keyring", [])


@pytest.mark.parametrize(
    "broken", [keyring.errors.KeyringError, keyring.errors.InitError, RuntimeError, OSError]
)
def test_a_keyring_that_fails_leaves_its_place_to_the_file(tmp_path: Path, broken: type[Exception]) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Desktop(broken=broken))
    asked: list[bool] = []

    def ask(new: bool) -> str:
        asked.append(new)
        return PHRASE

    try:
        store = open_secret_store(Settings(home=tmp_path), embedded=False, ask_passphrase=ask)
        assert store.kind == "encrypted file"
        store.set("refresh", "секрет")
    finally:
        keyring.set_keyring(before)
    assert asked == [True]


class Person:
    """Types these passphrases, one each time it is asked; says of each question whether it was for a new one."""

    def __init__(self, *phrases: str) -> None:
        self._phrases = list(phrases)
        self.asked: list[bool] = []

    def __call__(self, new: bool) -> str:
        self.asked.append(new)
        return self._phrases.pop(0)


def opened_by(home: Path, person: Person | None) -> SecretStore:
    return open_secret_store(Settings(home=home), embedded=False, ask_passphrase=person)


def test_a_person_is_asked_once_a_process(tmp_path: Path) -> None:
    person = Person(PHRASE)
    opened_by(tmp_path, person).set("refresh", "секрет")
    assert opened_by(tmp_path, person).get("refresh") == "секрет"
    assert opened_by(tmp_path, None).get("refresh") == "секрет"
    assert person.asked == [True]


def test_after_a_wrong_passphrase_the_person_is_asked_again(tmp_path: Path) -> None:
    EncryptedFile(tmp_path / EncryptedFile.NAME, PHRASE).set("refresh", "секрет")
    person = Person("не тот", PHRASE)
    with pytest.raises(VaultLocked) as locked:
        opened_by(tmp_path, person)
    assert locked.value.params["reason"] == "wrong passphrase"
    assert opened_by(tmp_path, person).get("refresh") == "секрет"
    assert person.asked == [False, False]


def test_a_file_that_was_begun_anew_is_asked_for_again(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    person = Person(PHRASE, "новый ключ")
    opened_by(tmp_path, person).set("refresh", "секрет")
    path.unlink()
    EncryptedFile(path, "новый ключ").set("refresh", "новый")
    assert opened_by(tmp_path, person).get("refresh") == "новый"
    assert person.asked == [True, False]


class Plaintext(Desktop):
    """As keyrings.alt has it."""

    viable = False  # type: ignore[assignment]


Plaintext.__module__ = "keyrings.alt.file"


def chain(*links: KeyringBackend) -> KeyringBackend:
    """The library's own chain, of these."""
    return type("Chain", (ChainerBackend,), {"backends": list(links), "viable": False})()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    "unsafe",
    [fail.Keyring, null.Keyring, Plaintext, chain, lambda: chain(Plaintext()), lambda: chain(fail.Keyring())],
    ids=["fail", "null", "plain text", "empty chain", "chain of plain text", "chain of fail"],
)
def test_what_keeps_nothing_or_plain_text_is_no_keyring(
    tmp_path: Path, unsafe: Callable[[], KeyringBackend], desktop: Desktop
) -> None:
    backend = unsafe()
    keyring.set_keyring(backend)
    assert keyring_store.working_keyring(tmp_path) is None
    assert getattr(backend, "kept", {}) == {}


def test_of_a_chain_only_the_safe_link_that_works_is_used(tmp_path: Path, desktop: Desktop) -> None:
    plain, broken = Plaintext(), Desktop(broken=NotImplementedError)
    keyring.set_keyring(chain(plain, broken, desktop))
    store_of("keyring", tmp_path).set("refresh", "секрет")
    assert list(desktop.kept.values()) == ["секрет"]
    assert plain.kept == broken.kept == {}


def test_a_keyring_is_tried_once_a_process_and_nothing_is_left_of_it(
    tmp_path: Path, desktop: Desktop
) -> None:
    for home in ("one", "two"):
        assert keyring_store.working_keyring(tmp_path / home) is not None
    assert len(desktop.written) == 1
    assert desktop.kept == {}


def test_what_a_keyring_says_when_it_fails_is_not_repeated(
    tmp_path: Path, desktop: Desktop, caplog: pytest.LogCaptureFixture
) -> None:
    store = store_of("keyring", tmp_path)
    desktop.broken, secret = keyring.errors.PasswordSetError, "секрет"
    with caplog.at_level(logging.DEBUG), pytest.raises(VaultLocked) as locked:
        store.set("refresh", secret)
    told = "".join(traceback.format_exception(locked.value))
    assert secret not in f"{told} {locked.value.params} {store!r} {caplog.text}"


def test_a_keyring_that_hangs_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    done = python(
        """
        import sys, threading
        from pathlib import Path
        import keyring
        from agentiq_core.identity import keyring_store
        from tests.identity.test_secret_store import Desktop
        keyring_store.PATIENCE = 0.05
        keyring.set_keyring(Desktop(hangs=threading.Event()))
        print(keyring_store.working_keyring(Path(sys.argv[1])))
        """,
        str(tmp_path),
        timeout=20,
    )
    assert (done.returncode, done.stdout.strip()) == (0, "None"), done.stderr


def test_a_keyring_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_store, "PATIENCE", 0.05)
    released = threading.Event()
    before = keyring.get_keyring()
    keyring.set_keyring(Desktop(hangs=released))
    try:
        assert keyring_store.working_keyring(tmp_path) is None
    finally:
        released.set()
        keyring.set_keyring(before)


def test_without_keyring_passphrase_or_terminal_one_line_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(VaultLocked, match="AGENTIQ_VAULT_PASSPHRASE") as locked:
        open_secret_store(Settings(home=tmp_path), embedded=False)
    assert len(str(locked.value).splitlines()) == 1


def test_the_passphrase_of_the_environment_opens_the_file(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, vault_passphrase=SecretStr(PHRASE))
    open_secret_store(settings, embedded=False).set("refresh", "секрет")
    assert open_secret_store(settings, embedded=False).get("refresh") == "секрет"
    raw = (tmp_path / EncryptedFile.NAME).read_bytes()
    assert "секрет".encode() not in raw
    assert b"refresh" not in raw
    assert stat.S_IMODE((tmp_path / EncryptedFile.NAME).stat().st_mode) == 0o600


def test_a_wrong_passphrase_opens_nothing_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, PHRASE).set("refresh", "секрет")
    before = path.read_bytes()
    for wrong in ("не тот", ""):
        with pytest.raises(VaultLocked) as locked:
            EncryptedFile(path, wrong)
        assert locked.value.params["reason"] == "wrong passphrase"
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "damage", [lambda raw: raw[:20], lambda raw: b"", lambda raw: b"x" + raw[1:], lambda raw: raw[:-1]]
)
def test_a_damaged_file_is_said_and_kept(tmp_path: Path, damage: object) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, PHRASE).set("refresh", "секрет")
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    before = path.read_bytes()
    with pytest.raises(VaultLocked) as locked:
        EncryptedFile(path, PHRASE).get("refresh")
    assert len(str(locked.value).splitlines()) == 1
    assert path.read_bytes() == before


def test_a_file_that_was_cut_short_is_not_taken_for_a_wrong_passphrase(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, PHRASE).set("refresh", "секрет")
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(VaultLocked) as locked:
            EncryptedFile(path, PHRASE)
        assert locked.value.params["reason"] == "damaged"


def test_a_file_of_a_newer_version_is_not_called_damaged(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    path.write_bytes(b"AgentIQ secrets 2\n" + bytes(80))
    with pytest.raises(VaultLocked, match="update") as locked:
        EncryptedFile(path, PHRASE)
    assert locked.value.params["reason"] == "newer"


def test_the_head_of_the_file_is_sealed_too(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, PHRASE).set("refresh", "секрет")
    whole = path.read_bytes()
    for place in (0, 17, 18, 37, 38, 50, len(whole) - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.raises(VaultLocked):
            EncryptedFile(path, PHRASE)


def test_a_passphrase_is_the_same_however_the_keyboard_composes_it(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, "ключ от чайной").set("refresh", "секрет")
    assert EncryptedFile(path, "ключ от чаи\u0306нои\u0306").get("refresh") == "секрет"


def test_a_passphrase_that_is_no_text_is_merely_wrong(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    EncryptedFile(path, PHRASE).set("refresh", "секрет")
    with pytest.raises(VaultLocked) as locked:
        EncryptedFile(path, PHRASE + "\udcff")
    assert locked.value.params["reason"] == "wrong passphrase"


def test_neither_passphrase_nor_secret_is_shown(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path, wrong = tmp_path / EncryptedFile.NAME, "не тот"
    with caplog.at_level(logging.DEBUG):
        store = EncryptedFile(path, PHRASE)
        store.set("refresh", "секрет")
        with pytest.raises(VaultLocked) as locked:
            EncryptedFile(path, wrong)
        told = "".join(traceback.format_exception(locked.value))
    shown = f"{store!r} {vars(store)} {told} {locked.value.params} {caplog.text}"
    assert not [word for word in (PHRASE, "секрет", wrong) if word in shown]


def test_every_write_is_sealed_anew(tmp_path: Path) -> None:
    path = tmp_path / EncryptedFile.NAME
    store = EncryptedFile(path, PHRASE)
    store.set("refresh", "секрет")
    before = path.read_bytes()
    store.set("refresh", "секрет")
    assert path.read_bytes() != before


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 1}', b"\xff"])
def test_a_half_written_plain_file_is_said_and_kept(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / PlainFile.NAME
    path.write_bytes(content)
    for refused in (lambda: PlainFile(path).get("a"), lambda: PlainFile(path).set("a", "b")):
        with pytest.raises(VaultLocked):
            refused()
    assert path.read_bytes() == content


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    path = tmp_path / PlainFile.NAME
    PlainFile(path).set("refresh", "секрет")
    path.chmod(0o644)
    assert PlainFile(path).get("refresh") == "секрет"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("kind", ["encrypted", "plain"])
def test_a_link_is_not_followed(kind: str, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("{}")
    name = {"encrypted": EncryptedFile.NAME, "plain": PlainFile.NAME}[kind]
    (tmp_path / name).symlink_to(elsewhere)
    with pytest.raises(VaultLocked) as locked:
        store_of(kind, tmp_path).set("refresh", "секрет")
    assert len(str(locked.value).splitlines()) == 1
    assert elsewhere.read_text() == "{}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    path = tmp_path / PlainFile.NAME
    PlainFile(path).set("refresh", "секрет")
    os.chown(path, 12345, 12345)
    with pytest.raises(VaultLocked, match="another user"):
        PlainFile(path).get("refresh")


def _keep(kind: str, home: str, name: str) -> None:
    store_of(kind, Path(home)).set(name, name)


@pytest.mark.usefixtures("full_price")
@pytest.mark.parametrize("kind", ["encrypted", "plain"])
def test_processes_that_write_at_once_lose_nothing(kind: str, tmp_path: Path) -> None:
    names = [f"name {number}" for number in range(6)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        list(pool.map(_keep, [kind] * len(names), [str(tmp_path)] * len(names), names))
    store = store_of(kind, tmp_path)
    assert [store.get(name) for name in names] == names


@pytest.mark.usefixtures("full_price")
@pytest.mark.parametrize("kind", ["encrypted", "plain"])
def test_a_process_killed_before_the_file_takes_its_place_loses_and_leaves_nothing(
    kind: str, tmp_path: Path
) -> None:
    store_of(kind, tmp_path).set("refresh", "секрет")
    done = python(
        """
        import os, signal, sys
        from pathlib import Path
        from tests.identity.test_secret_store import store_of
        store = store_of(sys.argv[1], Path(sys.argv[2]))
        os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
        store.set("refresh", "другой")
        """,
        kind,
        str(tmp_path),
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert len(left_over(tmp_path)) == 1, "it died where it was meant to"
    store = store_of(kind, tmp_path)
    assert store.get("refresh") == "секрет"
    store.set("server", "адрес")
    assert left_over(tmp_path) == [], "a half-written file holds secrets too"


def test_a_process_that_was_stopped_with_the_lock_is_named_and_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_file, "PATIENCE", 0.05)
    path = tmp_path / PlainFile.NAME
    with private_file.changing(path), pytest.raises(VaultLocked, match="does not let go") as locked:
        PlainFile(path).set("refresh", "секрет")
    assert locked.value.params["reason"] == "busy"
    PlainFile(path).set("refresh", "секрет")


def test_a_home_that_is_no_directory_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    path = tmp_path / "file" / PlainFile.NAME
    for refused in (
        lambda: private_file.read(path),
        lambda: private_file.write(path, b"x"),
        lambda: PlainFile(path).set("a", "b"),
    ):
        with pytest.raises(VaultLocked) as locked:
            refused()
        assert len(str(locked.value).splitlines()) == 1


def test_a_full_disk_is_one_line_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / PlainFile.NAME
    PlainFile(path).set("refresh", "секрет")
    before = path.read_bytes()
    done = python(
        """
        import resource, signal, sys
        from pathlib import Path
        from agentiq_core.domain.errors import VaultLocked
        from agentiq_core.identity.plain_file import PlainFile
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        try:
            PlainFile(Path(sys.argv[1])).set("long", "x" * 1000)
        except VaultLocked as error:
            print(error)
        """,
        str(path),
    )
    assert "cannot be written" in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert path.read_bytes() == before
    assert left_over(tmp_path) == []
