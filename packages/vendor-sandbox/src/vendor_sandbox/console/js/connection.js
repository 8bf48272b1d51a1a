// Keeps the store up to date: everything at the start, then the sandbox's events. When the sandbox goes away, the page
// says so and tries again until it is back; then all is read anew, since a restarted sandbox has forgotten everything.

import * as api from "./api.js";
import { timeOfDay } from "./format.js";

const EVENT_TYPES = ["message", "request", "token", "fault", "clock"];
const FIRST_DELAY = 500;
const LONGEST_DELAY = 5000;
const GATHER = 150;

export class Connection {
  #store;
  #source = null;
  #waiting = [];
  #reading = false;
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
    for (const type of EVENT_TYPES) source.addEventListener(type, (event) => this.#receive(event));
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
    this.#reading = true;
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
      if (source !== this.#source) return;
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
      this.#lose(source);
      return;
    }
    this.#reading = false;
    this.#delay = FIRST_DELAY;
    this.#lostAt = null;
    const newest = store.requests.at(-1)?.id ?? 0;
    const unread = this.#waiting.splice(0).filter((event) => event.type !== "request" || event.id > newest);
    for (const event of unread) this.#apply(event);
  }

  #receive(message) {
    const event = JSON.parse(message.data);
    if (this.#reading) this.#waiting.push(event);
    else this.#apply(event);
  }

  #apply(event) {
    switch (event.type) {
      case "request":
        if (event.id <= (this.#store.requests.at(-1)?.id ?? 0)) {
          this.readAgain(); // somebody has reset the sandbox, and its numbers begin anew
          break;
        }
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
        this.#store.moveClock(event.now, event.advance);
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
