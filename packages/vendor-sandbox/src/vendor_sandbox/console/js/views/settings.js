// How long tokens live, what renewal does, and the clock.

import * as api from "../api.js";
import { byId, element } from "../dom.js";
import { duration } from "../format.js";

const STEPS = [60, 300, 3600, 86400];

/** Name in the control API, label, kind, and what an empty field means. */
const FIELDS = [
  ["token_lifetime", "Access token lives, in seconds", "number", null],
  ["refresh_lifetime", "Refresh token lives, in seconds", "number", "does not end"],
  ["rotates", "A renewal spends the refresh token and brings a new one", "boolean", null],
  ["reuse_revokes", "A spent refresh token, used again, revokes the whole login", "boolean", null],
  ["single_session", "A new login ends the earlier ones", "boolean", null],
  ["lock_out_after", "Wrong logins until the account is locked", "number", "never locked"],
  ["clock_skew", "This vendor's clock is ahead by, in seconds", "number", null],
];

export class SettingsView {
  #store;
  #connection;
  #cards = byId("settings-cards");

  constructor(store, connection) {
    this.#store = store;
    this.#connection = connection;
    this.#clock();
    this.#reset();
    store.on("vendors vendor settings", () => this.#draw());
  }

  show() {
    this.#draw();
    for (const { name } of this.#store.vendors) {
      api.settings(name).then(
        (settings) => this.#store.setSettings(name, settings),
        () => {}, // the connection sees it too, and says so
      );
    }
  }

  // --- the clock, and starting over

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
        await this.#connection.readAgain();
        return `${vendor || "All vendors"}: as at the beginning.`;
      });
    });
  }

  // --- one card per vendor

  #draw() {
    byId("reset-scope").textContent = this.#store.vendor || "all vendors";
    if (this.#cards.contains(document.activeElement)) return; // nobody's typing is taken away
    const vendors = this.#store.vendors.filter(({ name }) => this.#store.shows(name));
    this.#cards.replaceChildren(...vendors.map((vendor) => this.#card(vendor)));
  }

  #card({ name, title }) {
    const values = this.#store.settings.get(name) ?? {};
    const error = element("p", { class: "error", role: "alert" });
    const note = element("p", { class: "note", role: "status" });
    const heading = element("h3", { id: `settings-of-${name}` }, title ?? name);
    const fields = FIELDS.filter(([field]) => field in values);
    const form = element(
      "form",
      { class: "card", "aria-labelledby": heading.id, "data-vendor": name },
      heading,
      element("div", { class: "fields-of-form" }, fields.map((field) => input(field, values))),
      error,
      element("div", { class: "bar" }, element("button", { type: "submit" }, "Save"), note),
    );
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      error.textContent = note.textContent = "";
      for (const field of form.elements) field.removeAttribute("aria-invalid");
      const changes = changed(form, fields, this.#store.settings.get(name));
      if (Object.keys(changes).length === 0) {
        note.textContent = "Nothing has changed.";
        return;
      }
      try {
        this.#store.setSettings(name, await api.changeSettings(name, changes));
        note.textContent = "Saved.";
      } catch (problem) {
        error.textContent = problem.message;
        const field = form.elements[String(problem.where ?? "").split("/").at(-1)];
        if (field instanceof HTMLElement) {
          field.setAttribute("aria-invalid", "true");
          field.focus();
        }
      }
    });
    return form;
  }
}

function input([name, label, kind, whenEmpty], values) {
  if (kind === "boolean") {
    const box = element("input", { type: "checkbox", name, checked: values[name] === true });
    return element("label", { class: "check" }, box, ` ${label}`);
  }
  const attributes = { type: "number", name, step: "any", value: values[name], required: whenEmpty === null };
  return element("label", {}, label, " ", element("input", { ...attributes, placeholder: whenEmpty }));
}

function changed(form, fields, values) {
  const changes = {};
  for (const [name, , kind] of fields) {
    const field = form.elements[name];
    const value = kind === "boolean" ? field.checked : field.value === "" ? null : Number(field.value);
    if (value !== values[name]) changes[name] = value;
  }
  return changes;
}

/** Does something and says how it went, in the card's own lines. */
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
