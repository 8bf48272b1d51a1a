"""Renewals whose tokens are kept in files, also where the disk is full or the files are no longer private."""

from __future__ import annotations

import pytest
from auth_core import FileStore, InsecureStore, LoginRefused
from auth_core.events import EventKind
from auth_core_testing import FakeClock, PasswordCredentials

from support.full_disk import files_of_at_most


def files(tmp_path, clock) -> FileStore:
    return FileStore(tmp_path / "store", clock=clock)


def in_files(make_world, tmp_path, **options):
    clock = FakeClock()
    return make_world(store=files(tmp_path, clock), clock=clock, **options)


def test_a_token_serves_a_second_client_and_survives_the_first(make_world, tmp_path):
    world = in_files(make_world, tmp_path)
    first = world.source.token()
    second = world.new_authenticator(store=files(tmp_path, world.clock)).source("oauth").token()

    assert first.access_token == second.access_token
    assert world.provider.grants() == ["password"]


def test_without_the_store_the_renewal_runs_alone_with_a_warning(make_world, tmp_path):
    world = in_files(make_world, tmp_path)
    world.source.token()
    with files_of_at_most(10):
        world.clock.advance(3600)
        token = world.source.token()

    assert world.provider.grants() == ["password", "password"]
    assert world.source.token() is token
    assert EventKind.STORE_UNAVAILABLE in world.source.recorder.counts()
    assert "File too large" in world.source.explain()


def test_a_full_disk_does_not_extend_the_refusal_budget(make_world, tmp_path):
    wrong = PasswordCredentials(username="alice", password="wrong")
    world = in_files(make_world, tmp_path, credentials=wrong)
    assert world.store.salt
    with files_of_at_most(10):
        for _ in range(20):
            with pytest.raises(LoginRefused):
                world.source.token()
            world.clock.advance(31)

    assert world.logins() == 2


def test_an_insecure_store_fails_the_call_and_not_the_explanation(make_world, tmp_path):
    world = in_files(make_world, tmp_path)
    world.source.token()
    (tmp_path / "store").chmod(0o755)
    other = world.new_authenticator(store=files(tmp_path, world.clock)).source("oauth")
    with pytest.raises(InsecureStore, match="chmod 700"):
        other.token()

    assert "chmod 700" in other.explain()
    assert world.provider.grants() == ["password"]
