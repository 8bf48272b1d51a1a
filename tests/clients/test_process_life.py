"""A client in other processes and in copies of itself: fork, spawn, pickle, copy."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import threading
import warnings
from multiprocessing import resource_tracker
from typing import Any

import pytest
from auth_core import FileStore

from clients.vendors import SUBJECTS, Subject
from support.repository import slow_but
from vendor_sandbox import Vendor


@pytest.fixture
def from_environment(subject: Subject, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A client with nothing said in the program."""
    # It lives as long as the test run and would keep the secrets in its environment, where other tests look for them.
    resource_tracker.ensure_running()
    for name, value in vendor.environment_for(subject.first_grant.name).items():
        monkeypatch.setenv(name, value)
    with subject.client() as client:
        yield client


def call_in_another_process(pickled: bytes, vendor: str) -> str:
    """What a worker does with a client that it was sent."""
    with pickle.loads(pickled) as client:
        SUBJECTS[vendor].call(client)
        return repr(client)


@pytest.mark.parametrize("subject", slow_but("cinchy"), indirect=True)
def test_a_client_from_the_environment_works_in_a_spawned_process(
    from_environment: Any, subject: Subject, vendor: Vendor
) -> None:
    subject.call(from_environment)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.apply_async(call_in_another_process, (pickle.dumps(from_environment), subject.vendor)).get(60)

    assert there == repr(from_environment)
    assert sum(vendor.token_requests.values()) == 2 * len(subject.first_grant.requests)


def test_a_pickle_carries_options_and_no_secret(
    subject: Subject, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    for name, value in vendor.environment_for(subject.first_grant.name).items():
        monkeypatch.setenv(name, value)
    with subject.client(timeout=7.0, token_store=FileStore(tmp_path / "tokens")) as client:
        subject.call(client)
        pickled = pickle.dumps(client)

    secret = {definition.name for definition in subject.first_grant.credentials if definition.secret}
    account = vendor.credentials[subject.first_grant.name]
    assert [name for name in secret if name in account and account[name].encode() in pickled] == []
    with pickle.loads(pickled) as again:
        assert again._sender.connection.options.timeout == 7.0
        assert str(again._sender.connection.options.token_store) == f"files in {tmp_path / 'tokens'}"


@pytest.mark.parametrize("given", ["credentials", "headers", "proxy", "clock", "on_token_event", "hooks"])
def test_objects_with_secrets_or_process_state_refuse_pickling(
    given: str, subject: Subject, arguments: dict[str, Any], vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in vendor.environment_for(subject.first_grant.name).items():
        monkeypatch.setenv(name, value)
    values = {
        **arguments,
        "headers": {"X-Key": "k"},
        "proxy": "http://127.0.0.1:1",
        "on_token_event": print,
        "hooks": [],
    }
    with (
        subject.client(**{given: values[given]}, allow_http=given == "proxy") as client,  # clear text to the proxy
        pytest.raises(TypeError, match=f"`?{given}`? cannot be pickled"),
    ):
        pickle.dumps(client)


@pytest.mark.parametrize("make", [copy.copy, copy.deepcopy])
def test_a_copy_is_the_client_itself(make: Any, subject: Subject, arguments: dict[str, Any]) -> None:
    with subject.client(**arguments) as client:
        assert make(client) is client


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_calls_on_connections_of_its_own(
    subject: Subject, arguments: dict[str, Any], vendor: Vendor
) -> None:
    with subject.client(**arguments) as client:
        subject.call(client)
        inherited = client._sender.clients.get(None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # fork next to the sandbox's threads
            child = os.fork()
        if child == 0:
            hung = threading.Timer(30, lambda: os._exit(9))
            hung.daemon = True
            hung.start()
            try:
                subject.call(client)
                os._exit(0 if client._sender.clients.get(None) is not inherited else 2)
            finally:
                os._exit(1)
        _, status = os.waitpid(child, 0)
        subject.call(client)

    assert os.waitstatus_to_exitcode(status) == 0
    assert sum(vendor.token_requests.values()) == len(subject.first_grant.requests)


def test_what_happened_is_reported_and_explained(subject: Subject, arguments: dict[str, Any]) -> None:
    received: list[Any] = []
    with subject.client(**arguments, on_token_event=received.append) as client:
        subject.call(client)
        text = client.explain_tokens()

    assert [event.kind.value for event in received] == ["renewal_started", "renewed"]
    assert "renewal_started: there is no token yet" in text
    assert f"logs in by {subject.first_grant.name}" in text
