// Queries that a worker leaves to the main thread, packed into one stretch of bytes a batch: a message between threads
// costs more than what is in it. For each: the sizes of query, address and packet info, then these.

/** A query that the worker leaves to the main thread, with what its reply needs to be sent. */
export interface HandedOver {
  readonly query: Uint8Array;
  readonly address: Uint8Array;
  readonly packetInfo: Uint8Array;
}

const HEAD_SIZE = 4;
const PACK_BYTES_MIN = 4096;

export class HandOverPack {
  #bytes = new Uint8Array(PACK_BYTES_MIN);
  #size = 0;

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Adds one: a query of at most 65,535 bytes, an address and packet info of at most 255 each. */
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

  /** All that was added since the last time, as `unpack` takes it. */
  take(): Uint8Array {
    const packed = this.#bytes.slice(0, this.#size);
    this.#size = 0;
    return packed;
  }
}

/** What was packed, in the order it was added; all share the memory of `packed`. */
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
