// The clients of a simulation: they ask for local names whenever what is served may have changed, and for foreign names
// as the operations say, and judge every answer by what was true. The first answer that is wrong ends the simulation.
import { HAND_OVER } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import { readMessage, writeQuery } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";
import { FORGED } from "./foreign-names.ts";
import { NONE } from "./local-files.ts";
import type { LocalNames } from "./local-files.ts";
import type { Listener, World } from "./world.ts";

/** A client waits for so long (docs/forwarding.md); timers may fire late. */
const BUDGET_MS = 3_800 + 100;
/** The option --serve-stale of the simulated server, and how long a stale answer counts as fresh (RFC 8767 4). */
export const STALE_SECONDS = 5;
const STALE_TTL_MS = 30_000;
const NEGATIVE_TTL_S = 2;
/** From the upstream to the cache, where no packet is late, with the step of the cache's clock, ms. */
const UNDER_WAY_MS = 500;
const EDE_OPTION = 15;
const EDE_STALE: readonly number[] = [3, 19];
const RCODE = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 } as const;

const queries = new Map<string, Buffer>();

function queryFor(name: string, hasEdns: boolean): Buffer {
  const key = `${name} ${hasEdns}`;
  const known =
    queries.get(key) ?? writeQuery({ name, type: "A", id: 0x1234, ...(hasEdns && { opt: { size: 1232 } }) });
  queries.set(key, known);
  return known;
}

export class Questions {
  readonly #world: World;
  readonly #local: LocalNames;
  readonly #reply = new Uint8Array(0x1_0000);
  /** Questions that wait for upstreams. */
  readonly waiting = new Set<string>();
  /** Questions that were asked of upstreams or their cache. */
  count = 0;
  /** Local answers that were judged. */
  looks = 0;
  isReady = false;
  isClosing = false;
  /** How much longer than its timers say everything took, ms. */
  stalledMs = 0;
  /** The first broken law. */
  broken: string | undefined;

  constructor(world: World, local: LocalNames) {
    this.#world = world;
    this.#local = local;
  }

  fail(law: string): void {
    this.broken ??= law;
  }

  /** Asks for all local names. Those in `settled` must have their newest answer: all changes have been served. */
  look(settled: ReadonlySet<string> = new Set()): void {
    const { listener } = this.#world;
    if (listener?.isOpen !== true) return;
    for (const name of this.#local.names) {
      const value = this.#askLocal(listener, name);
      this.looks++;
      if (value === "SERVFAIL" && !this.isReady) continue;
      const fault = this.#local.judge(name, value, settled.has(name));
      if (fault !== undefined) return this.fail(fault);
    }
  }

  /** Asks for a foreign name; `mustWork`: its upstreams are all well. */
  ask(name: string, { client = 1, mustWork = false } = {}): void {
    const { listener } = this.#world;
    if (listener?.isOpen !== true || this.isClosing) return;
    const from = new KnownClient("udp", Uint8Array.of(10, 244, 0, client));
    const query = queryFor(name, true);
    const size = listener.answerer.answer(query, 0, query.length, this.#reply, 0, from);
    if (size !== HAND_OVER) return this.#judge(name, Buffer.from(this.#reply.subarray(0, size)), mustWork);
    const key = `${name} asked at ${Math.round(this.#world.scheduler.nowMs)} ms by client ${client} as ${this.count++}`;
    this.waiting.add(key);
    void this.#askLate(listener, { name, from, key, mustWork });
  }

  async #askLate(
    listener: Listener,
    { name, from, key, mustWork }: { name: string; from: KnownClient; key: string; mustWork: boolean },
  ): Promise<void> {
    const { scheduler } = this.#world;
    const [askedMs, stalledMs] = [scheduler.nowMs, this.stalledMs];
    listener.waiting++;
    const reply = await listener.answerer.answerLate(queryFor(name, true), from);
    listener.waiting--;
    this.waiting.delete(key);
    const tookMs = scheduler.nowMs - askedMs - (this.stalledMs - stalledMs);
    if (tookMs > BUDGET_MS) this.fail(`${key}: answered after ${Math.round(tookMs)} ms`);
    this.#judge(name, Buffer.from(reply), mustWork);
  }

  #askLocal({ answerer }: Listener, name: string): string {
    const query = queryFor(name, false);
    const reply = this.#reply;
    const size = answerer.answer(
      query,
      0,
      query.length,
      reply,
      0,
      new KnownClient("udp", Uint8Array.of(10, 244, 0, 1)),
    );
    // Upstreams know nothing of local names.
    if (size === HAND_OVER) return NONE;
    const rcode = reply[3]! & 0x0f;
    if (rcode === RCODE.SERVFAIL) return "SERVFAIL";
    const answers = reply[7]!;
    if (answers === 0 && (rcode === RCODE.NXDOMAIN || rcode === RCODE.NOERROR)) return NONE;
    return answers === 1 ? reply.slice(size - 4, size).join(".") : `rcode ${rcode} with ${answers} records`;
  }

  #judge(name: string, bytes: Buffer, mustWork: boolean): void {
    if (bytes.length === 0) return this.fail(`${name}: no reply`);
    const reply = readMessage(bytes);
    if (reply.question?.name !== name || reply.id !== 0x1234) return this.fail(`${name}: a reply to another question`);
    if (reply.rcode === "SERVFAIL" || (reply.rcode === "REFUSED" && this.isClosing)) {
      if (mustWork) this.fail(`${name}: SERVFAIL, and all upstreams are well`);
      return;
    }
    const fault = this.#findFault(name, reply);
    if (fault !== undefined) this.fail(`${name}: ${fault} (${Math.round(this.#world.scheduler.nowMs)} ms)`);
  }

  #findFault(name: string, { rcode, answer, opt }: Message): string | undefined {
    const { names } = this.#world.network;
    let owner = name;
    let ttl = Infinity;
    for (const record of answer) {
      if (record.owner !== owner) return `a record of ${record.owner} where one of ${owner} is due`;
      if (record.rdata === FORGED) return "a forged address";
      const known = names.find(owner);
      ttl = Math.min(ttl, known?.ttl ?? Infinity);
      if (record.type === "A") break;
      if (record.rdata !== known?.target) return `a CNAME to ${record.rdata}`;
      owner = record.rdata;
    }
    const address = answer.at(-1)?.type === "A" ? answer.at(-1)!.rdata : undefined;
    if (address === undefined && rcode === "NOERROR") return "NOERROR without an address";
    const value = address ?? rcode;
    if (name.startsWith("ext.") && answer.length === 0 && this.#local.mayMissSome) return undefined;
    if (owner.endsWith(".cluster.local."))
      return this.#local.knows(owner, address ?? NONE) ? undefined : `${value}, which ${owner} never was`;
    const isStale = opt?.options.some(
      ({ code, data }) => code === EDE_OPTION && EDE_STALE.includes(data.readUInt16BE(0)),
    );
    const ttlMs = Math.min(ttl, address === undefined ? NEGATIVE_TTL_S : Infinity) * 1_000;
    const underWayMs = this.#world.network.wasLate ? BUDGET_MS : UNDER_WAY_MS;
    const oldMs = underWayMs + this.stalledMs + ttlMs + (isStale === true ? STALE_SECONDS * 1_000 + STALE_TTL_MS : 0);
    if (names.wasTrue(owner, value, this.#world.scheduler.nowMs - oldMs)) return undefined;
    return `${value}${isStale === true ? " (stale)" : ""}, which is older than ${Math.round(oldMs)} ms or was never true`;
  }
}
