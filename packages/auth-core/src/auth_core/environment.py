"""Credentials from environment variables."""

from __future__ import annotations

import copy
import difflib
import os
from collections.abc import Mapping, Sequence

from .credentials import Credentials
from .errors import AmbiguousCredentials, AuthError, MissingCredentials
from .lifecycle import TokenLifecycle


def credentials_from_environment(
    prefix: str,
    classes: Sequence[type[Credentials]],
    lifecycles: Mapping[str, TokenLifecycle],
    environ: Mapping[str, str] | None = None,
) -> tuple[Credentials, ...]:
    """Read credentials from environment variables: for each security scheme, the grant whose variables are all set.

    ``{prefix}_GRANT`` selects grants explicitly, separated by commas, one per scheme. An empty variable counts as not
    set. Errors show no values.

    Raises:
        MissingCredentials: no grant is complete, or a selected one is not; names all missing variables.
        AmbiguousCredentials: several grants of one scheme are complete, and none is selected.
    """
    try:
        return _find(prefix, classes, lifecycles, os.environ if environ is None else environ)
    except AuthError as error:
        failure = copy.copy(error)  # without its frames, which hold the environment
    raise failure


def _find(
    prefix: str,
    classes: Sequence[type[Credentials]],
    lifecycles: Mapping[str, TokenLifecycle],
    variables: Mapping[str, str],
) -> tuple[Credentials, ...]:
    chosen = _chosen(prefix, classes, variables.get(f"{prefix}_GRANT", ""))
    definitions = {cls: lifecycles[cls.scheme].grant(cls.grant).credentials for cls in chosen or classes}
    found: dict[str, Credentials] = {}
    incomplete: list[str] = []
    for cls, inputs in definitions.items():
        missing = [d.environment for d in inputs if d.required and not variables.get(d.environment)]
        if missing:
            incomplete.append(f"{cls.grant} lacks {', '.join(missing)}")
        elif cls.scheme in found:
            message = (
                f"the environment holds credentials for {found[cls.scheme].grant} and for {cls.grant}; "
                f"set {prefix}_GRANT to one of them"
            )
            raise AmbiguousCredentials(message)
        else:
            values = {d.name: variables[d.environment] for d in inputs if variables.get(d.environment)}
            found[cls.scheme] = cls(**values)
    if chosen and incomplete:
        message = f"{prefix}_GRANT selects credentials that are not complete: {'; '.join(incomplete)}"
        raise MissingCredentials(message)
    if not found:
        lacking = "; ".join(incomplete)
        message = f"no credentials were given and the environment has no complete ones: {lacking}"
        raise MissingCredentials(message)
    return tuple(found.values())


def _chosen(prefix: str, classes: Sequence[type[Credentials]], choice: str) -> list[type[Credentials]]:
    names = [name.strip() for name in choice.split(",") if name.strip()]
    by_name = {cls.grant: cls for cls in classes}
    for name in names:
        if name not in by_name:
            close = difflib.get_close_matches(name, by_name, 1)
            hint = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(sorted(by_name))}"
            message = f"{prefix}_GRANT is {name!r}; {hint}"
            raise MissingCredentials(message)
    return [by_name[name] for name in dict.fromkeys(names)]
