// The upstream behind the server: what there is outside the cluster, and how much of it was asked for.
import { parseIp } from "../../src/net/ip.ts";
import type { ScriptedRecord, Step } from "../support/scripted-upstream.ts";
import { name, ScriptedUpstream, soa, writeReply } from "../support/scripted-upstream.ts";
import { readMessage } from "../support/wire.ts";
import { HOSTS_OUTSIDE, OUTSIDE } from "./questions.ts";

/** Starts it on a free port of 127.0.0.1. */
export function openOutside(): Promise<ScriptedUpstream> {
  return ScriptedUpstream.open(({ query, transport }) => [answer(query, transport === "udp")]);
}

function answer(query: Buffer, isDatagram: boolean): Step {
  const { question, opt } = readMessage(query);
  const asked = question?.name.toLowerCase() ?? ".";
  const found = chainOf(asked);
  const negative: ScriptedRecord = { owner: "example.com.", type: "SOA", rdata: soa() };
  if (found === undefined) return { bytes: writeReply(query, { rcode: 3, authority: [negative] }) };
  const last = found.aliases.at(-1)?.to ?? asked;
  const records = [
    ...found.aliases.map(({ from, to }) => ({ owner: from, type: "CNAME", rdata: name(to) })),
    ...found.addresses
      .map((text): ScriptedRecord => ({
        owner: last,
        type: text.includes(":") ? "AAAA" : "A",
        rdata: Uint8Array.from(parseIp(text)!),
      }))
      .filter(({ type }) => type === question?.type),
  ];
  const hasData = records.length > found.aliases.length;
  const bytes = writeReply(query, { answer: records, authority: hasData ? [] : [negative] });
  if (!isDatagram || bytes.length <= Math.max(512, opt?.size ?? 512)) return { bytes };
  return { bytes: writeReply(query, { flags: 0x8380 }) };
}

interface Chain {
  readonly aliases: readonly { readonly from: string; readonly to: string }[];
  readonly addresses: readonly string[];
}

function chainOf(owner: string): Chain | undefined {
  if (owner.startsWith("host-") && owner.endsWith(HOSTS_OUTSIDE.suffix)) {
    return { aliases: [], addresses: HOSTS_OUTSIDE.addresses };
  }
  const here = Object.hasOwn(OUTSIDE, owner) ? OUTSIDE[owner] : undefined;
  if (here?.alias === undefined) return here && { aliases: [], addresses: here.addresses ?? [] };
  const rest = chainOf(here.alias);
  const aliases = [{ from: owner, to: here.alias }, ...(rest?.aliases ?? [])];
  return { aliases, addresses: rest?.addresses ?? [] };
}
