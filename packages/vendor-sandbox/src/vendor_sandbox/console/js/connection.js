// Keeps the store up to date: everything at the start, then the sandbox's events. When the sandbox goes away, the page
// says so and tries again until it is back; then all is read anew, since a restarted sandbox has forgotten everything.

import * as api from "./api.js";
import { timeOfDay } from "./format.js";

const FIRST_DELAY = 500;
const LONGEST_DELAY = 5000;
const GATHER = 150;

export class Connection {
  #store;
  #source = null;
  /** Events that arrived while everything was being read; null when nothing is. */
  #waiting = null;
  /** Counts the readings: one that another has overtaken is dropped. */
  #reading = 0;
  #delay = FIRST_DELAY;
  #lostAt = null;
  #rereadTokens;
  #rereadRules;

  constructor(store) {
    this.#store = store;
    this.#rereadTokens = gathered(async () => store.setTokens(await api.tokens()));
    this.#rereadRules = gathered(async () => store.setRules(await api.faults()));
  }

  open() {
    const source = new EventSource(api.address("events"));
    this.#source = source;
    source.addEventListener("message", (event) => this.#receive(event));
    source.addEventListener("open", () => this.#readAll(source));
    source.addEventListener("error", () => this.#lose(source));
  }

  /** Reads everything anew, after a reset. */
  async readAgain() {
    if (this.#source !== null) await this.#readAll(this.#source);
  }

  /** Events that arrive meanwhile wait; the requests among them that were read already are known by their ids. */
  async #readAll(source) {
    const store = this.#store;
    const reading = ++this.#reading;
    const isOvertaken = () => source !== this.#source || reading !== this.#reading;
    this.#waiting = [];
    try {
      const [vendors, requests, tokens, rules, clock] = await Promise.all([
        api.vendors(),
        api.requests(),
        api.tokens(),
        api.faults(),
        api.clock(),
      ]);
      const settings = await Promise.all(vendors.map((vendor) => api.settings(vendor.name)));
      if (isOvertaken()) return;
      const restarted = (requests.at(-1)?.id ?? 0) < (store.requests.at(-1)?.id ?? 0);
      if (restarted) store.forgetClockMoves();
      store.setClock(clock.now);
      vendors.forEach((vendor, index) => store.setSettings(vendor.name, settings[index]));
      store.setVendors(vendors);
      store.setRequests(requests);
      store.setTokens(tokens);
      store.setRules(rules);
      if (this.#lostAt !== null) store.setConnection("live", restarted ? "Live again, after a restart" : "Live again");
      else if (store.connection.state !== "live") store.setConnection("live", "Live");
    } catch {
      if (!isOvertaken()) this.#lose(source);
      return;
    }
    this.#delay = FIRST_DELAY;
    this.#lostAt = null;
    const newest = store.requests.at(-1)?.id ?? 0;
    const unread = this.#waiting.filter((event) => event.type !== "request" || event.id > newest);
    this.#waiting = null;
    for (const event of unread) this.#apply(event);
  }

  #receive(message) {
    const event = { id: Number(message.lastEventId), ...JSON.parse(message.data) };
    if (this.#waiting === null) this.#apply(event);
    else this.#waiting.push(event);
  }

  #apply(event) {
    switch (event.type) {
      case "request":
        this.#store.addRequest(event);
        if (event.token_request !== null) this.#rereadTokens();
        if (event.fault !== null) this.#rereadRules();
        break;
      case "token":
        this.#rereadTokens();
        break;
      case "fault":
        this.#rereadRules();
        break;
      case "clock":
        this.#store.moveClock(event.id, event.now);
        this.#rereadTokens();
        break;
    }
  }

  #lose(source) {
    if (source !== this.#source) return;
    source.close();
    this.#source = null;
    this.#lostAt ??= Date.now() / 1000;
    this.#store.setConnection("lost", `Not connected since ${timeOfDay(this.#lostAt)} UTC; trying again`);
    setTimeout(() => this.open(), this.#delay);
    this.#delay = Math.min(this.#delay * 2, LONGEST_DELAY);
  }
}

/** Many calls in a row become one, a moment later. A failure is left to the connection, which sees it too. */
function gathered(work) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      work().catch(() => {});
    }, GATHER);
  };
}
