// A folder of manifests and zone files that changes all the time, with the questions about it and what is right now. For
// a while after a change the answer before it is right too. Knows nothing of servers.
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { ProbeQuestion } from "../faults/prober.ts";

/** One file that is there, or may be again. */
interface Slot {
  readonly number: number;
  readonly question: ProbeQuestion;
  /** Undefined: there is none. */
  path: string | undefined;
  /** The last byte of the address in the file. */
  version: number;
  /** When a change before it no longer excuses an answer. */
  settledAtMs: number;
}

export interface FolderSettings {
  readonly folder: string;
  readonly slots: number;
  /** The answer to names of a zone that is not there: it is the upstream's. */
  readonly forwarded: string;
  /** Within this time every change is served. */
  readonly settleMs: number;
}

/** Of ten slots the last is a zone, the one before a headless service. */
const KINDS = 10;
const CHANGES = ["write", "replace", "rename", "remove", "remove"] as const;
/** Addresses of a file, one after the other. */
const VERSIONS = 250;
/** After such a pause between two changes the machine stood still: answers that waited meanwhile are old. */
const PAUSE_MS = 1_000;

export class ChangingFolder {
  readonly #settings: FolderSettings;
  readonly #slots: readonly Slot[];
  changes = 0;
  #lookedAtMs = 0;

  /** Makes the folder, with three of four files there. */
  constructor(settings: FolderSettings) {
    this.#settings = settings;
    mkdirSync(settings.folder, { recursive: true });
    this.#slots = Array.from({ length: settings.slots }, (_, number) => {
      const question: ProbeQuestion = { name: nameOf(number), type: "A", kind: "known", right: [] };
      return { number, question, path: undefined, version: 0, settledAtMs: 0 };
    });
    for (const slot of this.#slots) {
      if (slot.number % 4 !== 0) this.#write(slot, this.#pathOf(slot));
      slot.question.right = [this.#rightOf(slot)];
    }
  }

  /** The question of number `n` about a file. */
  question(n: number): ProbeQuestion {
    return this.#slots[n % this.#slots.length]!.question;
  }

  /** Changes one file that has been left alone for long enough, chosen by `random` from 0 to 1; false: there is none. */
  change(now: number, random: () => number): boolean {
    this.#settle(now);
    const settled = this.#slots.filter(({ settledAtMs }) => settledAtMs <= now);
    const slot = settled[Math.floor(random() * settled.length)];
    if (slot === undefined) return false;
    const before = this.#rightOf(slot);
    this.#changeSlot(slot, CHANGES[Math.floor(random() * CHANGES.length)]!);
    const after = this.#rightOf(slot);
    slot.question.right = before === after ? [after] : [before, after];
    slot.settledAtMs = now + this.#settings.settleMs;
    this.changes++;
    return true;
  }

  #settle(now: number): void {
    const pause = now - this.#lookedAtMs;
    this.#lookedAtMs = now;
    for (const slot of this.#slots) {
      if (slot.settledAtMs > now - pause && pause >= PAUSE_MS) slot.settledAtMs += pause;
      if (slot.settledAtMs <= now) slot.question.right = [this.#rightOf(slot)];
    }
  }

  #changeSlot(slot: Slot, change: (typeof CHANGES)[number]): void {
    const { path } = slot;
    slot.version = (slot.version + 1) % VERSIONS;
    if (path === undefined) return this.#write(slot, this.#pathOf(slot));
    switch (change) {
      case "write":
        return this.#write(slot, path);
      case "replace":
        this.#write(slot, `${path}.new`);
        renameSync(`${path}.new`, path);
        slot.path = path;
        return;
      case "rename":
        slot.version = (slot.version + VERSIONS - 1) % VERSIONS;
        slot.path = this.#pathOf(slot, isZone(slot) ? "" : `-${this.changes}`);
        return renameSync(path, slot.path);
      case "remove":
        rmSync(path);
        slot.path = undefined;
    }
  }

  #write(slot: Slot, path: string): void {
    writeFileSync(path, contentOf(slot));
    slot.path = path;
  }

  #pathOf(slot: Slot, suffix = ""): string {
    const { folder } = this.#settings;
    return isZone(slot) ? `${folder}/${zoneOf(slot.number)}.zone` : `${folder}/file-${slot.number}${suffix}.yaml`;
  }

  #rightOf(slot: Slot): string {
    if (slot.path === undefined) return isZone(slot) ? this.#settings.forwarded : "NXDOMAIN";
    return `NOERROR A ${addressOf(slot)}`;
  }
}

function isZone({ number }: Pick<Slot, "number">): boolean {
  return number % KINDS === KINDS - 1;
}

function zoneOf(number: number): string {
  return `zone${number}.example`;
}

function nameOf(number: number): string {
  return isZone({ number }) ? `www.${zoneOf(number)}.` : `service${number}.default.svc.cluster.local.`;
}

function addressOf(slot: Slot): string {
  const [high, low] = [slot.number >> 8, slot.number & 0xff];
  if (isZone(slot)) return `192.0.2.${2 + slot.version}`;
  return isHeadless(slot) ? `10.244.${low}.${1 + slot.version}` : `10.${97 + high}.${low}.${1 + slot.version}`;
}

function isHeadless({ number }: Slot): boolean {
  return number % KINDS === KINDS - 2;
}

function contentOf(slot: Slot): string {
  const address = addressOf(slot);
  if (isZone(slot))
    return `$TTL 60\n@ SOA ns admin ${slot.version + 1} 2h 10m 7d 5m\n@ NS ns\nns A ${address}\nwww A ${address}\n`;
  const name = `service${slot.number}`;
  const metadata = { name, namespace: "default" };
  const spec = { clusterIP: isHeadless(slot) ? "None" : address, ports: [{ name: "http", port: 80 }] };
  const service = { apiVersion: "v1", kind: "Service", metadata, spec };
  if (!isHeadless(slot)) return JSON.stringify(service);
  const slice = {
    apiVersion: "discovery.k8s.io/v1",
    kind: "EndpointSlice",
    metadata: { ...metadata, labels: { "kubernetes.io/service-name": name } },
    addressType: "IPv4",
    ports: [{ name: "http", port: 80 }],
    endpoints: [{ addresses: [address] }],
  };
  return `${JSON.stringify(service)}\n---\n${JSON.stringify(slice)}\n`;
}
