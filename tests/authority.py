"""A time-stamping authority: `openssl ts` behind a real HTTP server; ways of being a bad one."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

POLICY = "1.2.3.4.1"
type Answering = Callable[[bytes], tuple[int, bytes]]

# The signer's certificate alone is embedded: a set that is not sorted, as OpenSSL writes it, is
# none in DER, and rfc3161-client refuses it.
_CONFIGURATION = """
[tsa]
dir = .
serial = serial
crypto_device = builtin
signer_cert = signer.pem
signer_key = signer.key
signer_digest = sha256
default_policy = {policy}
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Authority:
    """Keys, certificates and replies of one authority, in a directory of its own."""

    def __init__(
        self, directory: Path, *, until: datetime | None = None, policy: str = POLICY
    ) -> None:
        """Its signer's certificate is good until then."""
        directory.mkdir(parents=True)
        self.directory = directory
        (directory / "tsa.cnf").write_text(_CONFIGURATION.format(policy=policy))
        (directory / "serial").write_text("01\n")
        root, signer = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        now = datetime.now(UTC)
        later = now + timedelta(days=3650)
        stamps = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        made = {
            "ca": _certificate("ca", root, root, later)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(root, SHA256()),
            "signer": _certificate("signer", signer, root, until or later)
            .add_extension(stamps, critical=True)
            .sign(root, SHA256()),
        }
        for name, certificate in made.items():
            (directory / f"{name}.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
        (directory / "signer.key").write_bytes(
            signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        )

    @property
    def ca(self) -> Path:
        """The certificate that whoever trusts it has."""
        return self.directory / "ca.pem"

    def reply(self, query: bytes) -> bytes:
        """What `openssl ts` answers."""
        (self.directory / "query.tsq").write_bytes(query)
        self._openssl(
            *("ts", "-reply", "-config", "tsa.cnf", "-section", "tsa"),
            *("-queryfile", "query.tsq", "-out", "reply.tsr"),
        )
        return (self.directory / "reply.tsr").read_bytes()

    def query(self, content: bytes, *, digest: str = "sha256", nonce: bool = True) -> bytes:
        """A request of its own, as `openssl ts` makes one."""
        (self.directory / "content").write_bytes(content)
        self._openssl(
            *("ts", "-query", "-data", "content", f"-{digest}", "-cert", "-out", "own.tsq"),
            *(() if nonce else ("-no_nonce",)),
        )
        return (self.directory / "own.tsq").read_bytes()

    def verified(self, content: bytes, reply: bytes) -> bool:
        """What `openssl ts -verify` says of a reply about this content."""
        (self.directory / "content").write_bytes(content)
        (self.directory / "given.tsr").write_bytes(reply)
        command = [
            "openssl",
            "ts",
            "-verify",
            "-data",
            "content",
            "-in",
            "given.tsr",
            "-CAfile",
            "ca.pem",
        ]
        return subprocess.run(command, cwd=self.directory, capture_output=True).returncode == 0

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.directory, check=True, capture_output=True)


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, root: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.CertificateBuilder:
    subject, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, "ca")
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=20))
        .not_valid_after(until)
    )


@contextmanager
def answering(answer: Answering) -> Iterator[str]:
    """The address of a server that answers a request's body so."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, content = answer(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            try:
                self.wfile.write(content)
            except OSError:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
