"""The types of arguments, for messages."""

from __future__ import annotations

from attrs import frozen


@frozen
class OfAnotherType:
    """In place of an argument that will be refused. It may be a secret as well, so only its type is kept."""

    kind: str


def kind_of(given: object) -> str:
    """Return the type of an argument for a message; with its module, since other libraries have a ``Client`` too."""
    if isinstance(given, OfAnotherType):
        return given.kind
    kind = given if isinstance(given, type) else type(given)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return f"the class {name} itself" if given is kind else name
