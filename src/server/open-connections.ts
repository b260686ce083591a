// The connections of one listener, whatever is spoken on them: who is let in and who goes for it, which faults of
// accepting are told, and how all of them end. Knows sockets, and nothing of queries.
import type { Server, Socket } from "node:net";
import { ConnectionTable, type Evictable, type TableLimits } from "./connection-table.ts";
import { CLOSE_LIMITS, untilQuiet } from "./transport.ts";

/** What takes room among the connections. */
export interface Connection extends Evictable {
  /** Answers the queries in hand, then closes. */
  finish(): void;
  /** Closes now, to make room. */
  evict(): void;
  /** Closes at once; what is not sent yet is lost. */
  destroy(): void;
}

/** What has happened at a listener since it was opened. */
export interface AcceptCounts {
  accepted: number;
  /** Closed to make room for a newer connection. */
  evicted: number;
  acceptErrors: number;
}

/** The open connections of a server that listens. */
export class OpenConnections<C extends Connection> {
  readonly #server: Server;
  readonly #table: ConnectionTable<C>;
  readonly #counts: AcceptCounts;
  #isAcceptFailing = false;
  #closing: Promise<void> | undefined;

  /** Counts in `counts`; `onFault` is told why nothing can be accepted, once until something can. */
  constructor(server: Server, limits: TableLimits, counts: AcceptCounts, onFault: (fault: Error) => void) {
    this.#server = server;
    this.#table = new ConnectionTable(limits);
    this.#counts = counts;
    server.on("error", (error) => {
      counts.acceptErrors++;
      // Out of descriptors, every attempt fails.
      if (!this.#isAcceptFailing) onFault(error);
      this.#isAcceptFailing = true;
    });
  }

  /** Makes room for a new socket; returns its client's address, or undefined where that is gone again. */
  admit(socket: Socket): string | undefined {
    this.#isAcceptFailing = false;
    this.#counts.accepted++;
    // A reset is an ordinary end; "close" follows.
    socket.on("error", () => undefined);
    const client = socket.remoteAddress;
    if (client === undefined) {
      // Reset before it was accepted.
      socket.destroy();
      return undefined;
    }
    this.evict(this.#table.evictionCandidate(client));
    return client;
  }

  /** Closes a connection to make room; nothing where there is none to close. */
  evict(connection: C | undefined): void {
    if (connection === undefined) return;
    this.#counts.evicted++;
    this.#table.delete(connection);
    connection.evict();
  }

  /** The longest idle first. */
  all(): IterableIterator<C> {
    return this.#table.connections();
  }

  /** Counts a connection of `client` among those that are open, until its socket closes or it is let go. */
  track(connection: C, socket: Socket, client: string): void {
    this.#table.add(connection, client);
    socket.on("close", () => this.untrack(connection));
  }

  /** Counts it no more. */
  untrack(connection: C): void {
    this.#table.delete(connection);
  }

  /** It has just been of use: others are idle for longer. */
  touch(connection: C): void {
    this.#table.touch(connection);
  }

  /** Waits until `received()` grows no more, stops listening, and ends all connections, the deaf ones after a while. */
  close(received: () => number): Promise<void> {
    this.#closing ??= this.#drainAndClose(received);
    return this.#closing;
  }

  async #drainAndClose(received: () => number): Promise<void> {
    // Closing the listener resets what waits in its backlog: first take what is there.
    await untilQuiet(() => this.#counts.accepted + received(), CLOSE_LIMITS.quietMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of [...this.#table.connections()]) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of [...this.#table.connections()]) connection.destroy();
    }, CLOSE_LIMITS.unsentMs);
    await closed;
    clearTimeout(timer);
  }
}
