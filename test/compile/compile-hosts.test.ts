import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HostsNames } from "../../src/compile/compile-hosts.ts";
import { formatName, nameKey } from "../../src/dns/name.ts";
import type { NamedEntry } from "../../src/compile/name-layers.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import type { HostsLines } from "../../src/zonefile/hosts-lines.ts";
import { runAtOnce } from "../../src/std/sliced.ts";
import { hostsOf } from "../support/core/static-zone.ts";
import { entryLines, wire } from "../support/core/table.ts";

const SETTINGS = {
  ttlSeconds: 7,
  isAuthoritative: false,
  zoneOf: () => 3,
  // Names collide all the time.
  hashOf: (bytes: Uint8Array, start: number) => bytes[start + 1]! & 3,
};

/** Replaces the lines; returns the keys of names that may have changed. */
function set(hosts: HostsNames, lines: HostsLines): readonly string[] {
  const touched: string[] = [];
  runAtOnce(
    hosts.set(
      lines,
      (name, pointer) => {
        touched.push(nameKey(name));
        // What is known of a name changes nothing.
        expect(hosts.write(name, pointer)?.size).toBe(hosts.write(name)?.size);
      },
      () => undefined,
    ),
  );
  return touched;
}

/** The entries of all names of the lines. */
function compileHosts(lines: HostsLines): ReadonlyMap<string, NamedEntry> {
  const hosts = new HostsNames(SETTINGS);
  const keys = set(hosts, lines);
  return new Map(keys.map((key) => [key, hosts.get(Uint8Array.from(Buffer.from(key, "latin1")))!]));
}

/** Records of all names, which are each a zone of their own. */
function compiled(...lines: readonly string[]): readonly string[] {
  return [...compileHosts(hostsOf(...lines)).values()]
    .flatMap(({ name, content }) => {
      expect([formatName(name), content]).toMatchObject([
        formatName(name),
        { apexSize: name.length, zone: 3, flags: ENTRY_FLAG.FOREIGN },
      ]);
      return entryLines(name, content);
    })
    .map((line) => line.replace(/^answer /, ""))
    .toSorted();
}

const V6 = `1.${"0.".repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa.`;

test.each<[what: string, lines: readonly string[], records: readonly string[]]>([
  ["nothing", ["", "# nothing"], []],
  [
    "a name and its other names; the address is the first one's",
    ["192.0.2.1 Web.Example web"],
    ["1.2.0.192.in-addr.arpa. 7 PTR web.example.", "web. 7 A 192.0.2.1", "web.example. 7 A 192.0.2.1"],
  ],
  [
    "a name with addresses of several lines and families, each once",
    ["192.0.2.1 a", "192.0.2.2 A", "2001:db8::1 a", "192.0.2.1 a"],
    [
      "1.2.0.192.in-addr.arpa. 7 PTR a.",
      "2.2.0.192.in-addr.arpa. 7 PTR a.",
      `${V6} 7 PTR a.`,
      "a. 7 A 192.0.2.1",
      "a. 7 A 192.0.2.2",
      "a. 7 AAAA 2001:db8::1",
    ].toSorted(),
  ],
  [
    "an address of several lines: the first name of each",
    ["192.0.2.1 a x", "192.0.2.1 b x"],
    [
      "1.2.0.192.in-addr.arpa. 7 PTR a.",
      "1.2.0.192.in-addr.arpa. 7 PTR b.",
      "a. 7 A 192.0.2.1",
      "b. 7 A 192.0.2.1",
      "x. 7 A 192.0.2.1",
    ],
  ],
  [
    "names to be blocked",
    ["0.0.0.0 ads.example", ":: ads.example"],
    ["ads.example. 7 A 0.0.0.0", "ads.example. 7 AAAA ::"],
  ],
])("%s", (_, lines, records) => {
  expect(compiled(...lines)).toEqual(records);
});

describe("HostsNames", () => {
  const keyOf = (name: string): string => nameKey(wire(name));

  test("after any change of lines the names are those of the lines, and every changed name is reported", () => {
    const line = fc.constantFrom(
      ...["192.0.2.1 a b", "192.0.2.1 b", "192.0.2.2 a", "2001:db8::1 a", "192.0.2.3 1.2.0.192.in-addr.arpa"],
      ...["0.0.0.0 ads", "0.0.0.0 ads more", "127.0.0.1 ads", "192.0.2.2 A c"],
    );
    const edit = fc.record({ at: fc.nat(20), removed: fc.nat(3), added: fc.array(line, { maxLength: 3 }) });
    const all = fc.constant({ at: 0, removed: Infinity, added: [] });
    const edits = fc.array(fc.oneof(edit, all), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), edits, (lines, steps) => {
        const hosts = new HostsNames(SETTINGS);
        let before: ReadonlyMap<string, NamedEntry> = new Map();
        for (const { at, removed, added } of [{ at: 0, removed: 0, added: [] }, ...steps]) {
          lines.splice(at, removed, ...added);
          const touched = new Set(set(hosts, hostsOf(...lines)));
          const whole = compileHosts(hostsOf(...lines));
          for (const key of new Set([...before.keys(), ...whole.keys()])) {
            const now = hosts.get(Uint8Array.from(Buffer.from(key, "latin1")));
            expect(now).toEqual(whole.get(key));
            if (!touched.has(key)) expect(now).toEqual(before.get(key));
          }
          before = whole;
        }
      }),
      { numRuns: 150 },
    );
  });

  test.each<[what: string, lines: readonly string[], touched: readonly string[]]>([
    ["the same lines, read again", ["10.0.0.1 a", "0.0.0.0 b c", "0.0.0.0 d"], []],
    ["a line that changes", ["10.0.0.1 a", "0.0.0.0 b", "0.0.0.0 d"], ["b.", "c."]],
    ["a line that comes", ["10.0.0.1 a", "0.0.0.0 b c", "10.0.0.2 e", "0.0.0.0 d"], ["2.0.0.10.in-addr.arpa.", "e."]],
    ["a line that goes", ["0.0.0.0 b c", "0.0.0.0 d"], ["1.0.0.10.in-addr.arpa.", "a."]],
    ["a line twice", ["10.0.0.1 a", "0.0.0.0 b c", "0.0.0.0 b c", "0.0.0.0 d"], ["b.", "c."]],
  ])("%s: only its names are touched", (_, lines, touched) => {
    const hosts = new HostsNames(SETTINGS);
    const others = Array.from({ length: 10 }, (_, i) => `10.0.1.${i} other${i}`);
    set(hosts, hostsOf("10.0.0.1 a", "0.0.0.0 b c", "0.0.0.0 d", ...others));
    const reported = set(hosts, hostsOf(...lines, ...others));
    expect([...new Set(reported)].toSorted()).toEqual(touched.map(keyOf).toSorted());
  });

  test("tells whether there are names at or below another one", () => {
    const hosts = new HostsNames(SETTINGS);
    const state = (): boolean[] => ["home.arpa.", "alt."].map((name) => hosts.hasAtOrBelow(keyOf(name)));
    expect(state()).toEqual([false, false]);
    set(hosts, hostsOf("192.0.2.1 a.home.arpa xalt"));
    expect(state()).toEqual([true, false]);
    set(hosts, hostsOf("192.0.2.1 alt"));
    expect(state()).toEqual([false, true]);
  });
});
