// Which connections are open, the longest idle first, over all and for each client address (RFC 7766 section 6.2.2).
// Knows nothing of sockets: a full table names the connection that must go.
import { MultiMap } from "../std/multi-map.ts";

/** How many connections may be open. */
export interface TableLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** What the table must know of a connection. */
export interface Evictable {
  /** Work is being done for it: it goes only where all others are busy too. */
  readonly isBusy: boolean;
}

/** Open connections of type `C`, in the order of their last use. */
export class ConnectionTable<C extends Evictable> {
  readonly #limits: TableLimits;
  readonly #clients = new Map<C, string>();
  readonly #ofClient = new MultiMap<C>();

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  /** The longest idle connection first. */
  connections(): IterableIterator<C> {
    return this.#clients.keys();
  }

  /** The connection that must be closed before `client` may have another; undefined while there is room. */
  evictionCandidate(client: string): C | undefined {
    // A client at its own limit pays for itself, whoever else is idle.
    if (this.#ofClient.count(client) >= this.#limits.connectionsPerClient)
      return longestIdle(this.#ofClient.get(client));
    return this.#clients.size >= this.#limits.connections ? longestIdle(this.#clients.keys()) : undefined;
  }

  /** Adds a connection, as the last used one. */
  add(connection: C, client: string): void {
    this.#clients.set(connection, client);
    this.#ofClient.add(client, connection);
  }

  /** Makes it the last used one; nothing when it is not in the table. */
  touch(connection: C): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    this.delete(connection);
    this.add(connection, client);
  }

  /** Removes it; nothing when it is not in the table. */
  delete(connection: C): void {
    const client = this.#clients.get(connection);
    if (client === undefined) return;
    this.#clients.delete(connection);
    this.#ofClient.delete(client, connection);
  }
}

/** The first that is not busy; where all are, the first. */
function longestIdle<C extends Evictable>(connections: Iterable<C>): C | undefined {
  let first: C | undefined;
  for (const connection of connections) {
    if (!connection.isBusy) return connection;
    first ??= connection;
  }
  return first;
}
