// The kinds of faults, in words.

/** For each name in the control API: the label, and a description. */
export const FAULT_KINDS = {
  latency: ["slow response", "The request is processed; its response is delayed."],
  status: ["error status", "The vendor's own error; the request is not processed."],
  html: ["HTML error page", "A proxy's page instead of the vendor's response; the request is not processed."],
  permission_denied: ["permission denied", "The vendor's response to a valid token without permission."],
  reset_before: ["connection reset, unprocessed", "The connection is reset before the request is processed."],
  reset_after: ["connection reset, processed", "The request is processed, then the connection is reset without a response."],
  half_body: ["half the body", "The request is processed; the connection is closed after half of the response's body."],
  malformed_json: ["malformed JSON", "The request is processed; the response is complete, but its JSON is truncated."],
  slow_drip: ["slow drip", "The request is processed; the response's body is sent in small chunks."],
};
/** The sandbox's default status, for kinds that have one. */
export const USUAL_STATUS = { status: "503", html: "502" };

/** The label of a kind; for an unknown kind its name. */
export function faultWords(kind) {
  return FAULT_KINDS[kind]?.[0] ?? kind;
}

/** The effect of a rule: `error status 503, Retry-After 7`. */
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

/** The scope of a rule: `cinchy: runQuery`. */
export function ruleWhere(rule) {
  return `${rule.vendor ?? "all vendors"}: ${operationWords(rule)}`;
}

/** The operation of a rule, in words. */
export function operationWords({ operation }) {
  return operation === "token" ? "token requests" : (operation ?? "all operations");
}
