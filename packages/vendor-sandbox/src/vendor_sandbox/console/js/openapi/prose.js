// Descriptions are Markdown. Paragraphs, lists, code and emphasis are rendered; everything else stays plain text.

import { element, outsideLink } from "../dom.js";

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\((\S+?)\)|<(https:[^>\s]+)>/g;

/** The text as elements. */
export function prose(text) {
  return element("div", { class: "prose" }, blocks(String(text)));
}

function blocks(text) {
  const found = [];
  text.split(/^```.*$/m).forEach((part, index) => {
    if (index % 2 === 1) found.push(element("pre", {}, element("code", {}, part.replace(/^\n|\n$/g, ""))));
    else found.push(...part.split(/\n\s*\n/).filter((block) => block.trim() !== "").map(block));
  });
  return found;
}

function block(text) {
  const lines = text.replace(/^\n+|\s+$/g, "").split("\n");
  const heading = /^#{1,6}\s+(.*)/.exec(lines[0]);
  if (heading !== null && lines.length === 1) return element("p", {}, element("b", {}, inline(heading[1])));
  const bullets = /^\s*([-*+]|\d+[.)])\s+/;
  if (!bullets.test(lines[0])) return element("p", {}, inline(lines.join("\n")));
  const items = [];
  for (const line of lines) {
    if (bullets.test(line)) items.push(line.replace(bullets, ""));
    else items[items.length - 1] += `\n${line.trim()}`;
  }
  const ordered = /^\s*\d/.test(lines[0]);
  return element(ordered ? "ol" : "ul", {}, items.map((item) => element("li", {}, inline(item))));
}

function inline(text) {
  const found = [];
  let end = 0;
  for (const match of text.matchAll(INLINE)) {
    found.push(text.slice(end, match.index));
    const [whole, code, strong, emphasis, label, target, bare] = match;
    if (code !== undefined) found.push(element("code", {}, code));
    else if (strong !== undefined) found.push(element("strong", {}, strong));
    else if (emphasis !== undefined) found.push(element("em", {}, emphasis));
    else found.push(outsideLink(target ?? bare, label ?? bare));
    end = match.index + whole.length;
  }
  found.push(text.slice(end));
  return found;
}
