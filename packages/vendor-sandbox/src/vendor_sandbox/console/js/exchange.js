// A request and its response in full: query, headers, bodies, and what to copy.

import { copyable } from "./copying.js";
import { element } from "./dom.js";

/** What was sent, from the control API's details. */
export function requestParts({ query, headers, body }) {
  return [pairs("Query", query), pairs("Headers", headers), bodyPart("Body", body)];
}

/** What came back. */
export function responseParts(response, fault) {
  if (response === null) return [];
  const struck = fault ? element("p", { class: "note" }, "As it was before the fault changed it.") : null;
  return [struck, pairs("Response headers", response.headers), bodyPart("Response body", response.body)];
}

/** The same request as a command and as a program. */
export function copies({ curl, python }) {
  return [copyable("curl", curl), python === null ? null : copyable("Python", python)];
}

function pairs(title, values) {
  if (values.length === 0) return null;
  const list = values.flatMap(([name, value]) => [
    element("dt", {}, name),
    element("dd", {}, element("code", {}, value === "" ? "(empty)" : value)),
  ]);
  return section(title, element("dl", { class: "pairs" }, list));
}

function bodyPart(title, body) {
  if (body === null) return null;
  const { size, media_type: type, text } = body;
  const about = element("p", { class: "note" }, `${size.toLocaleString("en")} bytes${type === "" ? "" : ` of ${type}`}`);
  return section(title, about, text === null ? null : element("pre", {}, element("code", {}, text)));
}

function section(title, ...children) {
  return element("section", { class: "exchange-part" }, element("h4", {}, title), children);
}
