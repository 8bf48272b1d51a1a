"""``x-token-lifecycle`` as the declarative values that ``auth_core`` runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from attrs import evolve, frozen
from auth_core.lifecycle import (
    BasicAuthentication,
    Candidate,
    DefaultLifetime,
    ExpiresAt,
    ExpiresIn,
    ExpirySource,
    Extra,
    FromCredential,
    FromToken,
    Grant,
    JwtClaim,
    Placement,
    Refresh,
    RequestValue,
    ResponseCondition,
    ResponseDetails,
    TokenLifecycle,
    TokenRequest,
    TokenResponse,
    ValueCondition,
)

from sdkgen.code import one_line
from sdkgen.facts.credentials import CredentialsFact, credential_name
from sdkgen.facts.servers import operation_server
from sdkgen.pointers import as_list, as_object
from sdkgen.references import follow
from sdkgen.structure import METHODS

__all__ = ["LifecycleReader", "response_conditions", "response_details", "token_operations"]

FORM = "application/x-www-form-urlencoded"


@frozen
class TokenOperation:
    """The parts of a token request that come from the operation it names."""

    operation_id: str
    method: str
    server: str
    path: str
    encoding: Literal["json", "form"] | None
    security: tuple[tuple[str, ...], ...]


def response_details(document: Mapping[str, Any]) -> ResponseDetails:
    """``x-responses`` at the root of the document."""
    declared = as_object(document.get("x-responses"))
    return ResponseDetails(
        failed=response_conditions(declared.get("failed")),
        throttled=response_conditions(declared.get("throttled")),
        code=_expressions(declared.get("code")),
        message=_expressions(declared.get("message")),
    )


def token_operations(document: Mapping[str, Any]) -> dict[str, TokenOperation]:
    """The operations that have an ``operationId``, by that id."""
    found: dict[str, TokenOperation] = {}
    for path, item in as_object(document.get("paths")).items():
        for method in METHODS:
            operation = as_object(as_object(item).get(method))
            name = operation.get("operationId")
            if not isinstance(name, str):
                continue
            security = operation.get("security", document.get("security", []))
            content = as_object(follow(document, operation.get("requestBody")).get("content"))
            found[name] = TokenOperation(
                operation_id=name,
                method=method.upper(),
                server=operation_server(document, path, method),
                path=path,
                encoding=("form" if FORM in content else "json") if content else None,
                security=tuple(tuple(as_object(alternative)) for alternative in as_list(security)),
            )
    return found


@frozen
class LifecycleReader:
    """Reads one lifecycle."""

    operations: Mapping[str, TokenOperation]
    scheme: str

    def lifecycle(
        self,
        vendor: str,
        scheme: Mapping[str, Any],
        declared: Mapping[str, Any],
        responses: ResponseDetails,
        credentials: Sequence[CredentialsFact],
    ) -> TokenLifecycle:
        """Return the lifecycle as a value for ``auth_core``.

        Args:
            vendor: The name of the API.
            scheme: The Security Scheme Object.
            declared: The lifecycle of the scheme.
            responses: How responses are interpreted, with or without a token.
            credentials: The credentials of each grant, in the order of the spec.
        """
        token = _response(as_object(declared.get("token")), TokenResponse())
        refresh, logout = as_object(declared.get("refresh")), as_object(declared.get("logout"))
        return TokenLifecycle(
            vendor=vendor,
            scheme=self.scheme,
            grants=tuple(
                self.grant(fact, as_object(grant), token)
                for fact, grant in zip(credentials, as_object(declared.get("grants")).values(), strict=True)
            ),
            placements=_placements(declared.get("placements"), scheme),
            refresh=Refresh(
                request=self.request(refresh, token),
                rotates=refresh.get("rotates", False) is True,
                **({"refused": response_conditions(refresh["refused"])} if "refused" in refresh else {}),
            )
            if refresh
            else None,
            expired=response_conditions(declared.get("expired")),
            responses=responses,
            logout=self.request(logout, TokenResponse()) if logout else None,
        )

    def grant(self, credentials: CredentialsFact, declared: Mapping[str, Any], token: TokenResponse) -> Grant:
        static = as_object(declared.get("access_token"))
        return Grant(
            name=credentials.grant,
            credentials=tuple(credential.definition for credential in credentials.declared),
            requests=tuple(self.request(as_object(request), token) for request in as_list(declared.get("requests"))),
            static=_static(static) if static else None,
            **({"refused": response_conditions(declared["refused"])} if "refused" in declared else {}),
        )

    def request(self, declared: Mapping[str, Any], token: TokenResponse) -> TokenRequest:
        operation = self.operations[str(declared.get("operationId"))]
        basic = as_object(declared.get("basic"))
        return TokenRequest(
            operation_id=operation.operation_id,
            method=operation.method,
            server=operation.server,
            path=operation.path,
            encoding=operation.encoding if "body" in declared else None,
            body=_members(declared.get("body")),
            query=_members(declared.get("query")),
            headers=_members(declared.get("headers")),
            cookies=_members(declared.get("cookies")),
            path_parameters=_members(declared.get("path")),
            basic=_basic(basic) if basic else None,
            response=_response(as_object(declared.get("token")), token),
            optional=declared.get("optional", False) is True,
            authenticated=any(self.scheme in alternative for alternative in operation.security),
        )


def _static(declared: Mapping[str, Any]) -> FromCredential | BasicAuthentication:
    if "basic" in declared:
        return _basic(as_object(declared["basic"]))
    return FromCredential(credential_name(str(declared.get("credential"))))


def _basic(declared: Mapping[str, Any]) -> BasicAuthentication:
    return BasicAuthentication(
        username=_value(declared.get("username", "")),
        password=_value(declared.get("password", "")),
        form_encoded=declared.get("form_encoded", False) is True,
    )


def _members(declared: object) -> dict[str, RequestValue]:
    return {name: _value(value) for name, value in as_object(declared).items()}


def _value(declared: object) -> RequestValue:
    if isinstance(declared, list):
        return [_value(item) for item in as_list(cast(object, declared))]
    if not isinstance(declared, dict):
        return cast("str | int | float | bool | None", declared)
    members = as_object(cast(object, declared))
    match list(members.items()):
        case [("credential", str(name))]:
            return FromCredential(credential_name(name))
        case [("token", str(name))]:
            return FromToken(name)
        case [("constant", constant)]:
            return cast("RequestValue", constant)
        case _:
            return {name: _value(value) for name, value in members.items()}


def _response(declared: Mapping[str, Any], inherited: TokenResponse) -> TokenResponse:
    """Where a response has the parts of the token; what is not declared is inherited."""
    changes: dict[str, Any] = {}
    for key in ("access_token", "refresh_token"):
        if key in declared:
            changes[key] = _candidates(declared[key])
    if "expires" in declared:
        changes["expires"] = tuple(_expiry(as_object(source)) for source in _listed(declared["expires"]))
    if "extras" in declared:
        changes["extras"] = {
            name: Extra(
                candidates=_candidates(as_object(extra).get("from", extra)),
                secret=as_object(extra).get("secret", True) is not False,
            )
            for name, extra in as_object(declared["extras"]).items()
        }
    return evolve(inherited, **changes)


def _listed(value: object) -> list[Any]:
    return as_list(cast(object, value)) if isinstance(value, list) else [value]


def _candidates(declared: object) -> tuple[Candidate, ...]:
    return tuple(_candidate(candidate) for candidate in _listed(declared))


def _candidate(declared: object) -> Candidate:
    if isinstance(declared, str):
        return Candidate(declared)
    candidate = as_object(declared)
    jwt = candidate.get("jwt")
    return Candidate(
        expression=str(candidate.get("from")),
        jwt_claims=as_object(cast(object, jwt)) if isinstance(jwt, dict) else None,
        not_jwt=jwt is False,
    )


def _expiry(declared: Mapping[str, Any]) -> ExpirySource:
    unit: Literal["seconds", "milliseconds"] = "milliseconds" if declared.get("unit") == "milliseconds" else "seconds"
    if "expires_in" in declared:
        return ExpiresIn(str(declared["expires_in"]), unit=unit)
    if "expires_at" in declared:
        return ExpiresAt(str(declared["expires_at"]), unit=unit)
    if "jwt_claim" in declared:
        return JwtClaim(str(declared["jwt_claim"]))
    return DefaultLifetime(float(declared["default"]))


def _expressions(declared: object) -> tuple[str, ...]:
    return tuple(str(expression) for expression in _listed(declared)) if declared is not None else ()


def response_conditions(declared: object) -> tuple[ResponseCondition, ...]:
    """Conditions on a response as defined by ``conditions.schema.json``: one or a list."""
    return tuple(_condition(as_object(condition)) for condition in _listed(declared)) if declared is not None else ()


def _condition(declared: Mapping[str, Any]) -> ResponseCondition:
    statuses = (str(status) for status in _listed(declared.get("status", [])))
    return ResponseCondition(
        status=tuple(int(status) if status.isdecimal() else status.upper() for status in statuses),
        body={pointer: _value_condition(value) for pointer, value in as_object(declared.get("body")).items()},
        headers={name: _value_condition(value) for name, value in as_object(declared.get("headers")).items()},
        advice=one_line(str(declared.get("advice", ""))),
    )


def _value_condition(declared: object) -> ValueCondition:
    if isinstance(declared, dict):
        condition = as_object(cast(object, declared))
        if "present" in condition:
            return ValueCondition(present=condition["present"] is True)
        return ValueCondition(none_of=tuple(_listed(condition.get("not", []))))
    return ValueCondition(any_of=tuple(_listed(declared)))


def _placements(declared: object, scheme: Mapping[str, Any]) -> tuple[Placement, ...]:
    if declared is not None:
        return tuple(
            Placement(
                location=as_object(placement).get("in", "header"),
                name=str(as_object(placement).get("name", "Authorization")),
                prefix=str(as_object(placement).get("prefix", "")),
                methods=tuple(str(method).upper() for method in as_list(as_object(placement).get("methods"))),
            )
            for placement in _listed(declared)
        )
    if scheme.get("type") == "apiKey":
        return (Placement(location=scheme.get("in", "header"), name=str(scheme.get("name"))),)
    basic = scheme.get("type") == "http" and str(scheme.get("scheme", "")).lower() == "basic"
    return (Placement(prefix="Basic " if basic else "Bearer "),)
