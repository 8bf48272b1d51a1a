// Requests as they arrive, newest first.

import * as api from "../api.js";
import { breakable, byId, element, oncePerFrame } from "../dom.js";
import { copies, requestParts, responseParts } from "../exchange.js";
import { faultWords } from "../fault_kinds.js";
import { counted, dateTime, elapsed, timeOfDay } from "../format.js";
import { fragment } from "../router.js";
import { MOST_REQUESTS } from "../store.js";
import { Start } from "./start.js";

/** Shown next to the sizes of bodies. */
const HIDDEN = "Bodies are not shown: start the sandbox with --show-bodies.";

export class RequestsView {
  #store;
  #rows = byId("request-rows");
  #show = byId("request-show");
  #text = byId("request-text");
  #pause = byId("request-pause");
  #detail = byId("request-detail");
  #paused = false;
  /** Requests that are not drawn yet, oldest first; null: redraw everything. */
  #pending = [];
  #known = new WeakMap();
  /** The number of the request that is shown next to the list; null: none is. */
  #opened = null;
  #flush = oncePerFrame(() => this.#draw());

  constructor(store) {
    this.#store = store;
    new Start(store);
    store.on("requests", (added) => {
      if (added === null) this.#pending = null;
      else if (this.#pending !== null) {
        this.#pending.push(...added);
        if (this.#pending.length > MOST_REQUESTS) this.#pending = null;
      }
      this.#flush();
    });
    store.on("vendor", () => this.#redraw());
    this.#show.addEventListener("change", () => this.#redraw());
    this.#text.addEventListener("input", () => this.#redraw());
    this.#pause.addEventListener("click", () => this.#togglePause());
    this.#rows.addEventListener("keydown", (event) => this.#move(event));
    this.#rows.addEventListener("click", (event) => {
      const row = event.target.closest("tr");
      if (row !== null) this.#open(row);
    });
    byId("request-detail-close").addEventListener("click", () => this.#close());
    byId("view-requests").addEventListener("keydown", (event) => event.key === "Escape" && this.#close());
  }

  show() {}

  #redraw() {
    this.#pending = null;
    this.#draw(true);
  }

  #draw(force = false) {
    if (!this.#paused || force) {
      if (this.#pending === null) this.#drawAll();
      else this.#prepend(this.#pending);
      this.#pending = [];
      byId("request-empty").hidden = this.#rows.childElementCount > 0;
      byId("request-start").hidden = this.#store.requests.length > 0;
      byId("request-table").hidden = this.#rows.childElementCount === 0;
      byId("request-empty").textContent =
        this.#store.requests.length > 0 ? "No request matches." : "No requests yet. They appear here as they arrive.";
    }
    this.#tellCount();
  }

  #drawAll() {
    const hadFocus = this.#rows.contains(document.activeElement);
    this.#rows.replaceChildren(...this.#fitting(this.#store.requests));
    this.#keepOneTabStop();
    if (hadFocus) (this.#rows.querySelector("button") ?? byId("requests-title")).focus();
    if (this.#opened !== null && !this.#store.requests.some(({ id }) => id === this.#opened)) this.#close();
  }

  #prepend(requests) {
    this.#rows.prepend(...this.#fitting(requests));
    while (this.#rows.childElementCount > MOST_REQUESTS) this.#rows.lastElementChild.remove();
    this.#keepOneTabStop();
  }

  #fitting(requests) {
    const text = this.#text.value.trim().toLowerCase();
    const fits = (request) =>
      this.#store.shows(request.vendor) &&
      isShown(request, this.#show.value) &&
      `${request.method} ${request.path} ${request.operation_id ?? ""}`.toLowerCase().includes(text);
    return requests
      .filter(fits)
      .reverse()
      .map((request) => this.#row(request));
  }

  #row(request) {
    const row = element(
      "tr",
      { "data-open": request.id === this.#opened },
      element("td", {}, element("time", { title: dateTime(request.at) }, timeOfDay(request.at), milliseconds(request.at))),
      element("td", { class: "wide vendor-name" }, request.vendor ?? ""),
      element(
        "th",
        { class: "request", scope: "row" },
        element(
          "button",
          { type: "button", class: "plain", tabindex: "-1" },
          element("span", { class: "method" }, request.method),
          " ",
          breakable(request.path),
        ),
        element("span", { class: "narrow" }, remarks(request)),
      ),
      element("td", { class: "wide name spare" }, request.operation_id ?? "–"),
      element("td", { class: tone(request.status) }, statusText(request.status)),
      element("td", { class: "wide number spare" }, elapsed(request.seconds)),
      element("td", { class: "wide" }, remarks(request)),
    );
    this.#known.set(row, request);
    return row;
  }

  #tellCount() {
    const waiting = this.#pending === null ? "more" : counted(this.#pending.length, "more request");
    const count = this.#store.requests.length;
    const kept = count < MOST_REQUESTS ? counted(count, "request") : `the newest ${count} requests`;
    byId("request-note").textContent = this.#paused ? `Paused; ${waiting} since` : kept;
  }

  #togglePause() {
    this.#paused = !this.#paused;
    this.#pause.setAttribute("aria-pressed", String(this.#paused));
    this.#draw();
  }

  // --- by keyboard: the list is one stop of the Tab key, the arrows move inside

  #keepOneTabStop() {
    if (this.#rows.querySelector("button[tabindex='0']") === null) {
      this.#rows.querySelector("button")?.setAttribute("tabindex", "0");
    }
  }

  #move(event) {
    const row = event.target.closest("tr");
    const next = {
      ArrowDown: row?.nextElementSibling,
      ArrowUp: row?.previousElementSibling,
      Home: this.#rows.firstElementChild,
      End: this.#rows.lastElementChild,
    }[event.key];
    if (!next) return;
    event.preventDefault();
    this.#makeTabStop(next);
    next.querySelector("button").focus();
  }

  #makeTabStop(row) {
    for (const button of this.#rows.querySelectorAll("button[tabindex='0']")) button.setAttribute("tabindex", "-1");
    row.querySelector("button").setAttribute("tabindex", "0");
  }

  // --- one request

  #open(row) {
    const request = this.#known.get(row);
    this.#openedRow()?.removeAttribute("data-open");
    this.#opened = request.id;
    row.setAttribute("data-open", "");
    this.#makeTabStop(row);
    byId("request-detail-body").replaceChildren(...detail(request));
    this.#detail.hidden = false;
    byId("request-detail-title").focus();
    this.#complete(request);
  }

  /** Add the parts that the list does not have. */
  async #complete({ id, fault }) {
    let parts;
    try {
      const found = await api.request(id);
      const hidden = !found.bodies && (found.body ?? found.response?.body) ? [element("p", { class: "note" }, HIDDEN)] : [];
      parts = [copies(found), hidden, requestParts(found), responseParts(found.response, fault)].flat();
    } catch (error) {
      parts = [element("p", { class: "error" }, error.message)];
    }
    if (this.#opened === id) byId("request-detail-body").append(...parts.filter(Boolean));
  }

  #close() {
    if (this.#opened === null) return;
    const row = this.#openedRow();
    const hadFocus = this.#detail.contains(document.activeElement);
    this.#opened = null;
    row?.removeAttribute("data-open");
    this.#detail.hidden = true;
    if (hadFocus) ((row ?? this.#rows.firstElementChild)?.querySelector("button") ?? byId("requests-title")).focus();
  }

  #openedRow() {
    return this.#rows.querySelector("tr[data-open]");
  }
}

function isShown(request, choice) {
  switch (choice) {
    case "all":
      return true;
    case "none":
      return request.status === null;
    case "token":
      return request.token_request !== null;
    case "fault":
      return request.fault !== null;
    default:
      return request.status !== null && Math.floor(request.status / 100) === Number(choice);
  }
}

function milliseconds(at) {
  return element("span", { class: "wide" }, timeOfDay(at, true).slice(8));
}

function statusText(status) {
  return status === null ? "none" : String(status);
}

function tone(status) {
  if (status === null || status >= 500) return "status bad";
  return status >= 400 ? "status warn" : "status good";
}

function remarks(request) {
  const found = [];
  if (request.token_request !== null) found.push(element("span", { class: "mark" }, tokenRequest(request)));
  if (request.fault !== null) found.push(element("span", { class: "mark bad" }, `fault: ${faultWords(request.fault)}`));
  return found;
}

function tokenRequest(request) {
  return request.token_request === "refresh" ? "refresh" : `login: ${request.token_request}`;
}

function detail(request) {
  const facts = [
    ["Request", element("code", {}, `${request.method} `, breakable(request.path))],
    ["Vendor", request.vendor ?? "–"],
    ["Operation", request.operation_id ?? "no operation has this method and path"],
    ["Status", request.status === null ? "none: the connection was reset" : String(request.status)],
    ["Duration", elapsed(request.seconds) || "–"],
    ["At", `${dateTime(request.at)} UTC`],
    ["Token request", request.token_request === null ? "no" : tokenRequest(request)],
    ["Fault", request.fault === null ? "none" : faultWords(request.fault)],
    ["Number", String(request.id)],
  ];
  const list = facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
  const found = [element("dl", { class: "facts" }, list)];
  if (request.operation_id !== null) {
    const { vendor, operation_id: operation } = request;
    found.push(
      element(
        "p",
        { class: "links" },
        element("a", { href: fragment("reference", [vendor, operation]) }, "Reference of this operation"),
        element("a", { href: fragment("faults", [], { vendor, operation }) }, "Add a fault for this operation"),
      ),
    );
  }
  return found;
}
