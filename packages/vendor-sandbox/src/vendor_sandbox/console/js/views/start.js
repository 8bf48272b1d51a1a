// What to do first: the lines that connect a client, while there are no requests.

import { copyable } from "../copying.js";
import { byId, element } from "../dom.js";

export class Start {
  #store;
  #place = byId("request-start");
  #wanted = 0;

  constructor(store) {
    this.#store = store;
    store.on("vendors vendor", () => this.#draw());
  }

  async #draw() {
    const drawing = ++this.#wanted;
    const vendors = this.#store.vendors.filter(({ name }) => this.#store.shows(name));
    const vendor = vendors.find(({ client }) => client) ?? vendors[0];
    const client = vendor === undefined ? null : await this.#store.client(vendor.name).catch(() => null);
    if (drawing !== this.#wanted) return;
    this.#place.replaceChildren(...(vendor === undefined ? [] : lines(vendor, client)));
  }
}

function lines({ name, title, servers }, client) {
  const heading = element("h3", {}, `Connect a client of ${title}`);
  if (client === null) {
    const addresses = Object.values(servers).map((url) => copyable("Address", url));
    return [heading, ...addresses];
  }
  const port = location.port || "80";
  return [
    heading,
    element("p", {}, "In a shell, set the addresses and credentials that the client reads:"),
    copyable("Shell", `eval "$(vendor-sandbox env ${name} --port ${port})"`),
    element("p", {}, "Then make a call. The login and the call appear here as they arrive:"),
    copyable("First call", firstCall(client)),
  ];
}

function firstCall({ package: module, client, variable, example, operations }) {
  const method = example === null ? null : operations[example.operation].method;
  const call = method === null ? `${variable}.explain_tokens()` : `${variable}.${method}(${example.arguments})`;
  return [
    "python - <<'END'",
    `from ${module} import ${client}`,
    "",
    `with ${client}() as ${variable}:`,
    `    print(${call})`,
    "END",
  ].join("\n");
}
