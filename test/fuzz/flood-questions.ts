// Questions about the sample cluster in zones/, asked before and after a flood, and whose queries are what is mutated.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { parseLabels, readMessage, writeName, writeQuery } from "../support/wire.ts";
import { SAMPLE_QUERIES } from "./sample-messages.ts";

const ANSWER_TIMEOUT_MS = 10_000;

const QUESTIONS: readonly (readonly [name: string, type: string])[] = [
  ["kubernetes.default.svc.cluster.local.", "A"],
  ["_https._tcp.kubernetes.default.svc.cluster.local.", "SRV"],
  ["1.0.96.10.in-addr.arpa.", "PTR"],
  ["kube-dns.kube-system.svc.cluster.local.", "A"],
  ["_dns._udp.kube-dns.kube-system.svc.cluster.local.", "SRV"],
  ["db.data.svc.cluster.local.", "A"],
  ["db.data.svc.cluster.local.", "AAAA"],
  ["db-0.db.data.svc.cluster.local.", "A"],
  ["_postgres._tcp.db.data.svc.cluster.local.", "SRV"],
  ["ledger.data.svc.cluster.local.", "A"],
  ["gateway.edge.svc.cluster.local.", "A"],
  ["api.edge.svc.cluster.local.", "A"],
  ["web.default.svc.cluster.local.", "A"],
  ["web-pods.default.svc.cluster.local.", "A"],
  ["mail.default.svc.cluster.local.", "A"],
  ["www.default.svc.cluster.local.", "A"],
  ["10-244-0-2.kube-system.pod.cluster.local.", "A"],
  ["cluster.local.", "SOA"],
  ["none.default.svc.cluster.local.", "A"],
  ["www.example.com.", "A"],
];

/** Answers that must be among those of `askAll`: what the manifests say, not just what the server said before. */
export const KNOWN_ANSWERS: readonly string[] = [
  "kubernetes.default.svc.cluster.local. A: NOERROR, 10.96.0.1",
  "kube-dns.kube-system.svc.cluster.local. A: NOERROR, 10.96.0.10",
  "gateway.edge.svc.cluster.local. A: NOERROR, 10.96.80.1",
  "10-244-0-2.kube-system.pod.cluster.local. A: NOERROR, 10.244.0.2",
  "none.default.svc.cluster.local. A: NXDOMAIN",
  "www.example.com. A: REFUSED",
];

/** What a flood begins with. */
export const FLOOD_QUERIES: readonly Uint8Array[] = [
  ...QUESTIONS.flatMap(([name, type]) => [
    writeQuery({ name, type }),
    writeQuery({ name, type, opt: { size: 1232, options: Buffer.from("000a00080102030405060708", "hex") } }),
  ]),
  ...SAMPLE_QUERIES,
];

export const FLOOD_NAMES: readonly Uint8Array[] = QUESTIONS.map(([name]) => writeName(parseLabels(name)));

/** A line for each question: rcode and records, sorted, as their order is not promised. Throws where one is not answered. */
export async function askAll(port: number): Promise<readonly string[]> {
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  try {
    const lines: string[] = [];
    for (const [name, type] of QUESTIONS) {
      const received = once(socket, "message", { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
      socket.send(writeQuery({ name, type, opt: { size: 1232 } }));
      const { rcode, answer } = readMessage(((await received) as [Buffer])[0]);
      // The SOA's serial tells the time of a change.
      const records = answer.map((each) => (each.type === "SOA" ? "an SOA" : each.rdata)).toSorted();
      lines.push(`${name} ${type}: ${[rcode, ...records].join(", ")}`);
    }
    return lines;
  } finally {
    socket.close();
  }
}
