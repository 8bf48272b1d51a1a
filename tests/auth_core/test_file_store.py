"""Tokens in files: private, whole or absent, and honest about what the system refuses."""

from __future__ import annotations

import copy
import errno
import logging
import os
import pickle
import shlex
import shutil
import stat
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest
from auth_core import (
    ConfigurationError,
    FileStore,
    InsecureStore,
    Secret,
    StoreUnavailable,
    SystemClock,
    Token,
)
from auth_core.clock import now
from auth_core.policy import Refusal
from auth_core.store import TokenRecord, private_directory
from auth_core_testing import Canary

from support.full_disk import files_of_at_most


def token(text: str = "access", **fields) -> Token:
    return Token(access_token=Secret(text), issued=now(SystemClock()), lifetime=3600.0, grant="password", **fields)


def save(store: FileStore, record: TokenRecord, key: str = "key") -> None:
    with store.lease(key, wait_seconds=5) as lease:
        lease.save(record)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def document(store: FileStore) -> Path:
    """The one file with a record."""
    [path] = [path for path in Path(store.directory).glob("token-*") if path.suffix == ""]
    return path


@contextmanager
def umask(mask: int):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@pytest.fixture
def store(tmp_path) -> FileStore:
    return FileStore(tmp_path / "store")


# --- private --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o277, 0o777])
def test_modes_are_0700_and_0600_under_any_umask(tmp_path, mask):
    """0700 for the directory, 0600 for every file."""
    with umask(mask):
        store = FileStore(tmp_path / "new" / "store")
        save(store, TokenRecord(token(), 1))
        store.add_refusal("login", Refusal(0.0, 400))
        with store.login_turn("login", at_most=1, wait_seconds=5):
            pass
    files = list(Path(store.directory).iterdir())

    assert mode(Path(store.directory)) == mode(tmp_path / "new") == 0o700
    assert len(files) == 6
    assert {mode(path) for path in files} == {0o600}


@pytest.mark.parametrize("wide", [0o750, 0o705, 0o701, 0o770, 0o777])
def test_a_directory_open_to_others_is_refused_with_a_fix(store, wide):
    """The fix is the command to run."""
    save(store, TokenRecord(token(), 1))
    Path(store.directory).chmod(wide)
    with pytest.raises(InsecureStore, match=f"has mode {wide:04o}") as failure:
        store.read("key")
    command = str(failure.value).partition("Run: ")[2]
    subprocess.run(shlex.split(command), check=True)

    assert store.read("key").token is not None


@pytest.mark.parametrize("name", ["salt", "token", "token.lock", "write.lock"])
@pytest.mark.parametrize("wide", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_a_file_open_to_others_is_refused_with_a_fix(tmp_path, name, wide):
    """The fix is the command to run."""
    save(FileStore(tmp_path / "it's mine"), TokenRecord(token(), 1))
    store = FileStore(tmp_path / "it's mine")
    record = document(store)
    path = record.with_name(name.replace("token", record.name))
    path.chmod(wide)
    with pytest.raises(InsecureStore, match=f"has mode {wide:04o}") as failure:
        save(store, TokenRecord(token("new"), 2))
    command = shlex.split(str(failure.value).partition("Run: ")[2])
    subprocess.run(command, check=True)

    assert command == ["chmod", "600", str(path)]
    save(store, TokenRecord(token("new"), 2))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("which", ["directory", "file"])
def test_what_belongs_to_another_user_is_refused(store, which):
    save(store, TokenRecord(token(), 1))
    os.chown(store.directory if which == "directory" else document(store), 12345, -1)

    told = "belongs to user 12345, but this process runs as user 0; .* Run this as user 12345, or use another directory"
    with pytest.raises(InsecureStore, match=told):  # a chown by root would lock the owner out
        store.read("key")


def test_a_symbolic_link_in_place_of_the_directory_is_refused(store, tmp_path):
    save(store, TokenRecord(token(), 1))
    link = tmp_path / "link"
    link.symlink_to(store.directory)

    with pytest.raises(InsecureStore, match=f"{link} is a symbolic link"):
        FileStore(link).read("key")


def test_a_symbolic_link_that_leads_nowhere_is_refused_too(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")

    with pytest.raises(InsecureStore, match="is a symbolic link"):
        FileStore(tmp_path / "link").read("key")


@pytest.mark.parametrize("suffix", ["", ".lock"])
def test_a_symbolic_link_as_file_is_neither_read_nor_written(store, tmp_path, suffix):
    save(store, TokenRecord(token(), 1))
    path = document(store).with_name(document(store).name + suffix)
    target = tmp_path / "target"
    target.write_bytes(path.read_bytes())
    target.chmod(0o600)
    path.unlink()
    path.symlink_to(target)

    with pytest.raises(InsecureStore, match="is a symbolic link"):
        save(store, TokenRecord(token("new"), 2))
    assert b"new" not in target.read_bytes()


def test_a_link_at_a_temporary_file_is_not_followed(store, tmp_path):
    save(store, TokenRecord(token(), 1))
    target = tmp_path / "target"
    target.write_text("precious")
    document(store).with_suffix(private_directory.UNFINISHED).symlink_to(target)
    save(store, TokenRecord(token("new"), 2))

    assert target.read_text() == "precious"
    assert store.read("key").token.access_token == Secret("new")


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_a_special_file_is_refused_without_blocking(store, make):
    save(store, TokenRecord(token(), 1))
    path = document(store)
    path.unlink()
    make(path, 0o600)

    with pytest.raises(InsecureStore, match="is not a regular file"):
        store.read("key")


def test_a_file_where_the_directory_should_be_is_reported(tmp_path):
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationError, match="not a directory"):
            FileStore(path).read("key")


def test_file_names_and_the_store_repr_reveal_no_secret(store):
    canary = Canary()
    key = canary.secret("key")
    access, refresh = canary.secret("access"), canary.secret("refresh")
    save(store, TokenRecord(token(access, refresh_token=Secret(refresh)), 1), key)
    store.add_refusal(canary.secret("fingerprint"), Refusal(0.0, 400))
    canary.add("salt", store.salt.hex())
    canary.show(store, [path.name for path in Path(store.directory).iterdir()])
    canary.show(*(path.read_text() for path in Path(store.directory).glob("*.lock")))

    assert str(store) == f"files in {store.directory}"
    assert canary.leaks() == []


def test_names_in_two_stores_have_nothing_in_common(tmp_path):
    """Nobody who knows a password can look whether it was used here."""
    stores = [FileStore(tmp_path / name) for name in ("one", "other")]
    for store in stores:
        save(store, TokenRecord(token(), 1))
        store.add_refusal("fingerprint", Refusal(0.0, 400))
    one, other = ({path.name for path in Path(store.directory).iterdir()} for store in stores)

    assert one & other == {"salt", "write.lock"}
    assert len(one) == len(other) == 5


# --- whole or absent ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff\xfe", b"null", b"[]", b'{"version":99,"generation":1}', b"[" * 100_000, b"\0" * 400],
    ids=["empty", "cut", "binary", "null", "list", "newer version", "deep", "zeros"],
)
def test_an_unreadable_record_is_absent_with_one_warning_naming_it(store, content, caplog):
    save(store, TokenRecord(token(), 3))
    path = document(store)
    path.write_bytes(content)

    assert [store.read("key") for _ in range(3)] == [TokenRecord()] * 3
    [warning] = caplog.records
    assert (warning.name, warning.levelno) == ("auth_core", logging.WARNING)
    assert str(path) in warning.getMessage()
    save(store, TokenRecord(token(), 1))
    assert store.read("key").generation == 1


def test_a_save_syncs_the_file_before_and_directory_after_renaming(store, monkeypatch):
    """Else a machine that loses power might come back with a name that leads to nothing, or to the spent token."""
    store.read("key")
    fsync, replace, steps = os.fsync, os.replace, []

    def noted_fsync(descriptor):
        steps.append("directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def noted_replace(*names, **directories):
        steps.append("name")
        replace(*names, **directories)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    save(store, TokenRecord(token(), 1))

    assert steps == ["file", "name", "directory"]


def test_every_cut_of_a_record_is_absent(store):
    save(store, TokenRecord(token(), 3))
    path = document(store)
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        assert store.read("key") == TokenRecord()


def test_a_changed_letter_makes_no_token(store, caplog):
    save(store, TokenRecord(token(), 3))
    path = document(store)
    issued = token().access_token.reveal()
    path.write_text(path.read_text().replace(f'"{issued}"', f'"{issued[:-1]}~"'))

    assert store.read("key") == TokenRecord()
    assert "was damaged" in caplog.text
    assert f"{issued[:-1]}~" not in caplog.text


def test_a_salt_that_cannot_be_understood_is_made_anew(store, caplog):
    before = store.salt
    path = Path(store.directory) / "salt"
    path.write_text("not hex")
    after = FileStore(store.directory).salt

    assert after != before
    assert FileStore(store.directory).salt == after
    assert str(path) in caplog.text


def test_refusals_that_cannot_be_understood_are_none(store, caplog):
    store.add_refusal("login", Refusal(0.0, 400))
    [path] = Path(store.directory).glob("refusals-*")
    path.write_text("?")

    assert store.refusals("login") == ()
    store.add_refusal("login", Refusal(1.0, 400))
    assert len(store.refusals("login")) == 1


def test_a_directory_that_was_deleted_is_made_again(store):
    save(store, TokenRecord(token(), 1))
    shutil.rmtree(store.directory)

    assert store.read("key") == TokenRecord()
    save(store, TokenRecord(token(), 1))
    assert store.read("key").generation == 1


def test_what_killed_writers_left_behind_is_deleted(store):
    save(store, TokenRecord(token(), 1))
    left = [Path(store.directory) / f"{name}{private_directory.UNFINISHED}" for name in ("token-a", "refusals-b")]
    for path in left:
        path.write_text("half a secret")
    save(FileStore(store.directory), TokenRecord(token(), 2))

    assert not any(path.exists() for path in left)


def test_the_working_directory_may_change(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    store = FileStore("store")
    save(store, TokenRecord(token(), 1))
    monkeypatch.chdir("/")

    assert store.read("key").generation == 1
    assert store.directory == str(tmp_path / "store")


# --- what the system refuses ----------------------------------------------------------------------------------------


def test_a_full_disk_keeps_the_old_record_without_leftovers(store):
    save(store, TokenRecord(token("old"), 1))
    with files_of_at_most(100), pytest.raises(StoreUnavailable, match="could not be written: File too large"):
        save(store, TokenRecord(token("new"), 2))

    assert store.read("key").token.access_token == Secret("old")
    assert not list(Path(store.directory).glob(f"*{private_directory.UNFINISHED}"))


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EIO, errno.EDQUOT])
def test_every_os_error_names_the_file_and_changes_nothing(store, monkeypatch, call, number):
    save(store, TokenRecord(token("old"), 1))
    path = document(store)

    def refuse(*arguments, **options):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patched:
        patched.setattr(os, call, refuse)
        with pytest.raises(StoreUnavailable, match=f"{path} could not be written: {os.strerror(number)}"):
            save(store, TokenRecord(token("new"), 2))

    assert store.read("key").token.access_token == Secret("old")
    assert not list(Path(store.directory).glob(f"*{private_directory.UNFINISHED}"))


READ_ONLY = """
import os, sys
from auth_core import FileStore, StoreUnavailable
FileStore(sys.argv[1])  # nothing can be imported later: the sources may be root's alone
if os.geteuid() == 0:
    os.setgid(65534), os.setuid(65534)
for act in (
    lambda store: store.salt,
    lambda store: store.lease("key", wait_seconds=1).__enter__(),
    lambda store: store.forget("key"),
    lambda store: store.add_refusal("login", None),
):
    try:
        act(FileStore(sys.argv[1]))
    except StoreUnavailable as error:
        print(error)
"""


@pytest.mark.parametrize("place", ["below", "itself"])
def test_a_place_where_this_user_may_write_nothing_is_unavailable(place):
    here = Path("/tmp") / f"read-only-{os.getpid()}"
    here.mkdir(0o500)
    try:
        if os.geteuid() == 0:
            os.chown(here, 65534, 65534)
        path = here / "store" if place == "below" else here
        command = [sys.executable, "-W", "error", "-c", READ_ONLY, str(path)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
        finished = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    finally:
        here.rmdir()

    assert finished.stderr == ""
    assert finished.stdout.count(str(path)) >= 4
    assert finished.stdout.count("Permission denied") == 4


def test_a_directory_that_cannot_be_synced_does_not_matter(store, monkeypatch):
    real = os.fsync

    def fsync(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "Invalid argument")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    save(store, TokenRecord(token(), 1))

    assert store.read("key").generation == 1


def test_windows_retries_while_a_reader_has_the_file_open(store, monkeypatch):
    pauses = []
    real, refusals = os.replace, [PermissionError(errno.EACCES, "Access is denied")] * 10

    def replace(*arguments, **options):
        if refusals:
            raise refusals.pop()
        real(*arguments, **options)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(private_directory, "POSIX", False)
    monkeypatch.setattr(private_directory.time, "sleep", pauses.append)
    store._documents.replace("name", b"content")

    assert store._documents.read("name") == b"content"
    assert pauses == list(private_directory.WINDOWS_PAUSES_SECONDS)
    assert sum(pauses) < 2


def test_windows_is_not_asked_for_ever(store, monkeypatch):
    def replace(*arguments, **options):
        raise PermissionError(errno.EACCES, "Access is denied")

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(private_directory, "POSIX", False)
    monkeypatch.setattr(private_directory.time, "sleep", lambda seconds: None)

    with pytest.raises(StoreUnavailable, match="Access is denied"):
        store._documents.replace("name", b"content")


# --- as an object ---------------------------------------------------------------------------------------------------


def test_a_copy_is_the_same_store_and_pickles_reopen_it(store):
    """The pickle is a store of the same directory."""
    again = pickle.loads(pickle.dumps(store))

    assert copy.copy(store) is copy.deepcopy(store) is store
    assert (again.directory, again.salt) == (store.directory, store.salt)
    assert Secret("x") not in vars(again).values()
    assert store.salt not in pickle.dumps(store)


def test_the_default_directory_is_the_platforms_state_directory(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))

    assert FileStore().directory == str(tmp_path / "auth-core" / "tokens")
    assert list(tmp_path.iterdir()) == []  # made when first needed


def test_a_user_without_a_home_is_asked_for_a_directory(monkeypatch):
    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda number: (_ for _ in ()).throw(KeyError(number)))

    with pytest.raises(ConfigurationError, match="no home directory"):
        FileStore()


@pytest.mark.parametrize("missing", ["filelock", "platformdirs"])
def test_without_the_extra_the_constructor_says_what_to_install(monkeypatch, missing, tmp_path):
    monkeypatch.setitem(sys.modules, missing, None)

    with pytest.raises(ConfigurationError, match=rf'{missing} is not .* pip install "auth-core\[file\]"'):
        FileStore(tmp_path)


def test_a_home_may_be_written_as_a_tilde(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))

    assert FileStore("~/tokens").directory == str(tmp_path / "tokens")
