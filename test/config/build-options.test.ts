import { describe, expect, test } from "vitest";
import { buildOptions } from "../../src/config/build-options.ts";
import type { GivenOptions } from "../../src/config/build-options.ts";
import type { OptionName } from "../../src/config/option-names.ts";
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
      admin: [],
      adminHosts: [],
      health: [],
      ready: [],
      metricsNames: "own",
      listen: [{ host: "127.0.0.1", port: 53 }],
      clusterDomain: "cluster.local",
      clusters: [],
      ttlSeconds: 30,
      negativeTtlSeconds: 30,
      pods: "insecure",
      reasons: "local",
      endpointPodNames: false,
      hostsAuthoritative: false,
      ednsSize: 1232,
      namespace: "default",
      namespaces: [],
      upstreams: [],
      upstreamFile: "/etc/resolv.conf",
      upstreamPolicy: "sequential",
      upstreamMixedCase: false,
      stubDomains: [],
      rewriteRules: [],
      autopath: false,
      cacheBytes: 32 << 20,
      cacheTtlSeconds: 86_400,
      cacheNegativeTtlSeconds: 300,
      sources: [],
      staleSeconds: 86_400,
      startupTimeoutSeconds: 5,
      kustomize: false,
      lameduckSeconds: 0,
      simulatePods: true,
      clusterServices: true,
      udpTransport: "auto",
      logLevel: "info",
      queryLogNames: [],
      queryLogClients: [],
      queryLogRcodes: [],
      queryLogSlowerThanMs: 0,
      queryLogFormat: "json",
    });
    expect(serviceCidrs.map(formatCidr)).toEqual(["10.96.0.0/12"]);
    expect(podCidrs.map(formatCidr)).toEqual(["10.244.0.0/16"]);
    expect(allow.map(formatCidr)).toEqual(["0.0.0.0/0", "::/0"]);
    expect(allowRecursion.map(formatCidr).join(" ")).toBe(
      "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 fc00::/7 fe80::/10 ::1/128 " +
        "10.244.0.0/16 10.96.0.0/12",
    );
  });

  test("the first source that gives an option gives all of it", () => {
    const strong = given({ ttl: ["1"], listen: ["127.0.0.1:1"] });
    const weak = given({ ttl: ["2"], ednsSize: ["512"], listen: ["127.0.0.1:2", "127.0.0.1:3"] });
    const options = built(strong, weak);
    expect([options.ttlSeconds, options.ednsSize]).toEqual([1, 512]);
    expect(options.listen).toEqual([{ host: "127.0.0.1", port: 1 }]);
  });

  test("lists take commas and repetition, single values the last one", () => {
    const options = built(given({ podCidr: ["10.244.0.0/16, fd00::/56", "10.0.0.0/8"], ttl: ["1", "2"] }));
    expect(options.podCidrs.map(formatCidr)).toEqual(["10.244.0.0/16", "fd00::/56", "10.0.0.0/8"]);
    expect(options.ttlSeconds).toBe(2);
  });

  test("rules that rewrite may have commas, and stand on lines", () => {
    const rules = "name regex a{1,2} b\n  type A AAAA\n";
    const { rewriteRules } = built(given({ rewrite: [rules, "class CH IN"] }));
    expect(rewriteRules.map(({ field }) => field)).toEqual(["name", "type", "class"]);
  });

  test("all errors are reported, with their sources", () => {
    const result = buildOptions([given({ ttl: ["x"], podCidr: ["10.0.0.0/8,"] }), given({ pods: ["of"] }, "file")]);
    expect("errors" in result && result.errors).toEqual([
      'test ttl: "x" is not a whole number from 0 to 3600',
      'file pods: "of" is not one of insecure, verified, disabled',
      'test podCidr: "" is not a prefix such as 10.96.0.0/12 or fd00::/108',
    ]);
  });

  test("a value that a stronger source replaces is not checked", () => {
    expect(built(given({ ttl: ["5"] }), given({ ttl: ["nonsense"] })).ttlSeconds).toBe(5);
  });

  test("the fallback port is there only when given", () => {
    expect(built(given({ fallbackPort: ["5300"] })).fallbackPort).toBe(5300);
    expect("fallbackPort" in built()).toBe(false);
  });
});
