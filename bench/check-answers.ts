// Asks a server and holds its answers against the ones that the objects make: a benchmark of wrong answers is none.
// Reads messages with the tests' decoder, which shares nothing with src/.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import type { Message, ResourceRecord } from "../test/support/wire.ts";
import { CLUSTER_DOMAIN } from "./cluster.ts";
import type { Question } from "./cluster.ts";
import type { ExpectedAnswers } from "./cluster-records.ts";
import { FOREIGN_DOMAIN, FOREIGN_TTL_SECONDS, toCluster, toForeign } from "./foreign.ts";

const ANSWER_TIMEOUT_MS = 1_000;
/** What the load generator advertises too. */
const EDNS_SIZE = 1232;
/** More of the same would not help anybody. */
const FAULTS_MAX = 5;
/** Of the questions, so many are asked of every server before it is timed. */
export const CHECKED = 400;

/** What is wrong with a reply, if anything is. */
export type FindFault = (question: Question, reply: Message, expected: ExpectedAnswers) => string | undefined;

/** Throws when a server gives a wrong answer: its speed would mean nothing. Asks the first CHECKED questions. */
export async function checkServers(
  servers: readonly { readonly name: string; readonly port: number }[],
  questions: readonly Question[],
  expected: ExpectedAnswers,
  find: FindFault = findFault,
): Promise<void> {
  for (const { name, port } of servers) {
    const faults = await checkAnswers(port, questions.slice(0, CHECKED), expected, find);
    if (faults.length > 0) throw new Error(`${name} answers wrongly:\n${faults.join("\n")}`);
  }
}

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
  find: FindFault = findFault,
): Promise<readonly string[]> {
  const faults: string[] = [];
  for (const question of questions) {
    const reply = await askUdp(port, question);
    const fault = reply === undefined ? "no answer" : find(question, reply, expected);
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

/**
 * What is wrong with a reply of a forwarder to a question about the foreign domain. TTLs may have been counted down, the
 * SOA of a negative answer may be left out (dnsmasq), and AA and RA may be the upstream's (CoreDNS).
 */
export function findCachedFault(question: Question, reply: Message, expected: ExpectedAnswers): string | undefined {
  const right = expected.to({ ...question, name: toCluster(question.name) });
  if (!reply.flags.qr || reply.flags.tc) return `flags ${JSON.stringify(reply.flags)}`;
  if (reply.question?.name !== question.name || reply.question.type !== question.type) return "another question";
  if (reply.rcode !== right.rcode) return `${reply.rcode}, not ${right.rcode}`;
  const [records, wanted] = [reply.answer.map(formatRecord), right.records.map(toForeign)].map((all) =>
    all.map((record) => record.replace(/^(\S+) \d+ /, "$1 ")).toSorted(),
  ) as [string[], string[]];
  if (records.join("\n") !== wanted.join("\n")) {
    return `${records.length} records (${records[0] ?? "none"}), not ${wanted.length} records (${wanted[0] ?? "none"})`;
  }
  const late = reply.answer.find(({ ttl }) => ttl < 1 || ttl > FOREIGN_TTL_SECONDS);
  if (late !== undefined) return `a TTL of ${late.ttl}`;
  const strange = reply.authority.find(({ type, owner }) => type === "SOA" && owner !== `${FOREIGN_DOMAIN}.`);
  return strange === undefined ? undefined : `the SOA of ${strange.owner}`;
}

function formatRecord({ owner, ttl, type, rdata }: ResourceRecord): string {
  return `${owner} ${ttl} ${type} ${rdata}`;
}
