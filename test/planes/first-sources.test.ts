import { expect, test } from "vitest";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { firstSources } from "../../src/planes/first-sources.ts";
import type { FirstInput } from "../../src/planes/first-sources.ts";
import { ProgramSource } from "../../src/sources/program/program-source.ts";
import { MemoryRoom } from "../../src/std/memory-room.ts";

const EAST = { cluster: ["east=kubeconfig:/nowhere,domain=east.local"] };

test.each<[what: string, settings: object, input: Partial<FirstInput>, ids: readonly string[] | undefined]>([
  ["nothing", {}, {}, ["program"]],
  ["objects of a program", EAST, { objects: [] }, ["program"]],
  ["manifests", EAST, { paths: ["/nowhere"] }, ["program", "manifests"]],
  ["an API", { source: ["kubernetes"], ...EAST }, {}, ["program", "kubernetes"]],
  ["clusters of --cluster alone", EAST, {}, undefined],
])("with %s", (_, settings, input, ids) => {
  const options = optionsFromSettings({ ...settings });
  const room = new MemoryRoom();
  const program = new ProgramSource([], "default", room);
  expect(firstSources(options, { paths: [], ...input }, program, room)?.map(({ id }) => id)).toEqual(ids);
});
