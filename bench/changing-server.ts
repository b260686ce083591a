// A program that embeds the server and hands endpoint changes to it at a steady rate. Run by fork: SERVICES ENDPOINTS;
// tells its port, then changes for as long and as fast as it is told, and tells how soon changes were seen.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import type { Endpoint, EndpointSlice } from "../src/objects/kube-object.ts";
import { optionsFromSettings } from "../src/config/settings.ts";
import { createLog } from "../src/observe/log.ts";
import { startServer } from "../src/planes/server.ts";
import { ScriptedSource } from "../test/support/scripted-source.ts";
import { readMessage, writeQuery } from "../test/support/wire.ts";
import type { ChangesDone, ChangesOrder, ChangesReady } from "./changes.ts";
import { CLUSTER_DOMAIN, endpointLabel, makeServices, POD_CIDR } from "./cluster.ts";
import { parseServices } from "./compiled-zone.ts";
import { delay } from "./processes.ts";

/** Changes are handed over so often, as they would come off a watch. */
const TICK_MS = 10;
/** How often one of them is followed until it is served. */
const SAMPLE_MS = 100;
/** A change that nobody sees by then counts as this late. */
const SEEN_TIMEOUT_MS = 5_000;

const [services, endpoints] = process.argv.slice(2) as [string, string];
const objects = parseServices(makeServices({ services: Number(services), endpoints: Number(endpoints) }));
const slices = objects.filter((object) => object.kind === "EndpointSlice");
const source = new ScriptedSource("bench");
const server = startServer(optionsFromSettings({ udpTransport: "batch", udpWorkers: 1, podCidr: POD_CIDR }), {
  paths: [],
  log: createLog("silent"),
  sources: [source],
});
await source.started;
source.put(...objects);
source.sync();
const [address] = await server.ready;

process.on("message", (order: ChangesOrder) => {
  void makeChanges(source, order).then((made) => process.send!(made));
});
process.once("disconnect", () => void server.close());
process.send!({ port: address!.port } satisfies ChangesReady);

async function makeChanges(to: ScriptedSource, { seconds, rate }: ChangesOrder): Promise<ChangesDone> {
  const startedAtMs = performance.now();
  const followed: Promise<number>[] = [];
  let made = 0;
  let nextSampleMs = 0;
  for (let elapsedMs = 0; elapsedMs < seconds * 1000; elapsedMs = performance.now() - startedAtMs) {
    const due = Math.floor((elapsedMs / 1000) * rate) - made;
    const changed = Array.from({ length: due }, () => changeNext(made++));
    const givenAtMs = performance.now();
    to.put(...changed.map(({ slice }) => slice));
    const last = changed.at(-1);
    if (last !== undefined && elapsedMs >= nextSampleMs) {
      followed.push(untilSeen(address!.port, last, givenAtMs));
      nextSampleMs = elapsedMs + SAMPLE_MS;
    }
    await delay(TICK_MS);
  }
  return { made, seenMs: await Promise.all(followed) };
}

interface Changed {
  readonly slice: EndpointSlice;
  /** The endpoint that is new in it. */
  readonly address: string;
}

/** Replaces one endpoint of the next slice by one with another address, to and fro. */
function changeNext(count: number): Changed {
  const at = count % slices.length;
  const slice = slices[at]!;
  const index = Math.floor(count / slices.length) % slice.endpoints.length;
  const endpoint = slice.endpoints[index]!;
  const old = endpoint.addresses[0]!;
  // 10.128.0.0/10 holds both the first half's addresses and, 32 in the second octet on, their counterparts.
  const newAddress = old.replace(/^10\.(\d+)/, (_, octet: string) => `10.${Number(octet) ^ 32}`);
  const changed: Endpoint = { ...endpoint, addresses: [newAddress] };
  const next = { ...slice, endpoints: slice.endpoints.with(index, changed) };
  slices[at] = next;
  return { slice: next, address: newAddress };
}

/** Asks for the new endpoint's own name until it is there; milliseconds since `givenAtMs`. */
async function untilSeen(port: number, { slice, address: seen }: Changed, givenAtMs: number): Promise<number> {
  const name = `${endpointLabel(seen)}.${slice.serviceName}.${slice.namespace}.svc.${CLUSTER_DOMAIN}.`;
  const socket = createSocket("udp4");
  socket.connect(port, "127.0.0.1");
  await once(socket, "connect");
  try {
    for (;;) {
      const reply = once(socket, "message", { signal: AbortSignal.timeout(SEEN_TIMEOUT_MS) }) as Promise<[Buffer]>;
      socket.send(writeQuery({ name, type: "A" }));
      const { answer } = readMessage((await reply)[0]);
      const tookMs = performance.now() - givenAtMs;
      if (answer.length > 0 || tookMs > SEEN_TIMEOUT_MS) return tookMs;
      await delay(1);
    }
  } catch {
    return SEEN_TIMEOUT_MS;
  } finally {
    socket.close();
  }
}
