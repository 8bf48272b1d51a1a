"""A small valid spec, and fixtures that lint changed copies of it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from generator.front.command_line import Ended, Sdkgen
from sdkgen.bundle import bundle
from sdkgen.cli import main
from sdkgen.lint import lint
from sdkgen.losses import settle
from sdkgen.problems import ProblemsFound, sort_problems
from sdkgen.workspace import Workspace

SPEC = """\
openapi: 3.1.0
info: {title: Acme, version: "1"}
servers:
  - url: https://{host}
    variables: {host: {default: acme.example}}
  - &sso
    url: https://{host}/sso
    x-name: sso
    x-default: '{base_url}/sso'
    variables: {host: {default: acme.example}}
tags:
  - {name: widgets, description: Things.}
  - {name: login, description: Tokens.}
paths:
  /token:
    servers: [*sso]
    post:
      operationId: createToken
      x-source: {kind: seed}
      tags: [login]
      summary: Get a token
      security: []
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: {$ref: '#/components/schemas/Login'}
            example: {grant_type: password, username: ada, password: secret}
      responses:
        200:
          description: The token.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Token'}
              example: {access_token: abc, refresh_token: def, expires_in: 60}
  /widgets/{id}:
    get:
      operationId: getWidget
      x-source: {kind: doc, url: 'https://acme.example/doc'}
      tags: [widgets]
      summary: Get a widget
      security: [{bearer: []}]
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}, example: w1}
      responses:
        200:
          description: The widget.
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Widget'}
              example: {id: w1, size: 3}
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      x-token-lifecycle:
        grants:
          password:
            credentials:
              username: {}
              password: {secret: true}
            requests:
              - operationId: createToken
                body: {grant_type: password, username: {credential: username}, password: {credential: password}}
            refused:
              - {status: [400], body: {/error: [invalid_grant]}}
        token:
          access_token: $response.body#/access_token
          refresh_token: $response.body#/refresh_token
          expires:
            - expires_in: $response.body#/expires_in
        refresh:
          operationId: createToken
          body: {grant_type: refresh_token, refresh_token: {token: refresh_token}}
        expired:
          - {status: [401]}
  schemas:
    Login:
      type: object
      required: [grant_type]
      properties:
        grant_type: {type: string}
        username: {type: string}
        password: {type: string}
        refresh_token: {type: string}
    Token:
      type: object
      required: [access_token]
      properties:
        access_token: {type: string}
        refresh_token: {type: string}
        expires_in: {type: integer}
    Widget:
      type: object
      required: [id]
      properties:
        id: {type: string}
        size: {type: integer}
"""


@frozen
class Repository:
    """A separate repository with one vendor, ``acme``."""

    workspace: Workspace

    @property
    def root(self) -> Path:
        return self.workspace.root

    def write(self, name: str, text: str | bytes) -> Path:
        """Write a file below ``specs/``."""
        path = self.workspace.specs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def spec(self, *changes: tuple[str, str]) -> None:
        """Write the spec of ``acme`` with these parts replaced; each must be there exactly as given."""
        text = SPEC
        for old, new in changes:
            assert old in text, f"the spec does not have {old!r}"
            text = text.replace(old, new, 1)
        self.write("acme/openapi.yaml", text)

    def messages(self, *, complete: bool = False) -> list[str]:
        """All messages of ``sdkgen lint`` about ``acme``."""
        try:
            whole = bundle(self.workspace.spec("acme"), base=self.workspace.specs, root=self.root)
        except ProblemsFound as found:
            return [str(problem) for problem in sort_problems(found.problems)]
        problems = settle(whole, [*whole.problems, *lint(whole)], complete=complete)
        return [str(problem) for problem in sort_problems(problems)]


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    (tmp_path / "specs").mkdir()
    (tmp_path / "packages").mkdir()
    return Repository(Workspace(tmp_path))


@pytest.fixture
def reported(repository: Repository) -> Callable[..., list[str]]:
    """The lint messages about the spec with these parts replaced."""

    def report(*changes: tuple[str, str]) -> list[str]:
        repository.spec(*changes)
        return repository.messages()

    return report


@pytest.fixture
def sdkgen(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Sdkgen:
    """Run the command line in this process."""

    def run(*arguments: str | Path) -> Ended:
        monkeypatch.setattr(sys, "argv", ["sdkgen", *map(str, arguments)])
        with pytest.raises(SystemExit) as end:
            main()
        written = capsys.readouterr()
        return Ended(end.value.code if isinstance(end.value.code, int) else 0, written.out, written.err)

    return run


@pytest.fixture
def in_root(repository: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The repository with its spec, as working directory."""
    repository.spec()
    monkeypatch.chdir(repository.root)
    return repository
