// A client with one query outstanding, by blocking system calls: an event loop would add more than what is measured.
// Run as a program: PORT FILE SECONDS, the file as for dnsperf. Tells percentiles as JSON on standard output.
import { readFileSync } from "node:fs";
import koffi from "koffi";
import { writeQuery } from "../test/support/wire.ts";
import { percentile } from "./statistics.ts";

const AF_INET = 2;
const SOCK_DGRAM = 2;
const SOL_SOCKET = 1;
const SO_RCVTIMEO = 20;
const TIMEOUT_MS = 500;
const EDNS_SIZE = 1232;
const QUERIES_MAX = 1_000;

const libc = koffi.load("libc.so.6");
const socket = libc.func("int socket(int, int, int)") as (domain: number, type: number, protocol: number) => number;
const setsockopt = libc.func("int setsockopt(int, int, int, void*, uint32_t)") as (
  ...args: [number, number, number, Uint8Array, number]
) => number;
const connect = libc.func("int connect(int, void*, uint32_t)") as (...args: [number, Uint8Array, number]) => number;
const send = libc.func("int64_t send(int, void*, size_t, int)") as (
  ...args: [number, Buffer, number, number]
) => number;
const recv = libc.func("int64_t recv(int, void*, size_t, int)") as typeof send;

const [port, file, seconds] = process.argv.slice(2) as [string, string, string];
const queries = readFileSync(file, "utf8")
  .trimEnd()
  .split("\n", QUERIES_MAX)
  .map((line) => {
    const [name, type] = line.split(" ") as [string, string];
    return writeQuery({ name, type, opt: { size: EDNS_SIZE } });
  });

const fd = openSocket(Number(port));
const reply = Buffer.alloc(65_535);
const times: number[] = [];
let lost = 0;
const end = performance.now() + Number(seconds) * 1000;
for (let id = 0; performance.now() < end; id = (id + 1) & 0xffff) {
  const query = queries[id % queries.length]!;
  query.writeUInt16BE(id);
  const sentAtMs = performance.now();
  send(fd, query, query.length, 0);
  // A reply to a query given up before does not count.
  let size = recv(fd, reply, reply.length, 0);
  while (size >= 2 && reply.readUInt16BE(0) !== id) size = recv(fd, reply, reply.length, 0);
  if (size < 2) lost++;
  else times.push((performance.now() - sentAtMs) * 1000);
}
const sorted = Float64Array.from(times).toSorted();
const result = { completed: times.length, lost, p50Us: percentile(sorted, 0.5), p99Us: percentile(sorted, 0.99) };
process.stdout.write(JSON.stringify(result));

/** A connected socket whose calls come back after a while in any case. */
function openSocket(toPort: number): number {
  const descriptor = socket(AF_INET, SOCK_DGRAM, 0);
  const address = Buffer.alloc(16);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(toPort, 2);
  address.set([127, 0, 0, 1], 4);
  const timeout = Buffer.alloc(16);
  timeout.writeBigInt64LE(BigInt(TIMEOUT_MS * 1000), 8);
  if (setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, timeout, timeout.length) < 0) throw new Error("no timeout");
  if (connect(descriptor, address, address.length) < 0) throw new Error(`no socket to port ${toPort}`);
  return descriptor;
}
