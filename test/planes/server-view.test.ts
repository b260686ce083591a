// What a server tells of itself: health by its threads, readiness by phase, sources, zones and threads.
import { describe, expect, test } from "vitest";
import { ServerView } from "../../src/planes/server-view.ts";
import type { ServerParts } from "../../src/planes/server-view.ts";
import { TableBuffer } from "../../src/planes/table-buffer.ts";
import type { SourceStatus } from "../../src/sources/source.ts";
import { TableWriter } from "../../src/table/writer.ts";
import { parseName } from "../../src/dns/name.ts";
import { ScriptedSource } from "../support/scripted-source.ts";

const CLUSTER = 0;
const OTHER = 1;

function sourceWith(status: SourceStatus): ScriptedSource {
  const source = new ScriptedSource("live");
  void source.start({ change() {}, replaceZones() {}, setProblems() {}, setStatus() {} });
  source.setStatus(status);
  return source;
}

function viewOf(parts: Partial<ServerParts> = {}, unready: readonly number[] = []): ServerView {
  const table = new TableBuffer();
  const writer = new TableWriter([1, 2], (buffer) => table.replace(buffer));
  writer.setSerial(CLUSTER, 3_512_385_424);
  writer.setSerial(OTHER, 7);
  for (const zone of unready) writer.setZoneReady(zone, zone === OTHER ? "in part" : false);
  return new ServerView(() => ({
    phase: "serving",
    sources: [sourceWith({ state: "synced" })],
    zones: [
      { apex: parseName("cluster.local.")!, index: CLUSTER },
      { apex: parseName("example.org.")!, index: OTHER },
    ],
    table,
    workers: [
      { name: "udp #0", secondsStill: 0 },
      { name: "udp #1", secondsStill: 4 },
    ],
    addresses: [{ host: "::1", port: 53 }],
    ...parts,
  }));
}

test("a server that has everything is ready", () => {
  expect(viewOf().readiness()).toEqual({
    ready: true,
    reasons: [],
    sources: [{ id: "live", state: "synced" }],
    zones: [
      { name: "cluster.local.", ready: true, serial: 3_512_385_424 },
      { name: "example.org.", ready: true, serial: 7 },
    ],
    workers: ["udp #0", "udp #1"],
    addresses: ["[::1]:53"],
  });
  expect(viewOf().health()).toEqual({ stalled: [] });
});

test("a source that is out of reach tells its age, and the server stays ready", () => {
  const sinceMs = Date.now() - 90_000;
  const { ready, sources } = viewOf({
    sources: [sourceWith({ state: "stale", sinceMs, reason: "refused" })],
  }).readiness();
  expect(ready).toBe(true);
  expect(sources).toEqual([{ id: "live", state: "stale", ageSeconds: 90, reason: "refused" }]);
});

describe("a server is not ready", () => {
  test.each<[why: string, parts: Partial<ServerParts>, unready: readonly number[], reason: string]>([
    ["while it starts", { phase: "starting" }, [], "the server is starting"],
    ["while it stops", { phase: "stopping" }, [], "the server is stopping"],
    [
      "while a source has not synced",
      { sources: [sourceWith({ state: "syncing" })] },
      [],
      "source live has not synced",
    ],
    ["while a zone is not", {}, [CLUSTER], "zone cluster.local. is not ready"],
    ["while a zone is in part", {}, [OTHER], "zone example.org. is not ready"],
    ["while a thread hangs", { workers: [{ name: "udp #1", secondsStill: 5 }] }, [], "worker udp #1 does not move"],
  ])("%s", (_why, parts, unready, reason) => {
    const { ready, reasons } = viewOf(parts, unready).readiness();
    expect({ ready, reasons }).toEqual({ ready: false, reasons: [reason] });
  });

  test("for several reasons at once", () => {
    expect(viewOf({ phase: "starting" }, [CLUSTER, OTHER]).readiness().reasons).toHaveLength(3);
  });
});

test("a thread that hangs is unhealthy, with its name and for how long", () => {
  const workers = [
    { name: "udp #0", secondsStill: 4 },
    { name: "udp #1", secondsStill: 5 },
  ];
  expect(viewOf({ workers }).health()).toEqual({ stalled: [{ name: "udp #1", seconds: 5 }] });
});
