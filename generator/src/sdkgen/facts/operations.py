"""The facts of one operation, for its method, its request builder and its response parser."""

from __future__ import annotations

from attrs import frozen

from sdkgen.code import Code, joined
from sdkgen.facts.bodies import BodyFact
from sdkgen.facts.notes import Deprecation
from sdkgen.facts.pages import PagesFact
from sdkgen.facts.parameters import SEND_READ_ONLY, ParameterFact
from sdkgen.facts.repetition import RepetitionFact
from sdkgen.facts.responses import ErrorFact, ResponseFact
from sdkgen.facts.streams import StreamFact
from sdkgen.models.schema_types import ANY, BOOLEAN, Imports

__all__ = ["OperationFact"]


_SEND_READ_ONLY = ParameterFact(
    name="",
    python=SEND_READ_ONLY,
    location="body",
    kind=BOOLEAN,
    required=True,
    default=Code("False"),
    description="Whether members of the body that the server sets (read-only ones) are sent, if they are there.",
)


@frozen
class OperationFact:
    """One operation."""

    operation_id: str
    module: Code
    method_name: Code
    method: Code
    """``GET``."""
    path: str
    order: tuple[str, ...]
    """The parameters and members of the body that may be passed by position, after the path parameters."""
    path_expression: Code
    server: Code
    security: tuple[tuple[str, ...], ...]
    parameters: tuple[ParameterFact, ...]
    body: BodyFact | None
    responses: tuple[ResponseFact, ...]
    errors: tuple[ErrorFact, ...]
    returns: str
    """The description of the successful responses."""
    accept: str
    summary: str
    description: str
    source: str
    """The source of the information: a sentence, or a URL without a full stop, which would be read as part of it."""
    deprecation: Deprecation | None
    page_notes: str
    repetition_notes: str
    repetition: RepetitionFact
    pages: PagesFact | None
    stream: StreamFact | None

    @property
    def json_response(self) -> bool:
        return any(response.is_json for response in self.responses)

    @property
    def only_streams(self) -> bool:
        """Whether all its successes are streams of items."""
        return self.stream is not None and self.stream.is_only

    @property
    def positional(self) -> list[ParameterFact]:
        """The path parameters, in path order."""
        return [parameter for parameter in self._given if parameter.location == "path"]

    @property
    def by_position(self) -> list[ParameterFact]:
        """The arguments of the method that may be passed by position."""
        return [*self.positional, *self._also_by_position]

    @property
    def by_name(self) -> list[ParameterFact]:
        """The other arguments of the method."""
        return [parameter for parameter in self.keyword_only if parameter not in self._also_by_position]

    @property
    def _also_by_position(self) -> list[ParameterFact]:
        """The required arguments that ``x-positional`` names, members of the body last."""
        required = {one.name: one for one in self.keyword_only if one.required and one.default is None}
        return sorted((required[name] for name in self.order if name in required), key=lambda one: one.may_lack)

    @property
    def keyword_only(self) -> list[ParameterFact]:
        """Required arguments first; within each group, members of the body before parameters."""
        rest = [parameter for parameter in self._given if parameter.location != "path"]
        return sorted(rest, key=lambda parameter: not parameter.required or parameter.default is not None)

    @property
    def _given(self) -> list[ParameterFact]:
        body = self.body
        members = (body.members or ()) if body is not None else ()
        more = (_SEND_READ_ONLY,) if body is not None and body.read_only else ()
        return [parameter for parameter in (*members, *self.parameters, *more) if parameter.constant is None]

    @property
    def body_argument(self) -> BodyFact | None:
        """The body, if it is passed as one argument."""
        return self.body if self.body is not None and self.body.members is None else None

    @property
    def members(self) -> list[ParameterFact]:
        """The members of the body that have an argument, if the body may be passed whole instead."""
        return [one for one in self._given if one.field is not None]

    @property
    def beside_body(self) -> list[ParameterFact]:
        """The keyword-only arguments of a call that passes the body whole."""
        return [one for one in self.by_name if one.field is None]

    def located(self, location: str) -> list[ParameterFact]:
        return [parameter for parameter in self.parameters if parameter.location == location]

    @property
    def result(self) -> Code:
        """The return type of a call."""
        parts = dict.fromkeys(response.annotation for response in self.responses)
        if "Any" in parts:
            return Code("Any")
        return joined(" | ", sorted(parts, key=lambda part: part == "None")) if parts else Code("None")

    @property
    def checked(self) -> list[tuple[Code, Code]]:
        """Each argument that is checked, with its decoder, in the order of the signature."""
        body = self._whole_body
        argument = [] if body is None or body.kind == ANY else [(Code("body"), body.kind.decoder)]
        return [
            *((one.python, one.decoder) for one in self.positional if one.is_checked),
            *argument,
            *((one.python, one.decoder) for one in self.keyword_only if one.is_checked),
        ]

    @property
    def _whole_body(self) -> BodyFact | None:
        """The body, if it can be passed whole: as the only way, or as one of two."""
        return self.body if self.body is not None and self.body.members != () else None

    @property
    def checked_imports(self) -> Imports:
        """Imports for the signature of the request builder and for the checks."""
        found = self._result_imports.union(*(one.imports for one in self._given))
        found = found.union(*(one.decode_imports for one in self._given if one.is_checked))
        body = self._whole_body
        return found if body is None else found | body.imports | body.kind.decode_imports

    @property
    def signature_imports(self) -> Imports:
        """Imports for the signature of the method."""
        found = self._result_imports.union(*(parameter.accepted_imports for parameter in self._given))
        if self.stream is not None and self.stream.items is not None:
            found |= self.stream.items.imports
        return found if self._whole_body is None else found | self._whole_body.kind.accepted_imports

    @property
    def _result_imports(self) -> Imports:
        found: Imports = frozenset()
        if any(one.may_lack for one in self._given):
            found |= {("._runtime.whole_body", "MISSING")}
        if self.only_streams:
            return found
        if self.result == "Any":
            return found | {("typing", "Any")}
        return found.union(*(response.imports for response in self.responses))
