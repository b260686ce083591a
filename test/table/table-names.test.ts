import { expect, test } from "vitest";
import { formatName } from "../../src/dns/name.ts";
import { formatType } from "../../src/dns/type-names.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { tableNames } from "../../src/table/table-names.ts";
import type { TableName } from "../../src/table/table-names.ts";
import { smallZone, StaticCluster } from "../support/core/static-zone.ts";

const shown = (records: TableName["records"]): readonly string[] =>
  records.map(({ owner, ttl, type, rdata }) => {
    return `${formatName(owner)} ${ttl} ${formatType(type)} ${Buffer.from(rdata).toString("hex")}`;
  });

test("names have the records of their answers, and those beside them, with their owners", () => {
  const cluster = new StaticCluster();
  cluster.serve({ zones: [smallZone("z", "@ MX 1 b", "@ MX 2 a.b.c", "b A 10.0.0.1", "a.b.c AAAA ::2")] });
  const names = [...tableNames(cluster.reader.words, cluster.reader.bytes)];
  const of = (text: string): TableName => names.find(({ name }) => formatName(name) === text)!;
  expect(shown(of("z.").records)).toEqual([
    `z. 60 NS ${Buffer.from("\u0002ns\u0009elsewhere\u0007example\0").toString("hex")}`,
    `z. 60 MX 0001${Buffer.from("\u0001b\u0001z\0").toString("hex")}`,
    `z. 60 MX 0002${Buffer.from("\u0001a\u0001b\u0001c\u0001z\0").toString("hex")}`,
  ]);
  expect(shown(of("z.").additional)).toEqual(["b.z. 60 A 0a000001", `a.b.c.z. 60 AAAA ${"00".repeat(15)}02`]);
  expect(of("z.")).toMatchObject({ apexSize: 3, flags: ENTRY_FLAG.OWNER });
  // An empty non-terminal.
  expect(of("c.z.")).toMatchObject({ flags: 0, records: [], additional: [] });
});

test("a removed name is not among them", () => {
  const cluster = new StaticCluster();
  cluster.serve({ zones: [smallZone("z", "b A 10.0.0.1")] });
  cluster.serve({ zones: [] });
  const names = [...tableNames(cluster.reader.words, cluster.reader.bytes)].map(({ name }) => formatName(name));
  expect(names).toContain("cluster.local.");
  expect(names).not.toContain("b.z.");
});
