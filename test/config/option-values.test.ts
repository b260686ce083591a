import { describe, expect, test } from "vitest";
import {
  parseAdminAddress,
  parseChoice,
  parseClusterDomain,
  parseListenAddress,
  parseNamespaceName,
  parsePrefix,
  parseSwitch,
  parseFileName,
  parseHostName,
  parseServerName,
  parseWholeNumber,
} from "../../src/config/option-values.ts";
import { formatCidr } from "../../src/net/ip.ts";

describe("addresses of the admin server", () => {
  test.each([
    ["9153", "127.0.0.1", 9153],
    ["0", "127.0.0.1", 0],
    ["0.0.0.0:8080", "0.0.0.0", 8080],
    ["[::]:8181", "::", 8181],
    ["[FD00::A]:1", "fd00::a", 1],
  ])("%s", (text, host, port) => {
    expect(parseAdminAddress(text)).toEqual({ value: { scheme: "http", host, port } });
  });

  test.each([
    ["", "has a port that is not a whole number from 0 to 65535"],
    ["65536", "has a port that is not a whole number from 0 to 65535"],
    ["127.0.0.1", "has a port that is not a whole number from 0 to 65535"],
    [":9153", "does not say which address: write 9153 for 127.0.0.1, or 0.0.0.0:9153 for all"],
    ["localhost:9153", "host names are not accepted: write 127.0.0.1 or [::1]"],
    ["::1", "put IPv6 addresses in brackets: [::1]"],
    ["http://127.0.0.1:9153", "is not an address"],
  ])("%j: %s", (text, fault) => {
    expect(parseAdminAddress(text)).toEqual({ fault: expect.stringContaining(fault) as string });
  });
});

test.each([
  ["DNS.Example.", { value: "dns.example" }],
  ["my_dns", { value: "my_dns" }],
  ["", { fault: "is not the name of a host: letters, digits, hyphens and dots" }],
  ["dns:80", { fault: "is not the name of a host: letters, digits, hyphens and dots" }],
  ["*", { fault: "is not the name of a host: letters, digits, hyphens and dots" }],
])("the name of a host: %j", (text, parsed) => {
  expect(parseHostName(text)).toEqual(parsed);
});

describe("listen addresses", () => {
  test.each([
    ["127.0.0.1", "127.0.0.1", 53],
    ["127.0.0.1:5300", "127.0.0.1", 5300],
    ["127.0.0.1:0", "127.0.0.1", 0],
    ["0.0.0.0", "0.0.0.0", 53],
    ["0.0.0.0:65535", "0.0.0.0", 65_535],
    ["[::]", "::", 53],
    ["[::]:5300", "::", 5300],
    ["[0:0:0:0:0:0:0:1]:53", "::1", 53],
    ["[FD00::A]", "fd00::a", 53],
  ])("%s", (text, host, port) => {
    expect(parseListenAddress(text)).toEqual({ value: { host, port } });
  });

  test.each([
    ["tls://127.0.0.1", "tls", "127.0.0.1", 853],
    ["TLS://[::1]:8853", "tls", "::1", 8853],
    ["https://0.0.0.0", "https", "0.0.0.0", 443],
    ["https://[::]:0", "https", "::", 0],
  ])("%s", (text, scheme, host, port) => {
    expect(parseListenAddress(text)).toEqual({ value: { scheme, host, port } });
  });

  test.each([
    ["", "is not an address"],
    ["tls://", "is not an address"],
    ["http://127.0.0.1", "is not an address"],
    ["https://127.0.0.1/dns-query", "is not an address"],
    ["tls://localhost", "host names are not accepted: write 127.0.0.1 or [::1]"],
    [":53", "is not an address"],
    ["5300", "is not an address"],
    ["127.0.0.1:", "has a port that is not a whole number from 0 to 65535"],
    ["127.0.0.1:65536", "has a port that is not a whole number from 0 to 65535"],
    ["127.0.0.1:domain", "has a port that is not a whole number"],
    ["127.0.0.1:53:53", "has a port that is not a whole number"],
    ["127.0.0.256", "is not an address"],
    ["127.0.0.01", "is not an address"],
    ["[127.0.0.1]:53", "is not an address"],
    ["[::1", "is not an address"],
    ["[::1]53", "is not an address"],
    ["[fe80::1%eth0]:53", "is not an address"],
    ["::1", "put IPv6 addresses in brackets: [::1]"],
    ["localhost", "host names are not accepted: write 127.0.0.1 or [::1]"],
    ["localhost:5300", "host names are not accepted: write 127.0.0.1 or [::1]"],
    ["ns1.example.com:53", "host names are not accepted: write the address"],
  ])("%s is refused: %s", (text, fault) => {
    expect(parseListenAddress(text)).toEqual({ fault: expect.stringContaining(fault) });
  });
});

describe("cluster domains", () => {
  const label = (length: number): string => "a".repeat(length);
  const longest = [label(63), label(63), label(63), label(6)].join(".");

  test.each([
    ["cluster.local", "cluster.local"],
    ["Cluster.Local.", "cluster.local"],
    ["local", "local"],
    ["k8s-1.example.com", "k8s-1.example.com"],
    [label(63), label(63)],
    [longest, longest],
  ])("%s", (text, value) => {
    expect(parseClusterDomain(text)).toEqual({ value });
  });

  test.each(["", ".", "a..b", "-a.b", "a-.b", "a_b", "cluster.local..", "ä.local", label(64), "a b", "*.local"])(
    "%j is refused",
    (text) => {
      expect(parseClusterDomain(text)).toEqual({ fault: expect.stringContaining("is not a domain") });
    },
  );

  test("more than 198 characters are too many", () => {
    expect(longest.length).toBe(198);
    expect(parseClusterDomain(`${longest}a`)).toEqual({ fault: expect.stringContaining("at most 198 characters") });
  });
});

describe("prefixes", () => {
  test.each(["10.96.0.0/12", "0.0.0.0/0", "10.0.0.1/32", "fd00:10:96::/112", "::/0"])("%s", (text) => {
    const parsed = parsePrefix(text);
    expect("value" in parsed && formatCidr(parsed.value)).toBe(text);
  });

  test.each([
    ["10.96.0.1/12", "the network is 10.96.0.0/12"],
    ["10.244.1.255/23", "the network is 10.244.0.0/23"],
    ["255.255.255.255/1", "the network is 128.0.0.0/1"],
    ["fd00::1/64", "the network is fd00::/64"],
    ["fd00:10:96::ffff/109", "the network is fd00:10:96::/109"],
    ["10.96.0.0", "is not a prefix"],
    ["10.96.0.0/33", "is not a prefix"],
    ["10.96.0.0/x", "is not a prefix"],
    ["10.96.0.0/12/3", "is not a prefix"],
    ["cluster.local/12", "is not a prefix"],
    ["", "is not a prefix"],
  ])("%s is refused: %s", (text, fault) => {
    expect(parsePrefix(text)).toEqual({ fault: expect.stringContaining(fault) });
  });
});

describe("numbers, choices, switches, namespaces", () => {
  test.each([
    ["0", 0],
    ["30", 30],
    ["3600", 3600],
    ["030", 30],
  ])("%s is a number", (text, value) => {
    expect(parseWholeNumber(text, 0, 3600)).toEqual({ value });
  });

  test.each(["", "-1", "3601", "1.5", "1e2", "0x1e", "30s", "∞", "9".repeat(40)])("%j is no number", (text) => {
    expect(parseWholeNumber(text, 0, 3600)).toEqual({ fault: "is not a whole number from 0 to 3600" });
  });

  test("choices are spelled exactly", () => {
    const modes = ["insecure", "verified", "disabled"];
    expect(parseChoice("verified", modes)).toEqual({ value: "verified" });
    expect(parseChoice("Verified", modes)).toEqual({
      fault: "is not one of insecure, verified, disabled; did you mean verified?",
    });
    expect(parseChoice("1.1.1.1", ["none"])).toEqual({ fault: "is not none" });
  });

  test("switches are true or false", () => {
    expect(parseSwitch("true")).toEqual({ value: true });
    expect(parseSwitch("false")).toEqual({ value: false });
    expect(parseSwitch("yes")).toEqual({ fault: "is not true or false" });
  });

  test("namespaces are labels", () => {
    expect(parseNamespaceName("kube-system")).toEqual({ value: "kube-system" });
    for (const text of ["", "Shop", "a.b", "-a", "a-", "a".repeat(64)]) {
      expect(parseNamespaceName(text), text).toEqual({ fault: expect.stringContaining("is not a namespace") });
    }
  });
});

test.each([
  ["dns-1", true],
  ["a b ~", true],
  ["a".repeat(64), true],
  ["", false],
  ["a".repeat(65), false],
  ["a\n", false],
  ["ä", false],
])("a server identifier: %j", (text, isGood) => {
  expect(parseServerName(text)).toEqual(
    isGood ? { value: text } : { fault: expect.stringContaining("is not a server identifier") },
  );
});

test("a file name is not empty", () => {
  expect(parseFileName("a b")).toEqual({ value: "a b" });
  expect(parseFileName("")).toEqual({ fault: "is empty: name a file" });
});
