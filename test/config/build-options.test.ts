import { describe, expect, test } from "vitest";
import { buildOptions } from "../../src/config/build-options.ts";
import type { GivenOptions } from "../../src/config/build-options.ts";
import type { OptionName } from "../../src/config/option-table.ts";
import type { Options } from "../../src/config/options.ts";
import { formatCidr } from "../../src/std/ip.ts";

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
    const { serviceCidrs, podCidrs, ...others } = built();
    expect(others).toEqual({
      listen: [{ host: "127.0.0.1", port: 53 }],
      clusterDomain: "cluster.local",
      ttlSeconds: 30,
      negativeTtlSeconds: 30,
      pods: "insecure",
      endpointPodNames: false,
      ednsSize: 1232,
      namespace: "default",
      upstream: "none",
      simulatePods: true,
      udpTransport: "auto",
      logLevel: "info",
    });
    expect(serviceCidrs.map(formatCidr)).toEqual(["10.96.0.0/12"]);
    expect(podCidrs.map(formatCidr)).toEqual(["10.244.0.0/16"]);
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
