// Asks a server and holds its answers against the ones that the objects make: a benchmark of wrong answers is none.
// Reads messages with the tests' decoder, which shares nothing with src/.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import type { Message, ResourceRecord } from "../test/support/wire.ts";
import { CLUSTER_DOMAIN } from "./cluster.ts";
import type { Question } from "./cluster.ts";
import type { ExpectedAnswers } from "./cluster-records.ts";

const ANSWER_TIMEOUT_MS = 1_000;
/** What the load generator advertises too. */
const EDNS_SIZE = 1232;
/** More of the same would not help anybody. */
const FAULTS_MAX = 5;

/** The answer to one question over UDP; undefined when none came in time. */
export async function askUdp(port: number, question: Question): Promise<Message | undefined> {
  const socket = createSocket("udp4");
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
  try {
    socket.connect(port, "127.0.0.1");
    await once(socket, "connect", { signal });
    const received = once(socket, "message", { signal }) as Promise<[Buffer]>;
    socket.send(writeQuery({ ...question, opt: { size: EDNS_SIZE } }));
    return readMessage((await received)[0]);
  } catch (error) {
    if (signal.aborted || (error as NodeJS.ErrnoException).code === "ECONNREFUSED") return undefined;
    throw error;
  } finally {
    socket.close();
  }
}

/** Asks all questions; a line for each wrong answer, at most five. */
export async function checkAnswers(
  port: number,
  questions: readonly Question[],
  expected: ExpectedAnswers,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const question of questions) {
    const reply = await askUdp(port, question);
    const fault = reply === undefined ? "no answer" : findFault(question, reply, expected);
    if (fault !== undefined) faults.push(`${question.name} ${question.type}: ${fault}`);
    if (faults.length === FAULTS_MAX) break;
  }
  return faults;
}

/** What is wrong with a reply, if anything is. Additional records may be left out, but not be wrong. */
export function findFault(question: Question, reply: Message, expected: ExpectedAnswers): string | undefined {
  const right = expected.to(question);
  if (!reply.flags.qr || !reply.flags.aa || reply.flags.tc) return `flags ${JSON.stringify(reply.flags)}`;
  if (reply.question?.name !== question.name || reply.question.type !== question.type) return "another question";
  if (reply.rcode !== right.rcode) return `${reply.rcode}, not ${right.rcode}`;
  const records = reply.answer.map(formatRecord).toSorted();
  if (records.join("\n") !== right.records.join("\n")) {
    const [got, wanted] = [records, right.records].map((all) => `${all.length} records (${all[0] ?? "none"})`);
    return `${got}, not ${wanted}`;
  }
  const soas = reply.authority.filter(({ type }) => type === "SOA");
  if (right.records.length === 0 && (soas.length !== 1 || soas[0]!.owner !== `${CLUSTER_DOMAIN}.`)) {
    return "a negative answer without the zone's SOA";
  }
  const strange = reply.additional.find((record) => !expected.has(record));
  return strange === undefined ? undefined : `additional ${formatRecord(strange)}`;
}

function formatRecord({ owner, ttl, type, rdata }: ResourceRecord): string {
  return `${owner} ${ttl} ${type} ${rdata}`;
}
