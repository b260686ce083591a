// Whether a name resolves: the same as in an explanation of it.
import { expect, test } from "vitest";
import { TYPE } from "../../src/dns/constants.ts";
import { findAsker } from "../../src/explain/asker.ts";
import { resolves } from "../../src/explain/resolves.ts";
import { explained, smallView } from "../support/explained.ts";

test.each([
  ["web", true],
  ["web.prod", true],
  ["web.prod.svc.cluster.local", true],
  ["web.prod.svc.cluster.local.", true],
  ["cart", false],
  ["cart.shop", true],
  ["db-0.db", true],
  ["db-1.db", false],
  ["idle", false],
  ["www.example.com", false],
])("%s: %j", async (name, isResolved) => {
  const view = await smallView();
  const asker = findAsker("prod", view);
  if ("fault" in asker) throw new Error(asker.fault);
  expect(resolves(name, [TYPE.A, TYPE.AAAA], asker, view)).toBe(isResolved);
  expect((await explained({ name, from: "prod" })).isResolved).toBe(isResolved);
});
