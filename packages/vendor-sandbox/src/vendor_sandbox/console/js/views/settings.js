// Token lifetimes, renewal behaviour, and the clock.

import * as api from "../api.js";
import { blame, byId, element } from "../dom.js";
import { duration } from "../format.js";

const STEPS = [60, 300, 3600, 86400];

/** Name in the control API, label, kind, and what an empty field means. */
const FIELDS = [
  ["token_lifetime", "Access token lifetime, in seconds", "number", null],
  ["refresh_lifetime", "Refresh token lifetime, in seconds", "number", "never expires"],
  ["rotates", "A renewal returns a new refresh token and invalidates the old one", "boolean", null],
  ["reuse_revokes", "Reusing a refresh token revokes all tokens of its login", "boolean", null],
  ["single_session", "A new login revokes the earlier ones", "boolean", null],
  ["lock_out_after", "Refused logins until the account is locked", "number", "never locked"],
  ["clock_skew", "This vendor's clock is ahead by, in seconds", "number", null],
];

export class SettingsView {
  #store;
  #cards = byId("settings-cards");
  /** By vendor: its card, and the values of the fields before the user edited them. */
  #forms = new Map();

  constructor(store) {
    this.#store = store;
    this.#clock();
    this.#reset();
    store.on("vendors", () => this.#draw());
    store.on("vendor", () => this.#choose());
    store.on("settings", (vendor) => this.#fill(vendor));
  }

  show() {}

  // --- the clock, and resetting

  #clock() {
    const form = byId("clock-form");
    const advance = (seconds) =>
      attempt("clock", async () => {
        await api.advanceClock(seconds);
        return seconds < 0 ? `Set back by ${duration(-seconds)}.` : `Advanced by ${duration(seconds)}.`;
      });
    const button = (seconds) =>
      element("button", { type: "button", onclick: () => advance(seconds) }, `+ ${duration(seconds)}`);
    byId("clock-steps").replaceChildren(...STEPS.map(button));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      advance(Number(form.elements.advance.value));
    });
  }

  #reset() {
    const dialog = byId("reset-dialog");
    byId("reset").addEventListener("click", () => {
      byId("reset-dialog-title").textContent = `Reset ${this.#store.vendor || "all vendors"}?`;
      dialog.returnValue = "no";
      dialog.showModal();
    });
    dialog.addEventListener("close", () => {
      if (dialog.returnValue !== "yes") return;
      const vendor = this.#store.vendor;
      attempt("reset", async () => {
        await api.reset(vendor);
        return `${vendor || "All vendors"}: reset to the initial state.`;
      });
    });
  }

  // --- one card per vendor

  #draw() {
    this.#forms = new Map(this.#store.vendors.map((vendor) => [vendor.name, { form: this.#card(vendor), said: {} }]));
    this.#cards.replaceChildren(...[...this.#forms.values()].map(({ form }) => form));
    for (const vendor of this.#forms.keys()) this.#fill(vendor);
    this.#choose();
  }

  #choose() {
    byId("reset-scope").textContent = this.#store.vendor || "all vendors";
    byId("reset-clock").hidden = this.#store.vendor !== "";
    for (const [vendor, { form }] of this.#forms) form.hidden = !this.#store.shows(vendor);
  }

  /** Fill in the current settings, except in fields with unsaved changes. */
  #fill(vendor) {
    const shown = this.#forms.get(vendor);
    if (shown === undefined) return;
    const { form, said } = shown;
    const settings = this.#store.settings.get(vendor) ?? {};
    for (const field of fieldsOf(form)) {
      const typed = field.name in said && valueOf(field) !== said[field.name];
      said[field.name] = settings[field.name];
      if (typed) continue;
      if (field.type === "checkbox") field.checked = settings[field.name];
      else field.value = settings[field.name] ?? "";
      showDuration(field);
    }
  }

  #card({ name, title }) {
    const error = element("p", { class: "error", role: "alert" });
    const note = element("p", { class: "note", role: "status" });
    const heading = element("h3", { id: `settings-of-${name}` }, title ?? name);
    const form = element(
      "form",
      { class: "card", "aria-labelledby": heading.id, "data-vendor": name },
      heading,
      element("div", { class: "fields-of-form" }, FIELDS.map((field) => input(name, field))),
      error,
      element("div", { class: "bar" }, element("button", { type: "submit" }, "Save"), note),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.textContent = note.textContent = "";
      for (const field of form.elements) field.removeAttribute("aria-invalid");
      const settings = this.#store.settings.get(name);
      const changed = fieldsOf(form).filter((field) => valueOf(field) !== settings[field.name]);
      const changes = Object.fromEntries(changed.map((field) => [field.name, valueOf(field)]));
      if (Object.keys(changes).length === 0) {
        note.textContent = "Nothing has changed.";
        return;
      }
      try {
        this.#store.setSettings(name, await api.changeSettings(name, changes));
        note.textContent = "Saved.";
      } catch (problem) {
        error.textContent = problem.message;
        blame(form, problem);
      }
    });
    return form;
  }
}

function input(vendor, [name, label, kind, whenEmpty]) {
  if (kind === "boolean") return element("label", { class: "check" }, element("input", { type: "checkbox", name }), ` ${label}`);
  const attributes = { type: "number", name, step: "any", required: whenEmpty === null, placeholder: whenEmpty };
  if (!label.endsWith("in seconds")) return element("label", {}, label, " ", element("input", attributes));
  const length = element("small", { id: `${name}-of-${vendor}` });
  const field = element("input", { ...attributes, "aria-describedby": length.id, oninput: () => showDuration(field) });
  return element("div", {}, element("label", {}, label, " ", field), length);
}

function fieldsOf(form) {
  return FIELDS.map(([name]) => form.elements.namedItem(name));
}

/** Show a long number of seconds as a duration. */
function showDuration(field) {
  const length = document.getElementById(field.getAttribute("aria-describedby") ?? "");
  if (length !== null) length.textContent = Math.abs(Number(field.value)) >= 60 ? duration(Number(field.value)) : "";
}

/** The value of a field: true or false, a number, or null if it is empty. */
function valueOf(field) {
  if (field.type === "checkbox") return field.checked;
  return field.value === "" ? null : Number(field.value);
}

/** Run an action and show its outcome in the card. */
async function attempt(card, action) {
  const error = byId(`${card}-error`);
  const note = byId(`${card}-note`);
  error.textContent = note.textContent = "";
  try {
    note.textContent = await action();
  } catch (problem) {
    error.textContent = problem.message;
  }
}
