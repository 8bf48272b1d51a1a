// The picture of the timeline: one lane per vendor, time to the right. Long idle gaps and jumps of the clock would
// compress everything else, so they are drawn as narrow breaks, labelled with their duration.

import { drawn, element } from "./dom.js";
import { counted, duration, timeOfDay } from "./format.js";

const LABELS = 108;
const RIGHT = 26;
const LANE = 34;
const TOP = 30;
const BREAK = 54;
const LONG_GAP = 30;
const MOST_BREAKS = 5;
const SHORTEST = 1;
const TICK_ROOM = 90;
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400];

/** One shape per kind, so that the meaning does not depend on colour. */
const SHAPES = {
  login: () => drawn("circle", { r: 5.5 }),
  refresh: () => drawn("path", { d: "M0-7 7 0 0 7-7 0Z" }),
  refused: () => drawn("path", { d: "M-5-5 5 5M-5 5 5-5" }),
  fault: () => drawn("path", { d: "M0-6.5 7 5.5H-7Z" }),
  clock: () => drawn("path", { d: "M0-7V7M-3.5-3.5 0-7 3.5-3.5" }),
  change: () => drawn("rect", { x: -5, y: -5, width: 10, height: 10 }),
};

/** The mark of a kind, alone, for the legend and the list. */
export function mark(kind) {
  return element(
    "span",
    { class: "sign", "aria-hidden": "true" },
    drawn("svg", { viewBox: "-9 -9 18 18", width: 16, height: 16, class: `kind-${kind}` }, SHAPES[kind]()),
  );
}

/** The picture of the events, in the order of their report, `width` pixels wide. */
export function draw(happenings, lanes, width) {
  const moments = inOrderOfTime(happenings);
  const scale = new Scale(moments.map(({ at }) => at), LABELS, Math.max(width - RIGHT, LABELS + 120));
  const begin = new Map();
  const end = new Map();
  moments.forEach(({ of }, index) => {
    if (!begin.has(of)) begin.set(of, scale.xOf(index));
    end.set(of, scale.xOf(index));
  });
  const height = TOP + Math.max(lanes.length, 1) * LANE + 6;
  const laneAt = (vendor) => TOP + (lanes.indexOf(vendor) + 0.5) * LANE;
  const count = happenings.reduce((sum, happening) => sum + happening.count, 0);
  const span = `from ${timeOfDay(moments[0].at)} to ${timeOfDay(moments.at(-1).at)} UTC`;
  const label = `${counted(count, "event")} ${span}; the list below contains all of them.`;
  return drawn(
    "svg",
    { class: "timeline", role: "img", "aria-label": label, width: "100%", height, viewBox: `0 0 ${width} ${height}` },
    lanes.map((lane) => [
      drawn("line", { class: "lane", x1: LABELS, x2: width, y1: laneAt(lane), y2: laneAt(lane) }),
      drawn("text", { class: "lane-name", x: 0, y: laneAt(lane) + 4 }, lane),
    ]),
    scale.ticks().map(({ x, at }) => [
      drawn("line", { class: "tick", x1: x, x2: x, y1: TOP - 8, y2: height }),
      drawn("text", { class: "tick-name", x, y: TOP - 14 }, timeOfDay(at)),
    ]),
    scale.breaks().map(({ x, seconds }) => [
      drawn("rect", { class: "gap", x: x - BREAK / 2 + 8, width: BREAK - 16, y: TOP - 6, height: height - TOP }),
      drawn("text", { class: "gap-name", transform: `translate(${x + 4} ${(TOP + height) / 2}) rotate(-90)` }, duration(seconds)),
    ]),
    happenings.map((happening) => {
      const { at, vendor, kind, text, count } = happening;
      const title = drawn("title", {}, `${timeOfDay(at)} ${vendor ?? ""} ${text}${count > 1 ? `, ${count} times` : ""}`);
      const y = vendor === null ? TOP - 2 : laneAt(vendor);
      const length = end.get(happening) - begin.get(happening);
      const group = drawn("g", { class: `kind-${kind}`, transform: `translate(${begin.get(happening)} ${y})` }, title);
      if (kind === "clock") group.append(drawn("line", { class: "move", y2: height - TOP }));
      if (length > 0) group.append(drawn("rect", { class: "run", width: length, y: -1.5, height: 3 }));
      group.append(SHAPES[kind]());
      if (length > 12) group.append(drawn("g", { transform: `translate(${length} 0)` }, SHAPES[kind]()));
      return group;
    }),
  );
}

/** The begin and end of each event, on a scale that only increases, although the clock can be set back. */
function inOrderOfTime(happenings) {
  const stretches = [[]];
  for (const happening of happenings) {
    if (happening.kind === "clock") stretches.push([]);
    stretches.at(-1).push({ at: happening.at, of: happening });
    if (happening.until > happening.at) stretches.at(-1).push({ at: happening.until, of: happening });
  }
  return stretches.flatMap((stretch) => stretch.sort((one, other) => one.at - other.at));
}

/** Places moments from left to right: linear, but for the longest gaps, which get a fixed width. */
class Scale {
  #moments;
  #left;
  #broken;
  #perSecond;
  #positions = [];

  constructor(moments, left, right) {
    this.#moments = moments;
    this.#left = left + 10;
    const gaps = moments.slice(1).map((moment, index) => ({ index: index + 1, seconds: moment - moments[index] }));
    const length = ({ seconds }) => Math.abs(seconds);
    const longest = gaps.filter((gap) => length(gap) > LONG_GAP).sort((one, other) => length(other) - length(one));
    const most = Math.min(MOST_BREAKS, Math.floor((right - left) / (3 * BREAK)));
    this.#broken = new Map(longest.slice(0, most).map(({ index, seconds }) => [index, seconds]));
    const linear = gaps.reduce((sum, gap) => sum + (this.#broken.has(gap.index) ? 0 : length(gap)), 0);
    this.#perSecond = (right - this.#left - this.#broken.size * BREAK) / Math.max(linear, SHORTEST);
    let x = this.#left;
    moments.forEach((moment, index) => {
      if (index > 0) x += this.#broken.has(index) ? BREAK : Math.abs(moment - moments[index - 1]) * this.#perSecond;
      this.#positions.push(x);
    });
  }

  xOf(index) {
    return this.#positions[index];
  }

  breaks() {
    return [...this.#broken].map(([index, seconds]) => ({ x: this.#positions[index] - BREAK / 2, seconds }));
  }

  /** Round times inside the stretches between breaks, far enough apart to be read. */
  ticks() {
    const step = STEPS.find((seconds) => seconds * this.#perSecond >= TICK_ROOM) ?? 86400;
    const found = [];
    let begin = 0;
    for (let index = 1; index <= this.#moments.length; index++) {
      if (index < this.#moments.length && !this.#broken.has(index)) continue;
      const from = this.#moments[begin];
      const to = this.#moments[index - 1];
      const xAt = (at) => this.#positions[begin] + (at - from) * this.#perSecond;
      const room = (x) => found.length === 0 || x - found.at(-1).x >= TICK_ROOM * 0.7;
      if (room(xAt(from))) found.push({ at: from, x: xAt(from) });
      for (let at = Math.ceil(from / step) * step; at <= to; at += step) {
        if (room(xAt(at))) found.push({ at, x: xAt(at) });
      }
      begin = index;
    }
    return found;
  }
}
