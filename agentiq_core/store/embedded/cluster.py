"""Making a cluster with initdb, and the settings its server runs with."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

from agentiq_core.store.embedded.account import Account
from agentiq_core.store.embedded.binaries import Binaries
from agentiq_core.store.embedded.failures import Reason, disk_full, tells_disk_full, unavailable
from agentiq_core.store.embedded.layout import PORT, Layout, own_directory

SUPERUSER = "postgres"
_OLDEST_MAJOR = 15


def initialise(layout: Layout, binaries: Binaries, account: Account, lock: int) -> None:
    """Makes a new cluster with a random superuser password; a former unfinished one is thrown away.

    initdb inherits `lock`: should we be killed, nobody begins anew while it still writes.
    `StoreUnavailable`: the disk is full, the version too old, initdb failed.
    """
    if binaries.major < _OLDEST_MAJOR:
        raise unavailable(
            Reason.OTHER_VERSION,
            f"Postgres {binaries.major} in {binaries.bin_dir} is too old: 15 or newer is needed",
        )
    password = secrets.token_urlsafe(32)
    handed_over = layout.base / "password.initdb"
    _write_private(handed_over, password, account)
    try:
        _run_initdb(layout, binaries, account, handed_over, lock)
        unnamed = layout.password.with_suffix(".new")
        _write_private(unnamed, password, None)
        unnamed.replace(layout.password)
        layout.unfinished.rename(layout.data)
        _sync_directory(layout.base)
    finally:
        handed_over.unlink(missing_ok=True)
        shutil.rmtree(layout.unfinished, ignore_errors=True)


def check_version(layout: Layout, binaries: Binaries) -> None:
    """`StoreUnavailable` when the cluster was made by another major version: Postgres cannot read it."""
    made_by = (layout.data / "PG_VERSION").read_text().strip()
    if made_by != str(binaries.major):
        raise unavailable(
            Reason.OTHER_VERSION,
            f"The database in {layout.data} was made by Postgres {made_by}, and the programs in {binaries.bin_dir} are "
            f"Postgres {binaries.major}: set bin_dir to a Postgres {made_by}, dump, and restore into a new home",
        )


def read_password(layout: Layout) -> str:
    """The superuser's password; `StoreUnavailable` when its file is gone."""
    try:
        return layout.password.read_text()
    except FileNotFoundError:
        raise unavailable(
            Reason.FILES_MISSING,
            f"The database's password file {layout.password} is gone: restore it from a backup",
        ) from None


def server_options(socket_directory: Path) -> list[str]:
    """The settings of every start, given on the command line so that an upgrade of AgentIQ changes them at once."""
    quoted_directory = '"' + str(socket_directory).replace('"', '""') + '"'
    settings = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": quoted_directory,
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        "shared_buffers": "64MB",
        "maintenance_work_mem": "64MB",
        "effective_cache_size": "512MB",
        # Containers often have 64 MB of /dev/shm, which parallel queries would exhaust.
        "max_parallel_workers_per_gather": "0",
        "jit": "off",
        # fsync, full_page_writes and synchronous_commit stay on, whatever the data directory's files say: an accepted
        # reply is never lost.
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        # A backend whose client was killed in a long query must not keep the server up.
        "client_connection_check_interval": "5s",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "lc_messages": "C",
        "logging_collector": "off",
        "log_destination": "stderr",
        "log_line_prefix": "%m [%p] ",
        # No statement and no value of a statement gets into the log: they hold buyers' words and phones.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_checkpoints": "off",
    }
    return [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]


def locale_attempts(major: int) -> list[list[str]]:
    """initdb's locale options, best first: Cyrillic case and word rules right wherever LANG points, order by code point.

    The builtin provider appeared in Postgres 17, PG_UNICODE_FAST in 18; libc's C.UTF-8 does the same where the system
    has it, ICU's root locale is the last resort.
    """
    if major >= 17:
        name = "PG_UNICODE_FAST" if major >= 18 else "C.UTF-8"
        builtin = ["--locale-provider=builtin", f"--builtin-locale={name}", "--lc-collate=C"]
        return [[*builtin, f"--lc-ctype={ctype}"] for ctype in ("C.UTF-8", "en_US.UTF-8", "C")]
    libc = ["--locale-provider=libc", "--lc-collate=C"]
    icu = ["--locale-provider=icu", "--icu-locale=und", "--lc-collate=C", "--lc-ctype=C"]
    return [[*libc, "--lc-ctype=C.UTF-8"], [*libc, "--lc-ctype=en_US.UTF-8"], icu]


def _run_initdb(layout: Layout, binaries: Binaries, account: Account, password_file: Path, lock: int) -> None:
    output = ""
    for locale in locale_attempts(binaries.major):
        shutil.rmtree(layout.unfinished, ignore_errors=True)
        own_directory(layout.unfinished, account)
        code, output = account.run(
            [
                binaries.program("initdb"),
                f"--pgdata={layout.unfinished}",
                f"--username={SUPERUSER}",
                f"--pwfile={password_file}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--lc-messages=C",
                "--text-search-config=russian",
                "--data-checksums",
                *locale,
            ],
            keep_open=[lock],
        )
        if code == 0:
            return
        if tells_disk_full(output, layout.base):
            raise disk_full(layout.base)
        if "invalid locale" not in output and "ICU is not supported" not in output:
            break
    layout.log.write_text(output)
    errors = [line for line in output.splitlines() if "error:" in line or "FATAL:" in line]
    raise unavailable(
        Reason.FAILED,
        f"Postgres could not make its database: {(errors or ['initdb failed'])[0]}; see {layout.log}",
    )


def _write_private(path: Path, text: str, reader: Account | None) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
        if reader is not None:
            reader.give(descriptor, 0o600)


def _sync_directory(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
