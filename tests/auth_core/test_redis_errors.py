"""What is wrong with a Redis is reported: where, what, and what to do; never a password."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Generator
from contextlib import contextmanager

import pytest
import redis
from auth_core import RedisStore, StoreUnavailable
from auth_core.policy import Refusal
from auth_core.store.redis_server import ACL

from support.redis_servers import RedisProcess, free_port, running_redis
from support.tcp_proxy import tcp_proxy


@pytest.fixture(scope="module")
def server():
    with running_redis() as running:
        yield running


@pytest.fixture(autouse=True)
def quick_reconnects(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("auth_core.store.redis_server.RECONNECT_FIRST_SECONDS", 0.01)


@pytest.fixture
def network(server: RedisProcess):
    """The way to the server; empty before each test."""
    server.client().flushall()
    with tcp_proxy(server.port) as proxy:
        yield proxy


@contextmanager
def responding(line: str) -> Generator[int]:
    """The port of a server that responds with every command with one line."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            while self.request.recv(65536):
                self.request.sendall(f"{line}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()
            thread.join()


RESPONSES = {
    "-LOADING Redis is loading the dataset in memory": "loading its data",
    "-MISCONF Redis is configured to save RDB snapshots": "MISCONF",
    "-MOVED 3999 127.0.0.1:6381": "one node of a cluster; give RedisStore a redis.RedisCluster client",
    "-ASK 3999 127.0.0.1:6381": "one node of a cluster; give RedisStore a redis.RedisCluster client",
    "-CLUSTERDOWN The cluster is down": "failed: ClusterDown",
    "-ERR Error running script (call to f_0): @user_script:3: -OOM command not allowed": "no memory left",
    "-ERR Error running script (call to f_0): @user_script:3: -READONLY You can't write": "a replica",
    "-ERR ACL failure in script: this user has no permissions": "does not allow this user",
    "-NOAUTH Authentication required.": "refuses the user name or password",
    "?what": "failed",
}


@pytest.mark.parametrize("line", RESPONSES)
def test_a_response_that_is_an_error_is_reported_in_words(line):
    with responding(line) as port:
        store = RedisStore(f"redis://127.0.0.1:{port}")
        with pytest.raises(StoreUnavailable, match=f"^Redis at 127.0.0.1:{port} .*{RESPONSES[line]}") as failure:
            store.read("key")

    assert failure.value.__context__ is None
    assert failure.value.request_sent is False


def test_a_wrong_password_is_reported_without_it(server):
    store = RedisStore(f"redis://:geheim@{server.address}")
    with pytest.raises(StoreUnavailable, match="refuses the user name or password; check") as failure:
        store.read("key")

    assert "geheim" not in str(failure.value)


def test_nobody_there_is_reported(server):
    port = free_port()
    with pytest.raises(StoreUnavailable, match=f"Redis at 127.0.0.1:{port} cannot be reached; check"):
        RedisStore(f"redis://127.0.0.1:{port}").read("key")


def test_silence_is_reported_and_not_waited_for_twice(server, network):
    network.set("hangs")
    with pytest.raises(StoreUnavailable, match="does not respond"):
        RedisStore(f"redis://127.0.0.1:{network.port}?socket_timeout=0.2").read("key")
    assert network.connections == 1


def test_a_replica_is_reported_and_its_name_looked_up_again(server, network):
    client = server.client()
    store = RedisStore(f"redis://:{server.password}@127.0.0.1:{network.port}")
    client.execute_command("REPLICAOF", "127.0.0.1", "1")
    try:
        with pytest.raises(StoreUnavailable, match="is a replica"):
            store.forget("key")
    finally:
        client.execute_command("REPLICAOF", "NO", "ONE")
    store.forget("key")

    assert network.connections == 2


def test_a_full_memory_is_reported_and_reading_goes_on(server):
    client = server.client()
    store = RedisStore(server.url, prefix="full")
    assert store.salt
    client.config_set("maxmemory", 1)
    try:
        with pytest.raises(StoreUnavailable, match="no memory left"):
            store.add_refusal("login", Refusal(1.0, 401))
        store.forget("key")
        assert store.read("key").token is None
        assert store.salt
    finally:
        client.config_set("maxmemory", 0)


def test_the_acl_rights_in_the_error_suffice_and_fewer_fail(server):
    client = server.client()
    client.execute_command("ACL", "SETUSER", "tokens", "on", ">geheim", "~auth-core:*", *ACL.split())
    client.execute_command("ACL", "SETUSER", "reader", "on", ">geheim", "~auth-core:*", "+@read", "+@connection")
    store = RedisStore(f"redis://tokens:geheim@{server.address}")
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(lease.load())
    store.add_refusal("login", Refusal(1.0, 401))
    store.forget_refusals("login")
    store.forget("key")

    assert store.refusals("login") == ()
    with pytest.raises(StoreUnavailable, match=r"does not allow this user .* \+@scripting"):
        RedisStore(f"redis://reader:geheim@{server.address}").read("key")
    with pytest.raises(StoreUnavailable, match=r"does not allow this user .* \+@scripting"):
        RedisStore(f"redis://tokens:geheim@{server.address}", prefix="foreign").forget("key")


def test_a_pool_in_full_use_is_reported(server):
    pool = redis.ConnectionPool(port=server.port, password=server.password, max_connections=1)
    with redis.Redis(connection_pool=pool) as client, client.client() as busy:
        busy.ping()
        with pytest.raises(StoreUnavailable, match="max_connections"):
            RedisStore(client).read("key")
    pool.disconnect()


@pytest.fixture(scope="module")
def encrypted():
    with running_redis(encrypted=True) as running:
        yield running


def test_a_tls_server_works_when_its_certificate_is_trusted(encrypted):
    store = RedisStore(f"{encrypted.url}?ssl_ca_certs={encrypted.certificate}")
    store.add_refusal("alice", Refusal(1.0, 400))
    _, again = (store._server.after_fork_in_child(), store.refusals("alice"))

    assert [refusal.status for refusal in again] == [400]


def test_an_untrusted_certificate_is_reported_without_the_password(encrypted):
    with pytest.raises(StoreUnavailable, match="certificate") as failure:
        RedisStore(encrypted.url).read("key")

    assert encrypted.password not in str(failure.value)


def test_a_plaintext_connection_to_a_tls_server_is_reported(encrypted):
    with pytest.raises(StoreUnavailable, match=f"Redis at {encrypted.address}"):
        RedisStore(encrypted.url.replace("rediss:", "redis:")).read("key")
