// What clients asked and what they were answered: the last questions, and those who wait for one.
// For tests: each question is decoded when it comes.
import { readSections } from "../dns/message.ts";
import { HEADER_SIZE, RCODE } from "../dns/constants.ts";
import { foldedKey, formatName, nameEnd } from "../dns/name.ts";
import type { ResourceRecord } from "../dns/resource-record.ts";
import { formatType } from "../dns/type-names.ts";
import type { Client, ClientTransport } from "../answer/client.ts";
import { formatIp } from "../net/ip.ts";
import { formatRdata } from "../zonefile/rdata-text.ts";

/** A record of an answer. */
export interface AnswerRecord {
  /** Without the last dot, as all names here. */
  readonly name: string;
  readonly type: string;
  /** Seconds. */
  readonly ttl: number;
  /** As in a zone file, such as `10.96.0.10`. */
  readonly data: string;
}

/** A question and its answer. */
export interface Question {
  /** In lower case, without the last dot. */
  readonly name: string;
  /** Such as `A`. */
  readonly type: string;
  readonly transport: ClientTransport;
  /** The client's IP address. */
  readonly client: string;
  /** Such as `NOERROR`; undefined: the client got no answer. */
  readonly rcode: string | undefined;
  /** The answer section. */
  readonly answers: readonly AnswerRecord[];
}

/** The question of a query. */
export interface AskedQuestion {
  /** Of the name, as `foldedKey` makes it. */
  readonly key: string;
  readonly type: number;
  /** Where the question ends, bytes from the message's start. */
  readonly end: number;
}

interface Waiter {
  readonly isWanted: (question: Question) => boolean;
  readonly resolve: (question: Question) => void;
  readonly reject: (error: Error) => void;
}

const RCODES: ReadonlyMap<number, string> = new Map(Object.entries(RCODE).map(([name, code]) => [code, name]));

/** Reads the question of a query; undefined: it has none, or is malformed. */
export function readQuestion(query: Uint8Array): AskedQuestion | undefined {
  if (query.length < HEADER_SIZE || query[4] !== 0 || query[5] !== 1) return undefined;
  const typeAt = nameEnd(query, HEADER_SIZE);
  if (typeAt === undefined || typeAt + 4 > query.length) return undefined;
  const type = (query[typeAt]! << 8) | query[typeAt + 1]!;
  return { key: foldedKey(query.subarray(HEADER_SIZE, typeAt)), type, end: typeAt + 4 };
}

export class QuestionLog {
  readonly #max: number;
  #questions: Question[] = [];
  readonly #waiters = new Set<Waiter>();

  /** Keeps the last `max` questions. */
  constructor(max: number) {
    this.#max = max;
  }

  get all(): readonly Question[] {
    return [...this.#questions];
  }

  /** Adds the question `asked` of a query and its reply, which is empty if there was none. */
  add(query: Uint8Array, asked: AskedQuestion, reply: Uint8Array, client: Client): void {
    const address = new Uint8Array(16);
    const size = client.readAddress(address);
    const rcode = reply.length < HEADER_SIZE ? undefined : reply[3]! & 0xf;
    const question: Question = Object.freeze({
      name: withoutDot(formatName(query, HEADER_SIZE)).toLowerCase(),
      type: formatType(asked.type),
      transport: client.transport,
      client: size === 0 ? "" : formatIp(address.subarray(0, size)),
      rcode: rcode === undefined ? undefined : (RCODES.get(rcode) ?? `RCODE${rcode}`),
      answers: readSections(reply).answer.map(toAnswerRecord),
    });
    this.#questions.push(question);
    if (this.#questions.length > this.#max) this.#questions.shift();
    for (const { isWanted, resolve } of this.#waiters) if (isWanted(question)) resolve(question);
  }

  /**
   * Resolves with the first question that is wanted, there or to come; undefined if none comes within `timeoutMs`.
   * Rejects if `endWaits` is called first.
   */
  async find(isWanted: Waiter["isWanted"], timeoutMs: number): Promise<Question | undefined> {
    const found = this.#questions.find(isWanted);
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<Question | undefined>();
    const waiter = { isWanted, resolve, reject };
    this.#waiters.add(waiter);
    const timer = setTimeout(() => resolve(undefined), timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(waiter);
    }
  }

  /** Rejects those who wait with `error`. */
  endWaits(error: Error): void {
    for (const { reject } of this.#waiters) reject(error);
  }

  clear(): void {
    this.#questions = [];
  }
}

function toAnswerRecord({ owner, type, ttl, rdata }: ResourceRecord): AnswerRecord {
  return { name: withoutDot(formatName(owner)), type: formatType(type), ttl, data: formatRdata(type, rdata) };
}

function withoutDot(name: string): string {
  return name.length > 1 && name.endsWith(".") ? name.slice(0, -1) : name;
}
