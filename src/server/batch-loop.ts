// The data plane's loop: receives a batch of queries, answers each, sends the replies. It occupies its own thread until
// the main thread stops it, and blocks only in recvmmsg.
import { HAND_OVER } from "../answer/answerer.ts";
import type { Answerer } from "../answer/answerer.ts";
import { ADDRESS_STRIDE } from "./datagram-batch.ts";
import type { DatagramBatch } from "./datagram-batch.ts";
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import type { DatagramClient } from "./socket-address.ts";

/** Datagrams per system call. A larger batch is not measurably faster, and each datagram costs 8 kB. */
export const BATCH_SIZE = 64;
/** How long queries that have arrived are still answered after STOP is set. */
const DRAIN_MS_MAX = 60;
/** Queries of one socket that may wait for the main thread; more are dropped. */
export const HAND_OVER_MAX = 1024;

/** Indices of the 32-bit words that a worker shares with the main thread. */
export const CONTROL = {
  /** Non-zero: the loop ends. */
  STOP: 0,
  /** Messages posted to the worker so far: a change means that some are waiting. */
  POSTED: 1,
  /** Queries handed over that the main thread has not taken yet. */
  HANDED_OVER: 2,
  /** Batches received. */
  BATCHES: 3,
  /** Queries received; replies that could not be sent; datagrams without a reply. */
  RECEIVED: 4,
  SEND_ERRORS: 5,
  DROPPED: 6,
  /** Rounds of the loop, with queries or without: while it stands still, the thread hangs. */
  BEATS: 7,
  /** Queries dropped because `HAND_OVER_MAX` were waiting for the main thread. */
  QUEUE_FULL: 8,
  WORDS: 9,
} as const;

/** What the loop works with. All of it lives as long as the thread. */
export interface BatchContext {
  readonly libc: Libc;
  readonly fd: number;
  readonly batch: DatagramBatch;
  readonly answerer: Answerer;
  /** Reads the batch's addresses. */
  readonly client: DatagramClient;
  readonly control: Int32Array;
  /** Called once, when the socket has been read for the first time. */
  readonly onStarted: () => void;
  /** Gets of each batch the seconds from its receipt to its last reply's leaving, and the number of replies. */
  readonly onLatency: (seconds: number, replies: number) => void;
  /** Called before the next batch is answered when a message has been posted. */
  readonly onPosted: () => void;
  /** Copies query `i` of the batch for the main thread. */
  readonly handOver: (i: number, size: number) => void;
  /** Called when the replies of a batch have been sent. */
  readonly onAnswered: () => void;
}

/** Answers until STOP is set. Throws when the socket fails, or what the answerer threw, after its batch is sent. */
export function runBatchLoop(context: BatchContext): void {
  const { libc, fd, batch, control } = context;
  let posted = Atomics.load(control, CONTROL.POSTED);
  context.onPosted();
  batch.rearm(batch.capacity);
  const faults: unknown[] = [];
  let drainedAtMs = Infinity;
  let isStarted = false;
  for (;;) {
    const stopping = Atomics.load(control, CONTROL.STOP) !== 0;
    if (stopping) {
      const nowMs = performance.now();
      drainedAtMs = Math.min(drainedAtMs, nowMs + DRAIN_MS_MAX);
      if (nowMs >= drainedAtMs) return;
    }
    const flags = stopping || !isStarted ? LINUX.MSG_DONTWAIT : LINUX.MSG_WAITFORONE;
    const count = libc.recvmmsg(fd, batch.received, batch.capacity, flags, null);
    if (count <= 0) {
      if (isFault(count, libc.errno())) throw new Error(`recvmmsg failed with error ${libc.errno()}`);
      if (stopping) return;
    }
    control[CONTROL.BEATS] = (control[CONTROL.BEATS]! + 1) | 0;
    if (!isStarted) {
      isStarted = true;
      context.onStarted();
    }
    const nowPosted = Atomics.load(control, CONTROL.POSTED);
    if (nowPosted !== posted) {
      posted = nowPosted;
      context.onPosted();
    }
    if (count > 0) {
      const startedAtMs = performance.now();
      Atomics.add(control, CONTROL.BATCHES, 1);
      Atomics.add(control, CONTROL.RECEIVED, count);
      const replies = answerBatch(context, count, faults);
      sendReplies(context, replies);
      context.onAnswered();
      if (replies > 0) context.onLatency((performance.now() - startedAtMs) / 1000, replies);
      batch.rearm(count);
      if (faults.length > 0) throw faults[0];
    }
  }
}

/** Whether recvmmsg failed: its timeout and an interrupting signal are ordinary. */
function isFault(count: number, errno: number): boolean {
  return count < 0 && errno !== LINUX.EAGAIN && errno !== LINUX.EINTR;
}

/**
 * Answers the received queries and returns the number of replies, which fill the first reply buffers without gaps. What
 * the answerer throws goes into `faults` and costs only the query that caused it.
 */
function answerBatch(context: BatchContext, count: number, faults: unknown[]): number {
  const { batch, answerer, client, control } = context;
  let replies = 0;
  for (let i = 0; i < count; i++) {
    const size = batch.querySize(i);
    if (size === 0) {
      Atomics.add(control, CONTROL.DROPPED, 1);
      continue;
    }
    const start = i * batch.queryStride;
    const replyStart = replies * batch.replyStride;
    let reply = 0;
    client.at = i * ADDRESS_STRIDE;
    try {
      reply = answerer.answer(batch.queries, start, start + size, batch.replies, replyStart, client);
    } catch (fault) {
      faults.push(fault);
    }
    if (reply > 0) batch.address(i, replies++, reply);
    else if (reply === HAND_OVER) handOver(context, i, size);
    else Atomics.add(control, CONTROL.DROPPED, 1);
  }
  return replies;
}

function handOver(context: BatchContext, i: number, size: number): void {
  if (Atomics.load(context.control, CONTROL.HANDED_OVER) >= HAND_OVER_MAX) {
    Atomics.add(context.control, CONTROL.QUEUE_FULL, 1);
    return;
  }
  Atomics.add(context.control, CONTROL.HANDED_OVER, 1);
  context.handOver(i, size);
}

function sendReplies({ libc, fd, batch, control }: BatchContext, count: number): void {
  for (let sent = 0; sent < count;) {
    const messages = sent === 0 ? batch.sent : batch.sent.subarray(sent * 64);
    // Never blocks: ARP look-ups for clients that do not exist would delay the replies to all others.
    const result = libc.sendmmsg(fd, messages, count - sent, LINUX.MSG_DONTWAIT);
    if (result > 0) {
      sent += result;
    } else if (libc.errno() === LINUX.EAGAIN) {
      Atomics.add(control, CONTROL.SEND_ERRORS, count - sent);
      return;
    } else if (libc.errno() !== LINUX.EINTR) {
      // The first remaining reply can't be sent (no route, firewall): skip it, since its client will retry.
      Atomics.add(control, CONTROL.SEND_ERRORS, 1);
      sent++;
    }
  }
}
