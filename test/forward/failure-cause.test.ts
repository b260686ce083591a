import { describe, expect, test } from "vitest";
import { FAILURE_CAUSES, handshakeCause } from "../../src/forward/failure-cause.ts";

describe("the cause of a failed TLS handshake", () => {
  test.each([
    ["CERT_HAS_EXPIRED", "certificate-expired"],
    ["CERT_NOT_YET_VALID", "certificate-expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "certificate-name"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "certificate-untrusted"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "tls"],
    ["", "tls"],
    ["toString", "tls"],
  ])("%s: %s", (code, cause) => {
    expect(handshakeCause(code)).toBe(cause);
  });
});

test("each cause reads as a sentence about the upstream", () => {
  for (const { text } of Object.values(FAILURE_CAUSES)) expect(text).toMatch(/^[a-z][^.]*$/);
});
