"""A real Redis for a test: a separate process on a free loopback port, with a password, stopped afterwards."""

from __future__ import annotations

import secrets
import socket
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from support.programs import program

ATTEMPTS = 5
"""Another process may take the free port before the server does."""
START_SECONDS = 20.0


class RedisProcess:
    """One ``redis-server``. Nothing is kept on disk unless ``persistent``."""

    def __init__(
        self, folder: Path, *, persistent: bool = False, cluster: bool = False, encrypted: bool = False
    ) -> None:
        self.folder = folder
        self.password = f"redis-{secrets.token_hex(8)}"
        self.persistent = persistent
        self.cluster = cluster
        self.encrypted = encrypted
        self.port = 0
        self._guard: subprocess.Popen[str] | None = None
        self._process_id = 0

    @property
    def url(self) -> str:
        scheme = "rediss" if self.encrypted else "redis"
        return f"{scheme}://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def certificate(self) -> Path:
        """The self-signed certificate of an encrypted server."""
        return self.folder / "redis.crt"

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def client(self, **options: Any) -> redis.Redis:
        """A client for the test to inspect the server with."""
        if self.encrypted:
            options |= {"host": "127.0.0.1", "ssl": True, "ssl_ca_certs": str(self.certificate)}
        return redis.Redis(port=self.port, password=self.password, protocol=2, **options)

    def start(self) -> None:
        """Start, and wait until it responds. After :meth:`kill` on the same port."""
        executable = program("redis-server")
        fixed = self.port
        for _ in range(ATTEMPTS):
            self.port = fixed or free_port()
            self._launch(executable)
            if self._responses():
                return
            self.kill()
        message = f"redis-server did not start: {(self.folder / 'redis.log').read_text()[-2000:]}"
        raise RuntimeError(message)

    def _launch(self, executable: str) -> None:
        configuration = self.folder / "redis.conf"
        lines = [
            "bind 127.0.0.1",
            *(self._encrypted() if self.encrypted else [f"port {self.port}"]),
            f"requirepass {self.password}",
            f"dir {self.folder}",
            f"logfile {self.folder / 'redis.log'}",
            'save ""',
            f"appendonly {'yes' if self.persistent else 'no'}",
            "appendfsync always",
        ]
        if self.cluster:
            lines += ["cluster-enabled yes", f"cluster-port {free_port()}", "cluster-announce-ip 127.0.0.1"]
        configuration.write_text("\n".join(lines) + "\n")
        configuration.chmod(0o600)
        # The shell ends the server when this process ends for any reason, which closes the shell's standard input.
        script = '"$0" "$1" & echo $!; cat; kill -9 $!'
        command = ["sh", "-c", script, executable, str(configuration)]
        self._guard = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._guard.stdout is not None
        self._process_id = int(self._guard.stdout.readline())

    def _encrypted(self) -> list[str]:
        key = self.folder / "redis.key"
        if not key.exists():
            write_certificate(self.certificate, key)
        files = [f"tls-cert-file {self.certificate}", f"tls-key-file {key}", f"tls-ca-cert-file {self.certificate}"]
        return ["port 0", f"tls-port {self.port}", *files, "tls-auth-clients no"]

    def _responses(self) -> bool:
        deadline = time.monotonic() + START_SECONDS
        with self.client(retry=None, socket_timeout=5) as client:
            while time.monotonic() < deadline:
                try:
                    return client.info("server")["process_id"] == self._process_id
                except redis.RedisError:
                    time.sleep(0.02)
        return False

    def kill(self) -> None:
        """Kill the server as a crash would; its files are kept."""
        if self._guard is not None:
            self._guard.communicate()
            self._guard = None

    def restart(self) -> None:
        self.kill()
        self.start()


@contextmanager
def running_redis(
    *, persistent: bool = False, cluster: bool = False, encrypted: bool = False
) -> Generator[RedisProcess]:
    """Run a server for the duration of the block."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = RedisProcess(Path(folder), persistent=persistent, cluster=cluster, encrypted=encrypted)
        try:
            server.start()
            yield server
        finally:
            server.kill()


def write_certificate(certificate: Path, key: Path) -> None:
    """A certificate for this machine's loopback address, signed by itself, for an hour."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "a redis of the tests")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(signed.public_bytes(Encoding.PEM))
    key.touch(0o600)
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def free_port() -> int:
    """A loopback port that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
