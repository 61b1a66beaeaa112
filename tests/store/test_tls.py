"""Over a network the server must prove who it is before it hears the password; on a real socket, with a real handshake."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agentiq_core.domain.errors import Insecure, StoreUnavailable
from agentiq_core.identity.addresses import secured
from agentiq_core.store.owner import local_session
from agentiq_core.store.schema import migrate

PASSWORD = "very-secret-password"


def certificate(folder: Path, host: str) -> tuple[Path, Path]:
    """A self-signed certificate for this host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    start = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "server.crt", folder / "server.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return paths


@contextmanager
def server(context: ssl.SSLContext | None) -> Iterator[tuple[int, list[bytes]]]:
    """Answers a Postgres client's request for TLS, with a certificate or with no; what it heard after that."""
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection, suppress(OSError):
                    connection.recv(8)
                    connection.sendall(b"S" if context else b"N")
                    spoken = context.wrap_socket(connection, server_side=True) if context else connection
                    heard.append(spoken.recv(4096))
                    spoken.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listening.getsockname()[1], heard
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(5)


@pytest.fixture
def context(tmp_path: Path) -> ssl.SSLContext:
    """A server that speaks TLS as db.example.org, vouched for by nobody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path, "db.example.org"))
    return context


def address(port: int, **more: str) -> str:
    """A far host by name; hostaddr leads the name to this machine, as a forged name server would."""
    options = "&".join(f"{name}={value}" for name, value in more.items())
    return f"postgresql://shop_team:{PASSWORD}@db.example.org:{port}/shop?{options}"


def refused(dsn: str) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as raised:
        migrate(dsn)
    with pytest.raises(StoreUnavailable):
        local_session(dsn, embedded=False, client="test")
    assert len(str(raised.value).splitlines()) == 1
    assert PASSWORD not in str(raised.value)
    return raised.value


def forged(dsn: str) -> str:
    """The secured address, with the name led to this machine."""
    return f"{secured(dsn)}&hostaddr=127.0.0.1"


def test_a_server_that_nobody_vouches_for_hears_nothing(context: ssl.SSLContext) -> None:
    with server(context) as (port, heard):
        assert isinstance(refused(forged(address(port))), Insecure)
    assert not any(heard)


def test_a_server_without_tls_hears_nothing() -> None:
    with server(None) as (port, heard):
        error = refused(forged(address(port)))
    assert isinstance(error, Insecure)
    assert not any(heard)


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    paths = certificate(tmp_path, "other.example.org")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*paths)
    with server(context) as (port, heard):
        assert isinstance(refused(forged(address(port, sslrootcert=str(paths[0])))), Insecure)
    assert not any(heard)


def test_a_teams_own_certificate_is_taken(tmp_path: Path, context: ssl.SSLContext) -> None:
    with server(context) as (port, heard):
        error = refused(forged(address(port, sslrootcert=str(tmp_path / "server.crt"))))
    assert not isinstance(error, Insecure), "this server is no Postgres, but it proved its name"
    assert any(b"shop_team" in words for words in heard)
    assert not any(PASSWORD.encode() in words for words in heard)
