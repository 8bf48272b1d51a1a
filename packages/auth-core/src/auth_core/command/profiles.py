"""The last login at the prompt, so that later commands need not ask: one file per client, without secrets."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, cast

from attrs import asdict, frozen

from ..errors import StoreUnavailable


@frozen(kw_only=True)
class Profile:
    """A login at the prompt.

    Attributes:
        urls: server URL by constructor argument.
        credentials: those that are not secret.
        key: the token's key in the store.
    """

    scheme: str
    grant: str
    urls: Mapping[str, str]
    credentials: Mapping[str, str]
    key: str


class Profiles:
    """The stored profiles of this user.

    Args:
        directory: default: ``AUTH_CORE_PROFILES``, else ``auth-core/profiles`` in the user's state directory. A user
            without a home directory has no profiles.
    """

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or _default_directory()

    def load(self, client: str) -> Profile | None:
        """The profile of a client; ``None`` if there is none or it cannot be read."""
        try:
            document = json.loads(self._path(client).read_text(encoding="utf-8"))
            return Profile(**cast("dict[str, Any]", document))
        except (StoreUnavailable, OSError, ValueError, TypeError):
            return None

    def save(self, client: str, profile: Profile) -> None:
        """Write a profile atomically. Raises :class:`~auth_core.StoreUnavailable`."""
        path = self._path(client)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(asdict(profile), file, indent=2)
            os.replace(temporary, path)
        except OSError as error:
            message = f"could not save the login profile {path}: {error.strerror}"
            raise StoreUnavailable(message) from None

    def forget(self, client: str) -> None:
        with suppress(StoreUnavailable, OSError):
            self._path(client).unlink()

    def _path(self, client: str) -> Path:
        if self._directory is None:
            message = "this login is not remembered: the user has no home directory; set AUTH_CORE_PROFILES"
            raise StoreUnavailable(message)
        return self._directory / f"{client}.json"


def _default_directory() -> Path | None:
    given = os.environ.get("AUTH_CORE_PROFILES")
    if given:
        return Path(given)
    state = Path(os.environ.get("XDG_STATE_HOME") or os.path.expanduser("~/.local/state"))
    return state / "auth-core" / "profiles" if state.is_absolute() else None  # Path.home() raises without a home
