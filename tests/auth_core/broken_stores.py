"""Stores that break the contract in one point each; processes other than pytest's import them from here."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

from attrs import evolve
from auth_core import FileStore, MemoryStore
from auth_core.store import RefusalBook, TokenRecord


class BrokenMemory(MemoryStore):
    def __init__(self) -> None:
        super().__init__(refusals=RefusalBook())


class SharesItsLease(BrokenMemory):
    @contextmanager
    def lease(self, key, *, wait_seconds):
        yield Unguarded(self, key)


class Unguarded:
    """Saves whatever comes, whenever it comes."""

    def __init__(self, store, key) -> None:
        self.store, self.key = store, key

    def load(self):
        return self.store.read(self.key)

    def save(self, record):
        self.store._slot(self.key).record = record


class BringsBackWhatWasForgotten(BrokenMemory):
    @contextmanager
    def lease(self, key, *, wait_seconds):
        with super().lease(key, wait_seconds=wait_seconds):
            yield Unguarded(self, key)


class ForgetsTheGeneration(BrokenMemory):
    def forget(self, key):
        super().forget(key)
        self._slot(key).record = TokenRecord()


class Stored(BrokenMemory):
    """Changes records on their way out."""

    def read(self, key):
        record = super().read(key)
        return self.change(record) if record.token else record


class LosesExtras(Stored):
    def change(self, record):
        return evolve(record, token=evolve(record.token, extras={}))


class TurnsBooleansIntoNumbers(Stored):
    def change(self, record):
        extras = {name: int(value) if value in (True, False) else value for name, value in record.token.extras.items()}
        return evolve(record, token=evolve(record.token, extras=extras))


class RejuvenatesTokens(Stored):
    def change(self, record):
        return evolve(record, token=evolve(record.token, issued=record.token.issued.later(30)))


class DropsTheJournal(Stored):
    def change(self, record):
        return evolve(record, intent=None)


class MixesKeys(BrokenMemory):
    def read(self, key):
        return super().read(key[:1])

    def lease(self, key, *, wait_seconds):
        return super().lease(key[:1], wait_seconds=wait_seconds)


class SaysNothing(BrokenMemory):
    @contextmanager
    def lease(self, key, *, wait_seconds):
        try:
            with super().lease(key, wait_seconds=wait_seconds) as lease:
                yield lease
        except TimeoutError:
            raise TimeoutError from None


class KeepsOneRefusal(BrokenMemory):
    def add_refusal(self, fingerprint, refusal):
        self.forget_refusals(fingerprint)
        super().add_refusal(fingerprint, refusal)


class KeepsEveryRefusal(BrokenMemory):
    def add_refusal(self, fingerprint, refusal):
        self.book._refusals[fingerprint] = (*self.refusals(fingerprint), refusal)


class HasNoRefusalBudget(BrokenMemory):
    def login_turn(self, fingerprint, *, at_most, wait_seconds):
        return nullcontext()


class HasAPredictableSalt(BrokenMemory):
    @property
    def salt(self):
        return bytes(16)


class HasANewSaltEachTime(BrokenMemory):
    @property
    def salt(self):
        return RefusalBook().salt


class ShowsItsTokens(BrokenMemory):
    def __str__(self):
        return f"{[slot.record.token and slot.record.token.access_token.reveal() for slot in self._slots.values()]}"


class IsCopied(BrokenMemory):
    def __copy__(self):
        return type(self)()

    def __deepcopy__(self, memo):
        return type(self)()


class LocksInThisProcess(FileStore):
    """The lease excludes threads only."""

    _elsewhere = BrokenMemory()

    @contextmanager
    def lease(self, key, *, wait_seconds):
        with self._elsewhere.lease(key, wait_seconds=wait_seconds), super().lease(key + str(id(self)), wait_seconds=5):
            yield FileLease(self, self._name("token", key))


class FileLease:
    def __init__(self, store, name) -> None:
        self.store, self.name = store, name

    def load(self):
        return self.store._record(self.name)

    def save(self, record):
        self.store._write_record(self.name, record)


class SaltOfItsOwn(FileStore):
    @property
    def salt(self):
        self._salt = self._salt or RefusalBook().salt
        return self._salt


class InheritsTheLease(FileStore):
    """A forked child takes the lease of its parent for its own."""

    def __init__(self, directory) -> None:
        super().__init__(directory)
        self._locks._open = Unforgettable()


class Unforgettable(set):
    def __iter__(self):
        return iter(())
