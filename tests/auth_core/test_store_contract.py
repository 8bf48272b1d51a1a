"""Every store of ours is run through the contract; and the contract detects a store that breaks it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

import keyring
import pytest
from auth_core import FileStore, KeyringStore, MemoryStore
from auth_core.store import RefusalBook
from auth_core_testing.store_contract import SharedStoreContract, StoreContract
from hypothesis import Phase, settings


class TestMemoryStore(StoreContract):
    def store_factory(self):
        store = MemoryStore(refusals=RefusalBook())
        return lambda: store


class TestFileStore(SharedStoreContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path):
        self.place = tmp_path / "store"

    def store_factory(self):
        return partial(FileStore, self.place)


class TestKeyringStore(SharedStoreContract):
    @pytest.fixture(autouse=True)
    def _place(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings.alt.file.PlaintextKeyring")
        monkeypatch.setenv("KEYRING_PROPERTY_FILE_PATH", str(tmp_path / "keyring.cfg"))
        monkeypatch.setattr(keyring.core, "_keyring_backend", None)
        self.place = tmp_path / "locks"

    def store_factory(self):
        return partial(KeyringStore, directory=self.place)


# --- the contract can fail ------------------------------------------------------------------------------------------

BROKEN = {
    "SharesItsLease": "test_waiting_for_a_lease_times_out_without_affecting_the_holder",
    "BringsBackWhatWasForgotten": "test_forgetting_waits_for_no_lease_and_discards_its_later_saves",
    "ForgetsTheGeneration": "test_forgetting_drops_the_token_and_raises_the_generation",
    "LosesExtras": "test_a_record_comes_back_with_all_its_fields",
    "TurnsBooleansIntoNumbers": "test_any_record_comes_back",
    "RejuvenatesTokens": "test_a_token_is_no_younger_for_having_been_stored",
    "DropsTheJournal": "test_the_journal_is_there_for_whoever_comes_next",
    "MixesKeys": "test_keys_are_kept_apart",
    "SaysNothing": "test_waiting_for_a_lease_times_out_without_affecting_the_holder",
    "KeepsOneRefusal": "test_refusals_of_many_threads_add_up",
    "KeepsEveryRefusal": "test_refusals_do_not_add_up_without_end",
    "HasNoRefusalBudget": "test_so_many_logins_are_under_way_and_no_more",
    "HasAPredictableSalt": "test_the_salt_is_long_and_stays",
    "HasANewSaltEachTime": "test_the_salt_is_long_and_stays",
    "ShowsItsTokens": "test_its_name_says_something_and_nothing_secret",
    "IsCopied": "test_a_copy_is_the_store_itself",
}
BROKEN_BETWEEN_PROCESSES = {
    "LocksInThisProcess": "test_waiting_for_another_process_ends_in_time",
    "SaltOfItsOwn": "test_processes_that_come_first_together_make_one_salt",
    "InheritsTheLease": "test_a_forked_child_uses_the_store_without_ending_parent_leases",
}


@pytest.fixture
def broken_stores(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(__file__).parent))
    yield pytest.importorskip("broken_stores")
    del sys.modules["broken_stores"]


@pytest.fixture
def no_shrinking():
    """The first record that does not come back is enough: Hypothesis looks for the smallest, for seconds."""
    profile = settings.get_current_profile_name()
    settings.register_profile("no shrinking", settings.get_profile(profile), phases=[Phase.generate], derandomize=True)
    settings.load_profile("no shrinking")
    yield
    settings.load_profile(profile)


@pytest.mark.parametrize("name", BROKEN)
def test_a_store_that_breaks_the_contract_is_detected(broken_stores, no_shrinking, name):
    store = getattr(broken_stores, name)()
    contract = StoreContract()
    contract.store_factory = lambda: lambda: store

    with pytest.raises(AssertionError):
        getattr(contract, BROKEN[name])()


@pytest.mark.parametrize("name", BROKEN_BETWEEN_PROCESSES)
def test_a_store_that_breaks_the_contract_between_processes_is_detected(broken_stores, name, tmp_path):
    contract = SharedStoreContract()
    contract.store_factory = lambda: partial(getattr(broken_stores, name), tmp_path / "store")

    with pytest.raises(AssertionError):
        getattr(contract, BROKEN_BETWEEN_PROCESSES[name])()
