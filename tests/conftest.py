"""What holds for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from auth_core.store.memory import PROCESS_BOOK
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from joserfc.jwk import RSAKey

pytest_plugins = ["support.cpu_seconds"]

RSA_KEYS = 4


@pytest.fixture(autouse=True)
def refused_logins_are_forgotten() -> Iterator[None]:
    """A process records them by URL and credentials, and a later test's server may get the port of this one's."""
    yield
    PROCESS_BOOK.clear()


@pytest.fixture(scope="session", autouse=True)
def rsa_keys_are_generated_a_few_times() -> Iterator[None]:
    """Each issuer has a key of its own, which takes longer to generate than most tests: they take turns with a few."""
    binding: Any = RSAKey.binding
    generate, keys = binding.generate_private_key, list[RSAPrivateKey]()

    def next_key(size: int) -> RSAPrivateKey:
        keys.append(generate(size) if len(keys) < RSA_KEYS else keys.pop(0))
        return keys[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(binding, "generate_private_key", next_key)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_authority_is_trusted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Every new HTTP client reads certifi's authorities, all of which take longer than most tests."""
    first, end, _ = Path(certifi.where()).read_text("utf-8").partition("-----END CERTIFICATE-----\n")
    bundle = tmp_path_factory.mktemp("authorities") / "one.pem"
    bundle.write_text(first + end, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(certifi, "where", lambda: str(bundle))
        yield
