"""What an address fails on is told whatever language the server speaks."""

from __future__ import annotations

import socketserver
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from agentiq_core.domain.errors import StoreUnavailable
from agentiq_core.store.schema import is_there

NO_PASSWORD = ("28P01", 'пользователь "desk" не прошёл проверку подлинности (по паролю)')
NO_DATABASE = ("3D000", 'база данных "desk" не существует')
STARTING = ("57P03", "система баз данных запускается")


class Russian(socketserver.ThreadingTCPServer):
    """A Postgres with lc_messages=ru that refuses whoever comes; `but` lets them into one database."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, refusal: tuple[str, str], but: str | None) -> None:
        super().__init__(("127.0.0.1", 0), _Visit)
        self.refusal, self.but = refusal, but

    @property
    def dsn(self) -> str:
        return f"postgresql://desk:slovo@127.0.0.1:{self.server_address[1]}/desk?sslmode=disable"


class _Visit(socketserver.StreamRequestHandler):
    server: Russian

    def handle(self) -> None:
        length = self.rfile.read(4)
        if not length:
            return
        asked = self.rfile.read(struct.unpack("!I", length)[0] - 4)
        words = asked[4:].split(b"\0")
        facts = dict(zip(words[::2], words[1::2], strict=False))
        if facts.get(b"database", b"").decode() == self.server.but:
            self.wfile.write(b"R" + struct.pack("!II", 8, 3))
            self._message()
            self.wfile.write(b"R" + struct.pack("!II", 8, 0) + b"Z" + struct.pack("!I", 5) + b"I")
            self.rfile.read()
            return
        code, text = self.server.refusal
        if code != STARTING[0]:
            # the password is asked for, and taken or not
            self.wfile.write(b"R" + struct.pack("!II", 8, 3))
            self._message()
        fields = {"S": "ВАЖНО", "V": "FATAL", "C": code, "M": text}
        body = b"".join(f"{kind}{value}".encode() + b"\0" for kind, value in fields.items()) + b"\0"
        self.wfile.write(b"E" + struct.pack("!I", len(body) + 4) + body)

    def _message(self) -> None:
        self.rfile.read(1)
        self.rfile.read(struct.unpack("!I", self.rfile.read(4))[0] - 4)


@contextmanager
def speaking(refusal: tuple[str, str], but: str | None = None) -> Iterator[str]:
    with Russian(refusal, but) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server.dsn
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("refusal", "but", "refused"),
    [
        (NO_PASSWORD, None, "password"),
        (NO_DATABASE, "template1", "database"),
        (STARTING, None, "server"),
    ],
)
def test_a_server_that_speaks_russian_is_understood(
    refusal: tuple[str, str], but: str | None, refused: str
) -> None:
    with speaking(refusal, but) as dsn, pytest.raises(StoreUnavailable) as told:
        is_there(dsn)
    assert told.value.params["refused"] == refused
    assert "slovo" not in str(told.value)


def test_where_nobody_listens_there_is_no_server() -> None:
    with speaking(NO_PASSWORD) as dsn:
        pass
    with pytest.raises(StoreUnavailable) as told:
        is_there(dsn)
    assert told.value.params["refused"] == "server"
