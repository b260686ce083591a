// Opens a batched transport whose workers run one of the tests' answerers.
import { readFileSync, readlinkSync } from "node:fs";
import { loadLibc } from "../../../src/server/libc.ts";
import type { Libc } from "../../../src/server/libc.ts";
import type { ListenAddress } from "../../../src/net/listen-address.ts";
import { openUdpBatch } from "../../../src/server/udp-batch.ts";
import type { UdpBatchSettings, UdpBatchTransport } from "../../../src/server/udp-batch.ts";
import { echo } from "../../contract/transport-clients.ts";
import type { AnswererWorkerData } from "./answerer-worker.ts";
import type { AnswererName } from "./answerers.ts";

const WORKER = new URL("answerer-worker.ts", import.meta.url);

/** Why batches can't be had here; undefined where they can. */
export function reasonAgainstBatches(): string | undefined {
  const loaded = loadLibc();
  return "reason" in loaded ? loaded.reason : undefined;
}

/** The C library; throws where it can't be had. */
export function needLibc(): Libc {
  const loaded = loadLibc();
  if ("reason" in loaded) throw new Error(loaded.reason);
  return loaded.libc;
}

/** What may differ from a transport of one worker that echoes, and whose main thread does too. */
export type BatchSettings = Partial<UdpBatchSettings> & Pick<UdpBatchSettings, "onFault"> & Partial<AnswererWorkerData>;

/** Opens workers on `address`, whose port is not 0, that answer as `name`. */
export function openBatch(
  address: ListenAddress,
  name: AnswererName,
  settings: BatchSettings,
): Promise<UdpBatchTransport> {
  const { collectEvery = 0, seen = new Int32Array(new SharedArrayBuffer(8)) } = settings;
  return openUdpBatch(address, {
    libc: needLibc(),
    workerUrl: WORKER,
    workerCount: 1,
    replySizeMax: 65_507,
    answererData: (): AnswererWorkerData => ({ name, collectEvery, seen }),
    answerLate: (query, client) => echo.answerLate(query, client),
    ...settings,
  });
}

/** The port that an IPv4 or IPv6 UDP socket is bound to, as the kernel lists it: the socket's inode is in column 10. */
export function portOf(fd: number): number {
  const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
  for (const table of ["udp", "udp6"]) {
    for (const line of readFileSync(`/proc/self/net/${table}`, "utf8").split("\n")) {
      const columns = line.trim().split(/\s+/);
      if (columns[9] === inode) return Number.parseInt(columns[1]!.split(":")[1]!, 16);
    }
  }
  throw new Error(`descriptor ${fd} is no bound UDP socket`);
}
