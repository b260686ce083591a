import { describe, expect, test } from "vitest";
import { parseStubDomain, parseUpstream, parseUpstreamChoice } from "../../src/config/upstream-value.ts";

const PIN = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

describe("upstreams", () => {
  test.each([
    ["10.0.0.53", "udp", "10.0.0.53", 53, {}],
    ["10.0.0.53:5300", "udp", "10.0.0.53", 5300, {}],
    ["2001:DB8::53", "udp", "2001:db8::53", 53, {}],
    ["[2001:db8::53]:5300", "udp", "2001:db8::53", 5300, {}],
    ["[::1]", "udp", "::1", 53, {}],
    ["udp://10.0.0.53", "udp", "10.0.0.53", 53, {}],
    ["tcp://10.0.0.53", "tcp", "10.0.0.53", 53, {}],
    ["TCP://[::1]:5300", "tcp", "::1", 5300, {}],
    ["tls://10.0.0.53", "tls", "10.0.0.53", 853, {}],
    ["tls://10.0.0.53:8853#DNS.example.", "tls", "10.0.0.53", 8853, { serverName: "dns.example" }],
    ["https://10.0.0.53", "https", "10.0.0.53", 443, { path: "/dns-query" }],
    ["https://[::1]:8443/q?x=1#dns.example", "https", "::1", 8443, { path: "/q?x=1", serverName: "dns.example" }],
    ["10.0.0.53?edns=off", "udp", "10.0.0.53", 53, { edns: false }],
    ["[::1]:5300?edns=on", "udp", "::1", 5300, {}],
    ["tls://10.0.0.53#dns.example?edns=off", "tls", "10.0.0.53", 853, { serverName: "dns.example", edns: false }],
    ["https://10.0.0.53?edns=off", "https", "10.0.0.53", 443, { path: "/dns-query", edns: false }],
    ["https://10.0.0.53/q?x=1&edns=off&y=2", "https", "10.0.0.53", 443, { path: "/q?x=1&y=2", edns: false }],
    ["tls://10.0.0.53?ca=/etc/a.pem", "tls", "10.0.0.53", 853, { caFile: "/etc/a.pem" }],
    [
      "https://10.0.0.53/q?x=1&ca=a.pem&cert=c.pem&key=k.pem",
      "https",
      "10.0.0.53",
      443,
      { path: "/q?x=1", caFile: "a.pem", clientFiles: { cert: "c.pem", key: "k.pem" } },
    ],
    [`tls://10.0.0.53#a.b?pin=${PIN}&pin=${PIN}`, "tls", "10.0.0.53", 853, { serverName: "a.b", pins: [PIN, PIN] }],
    ["https://10.0.0.53/q?edns=off", "https", "10.0.0.53", 443, { path: "/q", edns: false }],
    [
      "https://10.0.0.53/q#a.example?edns=off",
      "https",
      "10.0.0.53",
      443,
      { path: "/q", serverName: "a.example", edns: false },
    ],
  ])("%s", (text, protocol, host, port, others) => {
    expect(parseUpstream(text)).toEqual({ value: { text, protocol, host, port, ...others } });
  });

  test.each([
    ["", "is not an upstream such as"],
    ["dns.example", "the name after it: tls://10.0.0.53#dns.example"],
    ["tls://dns.example:853", "host names are not accepted"],
    ["https://dns.example/dns-query", "host names are not accepted"],
    ["10.0.0.53:0", "has a port that is not a whole number from 1 to 65535"],
    ["10.0.0.53:x", "has a port that"],
    ["[10.0.0.53]:53", "is not an upstream such as"],
    ["0.0.0.0", "has an address that no server can have"],
    ["[::]:53", "has an address that no server can have"],
    ["tsl://10.0.0.53", "has an unknown protocol, not one of udp://, tcp://, tls://, https://; did you mean"],
    ["http://10.0.0.53/dns-query", "has an unknown protocol"],
    ["tcp://10.0.0.53/dns-query", "has a path, which only https:// takes"],
    ["https://10.0.0.53/dns-query{?dns}", "has a malformed path; an example is /dns-query"],
    ["10.0.0.53#dns.example", "has a #NAME, which only tls:// and https:// take"],
    ["tls://10.0.0.53#", "has a #NAME that is not a host name"],
    ["tls://10.0.0.53#dns..example", "has a #NAME that is not a host name"],
    ["10.0.0.53?edns=maybe", "has edns=maybe, which is neither on nor off"],
    ["10.0.0.53?ends=off", "has an unknown parameter, ends=, not one of ca, cert, key, pin, edns; did you mean"],
    ["tcp://10.0.0.53?ca=a.pem", "has ca=, cert=, key= or pin=, which only tls:// and https:// take"],
    ["tls://10.0.0.53?ca=", "has ca= without a file"],
    ["tls://10.0.0.53?cert=a.pem", "has cert= or key= alone: they go together"],
    [`tls://10.0.0.53?pin=${PIN.slice(0, -1)}`, "which is not the SHA-256 of a public key in base64 (44 characters)"],
    ["tls://10.0.0.53?pin=abc", "has pin=abc, which is not the SHA-256 of a public key"],
    ["10.0.0.53?", "has an unknown parameter"],
    ["10.0.0.53?constructor=1", "has an unknown parameter"],
    ["https://user@10.0.0.53/", "is not an upstream such as"],
  ])("%s is refused", (text, fault) => {
    expect(parseUpstream(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});

test("none, a file, or an upstream", () => {
  expect(parseUpstreamChoice("none")).toEqual({ value: "none" });
  expect(parseUpstreamChoice("/etc/resolv.conf")).toEqual({ value: { file: "/etc/resolv.conf" } });
  expect(parseUpstreamChoice("./resolv.conf")).toEqual({ value: { file: "./resolv.conf" } });
  expect(parseUpstreamChoice("10.0.0.53")).toEqual(parseUpstream("10.0.0.53"));
  expect(parseUpstreamChoice("None")).toEqual({ fault: expect.stringContaining("is not an upstream") });
});

test("a stub domain that is not forwarded", () => {
  expect(parseStubDomain("Corp.example=none")).toEqual({ value: { domain: "corp.example", upstream: "none" } });
});

test.each([
  ["consul.local=10.150.0.1:8600", "consul.local", "10.150.0.1", 8600],
  ["Consul.Local.=tls://192.0.2.1#dns.example", "consul.local", "192.0.2.1", 853],
  ["168.192.in-addr.arpa=[::1]:5300", "168.192.in-addr.arpa", "::1", 5300],
  ["_acme.corp=10.0.0.1", "_acme.corp", "10.0.0.1", 53],
])("a stub domain: %s", (text, domain, host, port) => {
  expect(parseStubDomain(text)).toMatchObject({ value: { domain, upstream: { host, port } } });
});

test.each([
  ["", "is not DOMAIN=UPSTREAM"],
  ["consul.local", "is not DOMAIN=UPSTREAM"],
  ["=10.0.0.1", "does not begin with a domain"],
  ["a..b=10.0.0.1", "does not begin with a domain"],
  ["consul.local=", "is not an upstream"],
])("%s is no stub domain", (text, fault) => {
  expect(parseStubDomain(text)).toEqual({ fault: expect.stringContaining(fault) });
});
