// The open connections of a listener, least recently used first, and by client address (RFC 7766 section 6.2.2).
// Knows no sockets: a full table names the connection to evict.
import { MultiMap } from "../std/multi-map.ts";

/** Limits of a listener's open connections. */
export interface TableLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** A connection as the table sees it. */
export interface Evictable {
  /** Requests are pending: it is evicted only where all others are busy too. */
  readonly isBusy: boolean;
}

/** Open connections of type `C`, ordered by last use. */
export class ConnectionTable<C extends Evictable> {
  readonly #limits: TableLimits;
  readonly #clients = new Map<C, string>();
  readonly #ofClient = new MultiMap<C>();

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  /** The least recently used connection first. */
  connections(): IterableIterator<C> {
    return this.#clients.keys();
  }

  /** The connection to close before `client` may open another; undefined below the limits. */
  evictionCandidate(client: string): C | undefined {
    // A client at its own limit loses one of its own, even if other clients' are idle.
    if (this.#ofClient.count(client) >= this.#limits.connectionsPerClient) return firstIdle(this.#ofClient.get(client));
    return this.#clients.size >= this.#limits.connections ? firstIdle(this.#clients.keys()) : undefined;
  }

  /** Adds a connection as the most recently used one. */
  add(connection: C, client: string): void {
    this.#clients.set(connection, client);
    this.#ofClient.add(client, connection);
  }

  /** Makes it the most recently used one; does nothing if it is not in the table. */
  touch(connection: C): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    this.delete(connection);
    this.add(connection, client);
  }

  /** Removes it; does nothing if it is not in the table. */
  delete(connection: C): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    this.#clients.delete(connection);
    this.#ofClient.delete(client, connection);
  }
}

/** The first that is not busy, or the first where all are. */
function firstIdle<C extends Evictable>(connections: Iterable<C>): C | undefined {
  let first: C | undefined;
  for (const connection of connections) {
    if (!connection.isBusy) return connection;
    first ??= connection;
  }
  return first;
}
