// A client of the sandbox's control API.

const ROOT = new URL("../../", import.meta.url);

/** An error response of the sandbox: its message, and a pointer to the invalid member. */
export class ApiError extends Error {
  constructor(message, where = null) {
    super(message);
    this.name = "ApiError";
    this.where = where;
  }
}

/** The address of a resource of the control API; parameters without a value are left out. */
export function address(path, parameters = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, value);
  }
  return url;
}

async function call(method, path, { parameters = {}, body } = {}) {
  let response;
  try {
    response = await fetch(address(path, parameters), {
      method,
      cache: "no-store",
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("The sandbox cannot be reached. Is it running?");
  }
  const text = await response.text();
  let data = null;
  try {
    data = text === "" ? null : JSON.parse(text);
  } catch {
    throw new ApiError(`The sandbox responded with ${response.status} without JSON.`);
  }
  if (!response.ok) {
    const error = data?.error ?? {};
    throw new ApiError(error.message ?? `The sandbox responded with ${response.status}.`, error.where ?? null);
  }
  return data;
}

export const vendors = () => call("GET", "vendors");
export const openApiDocument = (vendor) => call("GET", `vendors/${encodeURIComponent(vendor)}/document`);
export const client = (vendor) => call("GET", `vendors/${encodeURIComponent(vendor)}/client`);
export const tryOperation = (vendor, operation, given) =>
  call("POST", `vendors/${encodeURIComponent(vendor)}/try`, { body: { operation, arguments: given } });
export const request = (id) => call("GET", `requests/${encodeURIComponent(id)}`);
export const requests = () => call("GET", "requests");
export const timeline = (after) => call("GET", "timeline", { parameters: { after } });
export const tokens = () => call("GET", "tokens");
export const expireTokens = (kind, vendor) => call("POST", "tokens/expire", { parameters: { kind, vendor } });
export const expireToken = (vendor, number) => call("POST", "tokens/expire", { parameters: { vendor, number } });
export const revokeLogin = (vendor, family) => call("POST", "tokens/revoke", { parameters: { vendor, family } });
export const faults = () => call("GET", "faults");
export const addFault = (rule) => call("POST", "faults", { body: rule });
export const removeFault = (id) => call("DELETE", `faults/${encodeURIComponent(id)}`);
export const removeFaults = () => call("DELETE", "faults");
export const settings = (vendor) => call("GET", "settings", { parameters: { vendor } });
export const changeSettings = (vendor, changes) => call("PATCH", "settings", { parameters: { vendor }, body: changes });
export const clock = () => call("GET", "clock");
export const advanceClock = (seconds) => call("POST", "clock", { body: { advance: seconds } });
export const reset = (vendor) => call("POST", "reset", { parameters: { vendor } });
