// A thread that reads the tortured zone through the answer function, as a data plane thread does, and holds every answer
// against the versions that were valid between its question and its answer. Ends by an error at the first wrong one.
import { KnownClient } from "../../../src/answer/client.ts";
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import { TableReader } from "../../../src/table/reader.ts";
import { addressCount, nameOf, NAME_COUNT, SHARED, STEADY_COUNT } from "./tortured-zone.ts";
import type { ReaderData, ReaderReport } from "./tortured-zone.ts";

const port = parentPort!;
const { table, shared, seed } = workerData as ReaderData;
setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const reader = new TableReader(table);
const answerer = new QueryAnswerer(reader, { ednsSize: 1232, recursion: false }, seed);
const reply = Buffer.alloc(1232);

function queryFor(name: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), name, Buffer.from([0, 1, 0, 1])]);
}
const names = Array.from({ length: NAME_COUNT }, (_, i) => nameOf(i));
const queries = names.map(queryFor);
/** The name above each one that comes and goes. */
const parentQueries = names.map((name) => queryFor(name.subarray(1 + name[0]!)));

let posted = 0;
let buffers = 1;
function takePosts(): void {
  const now = Atomics.load(shared, SHARED.POSTED);
  if (now === posted) return;
  posted = now;
  for (let post; (post = receiveMessageOnPort(port)) !== undefined;) {
    reader.attach(post.message as SharedArrayBuffer);
    buffers++;
  }
  collectGarbage();
}

/** The version that the answer shows, -1 for a name that is not there, -2 for one without addresses. */
function versionShown(query: Buffer, size: number): number {
  assert.ok(size > query.length, `a reply of ${size} bytes`);
  const rcode = reply[3]! & 15;
  const count = reply.readUInt16BE(6);
  assert.equal(reply[2], 0x84, "authoritative, not cut");
  if (count === 0) {
    assert.ok(rcode === 3 || rcode === 0, `rcode ${rcode} without an answer`);
    return rcode === 3 ? -1 : -2;
  }
  assert.equal(rcode, 0);
  assert.equal(size, query.length + 16 * count);
  const version = reply.readInt32BE(query.length + 12);
  assert.equal(count, addressCount(version), `the number of addresses of version ${version}`);
  for (let at = query.length; at < size; at += 16) {
    assert.equal(reply.readInt32BE(at + 12), version, "addresses of two versions in one answer");
    assert.equal(reply.readUInt32BE(at), 0xc00c0001);
  }
  return version;
}

/** The serial of the one SOA in the authority section, of a zone whose names fill 9 bytes. */
function checkSerial(size: number, least: number): void {
  const serial = reply.readUInt32BE(size - 20);
  const most = Atomics.load(shared, SHARED.SERIAL_STARTED);
  assert.ok(serial >= least && serial <= most, `serial ${serial}, not ${least} to ${most}`);
}

/** Whether a version of that parity was valid from `least` to `most`. */
function hadParity(parity: number, least: number, most: number): boolean {
  return most > least || (least & 1) === parity;
}

const client = new KnownClient("udp");
let answers = 0;
let contested = 0;
let random = seed | 1;
while (Atomics.load(shared, SHARED.STOP) === 0) {
  random ^= random << 13;
  random ^= random >>> 17;
  random ^= random << 5;
  const i = (random >>> 0) % NAME_COUNT;
  const asksParent = i >= STEADY_COUNT && (random & 0x4000_0000) !== 0;
  const query = asksParent ? parentQueries[i]! : queries[i]!;

  const least = Atomics.load(shared, SHARED.DONE + i);
  const leastSerial = Atomics.load(shared, SHARED.SERIAL_DONE);
  takePosts();
  const size = answerer.answer(query, 0, query.length, reply, 0, client);
  const most = Atomics.load(shared, SHARED.STARTED + i);

  const version = versionShown(query, size);
  const what = `${asksParent ? "the name above " : ""}name ${i} between versions ${least} and ${most}: ${version}`;
  if (version < 0) checkSerial(size, leastSerial);
  if (i < STEADY_COUNT) assert.ok(version >= least && version <= most, what);
  else if (version === -1) assert.ok(hadParity(1, least, most), what);
  else if (asksParent) assert.ok(version === -2 && hadParity(0, least, most), what);
  else assert.ok(version >= least && version <= most && (version & 1) === 0, what);
  answers++;
  if (most > least) contested++;
}
port.postMessage({ answers, contested, buffers } satisfies ReaderReport);
