// The connections of one listener, whatever their protocol: admits new ones, evicts old ones for them, reports when
// nothing can be accepted, and closes all. Knows sockets, not queries.
import type { Server, Socket } from "node:net";
import { ConnectionTable, type Evictable, type TableLimits } from "./connection-table.ts";
import { CLOSE_LIMITS, untilQuiet } from "./transport.ts";

/** A connection, or a handshake before it, that counts towards the limits. */
export interface Connection extends Evictable {
  /** Answers the pending queries, then closes. */
  finish(): void;
  /** Closes now, in favour of another connection. */
  evict(): void;
  /** Closes at once and discards what is not sent. */
  destroy(): void;
}

/** Counters of a listener since it was opened. */
export interface AcceptCounts {
  accepted: number;
  /** Those that are open now. */
  open: number;
  /** Closed in favour of a newer connection or request. */
  evicted: number;
  acceptErrors: number;
}

/** The open connections of a listening server. */
export class OpenConnections<C extends Connection> {
  readonly #server: Server;
  readonly #table: ConnectionTable<C>;
  readonly #counts: AcceptCounts;
  #isAcceptFailing = false;
  #onEmpty: (() => void) | undefined;
  #listeningClosed: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Counts in `counts`. `onFault` gets the reason when nothing can be accepted, once until something can. */
  constructor(server: Server, limits: TableLimits, counts: AcceptCounts, onFault: (fault: Error) => void) {
    this.#server = server;
    this.#table = new ConnectionTable(limits);
    this.#counts = counts;
    server.on("error", (error) => {
      counts.acceptErrors++;
      // Without free descriptors every attempt fails.
      if (!this.#isAcceptFailing) onFault(error);
      this.#isAcceptFailing = true;
    });
  }

  /** Makes room for a new socket. Returns the client's address, or undefined where the socket is closed already. */
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

  /** Evicts `connection`, if there is one. */
  evict(connection: C | undefined): void {
    if (connection === undefined) return;
    this.#counts.evicted++;
    this.#table.delete(connection);
    connection.evict();
  }

  /** The least recently used first. */
  all(): IterableIterator<C> {
    return this.#table.connections();
  }

  /** Counts a connection of `client` as open until its socket closes or `untrack`. */
  track(connection: C, socket: Socket, client: string): void {
    this.#table.add(connection, client);
    this.#counts.open++;
    socket.on("close", () => {
      this.untrack(connection);
      if (--this.#counts.open === 0) this.#onEmpty?.();
    });
  }

  /** Stops counting a connection as open. */
  untrack(connection: C): void {
    this.#table.delete(connection);
  }

  /** Makes it the most recently used connection. */
  touch(connection: C): void {
    this.#table.touch(connection);
  }

  /** Accepts no more connections; those that are open stay. */
  stopListening(): void {
    this.#listeningClosed ??= new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Waits until `received()` stops growing, stops listening, finishes all connections, destroys what is left. */
  close(received: () => number): Promise<void> {
    this.#closing ??= this.#drainAndClose(received);
    return this.#closing;
  }

  async #drainAndClose(received: () => number): Promise<void> {
    // Closing the listener resets the connections in its backlog: accept them first.
    await untilQuiet(() => this.#counts.accepted + received(), CLOSE_LIMITS.quietMs);
    this.stopListening();
    // Of connections that came from another process the server knows nothing.
    const empty = this.#counts.open === 0 ? undefined : new Promise<void>((resolve) => (this.#onEmpty = resolve));
    for (const connection of [...this.#table.connections()]) connection.finish();
    const timer = setTimeout(() => {
      for (const connection of [...this.#table.connections()]) connection.destroy();
    }, CLOSE_LIMITS.unsentMs);
    await this.#listeningClosed;
    await empty;
    clearTimeout(timer);
  }
}
