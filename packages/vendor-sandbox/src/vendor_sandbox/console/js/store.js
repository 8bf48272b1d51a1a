// The page's copy of the sandbox's state. Views listen to it; the connection and the views' own actions update it.

import * as api from "./api.js";

export const MOST_REQUESTS = 500;
/** The number of requests that the sandbox keeps. */
export const MOST_HAPPENINGS = 5000;

/**
 * Events: `vendors`, `vendor` (another one was selected), `requests` (detail: the added requests, or null if all are
 * new), `happenings`, `tokens`, `rules`, `clock` (it was moved or reloaded), `settings`, `connection`.
 */
export class Store extends EventTarget {
  vendors = [];
  /** The vendor to show; empty: all. */
  vendor = "";
  /** Oldest first, at most MOST_REQUESTS. */
  requests = [];
  tokens = [];
  rules = [];
  /** The events of the timeline, as the sandbox reports them: oldest first, at most MOST_HAPPENINGS. */
  happenings = [];
  settings = new Map();
  connection = { state: "connecting", text: "Connecting" };
  #clockOffset = 0;
  #documents = new Map();
  #clients = new Map();

  #tell(name, detail = null) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  on(names, listener) {
    for (const name of names.split(" ")) this.addEventListener(name, (event) => listener(event.detail));
  }

  /** Whether data of this vendor is shown. */
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
    this.#clients.clear();
    if (!vendors.some((vendor) => vendor.name === this.vendor)) this.vendor = "";
    this.#tell("vendors");
  }

  setRequests(requests) {
    this.requests = requests.slice(-MOST_REQUESTS);
    this.#tell("requests", null);
  }

  /** One that is in the list already is no news. */
  addRequest(request) {
    if (request.id <= (this.requests.at(-1)?.id ?? 0)) return;
    this.requests.push(request);
    if (this.requests.length > MOST_REQUESTS) this.requests.shift();
    this.#tell("requests", [request]);
  }

  setHappenings(happenings) {
    this.happenings = happenings.slice(-MOST_HAPPENINGS);
    this.#tell("happenings");
  }

  /** One that is in the list already is no news. */
  addHappening(event) {
    if (event.event_id <= (this.happenings.at(-1)?.event_id ?? 0)) return;
    this.happenings.push(event);
    if (this.happenings.length > MOST_HAPPENINGS) this.happenings.shift();
    this.#tell("happenings");
  }

  setTokens(tokens) {
    this.tokens = tokens;
    this.#tell("tokens");
  }

  setRules(rules) {
    this.rules = rules;
    this.#tell("rules");
  }

  putRule(rule) {
    const others = this.rules.filter(({ id }) => id !== rule.id);
    this.setRules([...others, rule].sort((one, other) => one.id - other.id));
  }

  dropRule(id) {
    this.setRules(this.rules.filter((rule) => rule.id !== id));
  }

  /** Remove the requests, tokens and happenings of a vendor, or of all (null). */
  forget(vendor) {
    const remains = (one) => vendor !== null && (one.vendor ?? null) !== vendor;
    this.setRequests(this.requests.filter(remains));
    this.setHappenings(this.happenings.filter(remains));
    this.setTokens(this.tokens.filter(remains));
  }

  setSettings(vendor, settings) {
    this.settings.set(vendor, settings);
    this.#tell("settings", vendor);
  }

  /** The sandbox's time, in seconds since the epoch. */
  now() {
    return Date.now() / 1000 + this.#clockOffset;
  }

  /** The time on a vendor's clock, which decides when its tokens expire. */
  nowAt(vendor) {
    return this.now() + (this.settings.get(vendor)?.clock_skew ?? 0);
  }

  /** The sandbox's clock showed `now` when this computer's showed `readAt`, in milliseconds. */
  setClock(now, readAt) {
    this.#clockOffset = now - readAt / 1000;
    this.#tell("clock");
  }

  /** A vendor's OpenAPI document, fetched once. */
  openApiDocument(vendor) {
    return fetchedOnce(this.#documents, vendor, api.openApiDocument);
  }

  /** The names of a vendor's client, fetched once; null for a vendor without one. */
  client(vendor) {
    if (!this.vendors.find(({ name }) => name === vendor)?.client) return Promise.resolve(null);
    return fetchedOnce(this.#clients, vendor, api.client);
  }
}

function fetchedOnce(fetched, vendor, get) {
  if (!fetched.has(vendor)) {
    const found = get(vendor);
    fetched.set(vendor, found);
    found.catch(() => fetched.delete(vendor));
  }
  return fetched.get(vendor);
}
