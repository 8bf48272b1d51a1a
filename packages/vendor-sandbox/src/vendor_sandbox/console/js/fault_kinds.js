// The kinds of faults, in words.

/** By the name in the control API: what it is called here, and what happens. */
export const FAULT_KINDS = {
  latency: ["slow response", "The request is processed; its response comes later."],
  status: ["error status", "The vendor's own error; the request is not processed."],
  html: ["HTML error page", "A proxy's page instead of the vendor's response; the request is not processed."],
  permission_denied: ["permission denied", "The vendor's response to a valid token that may not do this."],
  reset_before: ["connection reset, unprocessed", "The connection breaks before the request takes effect."],
  reset_after: ["connection reset, processed", "The request takes effect, then the connection breaks without a response."],
  half_body: ["half the body", "The request is processed; the connection ends after half of the response's body."],
  malformed_json: ["malformed JSON", "The request is processed; the response is complete, but its JSON breaks off."],
  slow_drip: ["slow drip", "The request is processed; the response's body comes in small pieces."],
};
/** What the sandbox responds with, where a kind has a status. */
export const USUAL_STATUS = { status: "503", html: "502" };

/** A kind in words; one that the page does not know, by its name. */
export function faultWords(kind) {
  return FAULT_KINDS[kind]?.[0] ?? kind;
}

/** What a rule does: `error status 503, Retry-After 7`. */
export function ruleWhat(rule) {
  const words = faultWords(rule.kind);
  switch (rule.kind) {
    case "latency":
    case "slow_drip":
      return `${words}, ${rule.seconds} s`;
    case "html":
      return `${words}, status ${rule.status}`;
    case "status":
      return `${words} ${rule.status}${rule.retry_after === null ? "" : `, Retry-After ${rule.retry_after}`}`;
    default:
      return words;
  }
}

/** Whom it strikes: `cinchy: runQuery`. */
export function ruleWhere(rule) {
  return `${rule.vendor ?? "all vendors"}: ${operationWords(rule)}`;
}

/** The operation that a rule is about, in words. */
export function operationWords({ operation }) {
  return operation === "token" ? "token requests" : (operation ?? "all operations");
}
