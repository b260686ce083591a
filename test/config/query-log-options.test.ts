import { describe, expect, test } from "vitest";
import { parseOptions } from "../../src/config/parse-options.ts";
import type { Options } from "../../src/config/options.ts";
import { formatName } from "../../src/dns/name.ts";
import { formatCidr } from "../../src/net/ip.ts";

function parsed(...flags: string[]): Options {
  const result = parseOptions(flags, {});
  if ("errors" in result) throw new Error(result.errors.join("\n"));
  return result.options;
}

describe("--query-log", () => {
  test.each<[value: string, sample: readonly [success: number, denial: number, error: number] | undefined]>([
    ["off", undefined],
    ["all", [1, 1, 1]],
    ["errors", [0, 0, 1]],
    ["error", [0, 0, 1]],
    ["denial,success", [1, 1, 0]],
    ["sample:1/100", [100, 100, 100]],
    ["sample:1/1", [1, 1, 1]],
    ["errors,sample:1/100", [100, 100, 1]],
    ["sample:1/10,denial,sample:1/1000", [10, 1, 10]],
  ])("%s", (value, sample) => {
    const [success, denial, error] = sample ?? [];
    expect(parsed(`--query-log=${value}`).queryLog).toEqual(sample && { success, denial, error });
  });

  test.each([
    [
      "errros",
      '--query-log: "errros" is not one of off, all, success, denial, error, errors, or sample:1/N; did you mean',
    ],
    ["sample:1/0", '"sample:1/0" is not a sample such as sample:1/100, with at most 1000000'],
    ["sample:100", '"sample:100" is not a sample'],
    ["sample:1/1000001", "is not a sample"],
    ["off,all", "--query-log: off excludes all other values"],
  ])("%s: an error", (value, error) => {
    expect(() => parsed(`--query-log=${value}`)).toThrow(error);
  });
});

test("filters", () => {
  const { queryLogNames, queryLogClients, queryLogRcodes, queryLogSlowerThanMs } = parsed(
    "--query-log-name=Shop.svc.cluster.local.,example.com",
    "--query-log-client=10.244.1.0/24,10.244.2.7,fd00::7",
    "--query-log-rcode=servfail,NOERROR",
    "--query-log-slower-than=0.5",
  );
  expect(queryLogNames.map((name) => formatName(name))).toEqual(["shop.svc.cluster.local.", "example.com."]);
  expect(queryLogClients.map(formatCidr)).toEqual(["10.244.1.0/24", "10.244.2.7/32", "fd00::7/128"]);
  expect([queryLogRcodes, queryLogSlowerThanMs]).toEqual([[2, 0], 0.5]);
});

test.each([
  ["--query-log-name=a..b", '"a..b" is not a domain such as shop.svc.cluster.local'],
  ["--query-log-client=10.244.1.5/24", "has host bits set; the network is 10.244.1.0/24"],
  ["--query-log-client=web", "is not a prefix"],
  ["--query-log-rcode=SERVFIAL", "did you mean SERVFAIL?"],
  ["--query-log-slower-than=60001", "is not a number of milliseconds up to 60000, such as 5 or 0.5"],
  ["--query-log-slower-than=-1", "is not a number of milliseconds"],
  ["--query-log-format=common", "is not one of json, coredns"],
])("%s: %s", (flag, error) => {
  expect(() => parsed(flag)).toThrow(error);
});

describe("--dnstap", () => {
  test.each<[text: string, target: Options["dnstap"]]>([
    ["unix:/run/dnstap.sock", { path: "/run/dnstap.sock" }],
    ["unix:///run/dnstap.sock", { path: "/run/dnstap.sock" }],
    ["/run/dnstap.sock", { path: "/run/dnstap.sock" }],
    ["tcp:127.0.0.1", { host: "127.0.0.1", port: 6000 }],
    ["tcp://[fd00::1]:7000", { host: "fd00::1", port: 7000 }],
  ])("%s", (text, target) => {
    expect(parsed(`--dnstap=${text}`).dnstap).toEqual(target);
  });

  test.each([
    ["dnstap.sock", "is not a receiver such as unix:/run/dnstap.sock or tcp:127.0.0.1:6000"],
    ["tcp:dnstap.example:6000", "host names are not accepted"],
    [`unix:/${"a".repeat(120)}`, "has 121 bytes: the path of a socket has at most 100"],
  ])("%s: an error", (text, error) => {
    expect(() => parsed(`--dnstap=${text}`)).toThrow(error);
  });
});
