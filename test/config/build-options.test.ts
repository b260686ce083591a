import { describe, expect, test } from "vitest";
import { buildOptions } from "../../src/config/build-options.ts";
import type { GivenOptions } from "../../src/config/build-options.ts";
import type { OptionName } from "../../src/config/option-table.ts";
import type { Options } from "../../src/config/options.ts";
import { formatCidr } from "../../src/net/ip.ts";

function given(values: Partial<Record<OptionName, string[]>>, from = "test"): GivenOptions {
  const entries = Object.entries(values) as [OptionName, string[]][];
  return new Map(entries.map(([name, texts]) => [name, { where: `${from} ${name}`, texts }]));
}

function built(...sources: GivenOptions[]): Options {
  const result = buildOptions(sources);
  if ("errors" in result) throw new Error(result.errors.join("\n"));
  return result.options;
}

describe("buildOptions", () => {
  test("nothing given: the defaults", () => {
    const { serviceCidrs, podCidrs, allow, allowRecursion, ...others } = built();
    expect(others).toEqual({
      listen: [{ host: "127.0.0.1", port: 53 }],
      clusterDomain: "cluster.local",
      ttlSeconds: 30,
      negativeTtlSeconds: 30,
      pods: "insecure",
      endpointPodNames: false,
      ednsSize: 1232,
      namespace: "default",
      upstreams: [],
      upstreamFile: "/etc/resolv.conf",
      upstreamPolicy: "sequential",
      upstreamMixedCase: false,
      stubDomains: [],
      autopath: false,
      cacheBytes: 32 << 20,
      staleSeconds: 86_400,
      simulatePods: true,
      udpTransport: "auto",
      logLevel: "info",
    });
    expect(serviceCidrs.map(formatCidr)).toEqual(["10.96.0.0/12"]);
    expect(podCidrs.map(formatCidr)).toEqual(["10.244.0.0/16"]);
    expect(allow.map(formatCidr)).toEqual(["0.0.0.0/0", "::/0"]);
    expect(allowRecursion.map(formatCidr).join(" ")).toBe(
      "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 fc00::/7 fe80::/10 ::1/128 " +
        "10.244.0.0/16 10.96.0.0/12",
    );
  });

  test.each<[Partial<Record<OptionName, string[]>>, string[]]>([
    [{ listen: ["tls://127.0.0.1"] }, ["--listen: tls:// needs --tls-cert and --tls-key"]],
    [{ listen: ["https://[::1]"] }, ["--listen: https:// needs --tls-cert and --tls-key"]],
    [{ "tls-cert": ["a"] }, ["--tls-cert is given alone: --tls-cert and --tls-key go together"]],
    [{ "tls-key": ["a"] }, ["--tls-key is given alone: --tls-cert and --tls-key go together"]],
    [{ upstream: ["none", "10.0.0.53"] }, ["--upstream: none stands beside others"]],
    [{ upstream: ["/a,./b"] }, ["--upstream: names two files: one is followed"]],
    [
      { listen: ["tls://[::1]", "[::1]:853", "tls://[::1]:853"], "tls-cert": ["a"], "tls-key": ["b"] },
      ["--listen: tls://[::1]:853 is given twice"],
    ],
  ])("%j: %s", (values, errors) => {
    expect(buildOptions([given(values)])).toEqual({ errors });
  });

  test("the parts of TLS", () => {
    const { listen, tlsFiles } = built(
      given({ listen: ["tls://127.0.0.1,https://[::]:8443"], "tls-cert": ["a"], "tls-key": ["b"] }),
    );
    expect(listen).toEqual([
      { scheme: "tls", host: "127.0.0.1", port: 853 },
      { scheme: "https", host: "::", port: 8443 },
    ]);
    expect(tlsFiles).toEqual({ cert: "a", key: "b" });
  });

  test("upstreams, their file and none", () => {
    const upstream = (values: string[]): Pick<Options, "upstreams" | "upstreamFile"> =>
      built(given({ upstream: values }));
    expect(upstream(["none"])).toMatchObject({ upstreams: [] });
    expect(upstream(["none"]).upstreamFile).toBeUndefined();
    expect(upstream(["10.0.0.53, ./resolv.conf"])).toMatchObject({
      upstreams: [{ protocol: "udp", host: "10.0.0.53", port: 53 }],
      upstreamFile: "./resolv.conf",
    });
  });

  test("recursion is for the pods and services too, whatever the list says", () => {
    const options = built(given({ "allow-recursion": ["192.0.2.0/24"], "pod-cidr": ["11.0.0.0/8"] }));
    expect(options.allowRecursion.map(formatCidr)).toEqual(["192.0.2.0/24", "11.0.0.0/8", "10.96.0.0/12"]);
  });

  test("the first source that gives an option gives all of it", () => {
    const strong = given({ ttl: ["1"], listen: ["127.0.0.1:1"] });
    const weak = given({ ttl: ["2"], "edns-size": ["512"], listen: ["127.0.0.1:2", "127.0.0.1:3"] });
    const options = built(strong, weak);
    expect([options.ttlSeconds, options.ednsSize]).toEqual([1, 512]);
    expect(options.listen).toEqual([{ host: "127.0.0.1", port: 1 }]);
  });

  test("the negative TTL follows the TTL unless it is given", () => {
    expect(built(given({ ttl: ["7"] })).negativeTtlSeconds).toBe(7);
    expect(built(given({ ttl: ["7"], "negative-ttl": ["0"] })).negativeTtlSeconds).toBe(0);
  });

  test("lists take commas and repetition, single values the last one", () => {
    const options = built(given({ "pod-cidr": ["10.244.0.0/16, fd00::/56", "10.0.0.0/8"], ttl: ["1", "2"] }));
    expect(options.podCidrs.map(formatCidr)).toEqual(["10.244.0.0/16", "fd00::/56", "10.0.0.0/8"]);
    expect(options.ttlSeconds).toBe(2);
  });

  test("every fault is told, with its place", () => {
    const result = buildOptions([given({ ttl: ["x"], "pod-cidr": ["10.0.0.0/8,"] }), given({ pods: ["of"] }, "file")]);
    expect("errors" in result && result.errors).toEqual([
      'test ttl: "x" is not a whole number from 0 to 3600',
      'file pods: "of" is not one of insecure, verified, disabled',
      'test pod-cidr: "" is not a prefix such as 10.96.0.0/12 or fd00::/108',
    ]);
  });

  test("a value that a stronger source replaces is not judged", () => {
    expect(built(given({ ttl: ["5"] }), given({ ttl: ["nonsense"] })).ttlSeconds).toBe(5);
  });

  test("an address given twice is an error, free ports are not", () => {
    const twice = buildOptions([given({ listen: ["[::1]:53", "[0::1]"] })]);
    expect("errors" in twice && twice.errors).toEqual(["--listen: [::1]:53 is given twice"]);
    expect(built(given({ listen: ["127.0.0.1:0", "127.0.0.1:0"] })).listen).toHaveLength(2);
  });

  test("the fallback port is there only when given", () => {
    expect(built(given({ "fallback-port": ["5300"] })).fallbackPort).toBe(5300);
    expect("fallbackPort" in built()).toBe(false);
  });
});
