// A JSON Schema in words: the type of a value, and the fields of an object. Inner objects open on demand, so that
// recursive schemas work.

import { element } from "../dom.js";
import { prose } from "./prose.js";
import { resolved } from "./reading.js";

const MOST_VALUES = 12;
const DEEPEST = 6;
const LIMITS = [
  ["minimum", "at least"],
  ["exclusiveMinimum", "more than"],
  ["maximum", "at most"],
  ["exclusiveMaximum", "less than"],
];

/** The type of a value: `list of Employee or null`. */
export function typeWords(document, schema, depth = 0) {
  const { node, name } = resolved(document, schema);
  if (node === true || depth > DEEPEST) return name ?? "anything";
  if (name !== null && (node.properties || node.oneOf || node.anyOf || node.allOf)) return name;
  const words = (inner) => typeWords(document, inner, depth + 1);
  if ("const" in node) return `always ${JSON.stringify(node.const)}`;
  for (const keyword of ["oneOf", "anyOf"]) {
    if (node[keyword]) return unique(node[keyword].map(words)).join(" or ");
  }
  if (node.allOf) return unique(node.allOf.map(words)).join(" and ");
  const types = [node.type ?? (node.properties ? "object" : [])].flat();
  const named = types.map((type) => {
    if (type === "array") return node.items ? `list of ${words(node.items)}` : "list";
    return type === "string" && node.format ? `string (${node.format})` : type;
  });
  return named.join(" or ") || "anything";
}

function unique(values) {
  return [...new Set(values)];
}

/** The constraints of a value: `one of "A", "B"; at most 10 characters`. */
function limits(node) {
  const found = [];
  if (node.enum) {
    const values = node.enum.slice(0, MOST_VALUES).map((value) => JSON.stringify(value));
    if (node.enum.length > MOST_VALUES) values.push(`… (${node.enum.length} in all)`);
    found.push(`one of ${values.join(", ")}`);
  }
  for (const [keyword, words] of LIMITS) if (keyword in node) found.push(`${words} ${node[keyword]}`);
  if ("minLength" in node) found.push(`at least ${node.minLength} characters`);
  if ("maxLength" in node) found.push(`at most ${node.maxLength} characters`);
  if ("pattern" in node) found.push(`matches ${node.pattern}`);
  if ("default" in node) found.push(`${JSON.stringify(node.default)} by default`);
  return found.join("; ");
}

/** A named value: of an object, of a request's parameters, of a response's headers. */
export function field(document, name, schema, { required = false, deprecated = false, description = null, place = null } = {}) {
  const { node } = resolved(document, schema);
  const text = description ?? node.description;
  const more = limits(node);
  return element(
    "li",
    {},
    element(
      "div",
      { class: "field" },
      element("code", {}, name),
      element("span", { class: "type" }, place === null ? "" : `${place}, `, typeWords(document, schema)),
      required ? element("span", { class: "mark" }, "required") : null,
      deprecated || node.deprecated === true ? element("span", { class: "mark warn" }, "deprecated") : null,
    ),
    text ? prose(text) : null,
    more ? element("p", { class: "limits" }, more) : null,
    inner(document, schema),
  );
}

/** A whole value: its type, and its fields if it is an object. */
export function schemaView(document, schema) {
  const { node } = resolved(document, schema);
  const more = limits(node);
  return element(
    "div",
    { class: "schema" },
    element("p", { class: "type" }, typeWords(document, schema), more ? `: ${more}` : ""),
    node.description ? prose(node.description) : null,
    contents(document, schema),
  );
}

/** The fields of an object or of a list's items, and the alternatives. */
function contents(document, schema) {
  const list = listItems(document, schema);
  const target = list ?? schema;
  const fields = fieldsOf(document, target);
  const items = [...fields.properties].map(([name, property]) =>
    field(document, name, property, { required: fields.required.has(name) }),
  );
  return [
    items.length > 0 ? element("ul", { class: "fields" }, items) : null,
    fields.alternatives.map((part) => folded(document, part, typeWords(document, part))),
    fields.others ? element("p", { class: "limits" }, `Additional fields: ${typeWords(document, fields.others)}`) : null,
  ];
}

function inner(document, schema) {
  const target = listItems(document, schema) ?? schema;
  const { properties, alternatives } = fieldsOf(document, target);
  if (properties.size === 0 && alternatives.length === 0) return null;
  return folded(document, target, `Fields of ${typeWords(document, target)}`);
}

/** Drawn when it is first opened. An alternative without fields cannot be opened. */
function folded(document, schema, title) {
  const { properties, alternatives } = fieldsOf(document, listItems(document, schema) ?? schema);
  if (properties.size === 0 && alternatives.length === 0) return null;
  const node = element("details", {}, element("summary", {}, title));
  node.addEventListener("toggle", () => {
    if (node.open && node.childElementCount === 1) node.append(...contents(document, schema).flat().filter(Boolean));
  });
  return node;
}

function listItems(document, schema) {
  const { node } = resolved(document, schema);
  return [node.type].flat().includes("array") && node.items ? node.items : null;
}

/** All properties of a schema, its `allOf` included, and the alternatives it leaves. */
function fieldsOf(document, schema, depth = 0) {
  const { node } = resolved(document, schema);
  const found = { properties: new Map(), required: new Set(node.required ?? []), alternatives: [], others: null };
  if (depth > DEEPEST) return found;
  for (const part of node.allOf ?? []) {
    const of = fieldsOf(document, part, depth + 1);
    of.properties.forEach((property, name) => found.properties.set(name, property));
    of.required.forEach((name) => found.required.add(name));
    found.alternatives.push(...of.alternatives);
    found.others ??= of.others;
  }
  for (const [name, property] of Object.entries(node.properties ?? {})) found.properties.set(name, property);
  found.alternatives.push(...(node.oneOf ?? node.anyOf ?? []));
  if (node.additionalProperties && typeof node.additionalProperties === "object") found.others = node.additionalProperties;
  return found;
}
