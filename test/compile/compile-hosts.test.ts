import { expect, test } from "vitest";
import { compileHosts } from "../../src/compile/compile-hosts.ts";
import { formatName } from "../../src/dns/name.ts";
import { hostsOf } from "../support/core/static-zone.ts";
import { entryLines } from "../support/core/table.ts";

/** Records of all names, which are each a zone of their own. */
function compiled(...lines: readonly string[]): readonly string[] {
  return [...compileHosts(hostsOf(...lines), { ttlSeconds: 7, zone: 3 }).values()]
    .flatMap(({ name, content }) => {
      expect([formatName(name), content]).toMatchObject([
        formatName(name),
        { apexSize: name.length, zone: 3, flags: 0 },
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
