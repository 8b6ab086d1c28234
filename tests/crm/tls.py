"""Servers with good and bad certificates, and the authority that signed them."""

from __future__ import annotations

import ipaddress
import ssl
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)
HERE = ("localhost", "127.0.0.1")


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


@dataclass(frozen=True)
class Authority:
    """Signs certificates; `file` is what whoever trusts it names."""

    folder: Path
    name: str
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def found(self) -> Authority:
        """Write the authority's own certificate."""
        own = self._certificate(_name(self.name), self.key, (-DAY, DAY))
        own = own.add_extension(x509.BasicConstraints(ca=True, path_length=0), True)
        key_id = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        own = own.add_extension(key_id, critical=False)
        signed = own.sign(self.key, hashes.SHA256())
        self.file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        return self

    def sign(
        self,
        hosts: tuple[str, ...] = HERE,
        valid: tuple[timedelta, timedelta] = (-DAY, DAY),
    ) -> Path:
        """Write a server's certificate with its key and return the file.

        Args:
            hosts: Names and addresses it is for.
            valid: From when to when, from now.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([_host(each) for each in hosts])
        issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            self.key.public_key()
        )
        signed = (
            self._certificate(_name(hosts[0]), key, valid)
            .add_extension(names, critical=False)
            .add_extension(issuer, critical=False)
            .sign(self.key, hashes.SHA256())
        )
        file = self.folder / f"{hosts[0]}-{len(list(self.folder.iterdir()))}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + signed.public_bytes(serialization.Encoding.PEM)
        )
        return file

    def _certificate(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        valid: tuple[timedelta, timedelta],
    ) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(_name(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + valid[0])
            .not_valid_after(now + valid[1])
        )


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


@dataclass
class TlsServer:
    """A server that was reached, or not.

    Attributes:
        heard: What the requests that came through said.
    """

    url: str
    heard: list[str] = field(default_factory=list)


@contextmanager
def serving(
    certificate: Path, newest: ssl.TLSVersion | None = None
) -> Iterator[TlsServer]:
    """Serve over TLS on loopback until the block is left.

    Args:
        certificate: File of certificate and key.
        newest: The newest version of TLS that the server speaks.
    """
    heard: list[str] = []

    class Desk(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append(f"{self.command} {self.path}")
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET  # noqa: N815  (the library's name)

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_of: object) -> None:
            """A refused handshake is what is wanted."""

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    if newest is not None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with Server(("127.0.0.1", 0), Desk) as server:
        server.daemon_threads = True
        server.socket = context.wrap_socket(
            server.socket, server_side=True, do_handshake_on_connect=False
        )
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield TlsServer(f"https://127.0.0.1:{server.server_port}", heard)
        finally:
            server.shutdown()
            thread.join()
