"""The sandbox as a thing that is started and stopped; its command; what it says about wrong input."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator

import httpx
import pytest

from sandbox.support import document, login
from vendor_sandbox import Sandbox, UnknownVendor, bundled_vendors
from vendor_sandbox.cli import main


def port_of(url: str) -> int:
    return httpx.URL(url).port or 0


def test_a_stopped_sandbox_frees_its_port(client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        port = port_of(sandbox.url)
        client.get(f"{sandbox['cinchy'].servers['base_url']}/healthcheck")
    with pytest.raises(httpx.ConnectError):
        client.get(f"http://127.0.0.1:{port}/cinchy/healthcheck")
    with Sandbox("amino", port=port) as successor:
        assert port_of(successor.url) == port


def test_it_leaves_no_thread_behind(client: httpx.Client) -> None:
    before = threading.active_count()
    with Sandbox("amino") as sandbox:
        client.get(f"{sandbox['amino'].servers['base_url']}/api/metadata/v1/channels")
        assert threading.active_count() > before
    assert threading.active_count() == before


def test_it_can_be_started_again_and_keeps_its_state(client: httpx.Client) -> None:
    sandbox = Sandbox("cinchy")
    with sandbox:
        login(sandbox["cinchy"], client)
    with sandbox:
        login(sandbox["cinchy"], client)
        assert sandbox["cinchy"].token_requests == {"password": 2}
    sandbox.stop()


def test_what_needs_a_running_sandbox_says_so() -> None:
    sandbox = Sandbox("cinchy")
    with pytest.raises(RuntimeError, match="start"):
        _ = sandbox.url
    with pytest.raises(RuntimeError, match="start"):
        _ = sandbox["cinchy"].servers
    with sandbox, pytest.raises(RuntimeError, match="already"):
        sandbox.start()


def test_wrong_names_and_lifetimes_are_refused() -> None:
    with pytest.raises(UnknownVendor, match=r"'cinchi'; it knows amino, .*cinchy"):
        Sandbox("cinchi")
    with pytest.raises(UnknownVendor):
        Sandbox("cinchy")["amino"]
    with pytest.raises(ValueError, match="token_lifetime must be at least one second"):
        Sandbox("cinchy", token_lifetime=0)


def test_a_port_that_is_taken_is_an_error() -> None:
    with Sandbox("cinchy") as sandbox, pytest.raises(OSError, match="in use"):
        Sandbox("amino", port=port_of(sandbox.url)).start()


def test_no_name_means_every_vendor() -> None:
    assert list(Sandbox().vendors) == bundled_vendors()
    assert {"amino", "athena-cognito", "athena-crm", "cinchy", "crmcom"} <= set(bundled_vendors())


def test_it_listens_on_loopback_only() -> None:
    with Sandbox("cinchy") as sandbox:
        assert httpx.URL(sandbox.url).host == "127.0.0.1"


def test_servers_and_environment_are_what_a_client_takes() -> None:
    with Sandbox("cinchy") as sandbox:
        vendor = sandbox["cinchy"]
        assert set(vendor.servers) == {"base_url", "sso_url", "connections_url"}
        assert vendor.environment == {
            "CINCHY_BASE_URL": vendor.servers["base_url"],
            "CINCHY_SSO_URL": vendor.servers["sso_url"],
            "CINCHY_CONNECTIONS_URL": vendor.servers["connections_url"],
            **{f"CINCHY_{name.upper()}": value for name, value in vendor.credentials["password"].items()},
            "CINCHY_BASIC_USERNAME": vendor.credentials["basic"]["username"],
            "CINCHY_BASIC_PASSWORD": vendor.credentials["basic"]["password"],
            "CINCHY_WEBHOOK_KEY": vendor.credentials["webhook_key"]["webhook_key"],
        }
        basic = vendor.environment_for("basic")
        assert {"CINCHY_BASIC_USERNAME", "CINCHY_BASIC_PASSWORD"} <= set(basic)
        with pytest.raises(KeyError):
            vendor.environment_for("none")


def test_a_derived_server_is_where_a_client_expects_it() -> None:
    with Sandbox("cinchy", "athena-crm") as sandbox:
        crm = sandbox["athena-crm"].servers
        assert crm["crm_url"] == crm["base_url"]
        cinchy = sandbox["cinchy"].servers
        assert httpx.URL(f"{cinchy['base_url']}/../connections") == cinchy["connections_url"]


def test_requests_are_recorded_with_tokens_and_bodies(client: httpx.Client) -> None:
    with Sandbox("amino") as sandbox:
        vendor = sandbox["amino"]
        token = login(vendor, client)["access_token"]
        url = f"{vendor.servers['base_url']}/api/users/v1/users/4711/user_profiles?x=1&x=%C3%A5"
        client.get(url, headers={"Authorization": f"Bearer {token}"})
        client.get(f"{vendor.servers['base_url']}/nowhere")
        first, second, third = vendor.requests
        assert (first.method, first.status, first.operation_id) == ("POST", 200, "createAccessToken")
        assert b'"grant_type":"password"' in first.body.replace(b" ", b"")
        assert second.path == "/amino/api/users/v1/users/4711/user_profiles"
        assert second.query == [("x", "1"), ("x", "å")]
        assert second.header("authorization") == f"Bearer {token}"
        assert token not in repr(vendor.requests)
        assert (third.operation_id, third.status) == (None, 404)


def test_many_threads_lose_nothing() -> None:
    with Sandbox("crmcom") as sandbox:
        vendor = sandbox["crmcom"]

        def create(name: str) -> None:
            with httpx.Client(trust_env=False, timeout=60) as own:
                token = login(vendor, own)["access_token"]
                for _ in range(5):
                    body = {"token": token, "type": "PERSON", "first_name": name, "last_name": "X"}
                    own.post(f"{vendor.servers['base_url']}/contact_information/create", json=body)

        threads = [threading.Thread(target=create, args=(f"T{number}",)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert vendor.token_requests == {"password": 8}
        assert len(vendor.requests) == 8 * 6
        assert {request.status for request in vendor.requests} == {200}


def test_a_document_of_ones_own_is_served_from_its_examples(client: httpx.Client) -> None:
    own = {
        "openapi": "3.1.0",
        "info": {"title": "Harbour", "version": "1"},
        "servers": [{"url": "https://harbour.example"}],
        "paths": {
            "/berths": {
                "get": {
                    "operationId": "listBerths",
                    "responses": {"200": {"content": {"application/json": {"example": [{"name": "North"}]}}}},
                }
            }
        },
    }
    with Sandbox("harbour", documents={"harbour": own}) as sandbox:
        harbour = sandbox["harbour"]
        assert client.get(f"{harbour.servers['base_url']}/berths").json() == [{"name": "North"}]
        assert client.get(f"{harbour.servers['base_url']}/ships").status_code == 404
        assert harbour.environment == {"HARBOUR_BASE_URL": harbour.servers["base_url"]}


def test_every_route_of_the_quirks_is_one_of_the_documents() -> None:
    """A mistyped path would silently never be used."""
    for name, vendor in Sandbox().vendors.items():
        routes = {
            (method.upper(), re.sub(r"\{[^}]*\}", "{}", path).casefold())
            for path, item in document(name)["paths"].items()
            for method in item
        }
        quirks = vendor._quirks  # pyright: ignore[reportPrivateUsage]
        assert set(quirks.handlers) | set(quirks.token_handlers) <= routes, name


# --- the command


# As from a terminal: tests that a shell runs in the background inherit an ignored SIGINT and hand it down.
FROM_A_TERMINAL = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
    "from vendor_sandbox.cli import main; sys.exit(main())"
)


@pytest.fixture
def served() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", FROM_A_TERMINAL, "serve", "cinchy", "amino", "--token-lifetime", "60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def test_the_command_serves_until_interrupted(served: subprocess.Popen[str], client: httpx.Client) -> None:
    assert served.stdout is not None
    found = re.search(r"http://127\.0\.0\.1:\d+", served.stdout.readline())
    assert found is not None
    assert [vendor["name"] for vendor in client.get(f"{found[0]}/_sandbox/vendors").json()] == ["cinchy", "amino"]
    served.send_signal(signal.SIGINT)
    rest = served.stdout.read()
    _, errors = served.communicate(timeout=30)
    assert f"CINCHY_BASE_URL={found[0]}/cinchy" in rest
    assert "CINCHY_PASSWORD='correct horse battery staple'" in rest
    assert (served.returncode, errors) == (0, "vendor-sandbox: stopped\n")


def test_a_sigterm_stops_it_in_order(served: subprocess.Popen[str]) -> None:
    assert served.stdout is not None
    served.stdout.readline()
    served.send_signal(signal.SIGTERM)
    _, errors = served.communicate(timeout=30)
    assert (served.returncode, errors) == (0, "vendor-sandbox: stopped\n")


def test_its_variables_alone_are_a_script_that_a_shell_takes(client: httpx.Client) -> None:
    command = [sys.executable, "-c", FROM_A_TERMINAL, "serve", "--all", "--env", "--seed", "7"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        first = process.stdout.readline()
        process.send_signal(signal.SIGINT)
        script = first + process.stdout.read()
        process.communicate(timeout=30)
    assert all(line.startswith(("export ", "# ")) for line in script.splitlines() if line)
    shown = subprocess.run(
        ["sh", "-ec", f"{script}\nenv"], env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True
    )
    with Sandbox() as sandbox:
        names = {name for vendor in sandbox.vendors.values() for name in vendor.environment}
    found = dict(line.partition("=")[::2] for line in shown.stdout.splitlines())
    assert names <= set(found)
    assert found["CINCHY_PASSWORD"] == "correct horse battery staple"


def test_the_environment_of_a_running_sandbox_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox("crmcom", "amino") as sandbox:
        port = sandbox.url.rpartition(":")[2]
        assert main(["env", "amino", "crmcom", "--port", port]) == 0
        printed = dict(
            line.removeprefix("export ").split("=", 1) for line in capsys.readouterr().out.splitlines() if "=" in line
        )
        assert {name: shlex.split(value)[0] for name, value in printed.items()} == {
            **sandbox["amino"].environment,
            **sandbox["crmcom"].environment,
        }
    with pytest.raises(SystemExit):
        main(["env", "nobody", "--port", "1"])
    assert "knows no vendor 'nobody'" in capsys.readouterr().err


def test_the_vendors_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vendors"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == bundled_vendors()
    assert "operations; password" in lines[bundled_vendors().index("cinchy")]
    assert main(["vendors", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in listed] == bundled_vendors()
    assert "personal_access_token" in next(each["grants"] for each in listed if each["name"] == "cinchy")
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out.startswith("vendor-sandbox 0.")


@pytest.mark.parametrize("arguments", [["vendors"], ["serve", "cinchy"]], ids=lambda arguments: arguments[0])
def test_output_that_no_reader_takes_is_reported_in_words(arguments: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        command = [sys.executable, "-m", "vendor_sandbox", *arguments]
        finished = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    finally:
        os.close(write)
    told = "vendor-sandbox: cannot write to standard output: Broken pipe\n"
    assert (finished.returncode, finished.stderr) == (1, told)


def test_every_address_of_the_sandbox_itself_leads_to_its_console(client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        for path in ("/", "/_sandbox", "/_sandbox/"):
            assert client.get(f"{sandbox.url}{path}").headers["location"] == "/_sandbox/console/"


def test_an_address_that_belongs_to_no_vendor_says_which_do(client: httpx.Client) -> None:
    with Sandbox("cinchy") as sandbox:
        response = client.get(f"{sandbox.url}/sinchy/healthcheck")
    assert response.status_code == 404
    assert (
        "nothing at this path; the paths are /_sandbox, /cinchy, /CinchySSO, /connections"
        in response.json()["error"]["message"]
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "COMMAND"),
        (["serve"], "--all; available: amino"),
        (["serve", "cinchy", "--all"], "give either --all or names of vendors"),
        (["serve", "cinchi"], "no vendor 'cinchi'"),
        (["serve", "cinchy", "--port", "x"], "'x' is not a port"),
        (["serve", "cinchy", "--port", "70000"], "from 0 to 65535"),
        (["serve", "cinchy", "--token-lifetime", "0"], "at least one second"),
        (["serve", "cinchy", "--token-lifetime", "soon"], "invalid float value"),
        (["serve", "cinchy", "--fault", "cinchy:status=503"], "is not a fault: write VENDOR:OPERATION:KIND"),
        (["serve", "cinchy", "--fault", "amino:*:status=503"], "serves no vendor 'amino'; it serves cinchy"),
        (["serve", "cinchy", "--fault", "cinchy:runQueries:status=503"], "did you mean 'runQuery'? The operations are"),
    ],
)
def test_wrong_arguments_get_a_clear_message(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main(arguments)
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err


def test_faults_come_from_the_command_line(client: httpx.Client) -> None:
    order = "cinchy:getHealth:status=503,retry_after=7,every=2,times=1"
    command = [sys.executable, "-m", "vendor_sandbox", "serve", "cinchy", "--fault", order]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        found = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
        try:
            assert found is not None
            responses = [client.get(f"{found[0]}/cinchy/healthcheck") for _ in range(4)]
        finally:
            process.kill()
    assert [response.status_code for response in responses] == [200, 503, 200, 200]
    assert responses[1].headers["retry-after"] == "7"


def test_a_taken_port_is_reported_without_a_traceback(capsys: pytest.CaptureFixture[str]) -> None:
    with Sandbox("cinchy") as sandbox:
        port = port_of(sandbox.url)
        assert main(["serve", "amino", "--port", str(port)]) == 1
    assert capsys.readouterr().err == (
        f"vendor-sandbox: cannot listen on 127.0.0.1:{port}: Address already in use; use --port 0 for any free port\n"
    )
