// Why an upstream gave no usable reply: the list of causes that health, counts and the log share. Pure.
// Response codes are no causes: an upstream that answers SERVFAIL has replied.

/** A cause in words, and what it tells of the upstream. */
interface CauseRow {
  /** What went wrong, as a sentence about the upstream without its subject: "refuses connections". */
  readonly text: string;
  /** The upstream can't be reached or trusted at all, so that further queries to it are in vain. */
  readonly isRefusal: boolean;
}

/** The causes by name, as metrics and the log have them. */
export const FAILURE_CAUSES = {
  timeout: { text: "does not reply in time", isRefusal: false },
  refused: { text: "refuses connections: nothing listens there", isRefusal: true },
  unreachable: { text: "can't be reached: no route leads there", isRefusal: true },
  closed: { text: "closes the connection", isRefusal: true },
  "certificate-expired": { text: "has a certificate that has expired or is not valid yet", isRefusal: true },
  "certificate-name": { text: "has a certificate for other names", isRefusal: true },
  "certificate-untrusted": { text: "has a certificate that no trusted authority signed", isRefusal: true },
  "certificate-pin": { text: "has a certificate whose public key fits no pin", isRefusal: true },
  tls: { text: "fails in the TLS handshake", isRefusal: true },
  "http-status": { text: "answers with an HTTP status that is an error", isRefusal: false },
  garbage: { text: "sends replies that are malformed or belong to no query", isRefusal: false },
  truncated: { text: "has an answer that does not fit in UDP, and fails over TCP", isRefusal: false },
  busy: { text: "is not asked: this server's limit of outstanding queries or sockets is reached", isRefusal: false },
} as const satisfies Readonly<Record<string, CauseRow>>;

export type FailureCause = keyof typeof FAILURE_CAUSES;

/** Codes of OpenSSL's verification and of node:tls by the cause that they are; all others are `tls`. */
const CERTIFICATE_CODES: ReadonlyMap<string, FailureCause> = new Map([
  ["CERT_HAS_EXPIRED", "certificate-expired"],
  ["CERT_NOT_YET_VALID", "certificate-expired"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate-name"],
  ["HOSTNAME_MISMATCH", "certificate-name"],
  ["UNABLE_TO_GET_ISSUER_CERT", "certificate-untrusted"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "certificate-untrusted"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "certificate-untrusted"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "certificate-untrusted"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "certificate-untrusted"],
  ["ERR_TLS_CERT_PIN", "certificate-pin"],
  ["CERT_UNTRUSTED", "certificate-untrusted"],
  ["CERT_REJECTED", "certificate-untrusted"],
  ["CERT_REVOKED", "certificate-untrusted"],
  ["CERT_SIGNATURE_FAILURE", "certificate-untrusted"],
  ["INVALID_CA", "certificate-untrusted"],
  ["INVALID_PURPOSE", "certificate-untrusted"],
]);

/** The cause that a failed TLS handshake has by the code of its error. */
export function handshakeCause(code: string): FailureCause {
  return CERTIFICATE_CODES.get(code) ?? "tls";
}
