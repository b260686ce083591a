// Which connections are open, the longest idle first, over all and for each client address (RFC 7766 section 6.2.2).
// Knows nothing of sockets: a full table names the connection that must go.

/** How many connections may be open. */
export interface TableLimits {
  readonly connections: number;
  readonly connectionsPerClient: number;
}

/** Open connections of type `C`, in the order of their last use. */
export class ConnectionTable<C> {
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
    if (own !== undefined && own.size >= this.#limits.connectionsPerClient) return first(own);
    return this.#clients.size >= this.#limits.connections ? first(this.#clients.keys()) : undefined;
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

function first<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
