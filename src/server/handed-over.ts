// Queries that a worker hands over to the main thread, packed into one message per batch: a message between threads
// costs more than its contents. Each query is the sizes of query, address and packet info, followed by these.

/** A query for the main thread, with the client's socket address and packet info that its reply needs. */
export interface HandedOver {
  readonly query: Uint8Array;
  readonly address: Uint8Array;
  readonly packetInfo: Uint8Array;
}

const HEAD_SIZE = 4;
const PACK_BYTES_MIN = 4096;

/** Collects the queries of one batch. */
export class HandOverPack {
  #bytes = new Uint8Array(PACK_BYTES_MIN);
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Adds a query of at most 65,535 bytes; its address and packet info have at most 255 each. */
  add({ query, address, packetInfo }: HandedOver): void {
    const size = this.#size + HEAD_SIZE + query.length + address.length + packetInfo.length;
    if (size > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(size, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, this.#size));
      this.#bytes = larger;
    }
    this.#bytes.set([query.length >> 8, query.length & 0xff, address.length, packetInfo.length], this.#size);
    this.#bytes.set(query, this.#size + HEAD_SIZE);
    this.#bytes.set(address, this.#size + HEAD_SIZE + query.length);
    this.#bytes.set(packetInfo, size - packetInfo.length);
    this.#size = size;
  }

  /** Returns the queries added since the last call, for `unpackHandedOver`. */
  take(): Uint8Array {
    const packed = this.#bytes.slice(0, this.#size);
    this.#size = 0;
    return packed;
  }
}

/** The packed queries in the order they were added; all are views of `packed`. */
export function* unpackHandedOver(packed: Uint8Array): Generator<HandedOver> {
  for (let at = 0; at < packed.length;) {
    const query = at + HEAD_SIZE;
    const address = query + ((packed[at]! << 8) | packed[at + 1]!);
    const packetInfo = address + packed[at + 2]!;
    const end = packetInfo + packed[at + 3]!;
    yield {
      query: packed.subarray(query, address),
      address: packed.subarray(address, packetInfo),
      packetInfo: packed.subarray(packetInfo, end),
    };
    at = end;
  }
}
