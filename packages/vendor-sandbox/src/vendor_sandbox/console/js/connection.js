// Keeps the store up to date: loads everything at the start, then follows the sandbox's events. When the connection is
// lost, the page shows that and reconnects; then it reloads everything, since a restarted sandbox has no old state.

import * as api from "./api.js";
import { timeOfDay } from "./format.js";
import { MOST_HAPPENINGS } from "./store.js";

const FIRST_DELAY = 500;
const LONGEST_DELAY = 5000;
const GATHER = 150;

export class Connection {
  #store;
  #source = null;
  /** Events that arrived while everything was being read; null when nothing is. */
  #waiting = null;
  /** Counts the loads: a load is discarded if a later one has started. */
  #reading = 0;
  #delay = FIRST_DELAY;
  #lostAt = null;
  #rereadTokens;
  #readAgainSoon;

  constructor(store) {
    this.#store = store;
    this.#rereadTokens = gathered(async () => store.setTokens(await api.tokens()));
    this.#readAgainSoon = gathered(async () => this.#source !== null && (await this.#readAll(this.#source)));
  }

  open() {
    const source = new EventSource(api.address("events"));
    this.#source = source;
    source.addEventListener("message", (event) => this.#receive(event));
    source.addEventListener("open", () => this.#readAll(source));
    source.addEventListener("error", () => this.#lose(source));
  }

  /** Events that arrive during the load are queued. The store ignores those it already has, by id. */
  async #readAll(source) {
    const store = this.#store;
    const reading = ++this.#reading;
    const isOvertaken = () => source !== this.#source || reading !== this.#reading;
    this.#waiting ??= [];
    let read;
    try {
      read = await readEverything();
    } catch {
      if (!isOvertaken()) this.#lose(source);
      return;
    }
    if (isOvertaken()) return;
    const restarted = newestOf(read) < newestOf(store);
    store.setClock(read.now, read.receivedAt);
    for (const [vendor, settings] of read.settings) store.setSettings(vendor, settings);
    if (restarted || JSON.stringify(read.vendors) !== JSON.stringify(store.vendors)) store.setVendors(read.vendors);
    store.setRequests(read.requests);
    store.setHappenings(read.happenings);
    store.setTokens(read.tokens);
    store.setRules(read.rules);
    if (this.#lostAt !== null) store.setConnection("live", restarted ? "Live again, after a restart" : "Live again");
    else if (store.connection.state !== "live") store.setConnection("live", "Live");
    this.#delay = FIRST_DELAY;
    this.#lostAt = null;
    const waiting = this.#waiting;
    this.#waiting = null;
    for (const event of waiting) this.#apply(event);
  }

  #receive(message) {
    const event = { ...JSON.parse(message.data), receivedAt: Date.now() };
    if (this.#waiting === null) this.#apply(event);
    else this.#waiting.push(event);
  }

  #apply(event) {
    const store = this.#store;
    switch (event.type) {
      case "request":
        store.addRequest(event);
        if (event.token_request !== null) this.#rereadTokens(); // it may have spent or revoked some
        if (event.token_request !== null || event.fault !== null) store.addHappening(event);
        break;
      case "token":
        this.#rereadTokens();
        break;
      case "tokens_expired":
        store.addHappening(event);
        this.#rereadTokens();
        break;
      case "fault":
        store.putRule(event);
        if (event.applied === 0) store.addHappening(event);
        break;
      case "fault_removed":
        store.dropRule(event.id);
        store.addHappening(event);
        break;
      case "settings":
        store.setSettings(event.vendor, event.settings);
        store.addHappening(event);
        break;
      case "clock":
        store.setClock(event.now, event.receivedAt);
        store.addHappening(event);
        this.#rereadTokens();
        break;
      case "reset":
        store.forget(event.vendor);
        store.addHappening(event);
        store.setConnection("live", `Live; ${event.vendor ?? "everything"} was reset at ${timeOfDay(event.at)} UTC`);
        this.#readAgainSoon();
        break;
      case "missed":
        this.#readAgainSoon();
        break;
    }
  }

  #lose(source) {
    if (source !== this.#source) return;
    source.close();
    this.#source = null;
    this.#waiting = null;
    this.#lostAt ??= Date.now() / 1000;
    this.#store.setConnection("lost", `Not connected since ${timeOfDay(this.#lostAt)} UTC; reconnecting`);
    setTimeout(() => this.open(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }
}

/** The current content of the sandbox's lists. */
async function readEverything() {
  const [vendors, requests, happenings, tokens, rules, { now, receivedAt }] = await Promise.all([
    api.vendors(),
    api.requests(),
    readTimeline(),
    api.tokens(),
    api.faults(),
    api.clock().then(({ now }) => ({ now, receivedAt: Date.now() })),
  ]);
  const settings = await Promise.all(vendors.map(async ({ name }) => [name, await api.settings(name)]));
  return { vendors, requests, happenings, tokens, rules, now, receivedAt, settings };
}

/** The whole timeline, which comes in pages. */
async function readTimeline() {
  const all = [];
  for (let page; page?.length !== 0 && all.length < MOST_HAPPENINGS; all.push(...page)) {
    page = await api.timeline(all.at(-1)?.event_id ?? "0");
  }
  return all;
}

/** The number of the last event that is known from the lists. */
function newestOf({ requests, happenings }) {
  return Math.max(requests.at(-1)?.id ?? 0, happenings.at(-1)?.event_id ?? 0);
}

/** Merge many calls in a row into one, a moment later. Errors are ignored here: the connection detects them too. */
function gathered(work) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      work().catch(() => {});
    }, GATHER);
  };
}
