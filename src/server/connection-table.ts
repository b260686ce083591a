// Which connections are open, the longest idle first, over all and for each client address (RFC 7766 section 6.2.2).
// Knows nothing of sockets: a full table names the connection that must go.

/** How many connections may be open. */
export interface TableLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** What the table must know of a connection. */
export interface Held {
  /** Work is being done for it: it goes only where all others are busy too. */
  readonly isBusy: boolean;
}

/** Open connections of type `C`, in the order of their last use. */
export class ConnectionTable<C extends Held> {
  readonly #limits: TableLimits;
  readonly #clients = new Map<C, string>();
  readonly #ofClient = new Map<string, Set<C>>();

  constructor(limits: TableLimits) {
    this.#limits = limits;
  }

  /** The longest idle connection first. */
  connections(): IterableIterator<C> {
    return this.#clients.keys();
  }

  /** The connection that must be closed before `client` may have another; undefined while there is room. */
  mustGo(client: string): C | undefined {
    const own = this.#ofClient.get(client);
    // A client at its own limit pays for itself, whoever else is idle.
    if (own !== undefined && own.size >= this.#limits.connectionsPerClient) return longestIdle(own);
    return this.#clients.size >= this.#limits.connections ? longestIdle(this.#clients.keys()) : undefined;
  }

  /** Adds a connection, as the last used one. */
  add(connection: C, client: string): void {
    this.#clients.set(connection, client);
    const own = this.#ofClient.get(client);
    if (own === undefined) this.#ofClient.set(client, new Set([connection]));
    else own.add(connection);
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
    const own = this.#ofClient.get(client);
    own?.delete(connection);
    if (own?.size === 0) this.#ofClient.delete(client);
  }
}

/** The first that is not busy; where all are, the first. */
function longestIdle<C extends Held>(connections: Iterable<C>): C | undefined {
  let first: C | undefined;
  for (const connection of connections) {
    if (!connection.isBusy) return connection;
    first ??= connection;
  }
  return first;
}
