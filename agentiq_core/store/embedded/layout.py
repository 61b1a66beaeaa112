"""Which files belong to the server and where they lie; every directory it makes is checked for its owner."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path

from agentiq_core.store.embedded.account import Account
from agentiq_core.store.embedded.failures import Reason, unavailable

# sun_path holds 104 bytes on macOS and 108 on Linux, with "/.s.PGSQL.5432" and a final zero.
_SOCKET_DIRECTORY_BYTES = 80
# initdb calls its neighbours through a shell, in double quotes: root's copy of the programs cannot lie in such a path.
_SHELL_CHARACTERS = set('"$`\\')
_SYSTEM_STATE = (Path("/var/lib"), Path("/var/db"))
PORT = 5432


def socket_file(directory: Path) -> Path:
    """The socket of a server that listens in `directory`; its lock file is beside it, `.lock` appended."""
    return directory / f".s.PGSQL.{PORT}"


@dataclass(frozen=True)
class Layout:
    """The paths of one cluster, all below `base`, which is real (no link) and ours."""

    base: Path

    @property
    def data(self) -> Path:
        """The cluster; it exists only once initdb has finished."""
        return self.base / "data"

    @property
    def unfinished(self) -> Path:
        """Where initdb works, so that a killed one leaves nothing that looks like a cluster."""
        return self.base / "data.new"

    @property
    def password(self) -> Path:
        """The superuser's password, 0600."""
        return self.base / "password"

    @property
    def log(self) -> Path:
        """The server's log of this run; the run before is in `server.log.1`."""
        return self.base / "server.log"

    @property
    def socket_record(self) -> Path:
        """Holds the socket directory of the last started server: TMPDIR may differ between terminals."""
        return self.base / "socket-directory"

    @property
    def near_socket_directory(self) -> Path:
        """Where the server listens if the path is short enough."""
        return self.base / "run"

    @property
    def far_socket_name(self) -> str:
        """The name of the directory under the temp directory: the same after a move of the home, another in a copy."""
        found = self.base.stat()
        return "agentiq-" + hashlib.sha256(f"{found.st_dev}:{found.st_ino}".encode()).hexdigest()[:16]

    def socket_directory(self) -> Path | None:
        """Where the last started server listens; None before the first start, and in a copy of another home."""
        try:
            recorded = Path(os.fsdecode(self.socket_record.read_bytes()))
        except FileNotFoundError:
            return None
        if recorded.name == self.near_socket_directory.name:
            return self.near_socket_directory
        return recorded if recorded.name == self.far_socket_name else None


def find_layout(home: Path) -> Layout | None:
    """The layout under `home`, if there is one; `StoreUnavailable` when it is broken or somebody else's."""
    place = home / "postgres"
    if not place.exists():
        if place.is_symlink():
            raise unavailable(
                Reason.FILES_MISSING,
                f"{place} points to {place.readlink()}, which is gone: restore it, or remove the link to begin empty",
            )
        return None
    base = place.resolve()
    owner = base.stat().st_uid
    if owner != os.geteuid():
        raise unavailable(
            Reason.FOREIGN_FILES,
            f"The embedded database in {base} belongs to {_user_name(owner)}: run AgentIQ as that user",
        )
    return Layout(base)


def make_layout(home: Path, account: Account) -> Layout:
    """A new base directory under `home`, or for an account that cannot get there, in the system's state directory."""
    place = home / "postgres"
    if account.reaches(home) and not (account.switch and _SHELL_CHARACTERS & set(str(home))):
        place.mkdir()
        place.chmod(0o711 if account.switch else 0o700)
        return Layout(place.resolve())
    state = next((path for path in _SYSTEM_STATE if path.is_dir() and account.reaches(path)), None)
    if state is None:
        raise unavailable(
            Reason.UNREADABLE,
            f"{_user_name(account.uid)}, who runs the database for root, cannot enter {home}: set AGENTIQ_HOME elsewhere",
        )
    base = state / f"agentiq-{secrets.token_hex(8)}"
    base.mkdir()
    base.chmod(0o711)
    place.symlink_to(base)
    return Layout(base)


def make_socket_directory(layout: Layout, account: Account) -> Path:
    """A 0700 directory of the account's, short enough for a socket, written to the layout's record.

    libpq reads a comma in it as a list of hosts, so such a path moves too.
    """
    near = layout.near_socket_directory
    if len(os.fsencode(near)) <= _SOCKET_DIRECTORY_BYTES and "," not in str(near):
        chosen = near
    else:
        name = layout.far_socket_name
        parents = (Path(tempfile.gettempdir()).resolve(), Path("/tmp"))  # noqa: S108  # owner and mode are checked
        fitting = (
            parent
            for parent in parents
            if len(os.fsencode(parent / name)) <= _SOCKET_DIRECTORY_BYTES
            and "," not in str(parent)
            and account.reaches(parent)
        )
        parent = next(fitting, None)
        if parent is None:
            raise unavailable(
                Reason.SOCKET_PATH,
                f"No socket path under 80 bytes for {layout.base}: set TMPDIR to a short directory",
            )
        chosen = parent / name
    own_directory(chosen, account)
    layout.socket_record.write_bytes(os.fsencode(chosen))
    return chosen


def own_directory(path: Path, account: Account) -> None:
    """Makes `path` a private directory of the account, or checks that it is one already: no link, no other owner."""
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError as error:
        raise unavailable(
            Reason.SOCKET_PATH, f"{path} is not a private directory of ours ({error.strerror}): remove it"
        ) from error
    try:
        found = os.fstat(descriptor)
        if found.st_uid not in (os.geteuid(), account.uid):
            raise unavailable(
                Reason.SOCKET_PATH, f"{path} belongs to {_user_name(found.st_uid)}, not to AgentIQ: remove it"
            )
        account.give(descriptor, 0o700)
    finally:
        os.close(descriptor)


def _user_name(uid: int) -> str:
    import pwd

    try:
        return f"user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user {uid}"
