// Keeps the wanted keys in etcd, and nothing else: takes turns with other registrars, writes what differs, and compares
// all keys again after any fault and every few minutes. Knows neither records nor Kubernetes.
import { setTimeout as untilPassed } from "node:timers/promises";
import type { Logger } from "../observe/log.ts";
import type { EtcdClient, Operation, Result } from "../etcd/etcd-client.ts";
import type { KeptLease } from "./kept-lease.ts";
import { giveUp, takeLead } from "./leadership.ts";
import type { Leadership } from "./leadership.ts";
import { openLease, readKeys } from "./own-keys.ts";
import { planWrites } from "./plan-writes.ts";
import type { PresentKey, Write } from "./plan-writes.ts";

/** How often a registrar that does not lead looks whether it can. */
const CANDIDATE_MS = 1_000;
/** Changes within this time are written together. */
const WRITE_INTERVAL_MS = 50;
/** All keys are compared again, since others may have changed them. */
const COMPARISON_MS = 5 * 60_000;
const BACK_OFF_MS = { least: 250, most: 10_000 } as const;

export interface RegistrarParts {
  readonly etcd: EtcdClient;
  /** Without a slash at its end: all wanted keys are below it. */
  readonly prefix: string;
  /** Where the registrars agree, beside the prefix. */
  readonly place: string;
  /** Tells this registrar from others in the log of these. */
  readonly name: string;
  /** How long the keys last when no registrar keeps them. */
  readonly leaseSeconds: number;
  /** Keys with the same directory change together where they can. */
  readonly directoryOf: (key: string) => string;
  readonly log: Logger;
}

/** What is known of the keys in etcd while this registrar leads. */
interface Held {
  readonly lease: KeptLease;
  readonly keys: Map<string, PresentKey>;
}

export class Registrar {
  readonly #parts: RegistrarParts;
  readonly #wanted = new Map<string, string>();
  /** Keys that may differ from what is wanted. */
  #stale = new Set<string>();
  readonly #closing = new AbortController();
  /** Ends the current wait. */
  #wake = (): void => undefined;
  #fault: string | undefined;
  #backOffMs: number = BACK_OFF_MS.least;
  #lease: KeptLease | undefined;
  #taken = "";
  #running: Promise<void> | undefined;

  constructor(parts: RegistrarParts) {
    this.#parts = parts;
  }

  /** Keys with the values that they are to have from now on; undefined: none. The first call starts the registrar. */
  change(changes: Iterable<readonly [key: string, value: string | undefined]>): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.#wanted.delete(key);
      else this.#wanted.set(key, value);
      this.#stale.add(key);
    }
    this.#wake();
    this.#running ??= this.#run();
  }

  /** Lets another registrar take over. The keys stay until their lease ends. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake();
    await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    const { etcd, place, name, log } = this.#parts;
    let leader: string | undefined;
    while (!this.#isClosed) {
      const lead = this.#valueOf(await takeLead(etcd, `${place}/leader`, name, () => this.#wake()));
      if (lead === undefined) await this.#backOff();
      else if ("holder" in lead) {
        if (leader !== lead.holder) log.info({ leader: lead.holder }, "another registrar leads");
        leader = lead.holder;
        this.#noteSuccess();
        await this.#wait(CANDIDATE_MS);
      } else {
        leader = undefined;
        log.info({ name }, "leads: writes the records");
        await this.#lead(lead);
        await giveUp(etcd, lead);
      }
    }
  }

  /** Writes until another registrar leads. */
  async #lead(lead: Leadership): Promise<void> {
    while (!this.#isClosed && lead.lease.isLive) {
      const held = this.#valueOf(await this.#read(lead));
      if (held === undefined) await this.#backOff();
      else if (held === "lost") break;
      else await this.#keepInStep(lead, held);
    }
    this.#lease?.letGo();
    this.#lease = undefined;
  }

  async #read({ fence }: Leadership): Promise<Result<Held | "lost">> {
    const { etcd, place, prefix, leaseSeconds: ttlSeconds, log } = this.#parts;
    const leader = await etcd.range(fence.key);
    if ("fault" in leader) return leader;
    if (!("createRevision" in fence) || leader.value[0]?.createRevision !== fence.createRevision)
      return { value: "lost" };
    if (this.#lease?.isLive !== true) {
      const opened = await openLease(etcd, { key: `${place}/lease`, fence, ttlSeconds, onEnd: () => this.#wake() });
      if ("fault" in opened) return opened;
      if (opened.value === undefined) return { value: "lost" };
      this.#lease = opened.value;
      log.info({ lease: BigInt(opened.value.id).toString(16) }, "records are under this lease");
    }
    const keys = await readKeys(etcd, `${prefix}/`, this.#lease.id);
    return "fault" in keys ? keys : { value: { lease: this.#lease, keys: keys.value } };
  }

  /** Writes every change, until all is to be read again. */
  async #keepInStep(lead: Leadership, held: Held): Promise<void> {
    const endMs = performance.now() + COMPARISON_MS;
    this.#stale = new Set([...this.#wanted.keys(), ...held.keys.keys()]);
    while (!this.#isClosed && lead.lease.isLive && held.lease.isLive) {
      if (this.#stale.size > 0) {
        const isWritten = this.#valueOf(await this.#write(lead, held));
        if (isWritten === undefined) return this.#backOff();
        // Somebody changed a key, or leads.
        if (!isWritten) return;
        this.#noteSuccess();
        await this.#wait(WRITE_INTERVAL_MS, false);
      }
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return;
      if (this.#stale.size === 0) await this.#wait(leftMs);
    }
  }

  /** False: a condition did not hold. */
  async #write({ fence }: Leadership, { lease, keys }: Held): Promise<Result<boolean>> {
    const { etcd, directoryOf, log } = this.#parts;
    const stale = this.#stale;
    this.#stale = new Set();
    const { transactions, taken } = planWrites(stale, this.#wanted, keys, directoryOf);
    this.#reportTaken(taken);
    for (const writes of transactions) {
      if (this.#isClosed) break;
      const conditions = writes.map(({ key, revision = "0" }) => ({ key, modRevision: revision }));
      const done = await etcd.transact(
        [fence, ...conditions],
        writes.map((write) => operationOf(write, lease.id)),
      );
      if ("fault" in done) return done;
      if (done.value === undefined) return { value: false };
      for (const { key, value } of writes) {
        if (value === undefined) keys.delete(key);
        else keys.set(key, { value, revision: done.value, isOwn: true });
      }
    }
    const all = transactions.flat();
    const removed = all.filter(({ value }) => value === undefined).length;
    if (all.length > 0)
      log.info({ written: all.length - removed, removed, keys: this.#wanted.size }, "records are in etcd");
    return { value: true };
  }

  /** Once for the same keys. */
  #reportTaken(taken: readonly string[]): void {
    const text = taken.join();
    if (text !== "" && text !== this.#taken)
      this.#parts.log.warn({ count: taken.length, first: taken[0] }, "keys belong to others: they stay as they are");
    this.#taken = text;
  }

  /** The value; undefined after a fault, which is logged unless the one before it was the same. */
  #valueOf<T>(result: Result<T>): T | undefined {
    if ("value" in result) return result.value;
    if (this.#fault !== result.fault && !this.#isClosed)
      this.#parts.log.warn({ reason: result.fault }, "etcd refuses or does not answer: will try again");
    this.#fault = result.fault;
    return undefined;
  }

  /** All is as it should be: in etcd, or in the hands of another registrar. */
  #noteSuccess(): void {
    if (this.#fault !== undefined) this.#parts.log.info("etcd answers again");
    this.#fault = undefined;
    this.#backOffMs = BACK_OFF_MS.least;
  }

  async #backOff(): Promise<void> {
    // Not all registrars at the same moment.
    const waitMs = this.#backOffMs * (0.5 + Math.random() / 2);
    this.#backOffMs = Math.min(this.#backOffMs * 2, BACK_OFF_MS.most);
    await this.#wait(waitMs, false);
  }

  /** Waits; a change ends the wait early if `isEndedByChange`, `close` does in any case. */
  async #wait(ms: number, isEndedByChange = true): Promise<void> {
    const waking = new AbortController();
    if (isEndedByChange) this.#wake = () => waking.abort();
    const signal = AbortSignal.any([this.#closing.signal, waking.signal]);
    await untilPassed(ms, undefined, { signal }).catch(() => undefined);
    this.#wake = () => undefined;
  }
}

function operationOf({ key, value }: Write, lease: string): Operation {
  return value === undefined ? { delete: key } : { put: key, value, lease };
}
