// A DNS server that knows a bit of the internet and a cluster, for clients that look at servers: what it answers when it
// is healthy. Tests break single answers.
import { address, name, writeReply } from "./scripted-upstream.ts";
import type { ScriptedReply } from "./scripted-upstream.ts";
import { readMessage } from "./wire.ts";

const ADDRESSES: Readonly<Record<string, string>> = {
  "example.com.": "192.0.2.80",
  "kubernetes.default.svc.cluster.local.": "10.96.0.1",
  "web.shop.svc.cluster.local.": "10.96.0.80",
};
/** A key of RSA with 2,048 bits, without the bits. */
const DNSKEY = Buffer.concat([Buffer.from("01010308", "hex"), Buffer.alloc(260)]);
const NXDOMAIN: ScriptedReply = { rcode: 3 };

/** The reply of a healthy server, but for what `change` says. */
export function healthyReply(query: Uint8Array, isUdp: boolean, change: ScriptedReply = {}): Buffer {
  return writeReply(query, { ...healthyAnswer(query, isUdp), ...change });
}

function healthyAnswer(query: Uint8Array, isUdp: boolean): ScriptedReply {
  const { question, opt } = readMessage(Buffer.from(query));
  const owner = question?.name.toLowerCase() ?? ".";
  if (question?.type === "DNSKEY" && owner === ".") {
    // TC with QR, RD and RA.
    if (isUdp && (opt?.size ?? 512) < 1232) return { flags: 0x8380 };
    return {
      answer: [1, 2, 3].map((i) => ({ owner, type: "DNSKEY", rdata: Buffer.concat([DNSKEY, Buffer.from([i])]) })),
    };
  }
  if (question?.type === "PTR") {
    const rdata = name("kubernetes.default.svc.cluster.local.");
    return owner === "1.0.96.10.in-addr.arpa." ? { answer: [{ owner, type: "PTR", rdata }] } : NXDOMAIN;
  }
  const known = ADDRESSES[owner];
  if (known === undefined) return NXDOMAIN;
  return question?.type === "A" ? { answer: [{ owner, type: "A", rdata: address(known) }] } : {};
}
