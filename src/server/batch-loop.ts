// The data plane's loop: receive a batch of queries, answer each, send the replies. Runs in a thread of its own,
// which it never leaves until it is told to stop; waits nowhere but in recvmmsg.
import { HAND_OVER } from "../answer/answerer.ts";
import type { Answerer } from "../answer/answerer.ts";
import { ADDRESS_STRIDE } from "./datagram-batch.ts";
import type { DatagramBatch } from "./datagram-batch.ts";
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import type { DatagramClient } from "./socket-address.ts";

/** Datagrams a call: more gains nothing measurable, and each costs 8 kB. */
export const BATCH_SIZE = 64;
/** How long what had arrived is still answered after the word to stop. */
const DRAIN_MS_MAX = 60;
/** Every so many batches are timed. */
const LATENCY_SAMPLE_BATCHES = 64;
/** How many queries may wait for the main thread, per socket; more are dropped. */
export const HAND_OVER_MAX = 1024;

/** Words of the memory that a worker shares with the main thread. */
export const CONTROL = {
  /** Not 0: stop. */
  STOP: 0,
  /** Counts what was posted to the worker: a change means that messages wait. */
  POSTED: 1,
  /** Queries handed over that the main thread has not taken yet. */
  HANDED_OVER: 2,
  /** Batches received: shows that the worker lives. */
  BATCHES: 3,
  /** Queries received; replies that could not be sent; queries dropped unanswered. */
  RECEIVED: 4,
  SEND_ERRORS: 5,
  DROPPED: 6,
  WORDS: 7,
} as const;

/** What the loop works with; all of it lives as long as the thread. */
export interface BatchContext {
  readonly libc: Libc;
  readonly fd: number;
  readonly batch: DatagramBatch;
  readonly answerer: Answerer;
  /** Of the batch's addresses. */
  readonly client: DatagramClient;
  readonly control: Int32Array;
  /** Told of a sample of batches: how long they took from arrival to leaving, microseconds, and how many replies. */
  readonly onLatency: (us: number, replies: number) => void;
  /** Called before a batch is answered when something was posted. */
  readonly onPosted: () => void;
  /** Keeps message `i` of the batch for the main thread. */
  readonly handOver: (i: number, size: number) => void;
  /** Called when a batch is answered and its replies are sent. */
  readonly onAnswered: () => void;
}

/** Answers until it is told to stop. Throws on a fault of the socket, and what the answerer threw: after its batch. */
export function runBatchLoop(context: BatchContext): void {
  const { libc, fd, batch, control } = context;
  let posted = Atomics.load(control, CONTROL.POSTED);
  context.onPosted();
  batch.rearm(batch.capacity);
  const faults: unknown[] = [];
  let drainedAtMs = Infinity;
  for (;;) {
    const stopping = Atomics.load(control, CONTROL.STOP) !== 0;
    if (stopping) {
      const nowMs = performance.now();
      drainedAtMs = Math.min(drainedAtMs, nowMs + DRAIN_MS_MAX);
      if (nowMs >= drainedAtMs) return;
    }
    const flags = stopping ? LINUX.MSG_DONTWAIT : LINUX.MSG_WAITFORONE;
    const count = libc.recvmmsg(fd, batch.received, batch.capacity, flags, null);
    if (count <= 0) {
      if (isFault(count, libc.errno())) throw new Error(`recvmmsg failed with error ${libc.errno()}`);
      if (stopping) return;
    }
    const nowPosted = Atomics.load(control, CONTROL.POSTED);
    if (nowPosted !== posted) {
      posted = nowPosted;
      context.onPosted();
    }
    if (count > 0) {
      const batches = Atomics.add(control, CONTROL.BATCHES, 1);
      Atomics.add(control, CONTROL.RECEIVED, count);
      const isSample = batches % LATENCY_SAMPLE_BATCHES === 0;
      const startedAtMs = isSample ? performance.now() : 0;
      const replies = answerBatch(context, count, faults);
      sendReplies(context, replies);
      context.onAnswered();
      if (isSample) context.onLatency((performance.now() - startedAtMs) * 1000, replies);
      batch.rearm(count);
      if (faults.length > 0) throw faults[0];
    }
  }
}

/** The socket's timeout passed, or a signal came: no faults. */
function isFault(count: number, errno: number): boolean {
  return count < 0 && errno !== LINUX.EAGAIN && errno !== LINUX.EINTR;
}

/**
 * Answers the received messages; replies stand closed up at the batch's start. Returns how many there are. A query that
 * breaks the answerer costs only itself: what it threw goes into `faults`.
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
    else if (reply !== HAND_OVER || !handOver(context, i, size)) Atomics.add(control, CONTROL.DROPPED, 1);
  }
  return replies;
}

function handOver(context: BatchContext, i: number, size: number): boolean {
  if (Atomics.load(context.control, CONTROL.HANDED_OVER) >= HAND_OVER_MAX) return false;
  Atomics.add(context.control, CONTROL.HANDED_OVER, 1);
  context.handOver(i, size);
  return true;
}

function sendReplies({ libc, fd, batch, control }: BatchContext, count: number): void {
  for (let sent = 0; sent < count;) {
    const messages = sent === 0 ? batch.sent : batch.sent.subarray(sent * 64);
    // Never waits: askers who do not exist, on a wire that looks for them, would hold up all others.
    const result = libc.sendmmsg(fd, messages, count - sent, LINUX.MSG_DONTWAIT);
    if (result > 0) {
      sent += result;
    } else if (libc.errno() === LINUX.EAGAIN) {
      Atomics.add(control, CONTROL.SEND_ERRORS, count - sent);
      return;
    } else if (libc.errno() !== LINUX.EINTR) {
      // The first of the rest can't be sent (no route, a firewall's no): its asker asks again, the others wait.
      Atomics.add(control, CONTROL.SEND_ERRORS, 1);
      sent++;
    }
  }
}
