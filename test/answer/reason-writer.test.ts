// Why questions get no records, as replies say it: the sentence of the catalogue, or its beginning, for every kind of
// name of a loaded cluster.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { KnownClient } from "../../src/answer/client.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { newRateMemory } from "../../src/answer/rate-limiter.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { accessSettings } from "../../src/planes/access-settings.ts";
import { CompiledCluster } from "../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../src/planes/load-cluster.ts";
import type { LoadedCluster } from "../../src/planes/load-cluster.ts";
import { Clock } from "../../src/std/clock.ts";
import { askBytes } from "../support/core/ask.ts";
import type { ProbedKind } from "../support/core/measure-allocation.ts";
import { extendedErrorOf, formatReason } from "../../src/reasons/reason.ts";
import type { Reason } from "../../src/reasons/reason.ts";
import { REASON_ROWS, REASONS_FOLDER } from "../support/core/reason-rows.ts";
import { readExtendedError } from "../support/extended-error.ts";
import { readMessage, writeQuery } from "../support/wire.ts";

const LOCAL = new KnownClient("udp", Uint8Array.of(10, 0, 0, 9), 4000);
const REMOTE = new KnownClient("udp", Uint8Array.of(198, 51, 100, 9), 4000);

const prod = { namespace: "prod" } as const;

let loaded: LoadedCluster;
beforeAll(async () => void (loaded = await loadCluster([REASONS_FOLDER], optionsFromSettings({}))));

function compiled(settings: Readonly<Record<string, unknown>> = {}): CompiledCluster {
  return new CompiledCluster(loaded.cluster, loaded.zones, optionsFromSettings({ ...settings }));
}

function ask(cluster: CompiledCluster, name: string, type: string, size = 1232, client = LOCAL): Buffer {
  const asked = cluster.ask(writeQuery({ name, type, opt: { size } }), client);
  if (typeof asked === "string") throw new Error(asked);
  return Buffer.from(asked.reply);
}

/** What of a sentence the answer path knows. */
function beginningOf(reason: Reason): string {
  const text = formatReason(reason);
  return "ports" in reason || "types" in reason ? text.split("; ")[0]! : text;
}

describe("a reply to a client that gets sentences", () => {
  let cluster: CompiledCluster;
  beforeAll(() => void (cluster = compiled()));

  test.each(REASON_ROWS)("%s %s", (name, type, reason) => {
    const reply = ask(cluster, name, type);
    expect(readMessage(reply).flags.tc).toBe(false);
    expect(readExtendedError(reply)).toEqual({ code: extendedErrorOf(reason.code), text: beginningOf(reason) });
  });

  test("has none beside records", () => {
    for (const name of ["node.prod.svc.cluster.local.", "10-0-0-1.prod.pod.cluster.local."])
      expect(readExtendedError(ask(cluster, name, "A"))).toBeUndefined();
  });
});

test.each([
  ["disabled", "10-0-0-1.prod.pod.cluster.local.", { code: "pod-names-off" }],
  ["verified", "10-0-0-1.prod.pod.cluster.local.", { code: "no-pod-address", label: "10-0-0-1", ...prod }],
  ["verified", "web.prod.pod.cluster.local.", { code: "not-an-address", label: "web", ...prod }],
] as const)("names of pods: %s %s", (pods, name, reason) => {
  expect(readExtendedError(ask(compiled({ pods }), name, "A"))?.text).toBe(formatReason(reason));
});

describe("who gets sentences", () => {
  const nope = "nope.prod.svc.cluster.local.";
  const TEXT = { code: 0, text: "no service nope in namespace prod; nearest: node" };

  test.each([
    ["off", LOCAL, undefined],
    ["local", LOCAL, TEXT],
    ["local", REMOTE, undefined],
    ["all", REMOTE, TEXT],
  ] as const)("reasons %s, %o", (reasons, client, expected) => {
    expect(readExtendedError(ask(compiled({ reasons }), nope, "A", 1232, client))).toEqual(expected);
  });

  test("a client that may not query gets the code alone", () => {
    const cluster = compiled({ reasons: "all", allow: ["192.0.2.0/24"] });
    expect(readExtendedError(ask(cluster, nope, "A"))).toEqual({ code: 18, text: "" });
  });

  test("a client that may not use recursion gets to know that it may not", () => {
    const upstream = ["192.0.2.1"];
    const of = (reasons: string): unknown =>
      readExtendedError(ask(compiled({ upstream, reasons }), "example.com.", "A", 1232, REMOTE));
    expect(of("local")).toEqual({ code: 18, text: "" });
    expect(of("all")).toEqual({ code: 18, text: formatReason({ code: "recursion-not-allowed" }) });
  });

  test("a query that does not ask for recursion gets to know that", () => {
    const cluster = compiled({ upstream: ["192.0.2.1"] });
    const asked = cluster.ask(writeQuery({ name: "example.com.", type: "A", flags: 0, opt: { size: 1232 } }), LOCAL);
    if (typeof asked === "string") throw new Error(asked);
    const text = formatReason({ code: "recursion-not-desired", name: "example.com" });
    expect(readExtendedError(asked.reply)).toEqual({ code: 20, text });
  });

  test("nobody without EDNS", () => {
    const asked = compiled().ask(writeQuery({ name: nope, type: "A" }), LOCAL);
    expect(typeof asked === "object" && readMessage(Buffer.from(asked.reply)).opt).toBeUndefined();
  });
});

describe("a sentence and the size of a reply", () => {
  const LONG = `${"a".repeat(63)}.${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(30)}.shop.example.`;
  const NSID = Buffer.from([0, 3, 0, 0]);
  const TEXT = beginningOf({ code: "not-in-zone", name: LONG.slice(0, -1), zone: "shop.example" });

  function answerer(reasons: string, nsid?: Uint8Array): QueryAnswerer {
    const { table } = compiled();
    const settings = accessSettings(optionsFromSettings({ reasons }));
    return new QueryAnswerer(table, { ...settings, ...(nsid && { nsid }) }, 1);
  }

  test.each([undefined, Buffer.from("dns-2")])("it takes what no record and no option needs, NSID %s", (nsid) => {
    const [withText, without] = [answerer("local", nsid), answerer("off", nsid)];
    const seen = new Set<string | undefined>();
    for (let size = 512; size <= 800; size++) {
      const query = writeQuery({ name: LONG, type: "A", opt: { size, options: NSID } });
      const [reply, bare] = [withText, without].map((each) => askBytes(each, query, LOCAL)!);
      expect(reply!.length).toBeLessThanOrEqual(size);
      const text = readExtendedError(reply!)?.text;
      expect(text === TEXT || text === "", `${size}: ${text}`).toBe(true);
      expect(text === TEXT).toBe(bare!.length + 6 + TEXT.length <= size);
      const { opt: _, ...told } = readMessage(reply!);
      const { opt: __, ...plain } = readMessage(bare!);
      expect(told).toEqual(plain);
      seen.add(text);
    }
    expect([...seen]).toEqual(["", TEXT]);
  });

  test("padding comes behind it", () => {
    const query = writeQuery({ name: LONG, type: "A", opt: { size: 1232, options: Buffer.from([0, 12, 0, 0]) } });
    const reply = askBytes(answerer("local"), query, new KnownClient("tls", Uint8Array.of(10, 0, 0, 9)))!;
    expect(reply.length % 468).toBe(0);
    expect(readExtendedError(reply)?.text).toBe(TEXT);
    expect(readMessage(reply).opt!.options.at(-1)!.code).toBe(12);
  });

  test("a reply that is cut for a client over its rate has none", () => {
    const rateLimit = { rate: 1, exempt: [], memory: newRateMemory([1, 2]) };
    const settings = { ...accessSettings(optionsFromSettings({})), rateLimit, clock: new Clock().memory };
    const limited = new QueryAnswerer(compiled().table, settings, 1);
    const query = writeQuery({ name: "nope.prod.svc.cluster.local.", type: "A", opt: { size: 1232 } });
    const replies = Array.from({ length: 20 }, () => askBytes(limited, query, LOCAL)!);
    const shown = replies.map((reply) => [readMessage(reply).flags.tc, readExtendedError(reply) !== undefined]);
    expect(shown[0]).toEqual([false, true]);
    expect(shown.at(-1)).toEqual([true, false]);
  });
});

test("no sentence costs a byte", { timeout: 200_000 }, async () => {
  const probe = fileURLToPath(new URL("../support/core/reason-allocation-probe.ts", import.meta.url));
  const flags = ["--expose-gc", "--min-semi-space-size=64", "--max-semi-space-size=64"];
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, probe], { timeout: 190_000 });
  const kinds = JSON.parse(stdout) as readonly ProbedKind[];
  expect(kinds).toHaveLength(REASON_ROWS.length);
  // What no zone has is for the full parser, which may allocate.
  const costly = kinds.filter(({ collections, bytesPerQuery }) => collections > 0 || !(bytesPerQuery < 1));
  expect(costly.map(({ what }) => what)).toEqual(["www.example.com. A"]);
});
