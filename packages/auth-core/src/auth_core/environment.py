"""Credentials from environment variables."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping, Sequence

from .credentials import Credentials
from .errors import AmbiguousCredentials, AuthError, MissingCredentials
from .lifecycle import CredentialDefinition, TokenLifecycle


def credentials_from_environment(
    prefix: str,
    classes: Sequence[type[Credentials]],
    lifecycles: Mapping[str, TokenLifecycle],
    environ: Mapping[str, str] | None = None,
) -> tuple[Credentials, ...]:
    """The credentials whose variables are set: per security scheme the one grant that is complete.

    ``{prefix}_GRANT`` names the grants to use instead, with commas between, one per scheme. An empty variable counts
    as not set. No error shows a value.

    Raises:
        MissingCredentials: no grant is complete, or a chosen one is not; names every variable that is missing.
        AmbiguousCredentials: several grants of one scheme are complete and nothing chooses.
    """
    found = _find(prefix, classes, lifecycles, os.environ if environ is None else environ)
    if isinstance(found, AuthError):
        raise found  # here, where no frame holds the environment
    return found


def _find(
    prefix: str,
    classes: Sequence[type[Credentials]],
    lifecycles: Mapping[str, TokenLifecycle],
    variables: Mapping[str, str],
) -> tuple[Credentials, ...] | AuthError:
    definitions = {cls: lifecycles[cls.scheme].grant(cls.grant).credentials for cls in classes}
    chosen = _chosen(prefix, classes, variables.get(f"{prefix}_GRANT", ""))
    if isinstance(chosen, AuthError):
        return chosen
    missing = {cls: _missing(definitions[cls], variables) for cls in chosen or classes}
    if chosen and any(missing.values()):
        return MissingCredentials(f"{prefix}_GRANT chooses credentials that are not complete: {_ways(missing)}")
    found: dict[str, type[Credentials]] = {}
    for cls in (cls for cls, names in missing.items() if not names):
        if cls.scheme in found:
            message = (
                f"the environment holds credentials for {found[cls.scheme].grant} and for {cls.grant}; "
                f"set {prefix}_GRANT to one of them"
            )
            return AmbiguousCredentials(message)
        found[cls.scheme] = cls
    if not found:
        message = f"no credentials were given and the environment holds none that are complete: {_ways(missing)}"
        return MissingCredentials(message)
    return tuple(_build(cls, definitions[cls], variables) for cls in found.values())


def _chosen(
    prefix: str, classes: Sequence[type[Credentials]], choice: str
) -> list[type[Credentials]] | MissingCredentials:
    names = [name.strip() for name in choice.split(",") if name.strip()]
    by_name = {cls.grant: cls for cls in classes}
    for name in names:
        if name not in by_name:
            close = difflib.get_close_matches(name, by_name, 1)
            hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(sorted(by_name))}"
            message = f"{prefix}_GRANT is {name!r}; {hint}"
            return MissingCredentials(message)
    return [by_name[name] for name in dict.fromkeys(names)]


def _missing(definitions: Sequence[CredentialDefinition], variables: Mapping[str, str]) -> list[str]:
    return [d.environment for d in definitions if d.required and not variables.get(d.environment)]


def _ways(missing: Mapping[type[Credentials], Sequence[str]]) -> str:
    return "; ".join(f"{cls.grant} lacks {', '.join(names)}" for cls, names in missing.items() if names)


def _build(
    cls: type[Credentials], definitions: Sequence[CredentialDefinition], variables: Mapping[str, str]
) -> Credentials:
    values = {d.name: variables[d.environment] for d in definitions if variables.get(d.environment)}
    return cls(**values)
