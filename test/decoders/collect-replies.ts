// Asks servers one question of every kind and keeps the replies: all scenarios, so that every row of docs/answers.md is
// there, and the kinds of kinds.ts.
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { askHttp2, askTls, DNS_MESSAGE } from "../conformance/secure.ts";
import { startServer } from "../support/cluster.ts";
import { edeOf } from "../support/forwarding.ts";
import { askTcp, UdpClient, type Endpoint } from "../support/network.ts";
import { parseQuestions, readSettings, writeQueries, zoneSettings } from "../support/scenario.ts";
import { readMessage, writeQuery, type Message } from "../support/wire.ts";
import { KINDS, LATE_KINDS, type Kind, type LateKind, type Transport } from "./kinds.ts";
import { rcodeOf, type Reply } from "./reply.ts";
import type { Servers } from "./servers.ts";

const SCENARIOS = new URL("../scenarios/", import.meta.url);
const LATE_WITHIN_MS = 30_000;

/** Every question of every scenario, over UDP with EDNS and over TCP without. */
export async function collectScenarios(): Promise<Reply[]> {
  const folders = readdirSync(SCENARIOS, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const replies: Reply[] = [];
  for (const { name } of folders) replies.push(...(await collectScenario(name)));
  return replies;
}

async function collectScenario(scenario: string): Promise<Reply[]> {
  const folder = new URL(`${scenario}/`, SCENARIOS);
  const settings = readSettings(folder);
  const questions = parseQuestions(readFileSync(new URL("questions.txt", folder), "utf8"), zoneSettings(settings));
  const { server, endpoint } = await startServer({ ...settings, paths: [fileURLToPath(folder)] });
  const client = await UdpClient.open(endpoint);
  try {
    const replies: Reply[] = [];
    for (const question of questions) {
      for (const { transport, query } of writeQueries(question)) {
        const bytes = await (transport === "UDP" ? client.ask(query) : askTcp(endpoint, query));
        const label = `${scenario}: ${question.name} ${question.type} (${transport})`;
        replies.push({ label, rows: question.rows, bytes });
      }
    }
    return replies;
  } finally {
    client.close();
    await server.close();
  }
}

/** An answer as one line: rcode, AA and TC, the counts of records, and the codes of options. */
export function formatGist(bytes: Buffer): string {
  const message = readMessage(bytes);
  const { aa, tc } = message.flags;
  const counts = [6, 8, 10].map((at) => bytes.readUInt16BE(at)).join("/");
  const options = (message.opt?.options ?? [])
    .map((each) => formatOption(each.code, message))
    // Every denial says why.
    .filter((option) => option !== "ede-0");
  return [`${rcodeOf(bytes, message)}`, ...(aa ? ["AA"] : []), ...(tc ? ["TC"] : []), counts, ...options].join(" ");
}

function formatOption(code: number, message: Message): string {
  return code === 15 ? `ede-${edeOf(message)}` : `option-${code}`;
}

async function exchange(transport: Transport, { udp, tls, https }: Servers["whole"], query: Buffer): Promise<Buffer> {
  if (transport === "tcp") return askTcp(udp, query);
  if (transport === "tls") return askTls(tls, query);
  if (transport === "https")
    return (await askHttp2(https, { method: "POST", contentType: DNS_MESSAGE, body: query })).body;
  const client = await UdpClient.open(udp);
  return client.ask(query).finally(() => client.close());
}

/** A reply to each of the kinds, and those that take time to come about. */
export async function collectKinds(servers: Servers): Promise<Reply[]> {
  const askKind = async ({ label, to, over, query }: Kind): Promise<Reply> => {
    const at = to === "whole" ? servers.whole : { udp: servers[to], tls: servers[to], https: servers[to] };
    return { label, rows: [], bytes: await exchange(over, at, query) };
  };
  const late = LATE_KINDS.map((kind) => collectLate(servers.whole.udp, kind));
  const replies: Reply[] = [];
  for (const kind of KINDS) replies.push(await askKind(kind));
  return [...replies, ...(await Promise.all(late))];
}

/** Asks until the answer has the extended error that it is to have. */
async function collectLate(server: Endpoint, { label, name, ede }: LateKind): Promise<Reply> {
  const client = await UdpClient.open(server);
  const deadline = performance.now() + LATE_WITHIN_MS;
  try {
    for (;;) {
      // A question may take longer than this client waits: the next one gets the same answer.
      const bytes = await client.ask(writeQuery({ name, type: "A", opt: { size: 1232 } })).catch(() => undefined);
      if (bytes !== undefined && edeOf(readMessage(bytes)) === ede) return { label, rows: [], bytes };
      if (performance.now() > deadline) throw new Error(`no answer with extended error ${ede} for ${name}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } finally {
    client.close();
  }
}
