import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AddressAllocator } from "../../../src/cluster/controllers/address-allocator.ts";
import { AddressRange } from "../../../src/cluster/controllers/address-range.ts";
import { parseCidr } from "../../../src/net/ip.ts";
import { expectLinear, expectMsBelow } from "../../support/timing.ts";

const allocatorOf = (cidr: string): AddressAllocator => new AddressAllocator(parseCidr(cidr));
/** The address that the key has where nobody is in its way. */
const homeOf = (cidr: string, key: string): string => allocatorOf(cidr).allocate([key]).get(key)!;
const keysOf = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `team-${i % 100}/service-${i}`);

// Users see these addresses and write them down: no release may change them.
test.each<[key: string, cidr: string, address: string]>([
  ["default/web", "10.96.0.0/12", "10.111.245.101"],
  ["shop/cart", "10.96.0.0/12", "10.98.220.122"],
  ["kube-system/metrics-server", "10.96.0.0/12", "10.104.55.49"],
  ["default/web", "10.0.0.0/24", "10.0.0.165"],
  ["shop/cart", "10.0.0.0/24", "10.0.0.22"],
  ["default/web", "fd00:10:96::/112", "fd00:10:96::b3cf"],
  ["shop/cart", "fd00::/64", "fd00::627c:a82a"],
])("the home of %s in %s is %s for ever", (key, cidr, address) => {
  expect(homeOf(cidr, key)).toBe(address);
});

test("who finds its home taken goes where the hash says next, for ever", () => {
  const cidr = "10.96.0.0/12";
  const allocator = allocatorOf(cidr);
  const found: string[] = [];
  for (let i = 0; i < 3; i++) {
    const address = allocator.allocate(["default/web"]).get("default/web")!;
    found.push(address);
    allocator.release("default/web");
    expect(allocator.reserve(`in-the-way/${i}`, address)).toBe(true);
  }
  expect(found).toEqual(["10.111.245.101", "10.108.57.89", "10.107.96.135"]);
});

describe("what is asked for by name", () => {
  test("is given once", () => {
    const allocator = allocatorOf("10.0.0.0/24");
    expect(allocator.reserve("a/a", "10.0.0.20")).toBe(true);
    expect(allocator.reserve("a/a", "10.0.0.20")).toBe(true);
    expect(allocator.reserve("a/b", "10.0.0.20")).toBe(false);
    expect([allocator.addressOf("a/b"), allocator.holderOf("10.0.0.20")]).toEqual([undefined, "a/a"]);
    expect(allocator.reserve("a/a", "10.0.0.21")).toBe(true);
    expect(allocator.reserve("a/b", "10.0.0.20")).toBe(true);
    expect(allocator.reserve("a/b", "10.0.0.21")).toBe(false);
    expect(allocator.addressOf("a/b")).toBe("10.0.0.20");
  });

  test("may lie outside the range, and without a range there is nothing else", () => {
    for (const allocator of [allocatorOf("10.0.0.0/24"), new AddressAllocator(undefined)]) {
      expect(allocator.reserve("a/a", "192.0.2.1")).toBe(true);
      expect(allocator.reserve("a/b", "192.0.2.1")).toBe(false);
      allocator.release("a/a");
      expect(allocator.reserve("a/b", "192.0.2.1")).toBe(true);
    }
    expect(new AddressAllocator(undefined).allocate(["a/a"])).toEqual(new Map());
    expect(new AddressAllocator(undefined).addressAt(1)).toBeUndefined();
  });

  test("is found by its ordinal", () => {
    expect([1, 10, 14, 15].map((ordinal) => allocatorOf("10.0.0.16/28").addressAt(ordinal))).toEqual([
      "10.0.0.17",
      "10.0.0.26",
      "10.0.0.30",
      undefined,
    ]);
  });
});

test.each([["10.0.0.0/26"], ["10.0.0.0/28"], ["fd00::/122"], ["10.0.0.0/32"]])(
  "%s: the upper band, then the lower one, then nothing; what is given back is given again",
  (cidr) => {
    const range = new AddressRange(parseCidr(cidr)!);
    const keys = keysOf(range.size + 2);
    const allocator = allocatorOf(cidr);
    const upper = allocator.allocate(keys.slice(0, range.size - range.lowerSize));
    for (const address of upper.values()) expect(range.numberOf(address)).toBeGreaterThanOrEqual(range.lowerSize);
    const all = allocator.allocate(keys);
    const numbers = [...all.values()].map((address) => range.numberOf(address)).sort((a, b) => a! - b!);
    expect(numbers).toEqual(Array.from({ length: range.size }, (_, i) => i));
    for (const [key, address] of upper) expect(all.get(key)).toBe(address);
    const missing = keys.filter((key) => !all.has(key));
    expect(missing).toHaveLength(2);
    const [first] = all;
    if (first === undefined) return;
    allocator.release(first[0]);
    expect(allocator.allocate([missing[0]!]).get(missing[0]!)).toBe(first[1]);
    expect(allocator.allocate([first[0]])).toEqual(new Map());
  },
);

test.each([["10.96.0.0/12"], ["10.96.0.0/16"], ["fd00:10:96::/108"], ["fd00::/64"]])(
  "60,000 keys in %s, in linear time",
  (cidr) => {
    const keys = keysOf(60_000);
    const allocate = (count: number): ReadonlyMap<string, string> => allocatorOf(cidr).allocate(keys.slice(0, count));
    expect(new Set(allocate(60_000).values()).size).toBe(60_000);
    expectMsBelow(expectLinear(allocate, 60_000), 1000);
  },
);

// Small ranges, so that many homes are contested: 46, 238 and 14 addresses in the upper bands.
const cidrs = fc.constantFrom("10.0.0.0/26", "10.0.0.0/24", "10.0.0.0/28", "fd00::/122");
const key = fc.nat(80).map((i) => `a/s${i}`);

/** One load: explicit addresses by number, then all keys at once. */
interface Load {
  readonly explicit: ReadonlyMap<string, number>;
  readonly keys: ReadonlySet<string>;
}
const loads: fc.Arbitrary<Load> = fc
  .tuple(fc.uniqueArray(fc.nat(61), { maxLength: 12 }), fc.uniqueArray(key, { maxLength: 60 }))
  .map(([numbers, keys]) => ({
    explicit: new Map(numbers.map((number) => [`x/e${number}`, number])),
    keys: new Set(keys),
  }));

function load(cidr: string, { explicit, keys }: Load): AddressAllocator {
  const allocator = allocatorOf(cidr);
  for (const [each, number] of explicit) {
    const address = allocator.addressAt(number + 1);
    if (address !== undefined) expect(allocator.reserve(each, address)).toBe(true);
  }
  allocator.allocate(keys);
  return allocator;
}

/** Which keys have their home in more than one way, or where an explicit address is, in either load. */
function contestedKeys(cidr: string, all: readonly Load[]): ReadonlySet<string> {
  const range = new AddressRange(parseCidr(cidr)!);
  const keys = new Set(all.flatMap((each) => [...each.keys]));
  const wanting = Map.groupBy(keys, (each) => homeOf(cidr, each));
  const explicit = new Set(all.flatMap((each) => [...each.explicit.values()]));
  const isContested = ([home, wanted]: readonly [string, readonly string[]]): boolean =>
    wanted.length > 1 || explicit.has(range.numberOf(home)!);
  return new Set([...wanting].filter(isContested).flatMap(([, wanted]) => wanted));
}

describe("without a memory", () => {
  test("no address is given twice, and every key has one as long as there are any", () => {
    fc.assert(
      fc.property(cidrs, loads, (cidr, given) => {
        const allocator = load(cidr, given);
        const { size } = new AddressRange(parseCidr(cidr)!);
        const explicit = [...given.explicit.keys()].filter((each) => allocator.addressOf(each) !== undefined);
        const allocated = [...given.keys].filter((each) => allocator.addressOf(each) !== undefined);
        const addresses = [...explicit, ...allocated].map((each) => allocator.addressOf(each)!);
        expect(new Set(addresses).size).toBe(addresses.length);
        expect(allocated.length).toBe(Math.min(given.keys.size, size - explicit.length));
        for (const each of allocated) expect(allocator.holderOf(allocator.addressOf(each)!)).toBe(each);
      }),
    );
  });

  test("the order of keys does not matter", () => {
    fc.assert(
      fc.property(cidrs, loads, fc.func(fc.integer()), (cidr, given, order) => {
        const shuffled = [...given.keys].sort((a, b) => order(a) - order(b));
        const [first, second] = [load(cidr, given), load(cidr, { ...given, keys: new Set(shuffled) })];
        for (const each of given.keys) expect(second.addressOf(each)).toBe(first.addressOf(each));
      }),
    );
  });

  test("a key has its home unless it is contested, and of those that want it the first has it", () => {
    fc.assert(
      fc.property(cidrs, loads, (cidr, given) => {
        const allocator = load(cidr, given);
        const wanting = Map.groupBy(given.keys, (each) => homeOf(cidr, each));
        for (const [home, keys] of wanting) {
          const holder = allocator.holderOf(home);
          if (holder?.startsWith("x/")) continue;
          expect(holder).toBe([...keys].sort()[0]);
        }
      }),
    );
  });

  test("between two loads only keys with contested homes move, and each gave way or takes what another gave up", () => {
    fc.assert(
      fc.property(cidrs, loads, loads, (cidr, before, after) => {
        const [first, second] = [load(cidr, before), load(cidr, after)];
        const contested = contestedKeys(cidr, [before, after]);
        for (const each of before.keys) {
          const [from, to] = [first.addressOf(each), second.addressOf(each)];
          if (!after.keys.has(each) || from === to) continue;
          expect(contested.has(each)).toBe(true);
          // One of both it would rather have, and did not have it because another one did.
          const gaveWay = from !== undefined && second.holderOf(from) !== undefined;
          const tookOver = to !== undefined && first.holderOf(to) !== undefined;
          expect(gaveWay || tookOver).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("when one key comes, it is the first that others give way to", () => {
    fc.assert(
      fc.property(cidrs, loads, key, (cidr, after, newcomer) => {
        const keys = new Set(after.keys);
        keys.delete(newcomer);
        const [first, second] = [
          load(cidr, { ...after, keys }),
          load(cidr, { ...after, keys: new Set([...keys, newcomer]) }),
        ];
        const moved = [...keys].filter((each) => first.addressOf(each) !== second.addressOf(each));
        const address = second.addressOf(newcomer);
        if (moved.length > 0) expect(moved).toContain(first.holderOf(address!));
      }),
      { numRuns: 300 },
    );
  });
});

test("within a run nothing moves, whatever comes and goes", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ allocate: fc.uniqueArray(key, { maxLength: 20 }) }),
      fc.record({ release: key }),
      fc.record({ reserve: key, number: fc.nat(61) }),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(cidrs, steps, (cidr, all) => {
      const allocator = allocatorOf(cidr);
      const held = new Map<string, string>();
      for (const step of all) {
        if ("allocate" in step) {
          for (const [each, address] of allocator.allocate(step.allocate)) {
            expect(held.get(each) ?? address).toBe(address);
            held.set(each, address);
          }
        } else if ("release" in step) {
          allocator.release(step.release);
          held.delete(step.release);
        } else {
          const address = allocator.addressAt(step.number + 1);
          if (address !== undefined && allocator.reserve(step.reserve, address)) held.set(step.reserve, address);
        }
        for (const [each, address] of held) expect(allocator.addressOf(each)).toBe(address);
        expect(new Set(held.values()).size).toBe(held.size);
      }
    }),
  );
});
