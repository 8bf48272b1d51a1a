// Logins, refreshes, faults and moves of the clock: a picture, and the same as a list.

import { byId, element, oncePerFrame } from "../dom.js";
import { faultWords } from "../fault_kinds.js";
import { dateTime, duration, timeOfDay } from "../format.js";
import { draw, mark } from "../timeline_picture.js";

const MOST_DRAWN = 150;
const MOST_LISTED = 300;

export const KINDS = {
  login: "login",
  refresh: "refresh",
  refused: "refused login or refresh",
  fault: "fault",
  clock: "clock moved",
};

export class TimelineView {
  #store;
  #picture = byId("timeline-picture");
  #list = byId("timeline-list");
  #soon = oncePerFrame(() => this.#draw());

  constructor(store) {
    this.#store = store;
    const legend = Object.entries(KINDS).map(([kind, words]) => element("span", {}, mark(kind), ` ${words}`));
    byId("timeline-legend").replaceChildren(...legend);
    store.on("requests clock vendor vendors", () => this.#soon());
    new ResizeObserver(() => this.#soon()).observe(this.#picture);
  }

  show() {
    this.#draw();
  }

  #draw() {
    if (byId("view-timeline").hidden) return;
    const all = happenings(this.#store);
    const lanes = this.#store.vendors.map((vendor) => vendor.name).filter((name) => this.#store.shows(name));
    byId("timeline-empty").hidden = all.length > 0;
    const picture = all.length > 0 ? [draw(all.slice(-MOST_DRAWN), lanes, this.#picture.clientWidth)] : [];
    this.#picture.replaceChildren(...picture);
    this.#list.replaceChildren(...all.slice(-MOST_LISTED).reverse().map(listed));
  }
}

/** What happened, in the order it did: `{id, at, vendor, kind, text}`; a move of the clock has no vendor. */
function happenings(store) {
  const found = store.clockMoves.map(moved);
  for (const request of store.requests) {
    if (!store.shows(request.vendor)) continue;
    if (request.fault !== null) found.push(struck(request));
    else if (request.token_request !== null) found.push(issued(request));
  }
  return found.sort((one, other) => one.id - other.id);
}

function moved({ id, at, by }) {
  const text = by < 0 ? `clock set back by ${duration(-by)}` : `clock advanced by ${duration(by)}`;
  return { id, at, vendor: null, kind: "clock", text };
}

function issued(request) {
  const renewal = request.token_request === "refresh";
  const name = renewal ? "refresh" : `login (${request.token_request})`;
  const common = { id: request.id, at: request.at, vendor: request.vendor };
  if (request.status === null || request.status >= 400) {
    return { ...common, kind: "refused", text: `${name} refused: ${request.status ?? "no answer"}` };
  }
  return { ...common, kind: renewal ? "refresh" : "login", text: name };
}

function struck({ id, at, vendor, fault, operation_id: operation, path, status }) {
  const answer = status === null ? "no answer" : `answered ${status}`;
  return { id, at, vendor, kind: "fault", text: `${faultWords(fault)} at ${operation ?? path}, ${answer}` };
}

function listed({ at, vendor, kind, text }) {
  return element(
    "li",
    { "data-kind": kind },
    element("time", { title: dateTime(at) }, timeOfDay(at)),
    mark(kind),
    element("span", { class: "name" }, vendor ?? "all"),
    element("span", {}, text),
  );
}
