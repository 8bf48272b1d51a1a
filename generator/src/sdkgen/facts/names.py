"""All names that are derived from a vendor's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from attrs import frozen

from sdkgen.code import Code, class_name, identifier
from sdkgen.emitted import errors
from sdkgen.pointers import as_object
from sdkgen.structure import operations

__all__ = ["ERRORS", "ClientNames", "client_names", "imported_classes", "parameter_placeholders"]

ERRORS = tuple(
    sorted(
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.ClientError) and kind is not errors.ClientError
    )
)
"""The errors that every package has, besides the base class, which is named after the vendor."""

IMPORTED_CLASSES = frozenset(
    [
        "AsyncFakeCall",
        "AsyncFakeItems",
        "AsyncFakeList",
        "AsyncFakeSender",
        "AsyncFakeStream",
        "AsyncItemStream",
        "AsyncRawSender",
        "AsyncSender",
        "AsyncStreamedCall",
        "AsyncStreamedResponse",
        "EventParser",
        "FakeCall",
        "FakeItems",
        "FakeList",
        "FakeResource",
        "FakeSender",
        "FakeStream",
        "ItemFormat",
        "ItemStream",
        "JsonLinesParser",
        "Mapping",
        "Operation",
        "NoReturn",
        "RawSender",
        "ReceivedResponse",
        "RecordedCall",
        "RequestOptions",
        "RequestParts",
        "Response",
        "Sender",
        "ServerSentEvent",
        "StreamedCall",
        "StreamedResponse",
        "TypeAlias",
        "UnconfiguredCall",
        "Unpack",
    ]
)
"""Names that the modules of operations, resources and fakes import."""

_IMPORTED_FOR_LISTS = frozenset(
    ["AsyncPaginator", "CursorPages", "LinkPages", "OffsetPages", "Page", "PagedOperation", "Row"]
)


def imported_classes(document: Mapping[str, Any]) -> frozenset[str]:
    """The names that the modules of operations and resources of a document import: more, if it has paged lists."""
    is_paged = any("x-pagination" in node.value for _, _, node in operations(document))
    return IMPORTED_CLASSES | _IMPORTED_FOR_LISTS if is_paged else IMPORTED_CLASSES


_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@frozen
class ClientNames:
    """The names of one generated package."""

    vendor: str
    """The folder: ``athena-crm``."""
    distribution: Code
    """``athena-crm-client``."""
    entry: Code
    """``athena-crm``: the name of the client's entry point; ``athena-crm-token`` is its command."""
    package: Code
    """``athena_crm_client``."""
    client: Code
    """``AthenaCrm``."""
    async_client: Code
    """``AsyncAthenaCrm``."""
    base_error: Code
    """``AthenaCrmError``."""
    variable: Code
    """The variable that holds the client in examples: ``athena_crm``."""
    environment: Code
    """The prefix of environment variables: ``ATHENA_CRM``."""
    title: str
    """The name of the vendor's API: the document's title."""


def client_names(vendor: str, document: Mapping[str, Any]) -> ClientNames:
    """The names of a vendor's package; ``x-client`` overrides class and environment prefix."""
    overrides = as_object(document.get("x-client"))
    words = identifier(vendor, fallback="vendor")
    client = class_name(str(overrides.get("class", "")) or vendor, fallback="Vendor")
    environment = re.sub(r"[^A-Z0-9]+", "_", str(overrides.get("environment", "")).upper()).strip("_")
    return ClientNames(
        vendor=vendor,
        distribution=Code(f"{words.strip('_').replace('_', '-')}-client"),
        entry=Code(words.strip("_").replace("_", "-")),
        package=Code(f"{words.strip('_')}_client"),
        client=client,
        async_client=Code(f"Async{client}"),
        base_error=Code(f"{client}ClientError" if f"{client}Error" in ERRORS else f"{client}Error"),
        variable=words,
        environment=Code(environment or words.strip("_").upper()),
        title=str(as_object(document.get("info")).get("title") or vendor),
    )


def parameter_placeholders(path: str) -> list[str]:
    """The names in braces of a path template, in order."""
    return _PLACEHOLDER.findall(path)
