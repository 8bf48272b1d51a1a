"""``<vendor>-token`` and ``python -m auth_core``, as a person runs them: real processes, a real terminal."""

from __future__ import annotations

import json
import os
import re
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from auth_core import ConfigurationError
from auth_core.command import main

from clients.vendors import SUBJECTS, Subject
from support.repository import VENDORS, slow_but
from vendor_sandbox import Sandbox, Vendor

pytestmark = pytest.mark.xdist_group(__name__)  # its fixtures are made once, by one worker

BIN = Path(sys.executable).parent
PATIENCE_SECONDS = 60


def run(*command: str, variables: Mapping[str, str], stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A command with nothing of this machine's own tokens in sight."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("CINCHY", "AMINO", "CRMCOM"))}
    return subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        env={**own, **variables},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )


@pytest.fixture
def places(tmp_path: Path) -> dict[str, str]:
    """Where stores and profiles go: nowhere near the user's."""
    return {"AUTH_CORE_STORE": f"file:{tmp_path / 'tokens'}", "AUTH_CORE_PROFILES": str(tmp_path / "profiles")}


@pytest.fixture(scope="module")
def running():
    with Sandbox(*VENDORS) as sandbox:
        yield sandbox


def environment(vendor: Vendor, subject: Subject) -> dict[str, str]:
    return dict(vendor.environment_for(subject.first_grant.name))


def servers(variables: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in variables.items() if name.endswith("_URL")}


def files_with(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text in path.read_text(errors="replace")]


# --- every vendor ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", slow_but("athena-cognito"))
def test_log_in_print_use_and_log_out_and_only_token_prints_a_secret(
    name: str, running: Sandbox, places: dict[str, str], tmp_path: Path
) -> None:
    subject, vendor = SUBJECTS[name], running[name]
    variables = {**environment(vendor, subject), **places}
    before, shown = sum(vendor.token_requests.values()), ""

    def ended(verb: str) -> int:
        nonlocal shown
        finished = run(f"{name}-token", verb, variables=variables)
        shown += finished.stdout + finished.stderr
        return finished.returncode

    assert ended("login") == 0
    tokens = {run(f"{name}-token", "token", variables=variables).stdout.strip() for _ in range(2)}
    assert sum(vendor.token_requests.values()) - before == len(subject.first_grant.requests)
    assert [path for path in tmp_path.rglob("*") if path.stat().st_mode & 0o077] == []
    assert (ended("status"), ended("doctor")) == (0, 0)
    assert ended("logout") == 0
    assert "forgotten" in shown
    assert ended("status") == 1

    (token,) = tokens
    assert files_with(tmp_path, token) == []
    secret = {definition.name for definition in subject.first_grant.credentials if definition.secret}
    values = [value for key, value in vendor.credentials[subject.first_grant.name].items() if key in secret]
    assert [value for value in (*values, token) if value in shown] == []


def test_a_login_that_is_kept_nowhere_says_so(running: Sandbox, places: dict[str, str]) -> None:
    subject, vendor = SUBJECTS["cinchy"], running["cinchy"]
    variables = {**environment(vendor, subject), **places}
    login = run("cinchy-token", "--store", "memory", "login", variables=variables)
    assert (login.returncode, login.stderr) == (0, "tokens are kept in memory, for this command only\n")
    assert run("cinchy-token", "status", variables=variables).returncode == 1


@pytest.mark.parametrize("name", slow_but("athena-cognito"))
def test_a_program_finds_the_token_of_the_command(name: str, running: Sandbox, places: dict[str, str]) -> None:
    from auth_core import FileStore

    subject, vendor = SUBJECTS[name], running[name]
    run(f"{name}-token", "login", variables={**environment(vendor, subject), **places})
    before = sum(vendor.token_requests.values())
    store = FileStore(places["AUTH_CORE_STORE"].removeprefix("file:"))
    with subject.client(**vendor.servers, credentials=subject.credentials(vendor), token_store=store) as client:
        subject.call(client)

    assert sum(vendor.token_requests.values()) == before


@pytest.mark.parametrize("name", VENDORS)
def test_one_variable_shares_the_token_between_program_and_command(
    name: str, running: Sandbox, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    subject, vendor = SUBJECTS[name], running[name]
    del places["AUTH_CORE_STORE"]
    prefix = name.replace("-", "_").upper()
    folder = Path(places["AUTH_CORE_PROFILES"]).with_name("shared")
    variables = {**environment(vendor, subject), **places, f"{prefix}_TOKEN_STORE": f"file:{folder}"}
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    with subject.client() as client:
        subject.call(client)
    before = sum(vendor.token_requests.values())
    package = f"{name.replace('-', '_')}_client"
    finished = run("python", "-m", package, "status", "--json", "--allow-http", variables=variables)
    assert finished.returncode == 0, finished.stderr
    status = json.loads(finished.stdout)
    assert (status["client"], status["valid"], status["grant"]) == (f"{name}-client", True, subject.first_grant.name)
    assert 0 < status["token"]["expires_in"] <= status["token"]["expires_at"]
    assert sum(vendor.token_requests.values()) == before

    monkeypatch.setenv(f"{prefix}_TOKEN_STORE", "cupboard")
    with pytest.raises(ConfigurationError, match=f"{prefix}_TOKEN_STORE: unknown token store 'cupboard'; use memory"):
        subject.client()


# --- one vendor is enough -------------------------------------------------------------------------------------------


@pytest.fixture
def variables(running: Sandbox, places: dict[str, str]) -> dict[str, str]:
    return {**environment(running["athena-crm"], SUBJECTS["athena-crm"]), **places}


def test_the_token_works_with_curl_by_a_header_line(running: Sandbox, variables: dict[str, str]) -> None:
    header = run("athena-crm-token", "token", "--header", variables=variables).stdout

    assert re.fullmatch(r"Authorization: Bearer \S+\n", header)


def test_a_token_sent_in_the_query_prints_no_header_line(running: Sandbox, places: dict[str, str]) -> None:
    variables = {**environment(running["crmcom"], SUBJECTS["crmcom"]), **places}
    finished = run("crmcom-token", "token", "--header", variables=variables)

    assert finished.returncode == 3
    assert "takes the token in the query, as 'token'; omit --header" in finished.stderr


def test_a_wrong_password_is_refused_once_and_then_held_back(running: Sandbox, variables: dict[str, str]) -> None:
    variables["ATHENA_CRM_PASSWORD"] = "a-wrong-one"
    before = sum(running["athena-crm"].token_requests.values())
    first, second = (run("athena-crm-token", "login", variables=variables) for _ in range(2))

    assert (first.returncode, second.returncode) == (4, 4)
    assert "refused recently" in second.stderr
    assert "a-wrong-one" not in first.stderr + second.stderr
    assert sum(running["athena-crm"].token_requests.values()) - before == 1

    doctor = run("athena-crm-token", "doctor", variables=variables)
    assert doctor.returncode == 1
    assert "FAIL refused logins: 1 recorded; the next login is held back for" in doctor.stdout
    assert "login --again" in doctor.stdout

    assert run("athena-crm-token", "login", "--again", variables=variables).returncode == 4
    assert sum(running["athena-crm"].token_requests.values()) - before == 2


def test_the_doctor_finds_all_well(variables: dict[str, str]) -> None:
    finished = run("athena-crm-token", "doctor", variables=variables)

    assert finished.returncode == 0, finished.stdout
    subjects = [line.split(":")[0] for line in finished.stdout.splitlines()]
    assert subjects == [
        "ok   servers",
        "ok   credentials",
        "ok   store",
        "ok   renewal lock",
        "ok   token",
        "ok   provider crm_url",
        "ok   clock",
        "ok   refused logins",
    ]


def test_the_doctor_finds_a_store_that_others_can_read(variables: dict[str, str], tmp_path: Path) -> None:
    run("athena-crm-token", "login", variables=variables)
    (tmp_path / "tokens").chmod(0o755)
    finished = run("athena-crm-token", "doctor", variables=variables)

    assert finished.returncode == 1
    assert f"chmod 700 {tmp_path / 'tokens'}" in finished.stdout


def test_the_doctor_finds_a_provider_that_is_not_there(variables: dict[str, str]) -> None:
    variables["ATHENA_CRM_CRM_URL"] = "http://127.0.0.1:1"
    finished = run("athena-crm-token", "doctor", variables=variables)

    assert finished.returncode == 1
    assert "FAIL provider crm_url: no response from http://127.0.0.1:1/" in finished.stdout


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("ATHENA_CRM_PASSWORD", "s3cret\n", "FAIL credentials: {}; ATHENA_CRM_PASSWORD ends with a line break"),
        ("HTTPS_PROXY", "'http://s3cret'", "FAIL provider crm_url: nothing was sent to {}: HTTPS_PROXY, which names "),
        ("SSL_CERT_FILE", "/s3cret", "FAIL provider crm_url: TLS cannot be set up: what SSL_CERT_FILE names "),
    ],
)
def test_the_doctor_names_a_variable_that_cannot_work(
    variable: str, value: str, told: str, variables: dict[str, str]
) -> None:
    variables |= {"ATHENA_CRM_CRM_URL": "https://crm.invalid", "NO_PROXY": "", variable: value}
    finished = run("athena-crm-token", "doctor", variables=variables)

    assert finished.returncode == 1
    assert re.search(".+".join(map(re.escape, told.split("{}"))), finished.stdout), finished.stdout
    assert "s3cret" not in finished.stdout + finished.stderr


def test_the_doctor_finds_a_token_endpoint_at_a_wrong_address(running: Sandbox, variables: dict[str, str]) -> None:
    """The server responds there, with 404 as it does at its root."""
    variables["ATHENA_CRM_CRM_URL"] = running["athena-crm"].servers["crm_url"] + "/elsewhere"
    finished = run("athena-crm-token", "doctor", variables=variables)

    assert finished.returncode == 1
    assert "/elsewhere/oauth/token responds (HTTP 404), as no token endpoint does" in finished.stdout


def test_the_doctor_finds_a_clock_that_is_wrong(running: Sandbox, variables: dict[str, str]) -> None:
    running["athena-crm"].clock.skew = 420
    try:
        finished = run("athena-crm-token", "doctor", variables=variables)
    finally:
        running["athena-crm"].clock.skew = 0

    assert re.search(r"FAIL clock: 4[12]\d s slow compared with the provider's", finished.stdout), finished.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--store", "cupboard", "status"], 3, "unknown token store 'cupboard'"),
        (["--store", "redis://:hunter22@127.0.0.1:1/0", "status"], 3, "AUTH_CORE_STORE"),
        (["--server", "base_url", "status"], 3, "--server takes NAME=URL"),
        (
            ["--server", "bas_url=https://api.example", "status"],
            3,
            "no server is called 'bas_url'; known names: base_url, crm_url",
        ),
        (["login", "--grant", "saml"], 3, "has no grant called saml"),
        (["login", "--password", "x"], 2, "unrecognized arguments"),
        ([], 2, "COMMAND"),
    ],
)
def test_wrong_arguments_get_a_message(
    arguments: list[str],
    code: int,
    told: str,
    variables: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    try:
        ended: object = main(["--client", "athena-crm", *arguments])
    except SystemExit as exit_:
        ended = exit_.code
    reported = capsys.readouterr().err

    assert ended == code
    assert told in reported
    assert "hunter22" not in reported


def test_without_credentials_and_without_a_person_the_variables_are_named(places: dict[str, str]) -> None:
    finished = run("athena-crm-token", "login", variables={**places, "ATHENA_CRM_BASE_URL": "http://127.0.0.1:1"})

    assert finished.returncode == 3
    assert "ATHENA_CRM_PASSWORD" in finished.stderr
    assert "run: login in a terminal" in finished.stderr


@pytest.mark.parametrize("command", ["token", "status", "doctor"])
@pytest.mark.parametrize(("output", "reason"), [("pipe", "Broken pipe"), ("disk", "No space left on device")])
def test_a_response_that_no_reader_takes_is_reported_in_words(
    command: str, output: str, reason: str, variables: dict[str, str]
) -> None:
    if output == "disk" and not Path("/dev/full").exists():
        pytest.skip("/dev/full is of Linux")
    if output == "disk":
        write = os.open("/dev/full", os.O_WRONLY)
    else:
        read, write = os.pipe()
        os.close(read)
    try:
        finished = subprocess.run(
            [str(BIN / "athena-crm-token"), command],
            env={**os.environ, **variables},
            stdout=write,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    finally:
        os.close(write)

    told = f"athena-crm-token: could not write to standard output: {reason}\n"
    assert (finished.returncode, finished.stderr) == (1, told)


def test_an_empty_variable_names_no_store(variables: dict[str, str], tmp_path: Path) -> None:
    variables |= {"AUTH_CORE_STORE": "", "XDG_STATE_HOME": str(tmp_path / "state")}
    finished = run("athena-crm-token", "login", variables=variables)

    assert (finished.returncode, finished.stderr) == (0, "")
    assert (tmp_path / "state" / "auth-core" / "tokens").is_dir()


WITHOUT_HOME = """
import pwd, sys
from auth_core.command import main

def getpwuid(number):
    raise KeyError(number)

pwd.getpwuid = getpwuid
sys.exit(main(["--client", "athena-crm", *sys.argv[1:]]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no password file")
@pytest.mark.parametrize(("command", "code"), [("login", 0), ("token", 0), ("status", 1), ("logout", 0)])
def test_a_user_without_a_home_keeps_tokens_for_one_command(
    command: str, code: int, running: Sandbox, variables: dict[str, str]
) -> None:
    finished = subprocess.run(
        [sys.executable, "-c", WITHOUT_HOME, command],
        env={"PATH": os.environ["PATH"], **environment(running["athena-crm"], SUBJECTS["athena-crm"])},
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    told = "tokens are kept in memory, for this command only: this user has no home directory"
    assert (finished.returncode, finished.stderr.partition(" to keep files in")[0]) == (code, told)


@pytest.mark.parametrize("command", ["status", "doctor"])
def test_a_character_that_the_terminal_lacks_is_escaped(command: str, variables: dict[str, str]) -> None:
    variables |= {"ATHENA_CRM_USERNAME": "Zo\N{LATIN SMALL LETTER E WITH DIAERESIS}", "PYTHONIOENCODING": "ascii"}
    finished = run("athena-crm-token", command, variables=variables)

    assert r"username Zo\xeb" in finished.stdout
    assert finished.stderr == ""


def test_several_grants_have_to_be_told_apart(places: dict[str, str]) -> None:
    finished = run("cinchy-token", "login", variables={**places, "CINCHY_BASE_URL": "http://127.0.0.1:1"})

    assert finished.returncode == 3
    assert "select one with --grant: password (client_id, client_secret, username, password); saml2" in finished.stderr


def test_the_module_serves_any_client_that_is_installed(variables: dict[str, str]) -> None:
    named = run("python", "-m", "auth_core", "--client", "athena-crm", "status", variables=variables)
    unnamed = run("python", "-m", "auth_core", "status", variables=variables)
    misspelt = run("python", "-m", "auth_core", "--client", "athena-crn", "status", variables=variables)

    assert named.stdout.startswith("athena-crm-client: password as")
    assert (unnamed.returncode, misspelt.returncode) == (3, 3)
    assert "several clients, select one with --client; installed: amino, athena-cognito, athena-crm" in unnamed.stderr
    assert "did you mean athena-crm?" in misspelt.stderr


# --- at a terminal --------------------------------------------------------------------------------------------------


class Person:
    """Somebody at a terminal of their own, who responds prompts."""

    def __init__(self, command: list[str], variables: Mapping[str, str]) -> None:
        import pty

        own = {name: value for name, value in os.environ.items() if not name.startswith("ATHENA")}
        self.shown = ""
        self._responded = 0
        self._screen, theirs = pty.openpty()
        # getpass opens the controlling terminal, so that the command needs a session of its own with this one.
        # Who started the tests may have had Ctrl-C ignored, which is handed down: a terminal's programs do not.
        program = (
            "import fcntl, os, signal, sys, termios; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            "fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", program, *command],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**own, **variables},
            start_new_session=True,
        )
        os.close(theirs)

    def answer(self, prompt: str, text: str, *, enter: bool = True) -> None:
        """Wait for a prompt, then type."""
        self._read_until(lambda: prompt in self.shown[self._responded :].rpartition("\n")[2])
        self._responded = len(self.shown)
        os.write(self._screen, f"{text}\n".encode() if enter else text.encode())

    def leave(self) -> int:
        self._read_until(lambda: False)
        os.close(self._screen)
        return self.process.wait(PATIENCE_SECONDS)

    def _read_until(self, done) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            ready, _, _ = select.select([self._screen], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"nothing more came; so far: {self.shown!r}"
            try:
                read = os.read(self._screen, 4096)
            except OSError:  # the command has ended
                return
            if not read:
                return
            self.shown += read.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
def test_a_person_logs_in_at_the_prompt_and_is_recorded(
    running: Sandbox, places: dict[str, str], tmp_path: Path
) -> None:
    vendor, subject = running["athena-crm"], SUBJECTS["athena-crm"]
    account = vendor.credentials[subject.first_grant.name]
    at = {**servers(environment(vendor, subject)), **places}
    person = Person([str(BIN / "athena-crm-token"), "login"], at)
    for definition in subject.first_grant.credentials:
        if definition.required:
            person.answer(f"{definition.name}: ", account[definition.name])
    code = person.leave()

    assert code == 0, person.shown
    assert "logged in: password as" in person.shown
    assert account["password"] not in person.shown
    assert files_with(tmp_path, account["password"]) == []

    before = sum(vendor.token_requests.values())
    token = run("athena-crm-token", "token", variables=places)  # even the server is recorded
    assert (token.returncode, token.stderr) == (0, "")
    assert sum(vendor.token_requests.values()) == before

    vendor.expire_tokens()
    assert "from the last login at the prompt" in run("athena-crm-token", "status", variables=places).stdout
    assert run("athena-crm-token", "logout", variables=places).returncode == 0
    again = run("athena-crm-token", "token", variables=places)
    assert again.returncode == 3
    assert "or run: login" in again.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
def test_ctrl_d_at_the_password_prompt_prints_no_traceback(running: Sandbox, places: dict[str, str]) -> None:
    vendor, subject = running["athena-crm"], SUBJECTS["athena-crm"]
    account = vendor.credentials[subject.first_grant.name]
    at = {**servers(environment(vendor, subject)), **places}
    person = Person([str(BIN / "athena-crm-token"), "login"], at)
    for definition in subject.first_grant.credentials:
        if definition.required:
            person.answer(f"{definition.name}: ", "\x04" if definition.secret else account[definition.name])
    code = person.leave()

    assert code == 130, person.shown
    assert "Traceback" not in person.shown


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
def test_ctrl_c_at_the_prompt_is_no_traceback(running: Sandbox, places: dict[str, str]) -> None:
    at = {**servers(environment(running["athena-crm"], SUBJECTS["athena-crm"])), **places}
    person = Person([str(BIN / "athena-crm-token"), "login"], at)
    person.answer("client_id: ", "\x03")
    code = person.leave()

    assert code == 130, person.shown
    assert "interrupted" in person.shown
    assert "Traceback" not in person.shown


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
@pytest.mark.parametrize("last", ["client_id: ", "password: "])
def test_ctrl_d_at_a_prompt_ends_the_command(last: str, running: Sandbox, places: dict[str, str]) -> None:
    at = {**servers(environment(running["athena-crm"], SUBJECTS["athena-crm"])), **places}
    person = Person([str(BIN / "athena-crm-token"), "login"], at)
    for prompt in ("client_id: ", "username: ", "password: "):
        if prompt == last:
            person.answer(prompt, "\x04", enter=False)
            break
        person.answer(prompt, "somebody")
    code = person.leave()

    assert code == 130, person.shown
    assert "interrupted" in person.shown
    assert "Traceback" not in person.shown


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
def test_an_empty_line_at_a_prompt_is_asked_again(running: Sandbox, places: dict[str, str]) -> None:
    at = {**servers(environment(running["athena-crm"], SUBJECTS["athena-crm"])), **places}
    person = Person([str(BIN / "athena-crm-token"), "login"], at)
    person.answer("client_id: ", "")
    person.answer("client_id: ", "\x03")

    assert person.leave() == 130, person.shown
    assert "username" not in person.shown


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo terminals are of Unix")
def test_a_missing_address_is_reported_before_the_password_prompt(places: dict[str, str]) -> None:
    person = Person([str(BIN / "athena-crm-token"), "login"], places)

    assert person.leave() == 3, person.shown
    assert person.shown.startswith("athena-crm-token: the API's URL is missing"), person.shown


def test_every_result_is_also_json_and_options_stand_anywhere(running: Sandbox, variables: dict[str, str]) -> None:
    url = running["athena-crm"].servers["crm_url"]

    def result(*arguments: str, code: int = 0) -> dict[str, Any]:
        finished = run("athena-crm-token", *arguments, variables=variables)
        assert finished.returncode == code, finished.stderr
        found: dict[str, Any] = json.loads(finished.stdout if code < 2 else finished.stderr)
        return found

    given = ["--server", f"crm_url={url}", "login", "--json", "--server", f"base_url={url}"]
    assert result(*given)["token"]["refresh_token"] is True
    token = result("--json", "token")["access_token"]
    assert result("token", "--json", "--header") == {"name": "Authorization", "value": f"Bearer {token}"}
    assert result("doctor", "--json")["well"] is True
    assert result("logout", "--json")["token"] == 1
    assert result("status", "--json", code=1)["token"] is None
    wrong = result("status", "--store", "cupboard", "--json", code=3)
    assert wrong == {"kind": "ConfigurationError", "error": wrong["error"]}
    assert "unknown token store 'cupboard'" in wrong["error"]


def test_the_version_names_client_and_auth_core(variables: dict[str, str]) -> None:
    shown = run("athena-crm-token", "--version", variables=variables).stdout
    assert re.fullmatch(r"athena-crm-client \d\S*, auth-core \d\S*\n", shown)
    usage = run("python", "-m", "athena_crm_client", "--help", variables=variables).stdout
    assert usage.startswith("usage: python -m athena_crm_client ")


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("athena-crm-token sta", ["status"]),
        ("athena-crm-token --json log", ["login", "logout"]),
        ("athena-crm-token login --ag", ["--again"]),
        ("athena-crm-token token --he", ["--header", "--help"]),
        ("athena-crm-token status --he", ["--help"]),
    ],
)
def test_bash_completes_commands_and_their_options(line: str, completed: list[str], variables: dict[str, str]) -> None:
    words = " ".join(line.split())
    script = f"""eval "$(athena-crm-token completion)"
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_athena_crm_token; printf '%s\\n' "${{COMPREPLY[@]}}" """
    path = f"{BIN}:{os.environ['PATH']}"
    finished = subprocess.run(
        ["bash", "-c", script], env={**variables, "PATH": path}, capture_output=True, text=True, check=True
    )
    assert sorted(finished.stdout.split()) == completed
