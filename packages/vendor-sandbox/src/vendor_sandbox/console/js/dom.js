// Elements made from data. Text goes in as text: nothing in this console parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An HTML element. Attributes that are null or false are left out; `on…` are listeners; children may be strings. */
export function element(name, attributes = {}, ...children) {
  return furnish(document.createElement(name), attributes, children);
}

/** The same for SVG. */
export function drawn(name, attributes = {}, ...children) {
  return furnish(document.createElementNS(SVG, name), attributes, children);
}

function furnish(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return node;
}

/** A path with its query, as pieces that a line may be broken between: a narrow page cuts no word of it. */
export function breakable(path) {
  return path.split(/(?<=[/?&=;])/).flatMap((piece, index) => (index === 0 ? [piece] : [element("wbr"), piece]));
}

/** The element of this page that has the id. */
export function byId(id) {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`index.html has no element with the id ${id}`);
  return found;
}

/** A link to an address from the server: only https addresses become links, all others are shown as text. */
export function outsideLink(address, text) {
  const known = URL.canParse(address) && new URL(address).protocol === "https:";
  return known ? element("a", { href: address, rel: "noreferrer noopener", target: "_blank" }, text) : text;
}

/** Mark and focus the form field that the sandbox rejected; not every error concerns a field. */
export function blame(form, { where }) {
  const member = /^(?:\/arguments)?\/(\w+)$/.exec(where ?? "")?.[1];
  const field = member === undefined ? null : form.elements.namedItem(member);
  if (!(field instanceof HTMLElement)) return;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

/** Run `work` at once, and then at most once per `milliseconds`. */
export function atMostEvery(milliseconds, work) {
  let asked = false;
  let resting = false;
  const run = () => {
    resting = asked;
    if (!asked) return;
    asked = false;
    setTimeout(run, milliseconds);
    work();
  };
  return () => {
    asked = true;
    if (!resting) run();
  };
}

/** Run `work` at most once per frame. */
export function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
  };
}
