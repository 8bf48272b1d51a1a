"""The canary finds a secret in every form and in every place in which programs show one."""

from __future__ import annotations

import base64
import json
import logging
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from attrs import field, frozen
from auth_core_testing import Canary
from auth_core_testing.inspection import child_texts


@pytest.mark.parametrize("user", ["", "a", "ab", "abc", "alice"])
@pytest.mark.parametrize("secret", ["correct horse battery staple", "gärtner\n\"s\\x'", "a/b+c&d%"])
@pytest.mark.parametrize(
    "form",
    [
        lambda user, secret: secret,
        lambda user, secret: {user: secret},
        lambda user, secret: urlencode({user: secret}),
        lambda user, secret: quote(f"{user}/{secret}", safe=""),
        lambda user, secret: json.dumps({user: secret}),
        lambda user, secret: f"{user}{secret}".encode().decode("latin-1"),
        lambda user, secret: base64.b64encode(f"{user}:{secret}".encode()).decode(),
        lambda user, secret: base64.b64encode(f"{user}:{secret}:and more".encode()).decode(),
    ],
)
def test_every_form_is_found(user, secret, form):
    canary = Canary()
    canary.show(form(user, canary.add("password", secret)))

    assert canary.leaks() != []


class Plain:
    def __init__(self, secret):
        self.secret = secret


@frozen(repr=False)
class Fields:
    secret: str = field(repr=False)


@dataclass(repr=False)
class Data:
    secret: str


@pytest.mark.parametrize("kind", [Plain, Fields, Data, lambda secret: [{"of a field": Fields(secret)}]])
@pytest.mark.parametrize("kept_in", ["itself", "an error", "a frame"])
def test_what_a_repr_leaves_out_is_found(kind, kept_in):
    canary = Canary()
    thing = kind(canary.secret("password"))
    if kept_in == "itself":
        canary.show(thing)
    else:
        canary.show(_raised(thing, as_argument=kept_in == "an error"))

    assert (canary.leaks() != []) is not (kind is Plain and kept_in == "a frame")


def _raised(thing, *, as_argument):
    try:
        raise ValueError(thing if as_argument else "")
    except ValueError as error:
        return error


def test_what_is_no_secret_is_not_found():
    canary = Canary()
    canary.add("password", "correct horse battery staple")
    canary.show("correct horse", base64.b64encode(b"alice:correct horse").decode())

    assert canary.leaks() == []
    canary.check()


def test_leaks_name_the_secret_and_its_location_without_its_value():
    canary = Canary()
    secret = canary.secret("password")
    canary.record("the response", f"<p>{secret}</p>")
    with pytest.raises(AssertionError) as error:
        canary.check()

    assert str(error.value) == "secrets were exposed:\n  password in the response"


# --- logs -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def stubborn():
    """A logger that keeps to itself and is told to be quiet."""
    logger = logging.getLogger("stubborn.below")
    logger.propagate, logger.disabled = False, True
    logger.setLevel(logging.ERROR)
    yield logger
    logger.propagate, logger.disabled = True, False
    logger.setLevel(logging.NOTSET)


def test_every_logger_captures_debug_and_is_restored_afterwards(stubborn):
    canary = Canary()
    secret = canary.secret("password")
    handlers = list(stubborn.handlers)
    logging.disable(logging.CRITICAL)
    try:
        with canary.watching():
            stubborn.debug("it is %s", secret)
            logging.getLogger("new one").debug("it is %s", secret)
        stubborn.debug("again: %s", secret)
        assert logging.root.manager.disable == logging.CRITICAL
    finally:
        logging.disable(logging.NOTSET)

    places = {leak.partition(" in ")[2] for leak in canary.leaks()}
    assert {"a log record of stubborn.below", "a log record of new one"} <= places
    assert (stubborn.level, stubborn.disabled, stubborn.handlers) == (logging.ERROR, True, handlers)
    assert canary.seen().count(secret) == 4  # each: message and arguments


def test_loggers_of_a_server_in_the_process_can_be_excluded():
    canary = Canary()
    secret = canary.secret("password")
    canary.ignore_loggers("server")
    with canary.watching():
        logging.getLogger("server").debug(secret)
        logging.getLogger("server.access").debug(secret)
        logging.getLogger("servers").debug(secret)

    assert canary.leaks() == ["password in a log record of servers"]


def test_attributes_of_a_log_record_are_searched_like_its_message():
    canary = Canary()
    secret = canary.secret("password")

    def fail(password: str) -> None:
        raise ValueError("no")

    with canary.watching():
        try:
            fail(secret)
        except ValueError:
            logging.getLogger("app").exception("it failed")

    assert "password in the local password of fail() in the traceback of ValueError in a log record of app" in (
        canary.leaks()
    )


# --- exceptions -----------------------------------------------------------------------------------------------------


def raised(act, *arguments) -> BaseException:
    try:
        act(*arguments)
    except BaseException as error:
        return error
    raise AssertionError("nothing was raised")


def in_text(secret):
    raise ValueError(f"wrong: {secret}")


def in_note(secret):
    error = ValueError("no")
    error.add_note(secret)
    raise error


def in_attribute(secret):
    error = ValueError("no")
    error.request = {"body": secret}
    raise error


def in_frame(secret):
    raise ValueError("no")


def in_cause(secret):
    try:
        in_frame(secret)
    except ValueError as error:
        del secret
        raise RuntimeError("outer") from error


def in_hidden_context(secret):
    try:
        in_frame(secret)
    except ValueError:
        del secret
        raise RuntimeError("outer") from None


def in_group(secret):
    one = raised(in_cause, secret)
    del secret
    raise ExceptionGroup("several", [KeyError("x"), ExceptionGroup("inner", [one])])


@pytest.mark.parametrize("act", [in_text, in_note, in_attribute, in_frame, in_cause, in_hidden_context, in_group])
def test_whatever_is_behind_an_exception_is_looked_at(act):
    canary = Canary()
    canary.show(raised(act, canary.secret("password")))

    assert canary.leaks() != []


def test_the_variables_of_those_who_look_are_their_own():
    canary = Canary()
    password = canary.secret("password")
    try:
        raise ValueError("no")
    except ValueError as error:
        canary.show(error)

    assert password
    assert canary.leaks() == []


def test_an_exception_behind_itself_ends():
    error = ValueError("no")
    error.__context__ = RuntimeError("other")
    error.__context__.__context__ = error
    canary = Canary()
    canary.secret("password")
    canary.show(error)

    assert canary.leaks() == []


# --- files ----------------------------------------------------------------------------------------------------------


def test_files_and_their_names_are_looked_at(tmp_path):
    canary = Canary()
    secret = canary.secret("token")
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "cache.bin").write_bytes(b"\x00\xff" + secret.encode() + b"\xfe")
    (tmp_path / f"{secret}.json").write_text("{}")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    canary.search_below(tmp_path)

    assert [leak.split(" (")[0] for leak in canary.leaks()] == [
        f"token in the file {tmp_path / 'below' / 'cache.bin'}",
        "token in the name of a file",
    ]


@pytest.mark.parametrize(("mode", "leaks"), [(0o600, 0), (0o640, 1), (0o604, 1), (0o622, 1)])
def test_a_store_may_keep_tokens_in_private_files(tmp_path, mode, leaks):
    canary = Canary()
    store = tmp_path / "tokens.json"
    store.write_text(canary.secret("token"))
    store.chmod(mode)
    canary.search_below(tmp_path, private_is_fine=True)

    assert len(canary.leaks()) == leaks


# --- processes ------------------------------------------------------------------------------------------------------

QUIET = {"PATH": os.defpath}


@pytest.mark.parametrize("place", ["arguments", "environment"])
def test_what_a_process_is_started_with_is_heard(place):
    canary = Canary()
    secret = canary.secret("password")
    options = [secret] if place == "arguments" else []
    environment = {**QUIET, "PASSWORD": secret} if place == "environment" else QUIET
    with canary.watching():
        subprocess.run([sys.executable, "-S", "-c", "pass", *options], env=environment, check=True)
    subprocess.run([sys.executable, "-S", "-c", "pass", secret], env=QUIET, check=True)

    assert set(canary.leaks()) == {f"password in the {place} of a process that was started"}


def test_an_environment_that_is_inherited_is_one_too(monkeypatch):
    canary = Canary()
    monkeypatch.setenv("PASSWORD", canary.secret("password"))
    with canary.watching():
        subprocess.run([sys.executable, "-S", "-c", "pass"], check=True)

    assert canary.leaks() == ["password in the environment of a process that was started"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no /proc")
def test_running_children_are_looked_at():
    canary = Canary()
    secret = canary.secret("password")
    command = [sys.executable, "-S", "-c", "print('up', flush=True); input()", secret]
    with subprocess.Popen(
        command, env={**QUIET, "PASSWORD": secret}, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        canary.inspect_processes()
        child.communicate(b"\n")

    assert set(canary.leaks()) == {
        f"password in the arguments of the child process {child.pid}",
        f"password in the environment of the child process {child.pid}",
    }


def test_a_system_without_a_list_of_processes_is_reported(tmp_path, monkeypatch):
    canary = Canary()
    monkeypatch.setattr("auth_core_testing.canary.child_texts", lambda: list(child_texts(tmp_path)))
    canary.inspect_processes()

    assert canary.skipped == [f"process arguments and environments: there is no {tmp_path / str(os.getpid())}"]


# --- the fixture ----------------------------------------------------------------------------------------------------

TESTS = """
import logging, subprocess, sys
from auth_core_testing import Canary

def test_good(canary, tmp_path):
    password = canary.secret("password")
    (tmp_path / "store").write_text(password)
    (tmp_path / "store").chmod(0o600)
    assert isinstance(canary, Canary)

def test_log(canary):
    logging.getLogger("app").debug(canary.secret("password"))

def test_print(canary):
    print(canary.secret("password"))

def test_repr(canary):
    canary.show({"password": canary.secret("password")})

def test_error(canary):
    def log_in(password):
        raise ValueError("no")
    try:
        log_in(canary.secret("password"))
    except ValueError as error:
        canary.show(error)

def test_file(canary, tmp_path):
    (tmp_path / "cache").write_text(canary.secret("password"))
    (tmp_path / "cache").chmod(0o644)

def test_process(canary):
    subprocess.run([sys.executable, "-S", "-c", "pass", canary.secret("password")], check=True)

def test_failing(canary):
    logging.getLogger("app").debug(canary.secret("password"))
    assert 1 == 2

def test_without():
    pass
"""


def test_the_fixture_fails_a_test_that_shows_a_secret(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:schemathesis",
        "-p",
        "no:cacheprovider",
        "-rA",
        "--color=no",
        str(tmp_path),
    ]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path).stdout

    outcomes = dict(
        line.split(" - ")[0].split()[::-1] for line in told.splitlines() if line[:6] in ("PASSED", "FAILED")
    )
    outcomes = {name.partition("::test_")[2]: outcome for name, outcome in outcomes.items()}
    assert outcomes == {
        "good": "PASSED",
        "without": "PASSED",
        **dict.fromkeys(["log", "print", "repr", "error", "file", "process", "failing"], "FAILED"),
    }
    assert "password in Captured stdout call" in told
    assert "password in the local password of log_in() in the traceback of ValueError" in told
    assert "assert 1 == 2" in told


def test_the_kit_does_not_need_pytest():
    code = "import sys, auth_core_testing, auth_core_testing.canary; print('pytest' in sys.modules)"
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert finished.stdout.strip() == "False"
