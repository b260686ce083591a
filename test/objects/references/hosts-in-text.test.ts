import fc from "fast-check";
import { expect, test } from "vitest";
import { hostOfName, hostsInFile, hostsInValue } from "../../../src/objects/references/hosts-in-text.ts";
import type { HostTarget } from "../../../src/objects/references/reference.ts";

const shown = (targets: readonly HostTarget[]): string[] =>
  targets.map(({ form, host, port }) => `${form} ${host}${port === undefined ? "" : `:${port}`}`);

test.each<[value: string, expected: string[]]>([
  ["db.shop.svc", ["full db.shop.svc"]],
  ["DB.shop.svc.cluster.local.", ["full db.shop.svc.cluster.local"]],
  ["postgres://user:secret@db.shop.svc:5432/x?a=b", ["full db.shop.svc:5432"]],
  ["a.shop.svc:1,b.shop.svc:2", ["full a.shop.svc:1", "full b.shop.svc:2"]],
  ["_http._tcp.web.shop.svc", ["full _http._tcp.web.shop.svc"]],
  ["$(POD).db.shop.svc", ["full db.shop.svc"]],
  ["$(POD)-db.shop.svc", []],
  ["db.$(NAMESPACE).svc.cluster.local", []],
  ["*.db.shop.svc", ["full db.shop.svc"]],
  ["shop.svc", []],
  ["http://web", ["url web"]],
  ["http://web:8080/a", ["url web:8080"]],
  ["http://web.shop:8080", ["url web.shop:8080"]],
  ["amqp://guest:guest@queue:5672//", ["url queue:5672"]],
  ["mongodb://a:1,b:2/x", ["url a:1", "url b:2"]],
  ["jdbc:postgresql://db:5432/x", ["url db:5432"]],
  ["http://$(HOST):80", []],
  ["http://192.0.2.1:80", []],
  ["http://[::1]:80", []],
  ["cache:6379", ["pair cache:6379"]],
  ["a:9092, b:9092", ["pair a:9092", "pair b:9092"]],
  ["redis:7", []],
  ["12:30", []],
  ["web", []],
  ["", []],
])("in the value %j", (value, expected) => {
  expect(shown(hostsInValue(value))).toEqual(expected);
});

test("in a file, without its comments", () => {
  const file = ["# old.shop.svc", "// old.shop.svc", "a: web.shop.svc", 'cache = "redis:6379"', "see redis:6380 too"];
  expect(shown(hostsInFile(file.join("\n")))).toEqual(["full web.shop.svc", "pair redis:6379"]);
});

test("in a field for a host name", () => {
  expect(shown(hostOfName("web"))).toEqual(["name web"]);
  expect(shown(hostOfName("web.shop.svc"))).toEqual(["full web.shop.svc"]);
  expect(shown(hostOfName("http://web"))).toEqual(["url web"]);
  expect(shown(hostOfName("192.0.2.1"))).toEqual([]);
});

test("whatever the text, each host is in it, and no text takes long", () => {
  const parts = fc.constantFrom("a", ".svc", "://", ".", ":", "80", "-", "_", "@", ",", "\n", "$(", ")", "é", "\u0000");
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 40 }), (list) => {
      const text = list.join("");
      for (const { host } of [...hostsInValue(text), ...hostsInFile(text), ...hostOfName(text)]) {
        expect(text.toLowerCase()).toContain(host);
      }
    }),
  );
  for (const part of ["a.", "a.svc", "a://", "a:80,", "a-"]) {
    expect(hostsInFile(`${part.repeat(200_000)}\n`).length).toBeLessThanOrEqual(1_000);
  }
});
