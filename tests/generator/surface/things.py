"""One API that asks for a login, and what it responds: the subject of the tests of the client itself."""

from __future__ import annotations

from typing import Any

from support.http_server import Recorded, Reply

SPEC = """
tags: [{name: things}]
paths:
  /login:
    servers:
      - {url: "https://{host}", x-name: login, x-default: "{base_url}/login", variables: {host: {default: x}}}
    post:
      operationId: createToken
      tags: [login]
      security: []
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [user, password]
              properties: {user: {type: string}, password: {type: string}}
      responses: &anything
        '200': {description: Anything., content: {application/json: {schema: {type: object}}}}
  /things:
    get:
      operationId: listThings
      x-method: list
      tags: [things]
      security: [{bearer: []}]
      responses: *anything
    post:
      operationId: createThing
      x-method: create
      tags: [things]
      security: [{bearer: []}, {}]
      requestBody:
        required: true
        content:
          application/json: {schema: {type: object, required: [name], properties: {name: {type: string}}}}
      responses: *anything
  /public:
    get:
      operationId: getPublic
      tags: [things]
      security: []
      parameters: [{name: access_token, in: query, schema: {type: string}}]
      responses: *anything
components:
  securitySchemes:
    bearer:
      type: http
      scheme: bearer
      x-token-lifecycle:
        grants:
          password:
            credentials: {user: {}, password: {secret: true}}
            requests: [{operationId: createToken, body: {user: {credential: user}, password: {credential: password}}}]
        token: {access_token: $response.body#/token, expires: [{default: 3600}]}
        expired: [{status: [401]}]
"""
TOKEN = "tok-aaaabbbbccccdddd"
PASSWORD = "pass-eeeeffff"


def responding(reply: Reply) -> Any:
    def respond(request: Recorded) -> Reply:
        return Reply(200, {"token": TOKEN}) if request.path.startswith("/login") else reply

    return respond
