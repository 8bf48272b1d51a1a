// Faults on demand: a form to add one, and the active ones.

import * as api from "../api.js";
import { blame, byId, element } from "../dom.js";
import { FAULT_KINDS, ruleWhat, ruleWhere, USUAL_STATUS } from "../fault_kinds.js";
import { counted } from "../format.js";

export class FaultsView {
  #store;
  #form = byId("fault-form");
  #fields = this.#form.elements;
  #rules = byId("rules");
  /** By the id of a rule that is shown: its item, its button, and the part that changes when it applies. */
  #shown = new Map();
  /** Vendor and operation from the page's address, until the vendors are loaded. */
  #wanted = null;

  constructor(store) {
    this.#store = store;
    const kinds = Object.entries(FAULT_KINDS).map(([value, [words]]) => element("option", { value }, words));
    this.#fields.kind.replaceChildren(...kinds);
    this.#fields.kind.value = "status";
    this.#form.addEventListener("change", () => this.#arrange());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
    this.#fields.vendor.addEventListener("change", () => this.#offerOperations());
    byId("rules-clear").addEventListener("click", () => this.#change(() => this.#removeAll(), "All faults removed."));
    store.on("vendors", () => this.#offerVendors());
    store.on("rules vendor", () => this.#drawRules());
    this.#arrange();
    this.#drawRules();
  }

  /** `#faults?vendor=…&operation=…` fills the form in. */
  show(rest, parameters) {
    if (parameters.has("operation")) {
      this.#wanted = { vendor: parameters.get("vendor") ?? "", operation: parameters.get("operation") };
    }
    this.#fillIn();
    this.#offerOperations();
  }

  #fillIn() {
    if (this.#wanted === null || this.#store.vendors.length === 0) return;
    this.#fields.vendor.value = this.#wanted.vendor;
    this.#fields.operation.value = this.#wanted.operation;
    this.#wanted = null;
  }

  #offerVendors() {
    const chosen = this.#fields.vendor.value;
    const options = this.#store.vendors.map((vendor) => element("option", { value: vendor.name }, vendor.name));
    this.#fields.vendor.replaceChildren(this.#fields.vendor.options[0], ...options);
    this.#fields.vendor.value = this.#store.vendors.some(({ name }) => name === chosen) ? chosen : "";
    this.#fillIn();
    this.#drawRules();
  }

  async #offerOperations() {
    const vendor = this.#fields.vendor.value;
    let operations = [];
    if (vendor !== "") {
      const document = await this.#store.openApiDocument(vendor).catch(() => ({}));
      const nodes = Object.values(document.paths ?? {}).flatMap((item) => Object.values(item));
      operations = nodes.flatMap((node) => (node?.operationId ? [node.operationId] : [])).sort();
    }
    if (vendor !== this.#fields.vendor.value) return;
    byId("fault-operations").replaceChildren(...["token", ...operations].map((value) => element("option", { value })));
  }

  /** Show the fields of the selected kind and frequency; the others are neither shown nor sent. */
  #arrange() {
    const { kind, often, status } = this.#fields;
    for (const label of this.#form.querySelectorAll("[data-for], [data-often]")) {
      const { for: kinds, often: frequency } = label.dataset;
      const used = kinds !== undefined ? kinds.split(" ").includes(kind.value) : frequency === often.value;
      label.hidden = !used;
      label.querySelector("input").disabled = !used;
    }
    const untouched = Object.values(USUAL_STATUS).includes(status.value);
    if (untouched && kind.value in USUAL_STATUS) status.value = USUAL_STATUS[kind.value];
    byId("fault-seconds-label").textContent = kind.value === "slow_drip" ? "Seconds between pieces" : "Seconds";
    byId("fault-kind-hint").textContent = FAULT_KINDS[kind.value][1];
  }

  #rule() {
    const value = (name) => (this.#fields[name].disabled ? "" : this.#fields[name].value.trim());
    const rule = { vendor: value("vendor") || null, operation: value("operation") || null, kind: value("kind") };
    for (const name of ["seconds", "status", "retry_after", "every", "probability"]) {
      if (value(name) !== "") rule[name] = Number(value(name));
    }
    rule.times = value("times") === "" ? null : Number(value("times"));
    return rule;
  }

  async #add() {
    for (const field of this.#fields) field.removeAttribute?.("aria-invalid");
    await this.#change(() => api.addFault(this.#rule()), "Added.");
  }

  async #change(action, done) {
    const error = byId("fault-error");
    const note = byId("fault-note");
    error.textContent = note.textContent = "";
    try {
      await action();
      note.textContent = done;
    } catch (problem) {
      error.textContent = problem.message;
      blame(this.#form, problem);
    }
  }

  #drawRules() {
    const rules = this.#listed();
    const shown = new Map(rules.map((rule) => [identity(rule), this.#shown.get(identity(rule)) ?? this.#ruleItem(rule)]));
    for (const [known, { item }] of this.#shown) {
      if (shown.has(known)) continue;
      if (item.contains(document.activeElement)) byId("rules-title").focus();
      item.remove();
    }
    this.#shown = shown;
    rules.forEach((rule, index) => {
      const { item, progress } = shown.get(identity(rule));
      progress.textContent = `${howOften(rule)}; ${applied(rule)}`;
      item.toggleAttribute("data-used-up", isUsedUp(rule));
      const there = this.#rules.children[index];
      if (there !== item) this.#rules.insertBefore(item, there ?? null);
    });
    this.#rules.hidden = rules.length === 0;
    byId("rules-empty").hidden = rules.length > 0;
    const clear = byId("rules-clear");
    if (rules.length === 0 && clear === document.activeElement) byId("rules-title").focus();
    clear.disabled = rules.length === 0;
  }

  #listed() {
    return this.#store.rules.filter((rule) => rule.vendor === null || this.#store.shows(rule.vendor));
  }

  /** Remove all listed rules; those of vendors that are not shown stay. */
  async #removeAll() {
    if (this.#store.vendor === "") await api.removeFaults();
    else await Promise.all(this.#listed().map(({ id }) => api.removeFault(id)));
  }

  #ruleItem(rule) {
    const remove = () => this.#change(() => api.removeFault(rule.id), "Removed.");
    const name = `${ruleWhat(rule)}, ${ruleWhere(rule)}`;
    const progress = element("small", {});
    const item = element(
      "li",
      {},
      element("div", {}, element("b", {}, ruleWhat(rule)), ` ${ruleWhere(rule)}`, progress),
      element("button", { type: "button", "aria-label": `Remove: ${name}`, onclick: remove }, "Remove"),
    );
    return { item, progress };
  }
}

/** Ids restart after a reset, so a rule is the same only if its content is the same. */
function identity({ id, applied, ...rest }) {
  return `${id} ${ruleWhat(rest)} ${ruleWhere(rest)} ${howOften(rest)}`;
}

function howOften(rule) {
  const limit = rule.times === null || rule.times === undefined ? "no limit" : `at most ${counted(rule.times, "time")}`;
  if (typeof rule.probability === "number" && rule.probability < 1) return `probability ${rule.probability}, ${limit}`;
  if (typeof rule.every === "number" && rule.every > 1) return `one of every ${rule.every}, ${limit}`;
  return `every request, ${limit}`;
}

function applied(rule) {
  return `applied ${counted(rule.applied, "time")}${isUsedUp(rule) ? ", used up" : ""}`;
}

function isUsedUp({ times, applied }) {
  return typeof times === "number" && applied >= times;
}
