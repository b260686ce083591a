// The message for an address that cannot be listened on.
import { describe, expect, test } from "vitest";
import { ListenError } from "../../src/server/listen-error.ts";

const fault = (code: string): Error => Object.assign(new Error(`bind ${code}`), { code });

describe("ListenError", () => {
  test.each([
    ["EADDRINUSE", "127.0.0.1", "cannot listen on 127.0.0.1:53 (UDP): the port is in use; stop what listens there"],
    ["EACCES", "::1", "cannot listen on [::1]:53 (UDP): permission denied; ports below 1024 need root"],
    ["EADDRNOTAVAIL", "192.0.2.9", "cannot listen on 192.0.2.9:53 (UDP): 192.0.2.9 is not an address of this machine;"],
    [
      "EAFNOSUPPORT",
      "::",
      "cannot listen on [::]:53 (UDP): this system does not support IPv6; choose an address of the other",
    ],
    ["ENOBUFS", "::", "cannot listen on [::]:53 (UDP): bind ENOBUFS; choose another address or port"],
  ])("%s at %s", (code, host, beginning) => {
    const error = new ListenError({ host, port: 53 }, "UDP", fault(code));
    expect(error.message.slice(0, beginning.length)).toBe(beginning);
    expect(error.message).not.toMatch(/\n|\.$/);
    expect(error).toMatchObject({ code, address: { host, port: 53 }, protocol: "UDP" });
    expect(error.message.endsWith(error.advice)).toBe(true);
  });

  test("a cause without a code", () => {
    expect(new ListenError({ host: "::1", port: 53 }, "TCP", "odd")).toMatchObject({
      code: "UNKNOWN",
      message: "cannot listen on [::1]:53 (TCP): odd; choose another address or port",
    });
  });
});
