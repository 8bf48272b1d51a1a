// Logins, refreshes, faults, clock changes and other manual changes: as a picture and as a list.

import { atMostEvery, byId, element } from "../dom.js";
import { faultWords, operationWords, ruleWhat } from "../fault_kinds.js";
import { counted, dateTime, duration, timeOfDay } from "../format.js";
import { draw, mark } from "../timeline_picture.js";

/** Minimum milliseconds between two drawings. */
const REST = 250;
const MOST_DRAWN = 150;
const MOST_LISTED = 300;
/** Seconds within which a repeated event is merged with the earlier one. */
const SAME = 2;

export const KINDS = {
  login: "login",
  refresh: "refresh",
  refused: "refused login or refresh",
  fault: "fault",
  clock: "clock moved",
  change: "manual change",
};

export class TimelineView {
  #store;
  #picture = byId("timeline-picture");
  #list = byId("timeline-list");
  #soon = atMostEvery(REST, () => this.#draw());

  constructor(store) {
    this.#store = store;
    const legend = Object.entries(KINDS).map(([kind, words]) => element("span", {}, mark(kind), ` ${words}`));
    byId("timeline-legend").replaceChildren(...legend);
    store.on("happenings vendor vendors", () => this.#soon());
    new ResizeObserver(() => this.#soon()).observe(this.#picture);
  }

  show() {
    this.#draw();
  }

  #draw() {
    if (byId("view-timeline").hidden) return;
    const all = runs(this.#store.happenings.filter(({ vendor }) => (vendor ?? null) === null || this.#store.shows(vendor)));
    const lanes = this.#store.vendors.map((vendor) => vendor.name).filter((name) => this.#store.shows(name));
    byId("timeline-empty").hidden = all.length > 0;
    const picture = all.length > 0 ? [draw(all.slice(-MOST_DRAWN), lanes, this.#picture.clientWidth)] : [];
    this.#picture.replaceChildren(...picture);
    this.#list.replaceChildren(...all.slice(-MOST_LISTED).reverse().map(listed));
  }
}

/**
 * The events in the order of their report: `{at, until, count, vendor, kind, text}`. Repeated events without a pause
 * are merged: a fault that applies to each request would hide everything else.
 */
function runs(events) {
  const found = [];
  let open = new Map();
  for (const event of events) {
    const happening = { at: event.at, until: event.at, count: 1, vendor: event.vendor ?? null, ...TOLD[event.type](event) };
    const { kind, at } = happening;
    if (kind === "clock" || kind === "change") open = new Map();
    const key = `${happening.vendor} ${kind} ${happening.text}`;
    const last = open.get(key);
    if (last !== undefined && Math.abs(at - last.until) <= SAME) {
      last.at = Math.min(last.at, at);
      last.until = Math.max(last.until, at);
      last.count += 1;
    } else {
      found.push(happening);
      if (kind !== "clock" && kind !== "change") open.set(key, happening);
    }
  }
  return found;
}

/** For each type of event: the kind of its mark, and its text. */
const TOLD = {
  request: (request) => (request.fault === null ? issued(request) : struck(request)),
  fault: (rule) => ({ kind: "change", text: `fault added: ${ruleWhat(rule)} at ${operationWords(rule)}` }),
  fault_removed: (rule) => ({ kind: "change", text: `fault removed: ${ruleWhat(rule)} at ${operationWords(rule)}` }),
  tokens_expired: ({ kind, token, login }) => ({ kind: "change", text: ended(kind, token, login) }),
  settings: ({ settings, changed }) => ({ kind: "change", text: `settings: ${changed.map((name) => `${name} ${settings[name]}`).join(", ")}` }),
  clock: ({ by }) => ({ kind: "clock", text: by < 0 ? `clock set back by ${duration(-by)}` : `clock advanced by ${duration(by)}` }),
  reset: () => ({ kind: "change", text: "reset to the initial state" }),
};

function ended(kind, token, login) {
  if (login !== undefined) return `login ${login.slice(0, 6)} revoked manually`;
  return token === undefined ? `${kind} tokens expired manually` : `one ${kind} token expired manually`;
}

function issued({ token_request: grant, status }) {
  const renewal = grant === "refresh";
  const name = renewal ? "refresh" : `login (${grant})`;
  if (status === null || status >= 400) return { kind: "refused", text: `${name} refused: ${status ?? "no response"}` };
  return { kind: renewal ? "refresh" : "login", text: name };
}

function struck({ fault, operation_id: operation, path, status }) {
  const response = status === null ? "no response" : `responded with ${status}`;
  return { kind: "fault", text: `${faultWords(fault)} at ${operation ?? path}, ${response}` };
}

function listed({ at, until, count, vendor, kind, text }) {
  const last = timeOfDay(until);
  const often = count === 1 ? "" : `, ${counted(count, "time")}${last === timeOfDay(at) ? "" : ` until ${last}`}`;
  return element(
    "li",
    { "data-kind": kind },
    element("time", { title: dateTime(at) }, timeOfDay(at)),
    mark(kind),
    element("span", { class: "name" }, vendor ?? "all"),
    element("span", {}, text + often),
  );
}
