// A form that calls an operation with the arguments of the client's method.

import * as api from "../api.js";
import { blame, element } from "../dom.js";
import { copies, requestParts, responseParts } from "../exchange.js";
import { elapsed } from "../format.js";

/** The form; null if the client has no method for the operation. */
export function trial(vendor, client, operation) {
  const method = client?.operations[operation.id];
  if (method === undefined) return null;
  const error = element("p", { class: "error", role: "alert" });
  const note = element("p", { class: "note", role: "status" });
  const result = element("div", { class: "trial-result" });
  const send = element("button", { type: "submit", class: "main" }, "Send");
  const form = element(
    "form",
    { class: "trial", "aria-label": `Try ${operation.id}` },
    element("p", {}, element("code", {}, `${client.variable}.${method.method}(${signature(method)})`)),
    element("div", { class: "fields-of-form" }, method.arguments.map((argument) => field(operation, argument))),
    error,
    element("div", { class: "bar" }, send, note),
    result,
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    error.textContent = "";
    note.textContent = "Sending";
    for (const each of form.elements) each.removeAttribute("aria-invalid");
    const fields = [...form.elements].filter(({ name, value }) => name && value !== "");
    const given = Object.fromEntries(fields.map(({ name, value }) => [name, value]));
    send.disabled = true;
    try {
      const tried = await api.tryOperation(vendor, operation.id, given);
      note.textContent = tried.failure ?? `Status ${tried.status} in ${elapsed(tried.seconds)}`;
      result.replaceChildren(...[responseParts(tried.response), copies(tried), sent(tried)].flat().filter(Boolean));
    } catch (problem) {
      note.textContent = "";
      error.textContent = problem.message;
      blame(form, problem);
    }
    send.disabled = false;
  });
  return form;
}

function sent(tried) {
  return element("details", {}, element("summary", {}, "What was sent"), requestParts(tried));
}

function signature({ arguments: all }) {
  const shown = all.filter(({ required }) => required).map(({ name, positional, whole }) => (positional || whole ? name : `${name}=…`));
  return [...shown, ...(shown.length < all.length ? ["…"] : [])].join(", ");
}

function field({ id }, { name, type, required, whole }) {
  const attributes = { name, autocomplete: "off", spellcheck: "false" };
  const hint = element("small", { id: `try-${id}-${name}` }, required ? `${type}, required` : type);
  const isLong = whole || /^(Mapping|list|Sequence)\[|Dict\b/.test(type);
  const kind = isLong ? ["textarea", { ...attributes, rows: whole ? 5 : 2, placeholder: "JSON" }] : ["input", attributes];
  return element(
    "div",
    {},
    element("label", {}, element("code", {}, name), element(kind[0], { ...kind[1], "aria-describedby": hint.id })),
    hint,
  );
}
