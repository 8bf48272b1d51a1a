// What the page knows of the sandbox. Views listen to it; the connection and the views' own actions feed it.

import * as api from "./api.js";

export const MOST_REQUESTS = 500;
const MOST_CLOCK_MOVES = 100;
const SMALLEST_CLOCK_MOVE = 0.5;

/**
 * Events: `vendors`, `vendor` (another one was chosen), `requests` (detail: those that were added, or null when all
 * are new), `tokens`, `rules`, `clock` (it was moved, or read anew), `settings`, `connection`.
 */
export class Store extends EventTarget {
  vendors = [];
  /** The vendor to show; empty: all. */
  vendor = "";
  /** Oldest first, at most MOST_REQUESTS. */
  requests = [];
  tokens = [];
  rules = [];
  /** Moves of the clock that this page has seen: `{id, at, by}`, oldest first; `at` is the time after the move. */
  clockMoves = [];
  settings = new Map();
  connection = { state: "connecting", text: "Connecting" };
  #clockOffset = 0;
  #documents = new Map();

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(names, listener) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => listener(event.detail));
  }

  /** Whether something of this vendor is to be shown. */
  shows(vendor) {
    return this.vendor === "" || this.vendor === vendor;
  }

  chooseVendor(name) {
    this.vendor = name;
    this.#tell("vendor");
  }

  setConnection(state, text) {
    this.connection = { state, text };
    this.#tell("connection");
  }

  setVendors(vendors) {
    this.vendors = vendors;
    this.#documents.clear();
    if (!vendors.some((vendor) => vendor.name === this.vendor)) this.vendor = "";
    this.#tell("vendors");
  }

  setRequests(requests) {
    this.requests = requests.slice(-MOST_REQUESTS);
    this.#tell("requests", null);
  }

  addRequest(request) {
    this.requests.push(request);
    if (this.requests.length > MOST_REQUESTS) this.requests.shift();
    this.#tell("requests", [request]);
  }

  setTokens(tokens) {
    this.tokens = tokens;
    this.#tell("tokens");
  }

  setRules(rules) {
    this.rules = rules;
    this.#tell("rules");
  }

  setSettings(vendor, settings) {
    this.settings.set(vendor, settings);
    this.#tell("settings", vendor);
  }

  /** The sandbox's time, in seconds since the epoch. */
  now() {
    return Date.now() / 1000 + this.#clockOffset;
  }

  /** The time as a vendor believes it to be, by which its tokens end. */
  nowAt(vendor) {
    return this.now() + (this.settings.get(vendor)?.clock_skew ?? 0);
  }

  setClock(now) {
    this.#clockOffset = now - Date.now() / 1000;
    this.#tell("clock");
  }

  /** The clock was moved to `now`, says the event with this id. It is no news if the clock was read after the move. */
  moveClock(id, now) {
    const by = now - this.now();
    if (Math.abs(by) >= SMALLEST_CLOCK_MOVE) this.clockMoves.push({ id, at: now, by });
    if (this.clockMoves.length > MOST_CLOCK_MOVES) this.clockMoves.shift();
    this.setClock(now);
  }

  forgetClockMoves() {
    this.clockMoves = [];
  }

  /** A vendor's OpenAPI document, fetched once. */
  openApiDocument(vendor) {
    let document = this.#documents.get(vendor);
    if (document === undefined) {
      document = api.openApiDocument(vendor);
      this.#documents.set(vendor, document);
      document.catch(() => this.#documents.delete(vendor));
    }
    return document;
  }
}
