// The keys of server blocks, as CoreDNS 1.13 reads them.
import { describe, expect, test } from "vitest";
import { isWithin, parseServerKey, zonesOf } from "../../src/corefile/server-key.ts";

describe("keys", () => {
  test.each<[key: string, protocol: string, zones: string[], port: number]>([
    [".", "dns", ["."], 53],
    [".:5353", "dns", ["."], 5353],
    [":1053", "dns", ["."], 1053],
    ["dns://.:53", "dns", ["."], 53],
    ["Example.ORG.", "dns", ["example.org"], 53],
    ["tls://example.org", "tls", ["example.org"], 853],
    ["https://example.org:8443", "https", ["example.org"], 8443],
    ["grpc://.", "grpc", ["."], 443],
    ["quic://.", "quic", ["."], 853],
    ["10.0.0.0/8", "dns", ["10.in-addr.arpa"], 53],
    ["192.168.1.0/24:5300", "dns", ["1.168.192.in-addr.arpa"], 5300],
    [
      "10.96.0.0/14",
      "dns",
      ["96.10.in-addr.arpa", "97.10.in-addr.arpa", "98.10.in-addr.arpa", "99.10.in-addr.arpa"],
      53,
    ],
    ["0.0.0.0/0", "dns", ["in-addr.arpa"], 53],
    ["fd00::/8", "dns", ["d.f.ip6.arpa"], 53],
    ["fd00::/10", "dns", ["0.d.f.ip6.arpa", "1.d.f.ip6.arpa", "2.d.f.ip6.arpa", "3.d.f.ip6.arpa"], 53],
  ])("%s", (key, protocol, zones, port) => {
    expect(parseServerKey(key)).toEqual({ protocol, zones, port });
  });

  test.each([
    ["http://.", "http:// is not a protocol"],
    [".:70000", "70000 is not a port"],
    ["a..b", "is not a zone"],
    ["10.0.0.0/33", "is not a zone"],
    ["x/8", "is not a zone"],
    ["__PILLAR__:x", "is not a zone"],
  ])("%s is refused", (key, fault) => {
    expect(parseServerKey(key)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});

test("zones hold themselves and what is below them", () => {
  expect(isWithin("a.example.org", "example.org")).toBe(true);
  expect(isWithin("example.org", "example.org")).toBe(true);
  expect(isWithin("xexample.org", "example.org")).toBe(false);
  expect(isWithin("org", ".")).toBe(true);
  expect(zonesOf("*.example.org")).toEqual(["*.example.org"]);
});
