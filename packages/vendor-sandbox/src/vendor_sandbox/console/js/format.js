// Times and durations as people read them. All times are UTC, as in the tokens and in a server's log.

const UNITS = [
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
  [1, "s"],
];

/** Seconds as `1 h 2 min`: the two largest units. Negative ones have a minus sign. */
export function duration(seconds) {
  if (seconds < 0) return `−${duration(-seconds)}`;
  let rest = Math.round(seconds);
  const parts = [];
  for (const [size, name] of UNITS) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) parts.push(`${count} ${name}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.join(" ") || "0 s";
}

/** How long a request took: `12 ms`, `1.25 s`. */
export function elapsed(seconds) {
  if (typeof seconds !== "number") return "";
  return seconds < 1 ? `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms` : `${seconds.toFixed(2)} s`;
}

/** `2027-01-15 08:00:00` of seconds since the epoch; `–` where there is none or no calendar has it. */
export function dateTime(epoch) {
  const date = new Date(epoch * 1000);
  if (typeof epoch !== "number" || Number.isNaN(date.getTime())) return "–";
  return date.toISOString().slice(0, 19).replace("T", " ");
}

/** `08:00:00`, or with milliseconds `08:00:00.250`. */
export function timeOfDay(epoch, milliseconds = false) {
  const date = new Date(epoch * 1000);
  if (typeof epoch !== "number" || Number.isNaN(date.getTime())) return "–";
  return date.toISOString().slice(11, milliseconds ? 23 : 19);
}

/** `1 request`, `2 requests`. */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
