// The servers that docs/doctor.md asks: one of this project, and scripted ones that are broken in a way each.
// The page has fixed ports; here they are any free ones.
import { formatListenAddress } from "../../src/net/listen-address.ts";
import { formatReason } from "../../src/reasons/reason.ts";
import { startEngine } from "../support/engine.ts";
import { healthyReply } from "../support/internet.ts";
import { freePort } from "../support/process.ts";
import { address, ScriptedUpstream } from "../support/scripted-upstream.ts";
import type { ScriptedRecord, ScriptedReply, Script } from "../support/scripted-upstream.ts";
import { readMessage, writeOption } from "../support/wire.ts";

/** The addresses of the page, and where their servers are. */
export interface PageServers {
  readonly addresses: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

/** Healthy but for some replies; undefined: the healthy one. */
function script(change: (query: Buffer) => ScriptedReply | undefined): Script {
  return ({ query, transport }) => [{ bytes: healthyReply(query, transport === "udp", change(query)) }];
}

/** Drops the second question that comes from one port over UDP, as a conntrack race does. */
function losesSecond(): Script {
  const seen = new Set<number>();
  const healthy = script(() => undefined);
  return (asked, nth) => {
    if (asked.transport === "udp" && seen.has(asked.port)) return [];
    seen.add(asked.port);
    return healthy(asked, nth);
  };
}

const rewrites = script((query) => {
  const { question } = readMessage(query);
  if (question?.type !== "A" || !question.name.startsWith("doctor-")) return undefined;
  return { rcode: 0, answer: [{ owner: question.name, type: "A", rdata: address("198.51.100.7") }] };
});

const SEARCHED = /^(nope)\.(shop)\.svc\.cluster\.local\.$/;

/** As a server of this project, in one name: with a reason. */
const saysWhy = script((query) => {
  const { question, opt } = readMessage(query);
  const [, service, namespace] = SEARCHED.exec(question?.name ?? "") ?? [];
  if (opt === undefined || service === undefined || namespace === undefined) return undefined;
  const text = formatReason({ code: "no-service", service, namespace, nearest: "node" });
  return { rcode: 3, edns: false, additional: [extendedError(0, text)] };
});

function extendedError(code: number, text: string): ScriptedRecord {
  const rdata = writeOption(15, Buffer.concat([Buffer.from([0, code]), Buffer.from(text)]));
  return { owner: ".", type: "OPT", class: 1232, ttl: 0, rdata };
}

const hasNoUpstream = script((query) => {
  const { question, opt } = readMessage(query);
  if (question?.name !== "example.com.") return undefined;
  const additional = [
    extendedError(22, formatReason({ code: "upstream-failed", upstream: "10.0.0.2", cause: "timed out" })),
  ];
  return { rcode: 2, answer: [], edns: false, additional: opt === undefined ? [] : additional };
});

/** Starts all of them. */
export async function startPageServers(): Promise<PageServers> {
  const own = startEngine({ paths: ["zones"], listen: ["127.0.0.1:0"], upstream: ["none"] });
  const [listening] = await own.ready;
  const scripted = await Promise.all(
    [losesSecond(), rewrites, hasNoUpstream, saysWhy].map((each) => ScriptedUpstream.open(each)),
  );
  const ports = [await freePort(), ...scripted.map(({ port }) => port)];
  return {
    addresses: new Map([
      ["127.0.0.1:53000", formatListenAddress(listening!)],
      ...ports.map((port, i) => [`127.0.0.1:${53001 + i}`, `127.0.0.1:${port}`] as const),
    ]),
    close: async () => {
      await Promise.all([own.close(), ...scripted.map((each) => each.close())]);
    },
  };
}
