// Answers that a test puts in place of the server's own: other records, an rcode, a delay, or none at all.
// Overrides are few and last for a test, so nothing here is fast.
import { setTimeout as wait } from "node:timers/promises";
import {
  CLASS_IN,
  FLAG,
  HEADER_SIZE,
  MESSAGE_SIZE_MAX,
  OPT_SIZE,
  RCODE,
  TYPE,
  UDP_SIZE_PLAIN,
} from "../dns/constants.ts";
import { readSections, writeOpt, writeQuestion } from "../dns/message.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { foldedKey, formatName } from "../dns/name.ts";
import { parseQuery } from "../answer/parse-query.ts";
import type { ClientTransport } from "../answer/client.ts";
import { parseType } from "../dns/type-names.ts";
import { SettingsError } from "../config/settings.ts";
import { canonicalIp } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import { COUNT, MILLISECONDS, RECORD_TYPE, requireFields, SWITCH, TEXT, TEXTS } from "./field-forms.ts";
import type { FieldForm } from "./field-forms.ts";
import { parseZoneFile } from "../zonefile/parse-zone-file.ts";
import type { AskedQuestion } from "./question-log.ts";

export type RcodeName = Exclude<keyof typeof RCODE, "BADVERS" | "BADCOOKIE">;

/** What clients get in place of the server's own answer. */
export interface OverrideAnswer {
  /**
   * Records of the name as in a zone file, such as `A 10.0.0.1`, `60 AAAA fd00::1` or `CNAME other.example.`; or
   * addresses alone. An alias is followed. Other types have no records. The TTL is 0 unless given.
   */
  readonly records?: string | readonly string[];
  /** With `records`, these come with it. */
  readonly rcode?: RcodeName;
  /** How late the answer is, milliseconds. Alone: the server's own answer comes late. */
  readonly delayMs?: number;
  /** No answer, and so none of the fields above. */
  readonly drop?: boolean;
  /** For questions of this type only, such as `AAAA`. */
  readonly type?: string;
  /** For so many questions; then the server's own answer is back. Default: until `reset()`. */
  readonly times?: number;
}

interface Override extends Omit<OverrideAnswer, "records" | "type"> {
  readonly records: readonly ResourceRecord[] | undefined;
  readonly type: number | undefined;
  left: number;
}

const FIELDS: Readonly<Record<keyof OverrideAnswer, FieldForm>> = {
  records: TEXTS,
  rcode: TEXT,
  delayMs: MILLISECONDS,
  drop: SWITCH,
  type: RECORD_TYPE,
  times: COUNT,
};
/** The header has four bits for it. */
const RCODES: readonly string[] = Object.entries(RCODE).flatMap(([name, code]) => (code < 16 ? [name] : []));
/** The size that replies offer for queries. */
const UDP_SIZE_EDNS = 1232;

export class Overrides {
  readonly #byKey = new Map<string, Override[]>();
  #closing = new AbortController();

  /** Puts an answer in place for a name in wire form; the last one for a name counts. Throws a `SettingsError`. */
  set(name: Uint8Array, answer: OverrideAnswer): void {
    const override = checkAnswer(name, answer);
    const key = foldedKey(name);
    this.#byKey.set(key, [override, ...(this.#byKey.get(key) ?? [])]);
  }

  /** Removes all, and lets go of answers that are late. */
  clear(): void {
    this.#byKey.clear();
    this.#closing.abort();
    this.#closing = new AbortController();
  }

  has(question: AskedQuestion): boolean {
    return this.#find(question) !== undefined;
  }

  /** The reply to a query, empty for none; `own` makes the one of the server. */
  async answer(
    query: Uint8Array,
    question: AskedQuestion,
    transport: ClientTransport,
    own: (query: Uint8Array) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const override = this.#find(question);
    if (override === undefined) return own(query);
    override.left--;
    if (override.delayMs !== undefined) {
      const { signal } = this.#closing;
      // Whoever removes the overrides has no use for late answers either.
      await wait(override.delayMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return new Uint8Array(0);
    }
    if (override.drop === true) return new Uint8Array(0);
    const { records, rcode = "NOERROR" } = override;
    if (records === undefined && override.rcode === undefined) return own(query);
    const answers = (records ?? []).filter((record) => isAnswer(record, question.type));
    const target = question.type === TYPE.CNAME ? undefined : answers.find(({ type }) => type === TYPE.CNAME)?.rdata;
    if (target === undefined) return writeReply(query, question, transport, answers, RCODE[rcode]);
    // Stub resolvers do not follow an alias themselves.
    const chased = await own(queryFor(target, question.type));
    const all = [...answers, ...readSections(chased).answer];
    return writeReply(query, question, transport, all, (chased[3] ?? 0) & 0xf);
  }

  #find({ key, type }: AskedQuestion): Override | undefined {
    return this.#byKey.get(key)?.find((each) => each.left > 0 && (each.type ?? type) === type);
  }
}

function checkAnswer(name: Uint8Array, answer: OverrideAnswer): Override {
  const what = `override of ${formatName(name)}`;
  const fail = (message: string): never => {
    throw new SettingsError(`${what}: ${message}`);
  };
  requireFields(what, answer, FIELDS);
  const { records, rcode, delayMs, drop, type, times, ...rest } = answer;
  if (records === undefined && rcode === undefined && delayMs === undefined && drop !== true)
    fail("expected records, rcode, delayMs or drop");
  if (drop === true && (records !== undefined || rcode !== undefined || delayMs !== undefined))
    fail("drop: expected no records, rcode or delayMs with it, since there is no answer");
  if (rcode !== undefined && !RCODES.includes(rcode))
    fail(`rcode ${JSON.stringify(rcode)} is not known${didYouMean(rcode, RCODES)}`);
  return {
    ...rest,
    ...(rcode !== undefined && { rcode }),
    ...(delayMs !== undefined && { delayMs }),
    ...(drop !== undefined && { drop }),
    type: type === undefined ? undefined : parseType(type),
    records: records === undefined ? undefined : parseRecords(name, [records].flat(), fail),
    left: times ?? Infinity,
  };
}

function parseRecords(
  name: Uint8Array,
  lines: readonly string[],
  fail: (message: string) => never,
): readonly ResourceRecord[] {
  const text = lines.map((line) => {
    const address = canonicalIp(String(line).trim());
    const record = address === undefined ? line : `${address.includes(":") ? "AAAA" : "A"} ${address}`;
    return `${formatName(name)} ${record}\n`;
  });
  const { records, problems } = parseZoneFile(`$TTL 0\n${text.join("")}`, {
    path: "records",
    origin: ".",
    include: (path) => ({ path, text: "" }),
  });
  const fault = problems.find(({ severity }) => severity === "error");
  if (fault !== undefined) fail(`records: ${fault.message}; ${fault.advice}`);
  return records.map((record) => ({ ...record, class: CLASS_IN }));
}

function isAnswer({ type }: ResourceRecord, asked: number): boolean {
  return type === asked || type === TYPE.CNAME || asked === TYPE.ANY;
}

/** A query of this server's own, which wants recursion. */
function queryFor(name: Uint8Array, type: number): Uint8Array {
  const query = writeQuestion({ name, type, class: CLASS_IN });
  query[2] = FLAG.RD;
  return query;
}

/** A reply with these answers; one that is too large for the client's datagram has TC and no answers. */
function writeReply(
  query: Uint8Array,
  { end }: AskedQuestion,
  transport: ClientTransport,
  records: readonly ResourceRecord[],
  rcode: number,
): Uint8Array {
  const opt = parseQuery(query)?.opt;
  const optSize = opt === undefined ? 0 : OPT_SIZE;
  const limit = transport === "udp" ? Math.max(UDP_SIZE_PLAIN, opt?.udpSize ?? 0) : MESSAGE_SIZE_MAX;
  const size = records.reduce((sum, { owner, rdata }) => sum + owner.length + 10 + rdata.length, end + optSize);
  const isCut = size > limit;
  const answers = isCut ? [] : records;
  const reply = new Uint8Array(isCut ? end + optSize : size);
  const view = new DataView(reply.buffer);
  reply.set(query.subarray(0, end));
  reply.fill(0, 6, HEADER_SIZE);
  reply[2] = FLAG.QR | FLAG.AA | (isCut ? FLAG.TC : 0) | (query[2]! & FLAG.RD);
  reply[3] = rcode;
  view.setUint16(6, answers.length);
  let at = end;
  for (const { owner, type, ttl, rdata } of answers) {
    reply.set(owner, at);
    at += owner.length;
    view.setUint16(at, type);
    view.setUint16(at + 2, CLASS_IN);
    view.setUint32(at + 4, ttl);
    view.setUint16(at + 8, rdata.length);
    reply.set(rdata, at + 10);
    at += 10 + rdata.length;
  }
  if (opt !== undefined) {
    view.setUint16(10, 1);
    writeOpt(reply, at, UDP_SIZE_EDNS, 0, opt.dnssecOk, 0);
  }
  return reply;
}
