// Tokens with their remaining lifetime. The bars follow the sandbox's clock, with each vendor's skew.

import * as api from "../api.js";
import { byId, element } from "../dom.js";
import { dateTime, duration } from "../format.js";

const TICK = 1000;
const MOST = 200;

export class TokensView {
  #store;
  #rows = byId("token-rows");
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
    const rank = (token) => (this.#state(token) === "valid" ? 0 : 1);
    wanted.sort((one, other) => rank(one) - rank(other) || other.issued_at - one.issued_at);
    this.#shown = wanted.slice(0, MOST).map((token) => this.#row(token));
    this.#rows.replaceChildren(...this.#shown.map((parts) => parts.row));
    byId("token-empty").hidden = this.#shown.length > 0;
    byId("token-empty").textContent =
      ofVendor.length > 0 ? "No valid tokens." : "No tokens yet. They appear here after a login.";
    this.#tick();
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
      { "data-kind": token.kind, "data-state": this.#state(token) },
      element(
        "th",
        { scope: "row" },
        element("span", { class: "token" }, `${token.vendor} `, element("b", {}, token.kind), " "),
        element("code", {}, token.shown),
        element("small", { title: token.family }, `${token.subject}, login ${String(token.family).slice(0, 6)}`),
      ),
      element("td", {}, this.#state(token)),
      element("td", { class: "life" }, bar, words),
      element("td", { class: "wide when" }, dateTime(token.issued_at)),
      element("td", { class: "wide when" }, token.expires_at === null ? "never" : dateTime(token.expires_at)),
    );
    return { token, row, bar, fill, words };
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

  async #expire(kind) {
    const note = byId("token-note");
    const vendor = this.#store.vendor;
    try {
      await api.expireTokens(kind, vendor);
      note.textContent = `The ${kind} tokens of ${vendor || "all vendors"} have expired.`;
    } catch (error) {
      note.textContent = error.message;
    }
  }
}
