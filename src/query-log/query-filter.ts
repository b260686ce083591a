// Which queries are logged, beside the class of the answer: by name, client and rcode. Without a value of a kind, all
// pass.
import { isAtOrBelow } from "../dns/name.ts";
import { AddressList } from "../net/address-list.ts";
import type { Cidr } from "../net/ip.ts";
import type { QueryRecord } from "./query-record.ts";

export interface QueryFilterSettings {
  /** Domains in wire form. */
  readonly names: readonly Uint8Array[];
  readonly clients: readonly Cidr[];
  readonly rcodes: readonly number[];
}

export class QueryFilter {
  readonly #names: readonly Uint8Array[];
  readonly #clients: AddressList | undefined;
  readonly #rcodes: ReadonlySet<number>;

  constructor({ names, clients, rcodes }: QueryFilterSettings) {
    this.#names = names;
    this.#clients = clients.length === 0 ? undefined : new AddressList(clients);
    this.#rcodes = new Set(rcodes);
  }

  passes(record: QueryRecord): boolean {
    if (this.#rcodes.size > 0 && !this.#rcodes.has(record.rcode)) return false;
    if (this.#clients !== undefined) {
      const address = record.addressBytes;
      if (!this.#clients.has(address, address.length)) return false;
    }
    if (this.#names.length === 0) return true;
    return record.hasQuestion && this.#names.some((domain) => isAtOrBelow(record.nameBytes, domain));
  }
}
