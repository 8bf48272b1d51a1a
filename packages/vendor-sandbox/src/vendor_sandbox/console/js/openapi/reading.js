// An OpenAPI document, read: references followed, operations listed.

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];
const MOST_REFERENCES = 20;

/** The node with its local references followed; `name` is the last part of the first reference, if there was one. */
export function resolved(document, node) {
  let found = node ?? {};
  let name = null;
  for (let count = 0; typeof found.$ref === "string" && count < MOST_REFERENCES; count++) {
    const parts = found.$ref.replace(/^#\//, "").split("/");
    const keys = parts.map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
    name ??= keys.at(-1);
    found = keys.reduce((value, key) => value?.[key], document) ?? {};
  }
  return { node: found, name };
}

/** All operations, in the document's order: `{id, method, path, tag, node, parameters, servers}`. */
export function operationsOf(document) {
  const found = [];
  for (const [path, reference] of Object.entries(document.paths ?? {})) {
    const item = resolved(document, reference).node;
    for (const method of METHODS.filter((name) => name in item)) {
      const node = item[method];
      found.push({
        id: node.operationId ?? `${method} ${path}`,
        method: method.toUpperCase(),
        path,
        tag: node.tags?.[0] ?? "other",
        node,
        parameters: parametersOf(document, item, node),
        servers: node.servers ?? item.servers ?? document.servers ?? [],
      });
    }
  }
  return found;
}

/** The parameters of path and operation; the operation's own replace those of the same place and name. */
function parametersOf(document, item, node) {
  const byPlace = new Map();
  for (const reference of [...(item.parameters ?? []), ...(node.parameters ?? [])]) {
    const parameter = resolved(document, reference).node;
    byPlace.set(`${parameter.in} ${parameter.name}`, parameter);
  }
  return [...byPlace.values()];
}

/** The examples of a media type, a parameter or a header: `[name, value]`; the name may be empty. */
export function examplesOf(document, node) {
  if ("example" in node) return [["", node.example]];
  const named = Object.entries(node.examples ?? {}).map(([name, reference]) => {
    const example = resolved(document, reference).node;
    return [example.summary ?? name, example.value];
  });
  if (named.length > 0) return named;
  const schema = resolved(document, node.schema).node;
  return (schema.examples ?? []).map((value) => ["", value]);
}
