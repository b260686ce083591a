import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { SCHEMA_TABLE } from "../../../src/objects/schema/schema-table.ts";
import { generateSchema } from "../../../tools/generate-schema.ts";

test("the table is the one that its package makes", async () => {
  const file = new URL("../../../src/objects/schema/schema-table.ts", import.meta.url);
  expect(readFileSync(file, "utf8")).toBe(await generateSchema());
});

test("the table is small", () => {
  expect(SCHEMA_TABLE.length).toBeLessThan(40_000);
});
