// One operation of the reference, in full.

import { element, outsideLink } from "../dom.js";
import { fragment } from "../router.js";
import { prose } from "./prose.js";
import { examplesOf, resolved } from "./reading.js";
import { field, schemaView } from "./schema.js";
import { trial } from "./trial.js";

/** Everything about an operation, below its summary. */
export function operationBody(vendor, document, client, operation) {
  const { id, node } = operation;
  return element(
    "div",
    { class: "operation-body" },
    facts(operation),
    deprecation(vendor, document, node),
    node.description ? prose(node.description) : null,
    parameters(document, operation),
    requestBody(document, node),
    responses(document, node),
    tried(vendor, client, operation),
    element(
      "p",
      { class: "links" },
      element("a", { href: fragment("reference", [vendor, id]) }, "Link to this operation"),
      element("a", { href: fragment("faults", [], { vendor, operation: id }) }, "Add a fault for this operation"),
      node["x-source"]?.url ? outsideLink(node["x-source"].url, "The vendor's documentation") : null,
    ),
  );
}

function facts({ id, node, servers }) {
  const server = servers[0]?.["x-name"];
  const found = [["operation", element("code", {}, id)]];
  if (node["x-method"]) found.push(["method", element("code", {}, node["x-method"])]);
  if (server) found.push(["server", element("code", {}, `${server}_url`)]);
  found.push(["access", access(node.security ?? [])]);
  return element(
    "dl",
    { class: "facts" },
    found.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
  );
}

function access(security) {
  const alternatives = security.map((alternative) => Object.keys(alternative).join(" and ") || "anonymous");
  return alternatives.join(", or ") || "anonymous";
}

function deprecation(vendor, document, node) {
  if (node.deprecated !== true) return null;
  const { since, replacement } = node["x-deprecation"] ?? {};
  const known = JSON.stringify(document.paths).includes(`"operationId":${JSON.stringify(replacement ?? "")}`);
  return element(
    "p",
    { class: "deprecated" },
    element("strong", {}, "Deprecated"),
    since && since !== "unknown" ? ` since ${since}` : "",
    known ? ["; use ", element("a", { href: fragment("reference", [vendor, replacement]) }, replacement), " instead"] : "",
    ".",
  );
}

function parameters(document, operation) {
  if (operation.parameters.length === 0) return null;
  const items = operation.parameters.map((parameter) => {
    const { name, in: place, required, deprecated, description = null, schema } = parameter;
    const item = field(document, name, schema, { place, required, deprecated, description });
    const [example] = examplesOf(document, parameter);
    if (example !== undefined) {
      item.append(element("p", { class: "limits" }, "for example ", element("code", {}, short(example[1]))));
    }
    return item;
  });
  return part("Parameters", element("ul", { class: "fields" }, items));
}

function requestBody(document, node) {
  if (!node.requestBody) return null;
  const { node: body } = resolved(document, node.requestBody);
  const title = body.required === true ? "Request body" : "Request body (optional)";
  return part(title, body.description ? prose(body.description) : null, contents(document, body.content));
}

function responses(document, node) {
  const responses = Object.entries(node.responses ?? {}).map(([status, reference]) => {
    const { node: response } = resolved(document, reference);
    const headers = Object.entries(response.headers ?? {}).map(([name, header]) => {
      const { node: value } = resolved(document, header);
      return field(document, name, value.schema, { place: "header", description: value.description ?? null });
    });
    return element(
      "details",
      { class: "response", open: status.startsWith("2") },
      element("summary", {}, element("code", {}, status), " ", firstLine(response.description)),
      element(
        "div",
        {},
        prose(response.description ?? ""),
        headers.length > 0 ? element("ul", { class: "fields" }, headers) : null,
        contents(document, response.content),
      ),
    );
  });
  return responses.length > 0 ? part("Responses", responses) : null;
}

function contents(document, content) {
  return Object.entries(content ?? {}).map(([mediaType, media]) =>
    element(
      "div",
      { class: "media" },
      element("p", { class: "media-type" }, element("code", {}, mediaType)),
      media.schema ? schemaView(document, media.schema) : null,
      examplesOf(document, media).map(([name, value]) =>
        element(
          "figure",
          {},
          element("figcaption", {}, name ? `Example: ${name}` : "Example"),
          element("pre", {}, element("code", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2))),
        ),
      ),
    ),
  );
}

function tried(vendor, client, operation) {
  const form = trial(vendor, client, operation);
  return form === null ? null : part("Try it", form);
}

function part(title, ...children) {
  return element("div", { class: "part" }, element("h5", {}, title), children);
}

function firstLine(text) {
  const line = String(text ?? "").trim().split("\n")[0];
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}

function short(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
