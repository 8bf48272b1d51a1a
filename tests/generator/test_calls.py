"""What the generator tells the sandbox of a client: the names of its methods and arguments, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sdkgen.bundle import bundle
from sdkgen.render import render_client

SPEC = """
openapi: 3.1.0
info: {title: Shop, version: "1"}
x-client: {class: Shop, environment: SHOP}
servers: [{url: "https://shop.example"}]
paths:
  /things/{thing-id}:
    put:
      operationId: putThing
      x-method: put
      tags: [things]
      parameters:
        - {name: thing-id, in: path, required: true, schema: {type: integer}}
        - {name: format, in: query, schema: {const: json}, required: true}
        - {name: If-Match, in: header, schema: {type: string}}
        - {name: sort, in: query, style: pipeDelimited, explode: false, schema: {type: array, items: {type: string}}}
      requestBody:
        required: true
        content:
          application/json:
            schema: {type: object, required: [class], properties: {class: {type: string}, size: {type: integer}}}
      responses: {"204": {description: Done.}}
"""


def test_methods_and_arguments_are_named_as_in_the_package(tmp_path: Path) -> None:
    (tmp_path / "openapi.yaml").write_text(SPEC)
    rendered = render_client(bundle(tmp_path / "openapi.yaml", vendor="shop", root=tmp_path), tmp_path / "package")
    calls: dict[str, Any] = json.loads(rendered.calls)
    assert {name: calls[name] for name in ("package", "client", "variable", "environment", "command")} == {
        "package": "shop_client",
        "client": "Shop",
        "variable": "shop",
        "environment": "SHOP",
        "command": "shop-token",
    }
    method = calls["operations"]["putThing"]
    assert (method["method"], method["body"]) == ("things.put", "application/json")
    assert method["constants"] == [{"in": "query", "wire": "format", "value": "json"}]
    found = {one["name"]: (one["in"], one["wire"], one["required"]) for one in method["arguments"]}
    assert found["thing_id"] == ("path", "thing-id", True)
    assert found["if_match"] == ("header", "If-Match", False)
    assert found["class_"] == ("body", "class", True)
    assert [one["name"] for one in method["arguments"] if one.get("positional")] == ["thing_id"]
    assert [one["style"] for one in method["arguments"] if "style" in one] == ["pipeDelimited"]
    assert "total_timeout" in calls["options"]
    resource = (tmp_path / "package/src/shop_client/resources/things.py").read_text()
    assert all(f"{name}:" in resource for name in found)
