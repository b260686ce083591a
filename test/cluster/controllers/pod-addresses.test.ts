import { describe, expect, test } from "vitest";
import { PodAddresses } from "../../../src/cluster/controllers/pod-addresses.ts";
import { parseCidr } from "../../../src/net/ip.ts";

const NONE: ReadonlyMap<string, readonly string[]> = new Map();

function addressesOf(cidrs: string, remembered = NONE): PodAddresses {
  return new PodAddresses(
    cidrs.split(",").map((text) => parseCidr(text)!),
    remembered,
  );
}

const KEYS = Array.from({ length: 12 }, (_, i) => `a/p${i}`);

describe("addresses of simulated pods", () => {
  test("one of each family, in the order of the ranges, of the first range of a family", () => {
    const addresses = addressesOf("fd00:1::/64,10.244.0.0/16,10.9.0.0/16");
    addresses.allocate(["a/p"]);
    expect(addresses.familyCount).toBe(2);
    const [first, second] = addresses.of("a/p");
    expect(first).toMatch(/^fd00:1::/);
    expect(second).toMatch(/^10\.244\./);
    expect([...addresses.all()]).toEqual([["a/p", [first, second]]]);
  });

  test("stay the same, also the list, until they are released", () => {
    const addresses = addressesOf("10.244.0.0/16");
    addresses.allocate(["a/p"]);
    const ips = addresses.of("a/p");
    addresses.allocate(["a/p", "a/q"]);
    expect(addresses.of("a/p")).toBe(ips);
    addresses.release("a/p");
    expect(addresses.of("a/p")).toEqual([]);
    addresses.allocate(["a/p"]);
    expect(addresses.of("a/p")).toEqual(ips);
  });

  test("are not those that are written", () => {
    const addresses = addressesOf("10.244.0.0/29");
    for (const n of [1, 2, 4, 5, 6]) expect(addresses.take(`10.244.0.${n}`)).toBeUndefined();
    addresses.allocate(["a/p", "a/q"]);
    expect([...addresses.of("a/p"), ...addresses.of("a/q")]).toEqual(["10.244.0.3"]);
  });

  test("are lost to who writes them, and then others are given", () => {
    const addresses = addressesOf("10.244.0.0/16,fd00:1::/64");
    addresses.allocate(["a/p"]);
    const [v4, v6] = addresses.of("a/p");
    expect(addresses.take(v4!)).toBe("a/p");
    expect(addresses.of("a/p")).toEqual([v6]);
    addresses.allocate(["a/p"]);
    expect(addresses.of("a/p")).toEqual([expect.stringMatching(/^10\.244\./), v6]);
    expect(addresses.of("a/p")).not.toContain(v4);
  });

  test("an address that is written several times is free after the last", () => {
    const addresses = addressesOf("10.244.0.0/30");
    for (const ip of ["10.244.0.1", "10.244.0.1", "10.244.0.1", "10.244.0.2"]) addresses.take(ip);
    const isFree = (): boolean => {
      addresses.allocate(["a/p"]);
      return addresses.of("a/p").length > 0;
    };
    addresses.giveBack("10.244.0.1");
    addresses.giveBack("10.244.0.1");
    expect(isFree()).toBe(false);
    addresses.giveBack("10.244.0.1");
    expect(isFree()).toBe(true);
  });

  test("addresses of no range's family, or of no range, may be written", () => {
    const addresses = addressesOf("10.244.0.0/30");
    for (const ip of ["2001:db8::1", "192.0.2.1"]) {
      expect(addresses.take(ip)).toBeUndefined();
      addresses.giveBack(ip);
    }
  });
});

describe("addresses of a former run", () => {
  test("come back, and nobody else gets them before", () => {
    const other = addressesOf("10.244.0.0/28");
    other.allocate(KEYS);
    // As if they had come in another order.
    const remembered = new Map(KEYS.map((key, i) => [key, other.of(KEYS.at(-1 - i)!)]));
    const addresses = addressesOf("10.244.0.0/28", remembered);
    for (const key of KEYS) addresses.allocate([key]);
    for (const key of KEYS) expect(addresses.of(key)).toEqual(remembered.get(key));
    expect(new Set(addresses.all().keys())).toEqual(new Set(KEYS));
  });

  test("are not there before their pods are, and make way when the range is full", () => {
    const addresses = addressesOf("10.244.0.0/30", new Map([["a/gone", ["10.244.0.1"]]]));
    expect(addresses.all().size).toBe(0);
    addresses.allocate(["a/p"]);
    expect(addresses.of("a/p")).toEqual(["10.244.0.2"]);
    addresses.allocate(["a/q"]);
    expect(addresses.of("a/q")).toEqual(["10.244.0.1"]);
  });

  test("of another range, or damaged, are forgotten; written ones count more", () => {
    const remembered = new Map([
      ["a/p", ["10.9.0.1", "nonsense", "fd00::1"]],
      ["a/q", ["10.244.0.2"]],
    ]);
    const addresses = addressesOf("10.244.0.0/30", remembered);
    expect(addresses.take("10.244.0.2")).toBeUndefined();
    addresses.allocate(["a/p", "a/q"]);
    expect([...addresses.of("a/p"), ...addresses.of("a/q")]).toEqual(["10.244.0.1"]);
  });
});
