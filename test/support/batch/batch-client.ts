// A client that blocks the thread it runs in: sends datagrams and takes replies in batches, by the C library. While it
// waits nothing else happens in its thread, so a test that uses it in the main thread shows what workers do alone.
import { BATCH_SIZE } from "../../../src/server/batch-loop.ts";
import { ADDRESS_STRIDE, DatagramBatch, QUERY_SIZE_MAX } from "../../../src/server/datagram-batch.ts";
import { LINUX } from "../../../src/server/libc.ts";
import type { Libc } from "../../../src/server/libc.ts";
import type { ListenAddress } from "../../../src/net/listen-address.ts";
import { openBatchSocket } from "../../../src/server/udp-batch-socket.ts";

/** Replies that come from anywhere but the server are an error. Queries and replies have at most 4,096 bytes. */
export class BatchClient {
  readonly fd: number;
  readonly #libc: Libc;
  readonly #server: Uint8Array;
  readonly #batch: DatagramBatch;

  /** A client of the server at an IPv4 address. */
  constructor(libc: Libc, server: ListenAddress) {
    this.#libc = libc;
    this.fd = openBatchSocket(libc, { host: "127.0.0.1", port: 0 }).fd;
    const ip = server.host.split(".").map(Number);
    this.#server = Uint8Array.from([2, 0, server.port >> 8, server.port & 0xff, ...ip, 0, 0, 0, 0, 0, 0, 0, 0]);
    this.#batch = new DatagramBatch(libc, BATCH_SIZE, QUERY_SIZE_MAX, false);
  }

  /** Hands all queries to the kernel. */
  send(queries: readonly Uint8Array[]): void {
    const batch = this.#batch;
    for (let next = 0; next < queries.length;) {
      const count = Math.min(BATCH_SIZE, queries.length - next);
      for (let i = 0; i < count; i++) {
        const query = queries[next + i]!;
        batch.replies.set(query, i * batch.replyStride);
        batch.addresses.set(this.#server, i * ADDRESS_STRIDE);
        batch.address(i, i, query.length);
      }
      const sent = this.#libc.sendmmsg(this.fd, batch.sent, count, 0);
      if (sent <= 0) throw new Error(`sendmmsg failed with error ${this.#libc.errno()}`);
      next += sent;
    }
  }

  /** Takes replies until there are `count` or `withinMs` have passed; `take` gets each one's place in `replies`. */
  drain(count: number, withinMs: number, take: (replies: Uint8Array, start: number, size: number) => void): number {
    const batch = this.#batch;
    const deadline = performance.now() + withinMs;
    let received = 0;
    while (received < count && performance.now() < deadline) {
      batch.rearm(batch.capacity);
      const most = Math.min(batch.capacity, count - received);
      const got = this.#libc.recvmmsg(this.fd, batch.received, most, LINUX.MSG_WAITFORONE, null);
      for (let i = 0; i < got; i++) {
        if (this.#server.some((byte, at) => at < 8 && batch.addresses[i * ADDRESS_STRIDE + at] !== byte)) {
          throw new Error("a reply from another address");
        }
        take(batch.queries, i * batch.queryStride, batch.querySize(i));
      }
      received += Math.max(got, 0);
    }
    return received;
  }

  /** The next `count` replies; fewer when no more come within `withinMs`. */
  receive(count: number, withinMs = 2_000): Buffer[] {
    const replies: Buffer[] = [];
    this.drain(count, withinMs, (bytes, start, size) => replies.push(Buffer.from(bytes.slice(start, start + size))));
    return replies;
  }

  close(): void {
    this.#libc.close(this.fd);
  }
}
