import { expect, test } from "vitest";
import { readZone } from "../../src/zonefile/check-zone.ts";
import { settingsFor } from "./zone-text.ts";

const APEX = "$TTL 60\n@ SOA ns admin 1 2 3 4 5\n@ NS ns\nns A 10.0.0.1\n";

/** The codes and advices of a zone example.org, or of another with its own `$ORIGIN`. */
function warningsOf(text: string, origin = ""): string[] {
  const { problems } = readZone(origin + APEX + text, settingsFor());
  return problems.map(({ code, advice }) => `${code} ${advice}`);
}

const WRITE_WWW = "zone-missing-dot write `www.example.org.`";

test.each<[title: string, text: string, expected: string[]]>([
  ["full names", "www A 10.0.0.2\na CNAME www.example.org.\nb CNAME www.example.com.", []],
  ["relative names", "www.sub A 10.0.0.2\na CNAME www.sub\nb CNAME nothing.there", []],
  ["a target in the zone", "www A 10.0.0.2\na CNAME www.example.org", [WRITE_WWW]],
  ["a target outside", "a CNAME www.example.com", ["zone-missing-dot write `www.example.com.`"]],
  ["the zone itself", "a CNAME example.org", ["zone-missing-dot write `example.org.`"]],
  ["a mail server", "@ MX 1 mx.example.com", ["zone-missing-dot write `mx.example.com.`"]],
  [
    "a service of the cluster",
    "a CNAME web.default.svc.cluster.local",
    ["zone-missing-dot write `web.default.svc.cluster.local.`"],
  ],
  ["a name that exists", "www.example.com A 10.0.0.2\na CNAME www.example.com", []],
  ["an owner", "www.example.org A 10.0.0.2\nwww.example.org AAAA ::1", [WRITE_WWW]],
])("%s", (_, text, expected) => {
  expect(warningsOf(text)).toEqual(expected);
});

test("a pointer leads to no name among the pointers", () => {
  const origin = "$ORIGIN 2.0.192.in-addr.arpa.\n";
  expect(warningsOf("1 PTR www.example.com.", origin)).toEqual([]);
  expect(warningsOf("1 PTR www.example.com", origin)).toEqual(["zone-missing-dot write `www.example.com.`"]);
  expect(warningsOf("1 PTR www", origin)).toEqual([
    "zone-missing-dot write the full name of the host, with a final dot",
  ]);
});
