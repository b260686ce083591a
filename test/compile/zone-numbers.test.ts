import { expect, test } from "vitest";
import {
  CLUSTERS_MAX,
  clusterZone,
  LOCAL_ZONE,
  sharedZone,
  STATIC_ZONES_FIRST,
  STATIC_ZONES_MAX,
} from "../../src/compile/zone-numbers.ts";
import { ZONES_MAX } from "../../src/table/layout.ts";

test("each zone has a number of its own, and the table has it", () => {
  const clusters = Array.from({ length: CLUSTERS_MAX }, (_, rank) => clusterZone(rank));
  const numbers = [...clusters, LOCAL_ZONE, sharedZone(2), STATIC_ZONES_FIRST];
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(Math.max(...numbers)).toBe(STATIC_ZONES_FIRST);
  expect(STATIC_ZONES_FIRST + STATIC_ZONES_MAX).toBeLessThanOrEqual(ZONES_MAX);
});

test("one cluster shares its zone with nothing", () => {
  expect(sharedZone(1)).toBe(clusterZone(0));
});
