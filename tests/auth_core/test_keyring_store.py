"""Tokens in the system's keyring: cut to fit, whole or as before, and a clear word where there is no keyring."""

from __future__ import annotations

import copy
import itertools
import os
import pickle
import subprocess
import sys

import keyring
import pytest
from attrs import evolve
from auth_core import ConfigurationError, KeyringStore, Secret, StoreUnavailable, SystemClock, Token
from auth_core.clock import now
from auth_core.policy import Refusal
from auth_core.store import TokenRecord
from auth_core.store.keyring_documents import PIECE_CHARACTERS
from auth_core_testing import Canary
from keyring.backend import KeyringBackend
from keyring.backends import chainer, fail, null
from keyring.errors import KeyringLocked, PasswordDeleteError


class Killed(BaseException):
    """The process is no more."""


class Dictionary(KeyringBackend):
    """A keyring in memory, as strict as the strictest; it can be told when the process that uses it dies."""

    priority = 1

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.lives_for = itertools.repeat(True)

    def get_password(self, service, username):
        return self.entries.get((service, username))

    def set_password(self, service, username, password):
        self._live()
        assert password.isascii()
        assert 0 < len(password.encode("utf-16-le")) <= 2560, "what the Windows Credential Manager takes"
        assert username == "auth-core"
        self.entries[service, username] = password

    def delete_password(self, service, username):
        self._live()
        if (service, username) not in self.entries:
            raise PasswordDeleteError(service)
        del self.entries[service, username]

    def _live(self) -> None:
        if not next(self.lives_for, False):
            raise Killed


@pytest.fixture
def use_keyring(monkeypatch):
    def use(backend):
        monkeypatch.setattr(keyring.core, "_keyring_backend", backend)
        return backend

    return use


@pytest.fixture
def backend(use_keyring):
    return use_keyring(Dictionary())


@pytest.fixture
def make_store(backend, tmp_path):
    return lambda **options: KeyringStore(directory=tmp_path / "locks", **options)


def record(text: str, generation: int) -> TokenRecord:
    token = Token(access_token=Secret(text), issued=now(SystemClock()), grant="password", generation=generation)
    return TokenRecord(token, generation)


def save(store, wanted: TokenRecord) -> None:
    with store.lease("key", wait_seconds=5) as lease:
        lease.save(wanted)


SALT_ENTRIES, LONG_ENTRIES = 2, 6
"""A head and its pieces; what stands around a token takes a piece more."""
SHORT, LONG, LONGER = "s", "l" * 4 * PIECE_CHARACTERS, "o" * 7 * PIECE_CHARACTERS


@pytest.mark.parametrize("text", [SHORT, LONG, "ü" * PIECE_CHARACTERS, "\U0001f511" * 500])
def test_a_long_token_is_split_to_fit_every_keyring(backend, make_store, text):
    store = make_store()
    long = record(LONG, 1)
    save(store, evolve(long, token=evolve(long.token, refresh_token=Secret(text))))

    assert make_store().read("key").token.refresh_token == Secret(text)
    assert all(len(piece) <= PIECE_CHARACTERS for piece in backend.entries.values())


def test_nothing_but_the_last_record_is_kept(backend, make_store):
    """Whatever the lengths, in whatever order: as many entries as one writer needs who writes the last alone."""
    for texts in itertools.permutations([SHORT, LONG, LONGER]):
        store = make_store(service=f"all {texts.index(SHORT)}{texts.index(LONG)}")
        for generation, text in enumerate(texts, 1):
            save(store, record(text, generation))
        alone = make_store(service=f"alone {texts.index(SHORT)}{texts.index(LONG)}")
        save(alone, record(texts[-1], 1))
        count = {
            name: sum(service.startswith(f"{name}/") for service, _ in backend.entries)
            for name in (store.service, alone.service)
        }
        assert count[store.service] == count[alone.service]


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations([SHORT, LONG, LONGER], 2)))
def test_a_killed_writer_leaves_the_old_or_the_new_record(backend, make_store, old, new, caplog):
    """Other leftovers are removed soon afterwards."""
    store = make_store()
    save(store, record(old, 1))
    before = dict(backend.entries)
    for steps in itertools.count():
        backend.entries = dict(before)
        backend.lives_for = iter([True] * steps)
        try:
            save(make_store(), record(new, 2))
            finished = True
        except Killed:
            finished = False
        backend.lives_for = itertools.repeat(True)
        kept = make_store().read("key")
        assert (kept.generation, kept.token.access_token) in {(1, Secret(old)), (2, Secret(new))}

        save(make_store(), record(SHORT, 3))
        save(make_store(), record(LONG, 4))
        assert len(backend.entries) == SALT_ENTRIES + LONG_ENTRIES
        if finished:
            break
    assert steps > 3
    assert caplog.records == []


def test_forgotten_refusals_leave_nothing_behind(backend, make_store):
    store = make_store()
    assert store.salt
    before = set(backend.entries)
    store.add_refusal("login", Refusal(0.0, 400))
    store.add_refusal("login", Refusal(1.0, 400))
    store.forget_refusals("login")

    assert set(backend.entries) == before


@pytest.mark.parametrize("head", ["", "{", "[]", '["a"]', '["a", 1, "digest"]', '["c", 1, ""]', '["a", "1", ""]', "7"])
def test_an_unreadable_record_is_absent_with_one_warning_naming_it(backend, make_store, caplog, head):
    store = make_store()
    save(store, record(LONG, 1))
    [entry] = [entry for entry in backend.entries if "/token-" in entry[0] and "." not in entry[0]]
    backend.entries[entry] = head

    assert [store.read("key") for _ in range(3)] == [TokenRecord()] * 3
    assert len(caplog.records) == 1
    assert entry[0] in caplog.text
    save(store, record(SHORT, 2))
    assert store.read("key").generation == 2


@pytest.mark.parametrize(
    "harm", [lambda entries, name: entries.pop(name), lambda entries, name: entries.update({name: "x"})]
)
def test_a_record_that_lacks_a_piece_is_absent(backend, make_store, caplog, harm):
    store = make_store()
    save(store, record(LONG, 1))
    harm(backend.entries, next(entry for entry in backend.entries if entry[0].endswith(("a1", "b1"))))

    assert store.read("key") == TokenRecord()
    assert "counts as absent" in caplog.text


# --- machines without a keyring -------------------------------------------------------------------------------------


class Empty(chainer.ChainerBackend):
    backends = ()


@pytest.mark.parametrize("backend", [fail.Keyring, null.Keyring, Empty], ids=["fail", "null", "empty chainer"])
def test_a_machine_without_a_keyring_is_reported_what_to_use(use_keyring, backend):
    use_keyring(backend())

    with pytest.raises(ConfigurationError, match=r"no keyring that can be used.*Use a FileStore"):
        KeyringStore()


def test_a_missing_keyring_is_reported_with_the_alternatives(tmp_path):
    code = "from auth_core import KeyringStore; KeyringStore()"
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
    }
    finished = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )

    assert finished.stderr.splitlines()[-1].startswith(
        "auth_core.errors.ConfigurationError: this machine has no keyring"
    )


def test_a_possibly_cleartext_keyring_is_used_with_a_warning(use_keyring, make_store, backend, caplog):
    make_store()
    assert caplog.text == ""
    backend.priority = 0.5
    make_store()

    assert f"{backend.name} is not a keyring of the operating system" in caplog.text


@pytest.mark.parametrize("call", ["get_password", "set_password", "delete_password"])
@pytest.mark.parametrize(
    ("error", "text"),
    [(KeyringLocked("the user said no"), "KeyringLocked: the user said no"), (OSError("canary"), "failed: OSError$")],
    ids=["locked", "foreign"],
)
def test_a_keyring_that_refuses_is_unavailable(backend, make_store, monkeypatch, call, error, text):
    store = make_store()
    save(store, record(SHORT, 1))

    def refuse(*arguments):
        raise error

    monkeypatch.setattr(backend, call, refuse)
    with pytest.raises(StoreUnavailable, match=text):
        save(store, record(SHORT, 2))


@pytest.mark.parametrize("missing", ["filelock", "keyring", "platformdirs"])
def test_without_the_extra_the_constructor_says_what_to_install(monkeypatch, missing, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(ConfigurationError, match=rf'{missing} is not .* pip install "auth-core\[keyring\]"'):
        KeyringStore(directory=tmp_path)


# --- as an object ---------------------------------------------------------------------------------------------------


def test_a_copy_is_the_same_store_and_pickles_reopen_it(make_store):
    """The pickle is a store of the same entries."""
    store = make_store(service="mine")
    save(store, record(SHORT, 1))
    again = pickle.loads(pickle.dumps(store))

    assert copy.copy(store) is copy.deepcopy(store) is store
    assert (again.service, again.directory) == (store.service, store.directory)
    assert again.read("key").generation == 1


def test_stores_of_different_services_share_nothing(make_store):
    save(make_store(service="one"), record(SHORT, 1))

    assert make_store(service="two").read("key") == TokenRecord()


def test_names_of_entries_and_the_lock_files_give_nothing_away(backend, make_store, tmp_path):
    canary = Canary()
    store = make_store()
    canary.add("salt", store.salt.hex())
    with store.lease(canary.secret("key"), wait_seconds=5) as lease:
        lease.save(record(canary.secret("access"), 1))
        canary.show(*((path.name, path.read_text()) for path in (tmp_path / "locks").iterdir()))
    canary.show(store, *backend.entries)

    assert canary.leaks() == []


def test_lock_files_are_separate_from_those_of_file_stores(backend, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert KeyringStore().directory == str(tmp_path / "auth-core" / "keyring-locks")


# --- a real keyring, many processes ---------------------------------------------------------------------------------

WORK = """
import sys
from auth_core import KeyringStore
from auth_core.store import TokenRecord
store = KeyringStore(directory=sys.argv[1])
for _ in range(5):
    with store.lease("key", wait_seconds=60) as lease:
        lease.save(TokenRecord(lease.load().token, lease.load().generation + 1))
print(store.salt.hex(), store)
"""


def test_many_processes_share_one_keyring_and_lose_nothing(monkeypatch, use_keyring, tmp_path):
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
    monkeypatch.setenv("KEYRING_PROPERTY_FILE_PATH", str(tmp_path / "keyring.cfg"))
    use_keyring(None)  # found anew, as in the processes
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", WORK, str(tmp_path / "locks")]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    told = {worker.communicate(timeout=100)[0] for worker in workers}
    store = KeyringStore(directory=tmp_path / "locks")

    assert told == {f"{store.salt.hex()} {store}\n"}
    assert store.read("key").generation == 30
