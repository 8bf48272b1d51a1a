// Texts to copy: each shown as it is, with a button.

import { element } from "./dom.js";

const TOLD = 2000;

/** A titled text with a button that copies it. */
export function copyable(title, text) {
  const label = element("span", {}, "Copy");
  const code = element("code", {}, text);
  const button = element("button", { type: "button", class: "copy", onclick: () => copy(text, code, label) }, label);
  button.append(element("span", { class: "unseen" }, ` ${title}`));
  return element(
    "figure",
    { class: "copyable" },
    element("div", { class: "bar" }, element("figcaption", {}, title), button),
    element("pre", { role: "region", tabindex: "0", "aria-label": title }, code),
  );
}

/** Copy, or where the browser does not permit that, select the text, so that the keyboard can. */
async function copy(text, code, label) {
  let said = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    getSelection().selectAllChildren(code);
    said = "Selected";
  }
  label.textContent = said;
  label.setAttribute("role", "status");
  setTimeout(() => {
    label.textContent = "Copy";
    label.removeAttribute("role");
  }, TOLD);
}
