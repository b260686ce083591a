// Zone files and hosts files in watched folders, on a real disk: what becomes of them when they, or what they include,
// come, change, break and go.
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hostsEntries } from "../../../src/zonefile/hosts-lines.ts";
import { formatName } from "../../../src/dns/name.ts";
import type { Problem } from "../../../src/objects/problem.ts";
import type { LoadedManifests } from "../../support/load-manifests.ts";
import type { WatchedManifests } from "../../../src/sources/manifests/manifests.ts";
import { compareOrigins } from "../../../src/objects/origin.ts";
import { loadManifests } from "../../support/load-manifests.ts";
import { watchManifests } from "../../../src/sources/manifests/manifests.ts";
import { formatIp } from "../../../src/net/ip.ts";
import type { ZoneContents, ZoneContent } from "../../../src/zonefile/choose-zones.ts";
import { formatType } from "../../../src/dns/type-names.ts";
import { expectMsBelow } from "../../support/timing.ts";

/** Slack for a machine that is busy with other tests. */
const PATIENCE_MS = 15_000;

let root: string;
let zones: string;
let watches: Watch[];

beforeEach(() => {
  root = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), "zone-files-")));
  zones = join(root, "zones");
  fs.mkdirSync(zones);
  watches = [];
});

afterEach(async () => {
  await Promise.all(watches.map((watch) => watch.source.close()));
  fs.rmSync(root, { recursive: true, force: true });
});

/** What a server would be told, and all that it ever was. */
class Watch {
  readonly source: WatchedManifests;
  readonly problems = new Map<string, readonly Problem[]>();
  readonly history: string[] = [];
  readonly reported: string[] = [];
  #held: ZoneContents = new Map();
  #waiting: (() => void)[] = [];

  constructor(paths: readonly string[]) {
    this.source = watchManifests({
      paths,
      namespace: "default",
      source: { id: "manifests", precedence: 0 },
      onChange: () => {},
      onZones: (held) => {
        this.#held = held;
        this.history.push(this.held());
        this.#notify();
      },
      onProblems: (origin, problems) => {
        if (problems.length === 0) this.problems.delete(origin);
        else this.problems.set(origin, problems);
        this.reported.push(...problems.map(({ code }) => code));
        this.#notify();
      },
    });
    watches.push(this);
  }

  held(): string {
    return show(this.#held);
  }

  /** `file:line code`, files relative to the folder. */
  faults(): string[] {
    return [...this.problems.values()].flat().map(showFault).toSorted();
  }

  #notify(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }

  async until(condition: () => boolean, withinMs = PATIENCE_MS): Promise<void> {
    const endMs = performance.now() + withinMs;
    while (!condition()) {
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) throw new Error(`still ${this.held()} ${this.faults().join()} after ${withinMs} ms`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#waiting.push(() => (clearTimeout(timer), resolve()));
      });
    }
  }

  untilHeld(held: string, withinMs = PATIENCE_MS): Promise<void> {
    return this.until(() => this.held() === held, withinMs);
  }

  untilFaults(...faults: string[]): Promise<void> {
    return this.until(() => this.faults().join() === faults.join());
  }
}

function showFault({ place, code }: Problem): string {
  return `${place?.file.slice(zones.length + 1)}:${place?.line} ${code}`;
}

/** Zones as `ORIGIN/ADDRESSES`, hosts files as `NAME=ADDRESS`, in the order of the files. */
function show(held: ZoneContents): string {
  const ranked = [...held.values()].toSorted((a, b) => compareOrigins(a.origin, b.origin));
  return ranked.map(({ content }) => showContent(content)).join(" ");
}

function showContent(content: ZoneContent): string {
  if (content.kind === "hosts") {
    return [...hostsEntries(content.entries)]
      .map(({ address, names }) => `${formatName(names[0]!)}=${formatIp(address)}`)
      .join(" ");
  }
  const { origin, records } = content.zone;
  const addresses = records.filter(({ type }) => formatType(type) === "A").map(({ rdata }) => formatIp(rdata));
  return `${formatName(origin)}/${addresses.join("+")}`;
}

async function start(...paths: string[]): Promise<Watch> {
  const watch = new Watch(paths.length === 0 ? [zones] : paths);
  await watch.source.ready;
  return watch;
}

const load = (...paths: string[]): Promise<LoadedManifests> => loadManifests(paths, { namespace: "default" });

function write(path: string, text: string): void {
  fs.mkdirSync(join(path, ".."), { recursive: true });
  fs.writeFileSync(path, text);
}

const at = (name: string): string => join(zones, name);

/** A zone of six lines whose name server has the address 10.0.0.`last`; what else it holds follows. */
function zone(last: number, more = ""): string {
  return `$TTL 60\n@ SOA ns admin 1 2 3 4 5\n\n; servers\n@ NS ns\nns A 10.0.0.${last}\n${more}`;
}

const SERVICE =
  "apiVersion: v1\nkind: Service\nmetadata: { name: web }\nspec: { clusterIP: 10.0.0.9, ports: [{ port: 80 }] }\n";

describe("first load", () => {
  test("all zone files and hosts files below a folder, beside its manifests, in one call", async () => {
    write(at("example.org.zone"), zone(1));
    write(at("deep/hosts"), "10.0.0.2 web\n");
    write(at("lab.hosts"), "10.0.0.3 db\n");
    write(at("web.yaml"), SERVICE);
    write(at(".example.net.zone"), zone(9));
    write(at("example.net.zone~"), zone(9));
    fs.mkdirSync(at("folder.zone"));
    const watch = await start();
    expect(watch.history).toEqual(["web.=10.0.0.2 example.org./10.0.0.1 db.=10.0.0.3"]);
    expect(watch.faults()).toEqual([]);
    expect(watch.source.counts()).toMatchObject({ files: 4, objects: 1, documentsWithoutKind: 0 });
  });

  test("without any, nothing is handed over", async () => {
    write(at("web.yaml"), SERVICE);
    expect((await start()).history).toEqual([]);
  });

  test("files as arguments, in their order", async () => {
    write(at("example.org.zone"), zone(1, "$INCLUDE deep/a.inc\n"));
    write(at("deep/a.inc"), "a A 10.0.0.2\n");
    write(at("hosts"), "10.0.0.3 db\n");
    const { zones: held, problems } = await load(at("hosts"), at("example.org.zone"));
    expect(show(held)).toBe("db.=10.0.0.3 example.org./10.0.0.1+10.0.0.2");
    expect(problems).toEqual([]);
  });

  test("what can't be read is told and holds nothing up", async () => {
    write(at("example.org.zone"), zone(1));
    execFileSync("mkfifo", [at("pipe.zone")]);
    fs.symlinkSync("/etc/hosts", at("hosts"));
    fs.writeFileSync(at("latin.zone"), Buffer.from([0x61, 0xe4]));
    const watch = await start();
    expect(watch.held()).toBe("example.org./10.0.0.1");
    expect(watch.faults()).toEqual(["hosts:1 outside-folder", "latin.zone:1 not-utf8", "pipe.zone:1 not-a-file"]);
  });

  test("what lies outside the folders is not included", async () => {
    write(join(root, "secret.inc"), "a A 10.0.0.2\n");
    write(at("example.org.zone"), zone(1, "$INCLUDE ../secret.inc\n"));
    fs.symlinkSync("../secret.inc", at("link.inc"));
    write(at("example.net.zone"), zone(1, "$INCLUDE link.inc\n"));
    const { zones: held, problems } = await load(zones);
    expect(held.size).toBe(0);
    const faults = ["example.net.zone:7 outside-folder", "example.org.zone:7 outside-folder"];
    expect(problems.map(showFault).toSorted()).toEqual(faults);
    expect(show((await load(root)).zones)).toBe("example.net./10.0.0.1+10.0.0.2 example.org./10.0.0.1+10.0.0.2");
  });

  test("1,000 zone files, one of them with 20,000 records, do not hold up the main thread", async () => {
    for (let i = 0; i < 1_000; i++) write(at(`z${i}.example.zone`), zone(1));
    const records = Array.from({ length: 20_000 }, (_, i) => `h${i} A 10.1.${i >> 8}.${i & 255}\n`);
    write(at("large.zone"), zone(1, records.join("")));
    let longestMs = 0;
    let lastMs = performance.now();
    const ticker = setInterval(() => {
      longestMs = Math.max(longestMs, performance.now() - lastMs);
      lastMs = performance.now();
    }, 5);
    const { zones: held, problems } = await load(zones);
    clearInterval(ticker);
    expect(problems).toEqual([]);
    expect(held.size).toBe(1_001);
    const large = held.get(at("large.zone"))?.content;
    expect(large?.kind === "zone" && large.zone.records.length).toBe(20_003);
    expectMsBelow(longestMs, 250);
  });
});

describe("changes", () => {
  test("added, changed in place, replaced, renamed, removed", async () => {
    write(at("example.org.zone"), zone(1));
    const watch = await start();
    write(at("hosts"), "10.0.0.2 web\n");
    await watch.untilHeld("example.org./10.0.0.1 web.=10.0.0.2");
    write(at("example.org.zone"), zone(3));
    await watch.untilHeld("example.org./10.0.0.3 web.=10.0.0.2");
    write(at("new"), zone(4));
    fs.renameSync(at("new"), at("example.org.zone"));
    await watch.untilHeld("example.org./10.0.0.4 web.=10.0.0.2");
    fs.renameSync(at("example.org.zone"), at("example.net.zone"));
    await watch.untilHeld("example.net./10.0.0.4 web.=10.0.0.2");
    fs.rmSync(at("hosts"));
    await watch.untilHeld("example.net./10.0.0.4");
    fs.rmSync(at("example.net.zone"));
    await watch.untilHeld("");
    expect(watch.reported).toEqual([]);
  });

  test("a file as an argument, and what it includes, are followed; gone, it keeps what it held", async () => {
    write(at("example.org.zone"), zone(1, "$INCLUDE a.inc\n$INCLUDE deep/b.inc\n"));
    write(at("a.inc"), "a A 10.0.0.2\n");
    write(at("deep/b.inc"), "b A 10.0.0.3\n");
    const watch = await start(at("example.org.zone"));
    write(at("a.inc"), "a A 10.0.0.12\n");
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.12+10.0.0.3");
    write(at("deep/b.inc"), "b A 10.0.0.13\n");
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.12+10.0.0.13");
    fs.rmSync(at("example.org.zone"));
    await watch.untilFaults("example.org.zone:1 source-gone");
    expect(watch.held()).toBe("example.org./10.0.0.1+10.0.0.12+10.0.0.13");
  });

  test.each<[title: string, name: string, good: string, bad: string, held: string, fault: string]>([
    ["broken", "example.org.zone", zone(1), zone(300), "example.org./10.0.0.1", "example.org.zone:6 zone-record"],
    ["emptied", "example.org.zone", zone(1), "", "example.org./10.0.0.1", "example.org.zone:1 empty-file"],
    [
      "without its SOA",
      "example.org.zone",
      zone(1),
      "a 60 A 10.0.0.9\n",
      "example.org./10.0.0.1",
      "example.org.zone:1 zone-soa",
    ],
    ["emptied", "hosts", "10.0.0.1 a\n", "\n", "a.=10.0.0.1", "hosts:1 empty-file"],
  ])("one that is %s keeps what it held, until it is mended: %s", async (_title, name, good, bad, held, fault) => {
    write(at(name), good);
    const watch = await start();
    write(at(name), bad);
    await watch.untilFaults(fault);
    expect(watch.held()).toBe(held);
    write(at(name), good.replaceAll("10.0.0.1", "10.0.0.2"));
    await watch.untilHeld(held.replaceAll("10.0.0.1", "10.0.0.2"));
    await watch.untilFaults();
    expect(watch.history).toHaveLength(2);
  });

  test("one that is broken from the start counts as soon as it is mended", async () => {
    write(at("example.org.zone"), zone(300));
    const watch = await start();
    expect(watch.faults()).toEqual(["example.org.zone:6 zone-record"]);
    write(at("example.org.zone"), zone(1));
    await watch.untilHeld("example.org./10.0.0.1");
    await watch.untilFaults();
  });

  test("a bad line of a hosts file is told, and the others count", async () => {
    write(at("hosts"), "10.0.0.1 a\n10.0.0.2 b\n");
    const watch = await start();
    write(at("hosts"), "10.0.0.1 a\n10.0.0.2 b\n10.0.0.300 c\n10.0.0.4 d\n");
    await watch.untilHeld("a.=10.0.0.1 b.=10.0.0.2 d.=10.0.0.4");
    expect(watch.faults()).toEqual(["hosts:3 hosts-line"]);
  });

  test("a file caught cut takes nothing away", async () => {
    const text = (last: number): string => zone(last, "a A 10.0.0.2\nb A 10.0.0.3\n");
    write(at("example.org.zone"), text(101));
    const watch = await start();
    const lines = text(102).split(/(?<=\n)/);
    write(at("example.org.zone"), lines.slice(0, -2).join(""));
    await new Promise((resolve) => setTimeout(resolve, 40));
    fs.appendFileSync(at("example.org.zone"), lines.slice(-2).join(""));
    await watch.untilHeld("example.org./10.0.0.102+10.0.0.2+10.0.0.3");
    expect(watch.history).toHaveLength(2);
  });

  test("a folder that is gone keeps what it held, a folder inside one that stays does not", async () => {
    write(at("deep/example.org.zone"), zone(1));
    write(at("hosts"), "10.0.0.2 web\n");
    const watch = await start();
    fs.renameSync(zones, `${zones}.away`);
    await watch.until(() => watch.reported.includes("source-gone"));
    expect(watch.held()).toBe("example.org./10.0.0.1 web.=10.0.0.2");
    fs.renameSync(`${zones}.away`, zones);
    await watch.untilFaults();
    fs.rmSync(at("deep"), { recursive: true });
    await watch.untilHeld("web.=10.0.0.2");
  });
});

describe("included files", () => {
  test("changed, broken, mended, removed, put back", async () => {
    write(at("example.org.zone"), zone(1, "$INCLUDE deep/a.inc\n"));
    write(at("deep/a.inc"), "a A 10.0.0.2\n");
    const watch = await start();
    write(at("deep/a.inc"), "a A 10.0.0.3\n");
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.3");
    write(at("deep/a.inc"), "\na A nonsense\n");
    await watch.untilFaults("deep/a.inc:2 zone-record");
    write(at("new.inc"), "a A 10.0.0.4\n");
    fs.renameSync(at("new.inc"), at("deep/a.inc"));
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.4");
    await watch.untilFaults();
    fs.rmSync(at("deep"), { recursive: true });
    await watch.untilFaults("example.org.zone:7 zone-include");
    expect(watch.held()).toBe("example.org./10.0.0.1+10.0.0.4");
    write(at("deep/a.inc"), "a A 10.0.0.5\n");
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.5");
    await watch.untilFaults();
  });

  test("of which one includes another, changed many times", async () => {
    write(at("example.org.zone"), zone(1, "$INCLUDE a.inc\n"));
    write(at("a.inc"), "$INCLUDE b.inc\n");
    write(at("b.inc"), "b A 10.0.0.2\n");
    const watch = await start();
    for (let last = 10; last < 16; last++) {
      write(at("b.inc"), `b A 10.0.0.${last}\n`);
      await watch.untilHeld(`example.org./10.0.0.1+10.0.0.${last}`);
    }
    expect(watch.reported).toEqual([]);
  });

  test("that are zone files themselves, or of two zones", async () => {
    write(at("example.org.zone"), zone(1, "$INCLUDE common.inc\n"));
    write(at("example.net.zone"), "$INCLUDE example.org.zone\n");
    write(at("common.inc"), "a A 10.0.0.2\n");
    const watch = await start();
    write(at("common.inc"), "a A 10.0.0.3\n");
    await watch.untilHeld("example.net./10.0.0.1+10.0.0.3 example.org./10.0.0.1+10.0.0.3");
    write(at("example.org.zone"), zone(4));
    await watch.untilHeld("example.net./10.0.0.4 example.org./10.0.0.4");
  });

  test("in a folder that is not watched", async () => {
    write(at(".parts/a.inc"), "a A 10.0.0.2\n");
    // Not so new that it is read again in any case.
    fs.utimesSync(at(".parts/a.inc"), 1, 1);
    write(at("example.org.zone"), zone(1, "$INCLUDE .parts/a.inc\n"));
    const watch = await start();
    write(at(".parts/a.inc"), "a A 10.0.0.3\n");
    await watch.untilHeld("example.org./10.0.0.1+10.0.0.3", 2 * PATIENCE_MS);
  });
});

describe("mounted ConfigMaps", () => {
  function mount(generation: number, files: Readonly<Record<string, string>>): void {
    const data = `..2024_${generation}`;
    const old = fs.lstatSync(at("..data"), { throwIfNoEntry: false }) && fs.readlinkSync(at("..data"));
    for (const [name, text] of Object.entries(files)) {
      write(at(join(data, name)), text);
      if (!fs.lstatSync(at(name), { throwIfNoEntry: false })) fs.symlinkSync(`..data/${name}`, at(name));
    }
    fs.symlinkSync(data, at("..data_tmp"));
    fs.renameSync(at("..data_tmp"), at("..data"));
    if (old !== undefined) fs.rmSync(at(old), { recursive: true });
  }

  const files = (last: number): Record<string, string> => ({
    "example.org.zone": zone(last, "$INCLUDE a.inc\n"),
    "a.inc": `a A 10.0.0.${last}\n`,
    hosts: `10.0.0.${last} web\n`,
  });

  test.each<[title: string, paths: () => string[], shown: (last: number) => string]>([
    ["a folder", () => [zones], (last) => `example.org./10.0.0.${last}+10.0.0.${last} web.=10.0.0.${last}`],
    ["a file of one", () => [at("example.org.zone")], (last) => `example.org./10.0.0.${last}+10.0.0.${last}`],
  ])("each swap counts: %s", async (_title, paths, shown) => {
    mount(1, files(1));
    const watch = await start(...paths());
    expect(watch.held()).toBe(shown(1));
    for (let round = 2; round < 5; round++) {
      mount(round, files(round));
      await watch.untilHeld(shown(round));
    }
    expect(watch.reported).toEqual([]);
  });
});
