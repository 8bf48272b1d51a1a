// Every operation of every vendor, from the OpenAPI documents that the sandbox serves by.

import { breakable, byId, element, oncePerFrame } from "../dom.js";
import { counted } from "../format.js";
import { operationBody } from "../openapi/operation.js";
import { operationsOf } from "../openapi/reading.js";
import { prose } from "../openapi/prose.js";
import { fragment } from "../router.js";

export class ReferenceView {
  #store;
  #body = byId("reference-body");
  #index = byId("reference-index");
  #search = byId("reference-search");
  #note = byId("reference-note");
  /** `{vendor, section, groups: [{tag, section, entries: [{operation, node, text}]}]}` for each vendor. */
  #drawn = [];
  #drawing = null;
  #filterSoon = oncePerFrame(() => this.#filter());

  constructor(store) {
    this.#store = store;
    this.#search.addEventListener("input", () => this.#filterSoon());
    store.on("vendor", () => this.#filter());
    store.on("vendors", () => {
      this.#drawing = null;
      if (!byId("view-reference").hidden) this.#draw().then(() => this.#goTo(this.#target));
    });
  }

  #target = [];

  async show(rest) {
    this.#target = rest;
    if (this.#store.vendors.length === 0) return; // drawn when the vendors have been loaded
    await this.#draw();
    this.#goTo(rest);
  }

  #draw() {
    this.#drawing ??= this.#drawAll().catch((error) => {
      this.#drawing = null;
      this.#note.textContent = error.message;
    });
    return this.#drawing;
  }

  async #drawAll() {
    const vendors = this.#store.vendors;
    const documents = await Promise.all(vendors.map(({ name }) => this.#store.openApiDocument(name)));
    const clients = await Promise.all(vendors.map(({ name }) => this.#store.client(name)));
    this.#drawn = vendors.map((vendor, index) => drawVendor(vendor, documents[index], clients[index]));
    this.#body.replaceChildren(...this.#drawn.map(({ section }) => section));
    this.#index.replaceChildren(...this.#drawn.map(indexOf));
    this.#filter();
  }

  /** Show the operations that match the vendor and every word of the search. */
  #filter() {
    const words = this.#search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    let all = 0;
    for (const { vendor, section, groups, link } of this.#drawn) {
      let ofVendor = 0;
      for (const group of groups) {
        let ofGroup = 0;
        for (const { node, text } of group.entries) {
          const fits = this.#store.shows(vendor) && words.every((word) => text.includes(word));
          node.hidden = !fits;
          ofGroup += fits ? 1 : 0;
        }
        all += group.entries.length;
        group.section.hidden = group.link.hidden = ofGroup === 0;
        ofVendor += ofGroup;
      }
      section.hidden = link.hidden = ofVendor === 0;
      shown += ofVendor;
    }
    this.#note.textContent = shown === all ? counted(all, "operation") : `${shown} of ${counted(all, "operation")}`;
  }

  /** Opens what `#reference/<vendor>/<operation>` or `#reference/<vendor>/tag:<tag>` names. */
  #goTo([vendor, name]) {
    const found = this.#drawn.find((drawn) => drawn.vendor === vendor);
    if (found === undefined) return;
    if (!this.#store.shows(vendor)) this.#store.chooseVendor("");
    if (name === undefined) return void reach(found.heading);
    const group = found.groups.find(({ tag }) => `tag:${tag}` === name);
    if (group !== undefined) return void reach(group.heading);
    const entry = found.groups.flatMap(({ entries }) => entries).find(({ operation }) => operation.id === name);
    if (entry === undefined) {
      this.#note.textContent = `${vendor} has no operation ${name}.`;
      return;
    }
    if (entry.node.hidden) {
      this.#search.value = "";
      this.#filter();
    }
    entry.node.open = true;
    reach(entry.node.querySelector("summary"));
  }
}

function reach(node) {
  node.focus();
  node.scrollIntoView({ block: "start" });
}

function drawVendor({ name, title, servers, grants }, document, client) {
  const groups = grouped(name, document, client);
  const heading = element("h3", { tabindex: "-1", id: `reference-of-${name}` }, title ?? name);
  const addresses = Object.entries(servers ?? {}).flatMap(([argument, url]) => [
    element("dt", {}, element("code", {}, argument)),
    element("dd", {}, element("code", {}, breakable(url))),
  ]);
  const names = (grants ?? []).map((grant, index) => [index > 0 ? ", " : "", element("code", {}, grant)]);
  const section = element(
    "section",
    { "aria-labelledby": heading.id, class: "vendor-reference" },
    heading,
    element(
      "dl",
      { class: "facts" },
      addresses,
      names.length > 0 ? [element("dt", {}, "grants"), element("dd", {}, names.flat())] : [],
    ),
    about(document),
    groups.map((group) => group.section),
  );
  return { vendor: name, title: title ?? name, section, heading, groups };
}

function about(document) {
  const description = document.info?.description;
  if (!description) return null;
  return element("details", { class: "about" }, element("summary", {}, "About this API"), prose(description));
}

function grouped(vendor, document, client) {
  const described = new Map((document.tags ?? []).map(({ name, description }) => [name, description]));
  const byTag = new Map([...described.keys()].map((tag) => [tag, []]));
  for (const operation of operationsOf(document)) {
    if (!byTag.has(operation.tag)) byTag.set(operation.tag, []);
    byTag.get(operation.tag).push(entryOf(vendor, document, client, operation));
  }
  return [...byTag]
    .filter(([, entries]) => entries.length > 0)
    .map(([tag, entries]) => {
      const heading = element("h4", { tabindex: "-1" }, tag);
      const text = described.get(tag) ? prose(described.get(tag)) : null;
      return { tag, heading, entries, section: element("section", {}, heading, text, entries.map(({ node }) => node)) };
    });
}

function entryOf(vendor, document, client, operation) {
  const { id, method, path, node: raw, tag } = operation;
  const summary = element(
    "summary",
    {},
    element("span", { class: "method" }, method),
    element("code", { class: "path" }, breakable(path)),
    element("span", { class: "summary" }, raw.summary ?? id),
    raw.deprecated === true ? element("span", { class: "mark warn" }, "deprecated") : null,
  );
  const node = element("details", { class: "operation", "data-operation": id }, summary);
  const fill = () => node.open && node.childElementCount === 1 && node.append(operationBody(vendor, document, client, operation));
  node.addEventListener("toggle", fill);
  const text = [id, method, path, raw.summary, raw.description, tag].join(" ").toLowerCase();
  return { operation, node, text };
}

function indexOf(drawn) {
  drawn.link = element(
    "div",
    {},
    element("a", { href: fragment("reference", [drawn.vendor]) }, drawn.title),
    element(
      "ul",
      {},
      drawn.groups.map((group) => {
        const href = fragment("reference", [drawn.vendor, `tag:${group.tag}`]);
        group.link = element("li", {}, element("a", { href }, group.tag), ` ${group.entries.length}`);
        return group.link;
      }),
    ),
  );
  return drawn.link;
}
