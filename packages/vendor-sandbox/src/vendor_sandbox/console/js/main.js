// Starts the console: the store, the connection that feeds it, the views that show it.

import { Connection } from "./connection.js";
import { byId, element } from "./dom.js";
import { dateTime } from "./format.js";
import { route } from "./router.js";
import { Store } from "./store.js";
import { FaultsView } from "./views/faults.js";
import { ReferenceView } from "./views/reference.js";
import { RequestsView } from "./views/requests.js";
import { SettingsView } from "./views/settings.js";
import { TimelineView } from "./views/timeline.js";
import { TokensView } from "./views/tokens.js";

const SECOND = 1000;

const store = new Store();
const connection = new Connection(store);

function connectionLine() {
  const line = byId("connection");
  store.on("connection", () => {
    line.dataset.state = store.connection.state;
    line.textContent = store.connection.text;
  });
}

function clockLine() {
  const line = byId("clock");
  const show = () => {
    line.textContent = `${dateTime(store.now())} UTC`;
  };
  store.on("clock", show);
  setInterval(() => store.vendors.length > 0 && show(), SECOND);
}

function vendorChoice() {
  const choice = byId("vendor");
  store.on("vendors", () => {
    const options = store.vendors.map((vendor) => element("option", { value: vendor.name }, vendor.name));
    choice.replaceChildren(choice.options[0], ...options);
    choice.value = store.vendor;
  });
  store.on("vendor", () => {
    choice.value = store.vendor;
  });
  choice.addEventListener("change", () => store.chooseVendor(choice.value));
}

connectionLine();
clockLine();
vendorChoice();
const views = {
  requests: new RequestsView(store),
  tokens: new TokensView(store),
  timeline: new TimelineView(store),
  faults: new FaultsView(store),
  settings: new SettingsView(store),
  reference: new ReferenceView(store),
};
route(views);
connection.open();
