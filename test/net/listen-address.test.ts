// Listen addresses as text, and the local addresses behind a wildcard.
import type { NetworkInterfaceInfo } from "node:os";
import { describe, expect, test } from "vitest";
import { expandWildcard, formatListenAddress, includesHost, missingIpv4 } from "../../src/net/listen-address.ts";
import type { ListenAddress } from "../../src/net/listen-address.ts";

const common = { netmask: "", mac: "", internal: false, cidr: null };
const v4 = (address: string): NetworkInterfaceInfo => ({ ...common, address, family: "IPv4" });
const v6 = (address: string, scopeid = 0): NetworkInterfaceInfo => ({ ...common, address, family: "IPv6", scopeid });
const interfaces = {
  lo: [v4("127.0.0.1"), v6("::1")],
  eth0: [v4("192.0.2.2"), v6("fd00::2"), v6("fe80::1", 4)],
  eth1: [v4("192.0.2.2"), v6("fe80::1", 5)],
};

describe("listen addresses", () => {
  test.each([
    ["127.0.0.1", ["127.0.0.1"]],
    ["::1", ["::1"]],
    ["0.0.0.0", ["127.0.0.1", "192.0.2.2"]],
    ["::", ["::1", "fd00::2", "fe80::1%eth0", "fe80::1%eth1"]],
  ])("%s stands for %j", (host, expected) => {
    expect(expandWildcard(host, () => interfaces)).toEqual(expected);
  });

  test("the machine's own loopback is behind the wildcard", () => {
    expect(expandWildcard("0.0.0.0")).toContain("127.0.0.1");
  });

  test.each([
    ["0.0.0.0", "127.0.0.53", true],
    ["0.0.0.0", "198.51.100.1", false],
    ["127.0.0.1", "127.0.0.1", true],
    ["127.0.0.1", "127.0.0.53", false],
    ["::", "127.0.0.53", false],
  ])("who listens on %s gets what is sent to %s: %s", (listened, host, includes) => {
    expect(includesHost(listened, host)).toBe(includes);
  });

  test.each([
    [{ host: "127.0.0.1", port: 53 }, "127.0.0.1:53"],
    [{ host: "::", port: 5300 }, "[::]:5300"],
    [{ scheme: "tls", host: "127.0.0.1", port: 853 }, "tls://127.0.0.1:853"],
    [{ scheme: "https", host: "::1", port: 443 }, "https://[::1]:443"],
  ] as const)("%j is written %s", (address, expected) => {
    expect(formatListenAddress(address)).toBe(expected);
  });
});

test.each<[what: string, addresses: readonly ListenAddress[], missing: readonly string[]]>([
  ["[::] alone", [{ host: "::", port: 53 }], ["0.0.0.0:53"]],
  [
    "both",
    [
      { host: "0.0.0.0", port: 53 },
      { host: "::", port: 53 },
    ],
    [],
  ],
  [
    "one address of IPv4 on the port",
    [
      { host: "::", port: 53 },
      { host: "127.0.0.1", port: 53 },
    ],
    [],
  ],
  [
    "another port",
    [
      { host: "::", port: 53 },
      { host: "0.0.0.0", port: 5300 },
    ],
    ["0.0.0.0:53"],
  ],
  [
    "another transport",
    [
      { scheme: "tls", host: "::", port: 853 },
      { host: "0.0.0.0", port: 853 },
    ],
    ["tls://0.0.0.0:853"],
  ],
  ["one address of IPv6", [{ host: "::1", port: 53 }], []],
])("IPv4 that is missing beside %s", (_, addresses, missing) => {
  expect(missingIpv4(addresses).map(formatListenAddress)).toEqual(missing);
});
