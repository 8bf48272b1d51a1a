// Tokens with their remaining lifetime. The bars follow the sandbox's clock, with each vendor's skew.

import * as api from "../api.js";
import { byId, element } from "../dom.js";
import { dateTime, duration } from "../format.js";

const TICK = 1000;
const MOST = 200;

export class TokensView {
  #store;
  #table = byId("token-rows");
  #ended = byId("token-ended");
  /** For each visible row: its token, and the elements that change over time. */
  #shown = [];

  constructor(store) {
    this.#store = store;
    store.on("tokens vendor", () => this.#draw());
    store.on("clock settings", () => this.#tick());
    this.#ended.addEventListener("change", () => this.#draw());
    byId("expire-access").addEventListener("click", () => this.#expire("access"));
    byId("expire-refresh").addEventListener("click", () => this.#expire("refresh"));
    setInterval(() => this.#tick(), TICK);
  }

  show() {
    this.#draw();
  }

  #draw() {
    if (byId("view-tokens").hidden) return;
    const ofVendor = this.#store.tokens.filter((token) => this.#store.shows(token.vendor));
    const wanted = ofVendor.filter((token) => this.#ended.checked || this.#state(token) === "valid");
    const logins = this.#grouped(wanted.sort((one, other) => other.issued_at - one.issued_at || other.number - one.number).slice(0, MOST));
    const focused = this.#table.contains(document.activeElement) ? document.activeElement.id : "";
    this.#shown = logins.flatMap((tokens) => tokens.map((token) => this.#row(token)));
    const rowOf = new Map(this.#shown.map(({ token, row }) => [token, row]));
    for (const body of [...this.#table.tBodies]) body.remove();
    this.#table.append(
      ...logins.map((tokens) => element("tbody", {}, this.#loginRow(tokens), tokens.map((token) => rowOf.get(token)))),
    );
    if (focused !== "") (document.getElementById(focused) ?? byId("tokens-title")).focus();
    this.#table.hidden = this.#shown.length === 0;
    byId("token-empty").hidden = this.#shown.length > 0;
    byId("token-empty").textContent =
      ofVendor.length > 0 ? "No valid tokens." : "No tokens yet. They appear here after a login.";
    this.#tick();
  }

  /** The tokens by login; logins with a valid token first, the newest first. */
  #grouped(tokens) {
    const logins = new Map();
    for (const token of tokens) {
      const login = `${token.vendor} ${token.family}`;
      logins.set(login, [...(logins.get(login) ?? []), token]);
    }
    const rank = (login) => (login.some((token) => this.#state(token) === "valid") ? 0 : 1);
    return [...logins.values()].sort((one, other) => rank(one) - rank(other));
  }

  #loginRow(tokens) {
    const { vendor, subject, family } = tokens[0];
    const id = String(family).slice(0, 6);
    const isOver = tokens.every((token) => !["valid", "spent"].includes(this.#state(token)));
    const revoke = () => this.#end(() => api.revokeLogin(vendor, family), `Login ${id} of ${vendor} is revoked.`);
    return element(
      "tr",
      { class: "login" },
      element(
        "th",
        { scope: "rowgroup", colspan: "6" },
        element(
          "div",
          { class: "bar" },
          element("span", {}, element("b", {}, vendor), ` login ${id} `, element("small", {}, subject)),
          element(
            "button",
            { type: "button", id: `revoke-${vendor}-${family}`, disabled: isOver, "aria-label": `Revoke login ${id} of ${vendor}`, onclick: revoke },
            "Revoke",
          ),
        ),
      ),
    );
  }

  #row(token) {
    const name = `${token.vendor} ${token.kind} token ${token.shown}`;
    const fill = element("span", { class: "fill" });
    const words = element("span", { class: "words" });
    const bar = element(
      "span",
      { class: "life-bar", role: "meter", "aria-label": `Remaining lifetime of ${name}`, "aria-valuemin": "0" },
      fill,
    );
    const row = element(
      "tr",
      { class: "token-row", "data-kind": token.kind, "data-state": this.#state(token) },
      element(
        "th",
        { scope: "row" },
        element("span", { class: "token" }, element("b", {}, token.kind), " "),
        element("code", {}, token.shown),
      ),
      element("td", {}, this.#state(token)),
      element("td", { class: "life" }, bar, words),
      element("td", { class: "wide when" }, dateTime(token.issued_at)),
      element("td", { class: "wide when" }, token.expires_at === null ? "never" : dateTime(token.expires_at)),
      element("td", {}, this.#expireButton(token, name)),
    );
    return { token, row, bar, fill, words };
  }

  #expireButton(token, name) {
    const { vendor, kind, number } = token;
    const expire = () => this.#end(() => api.expireToken(vendor, number), `The ${kind} token ${token.shown} has expired.`);
    return element(
      "button",
      { type: "button", id: `expire-${vendor}-${number}`, disabled: this.#state(token) !== "valid", "aria-label": `Expire ${name}`, onclick: expire },
      "Expire",
    );
  }

  #tick() {
    if (byId("view-tokens").hidden) return;
    if (this.#shown.some(({ token, row }) => row.dataset.state !== this.#state(token))) {
      this.#draw(); // a token has expired: move it down, or hide it
      return;
    }
    for (const { token, row, bar, fill, words } of this.#shown) {
      const life = this.#life(token, row.dataset.state);
      words.textContent = life.words;
      bar.setAttribute("aria-valuemax", String(life.whole));
      bar.setAttribute("aria-valuenow", String(life.left));
      bar.setAttribute("aria-valuetext", life.words);
      fill.style.width = `${(100 * life.left) / life.whole}%`;
    }
  }

  /** The current state: as loaded from the sandbox, except that a valid token expires by itself. */
  #state(token) {
    const over = token.expires_at !== null && this.#store.nowAt(token.vendor) >= token.expires_at;
    return token.state === "valid" && over ? "expired" : token.state;
  }

  #life(token, state) {
    if (state !== "valid") return { whole: 1, left: 0, words: "none" };
    if (token.expires_at === null) return { whole: 1, left: 1, words: "never expires" };
    const whole = Math.max(token.lifetime ?? token.expires_at - token.issued_at, 1);
    const left = Math.min(Math.max(token.expires_at - this.#store.nowAt(token.vendor), 0), whole);
    return { whole: Math.round(whole), left: Math.round(left), words: `${duration(left)} of ${duration(whole)}` };
  }

  #expire(kind) {
    const vendor = this.#store.vendor;
    this.#end(() => api.expireTokens(kind, vendor), `The ${kind} tokens of ${vendor || "all vendors"} have expired.`);
  }

  async #end(action, done) {
    const note = byId("token-note");
    try {
      await action();
      note.textContent = done;
    } catch (error) {
      note.textContent = error.message;
    }
  }
}
