import { describe, expect, test } from "vitest";
import { faultOf } from "../../src/forward/exchange.ts";

const systemError = (code: string): Error => Object.assign(new Error("said at length"), { code });

describe("the fault that an error is", () => {
  test.each([
    ["ECONNREFUSED", "refused"],
    ["ENETUNREACH", "unreachable"],
    ["EHOSTUNREACH", "unreachable"],
    ["EMFILE", "busy"],
    ["EADDRINUSE", "busy"],
    ["ETIMEDOUT", "timeout"],
    ["ECONNRESET", "closed"],
    ["ESOMETHING", "closed"],
  ])("%s: %s", (code, fault) => {
    expect(faultOf(systemError(code))).toEqual({ fault, detail: code });
  });

  test("in a handshake what is not of the network is a matter of trust", () => {
    expect(faultOf(systemError("CERT_HAS_EXPIRED"), true)).toEqual({
      fault: "certificate-expired",
      detail: "CERT_HAS_EXPIRED",
    });
    expect(faultOf(systemError("ECONNRESET"), true)).toEqual({ fault: "closed", detail: "ECONNRESET" });
    expect(faultOf(new Error("no code"), true)).toEqual({ fault: "tls", detail: "no code" });
  });
});
