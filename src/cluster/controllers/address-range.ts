// The addresses of one CIDR that may be given out, by number, and how they are split: a lower band that is left to
// addresses chosen by people, an upper band for all others. Pure, and knows nothing of who has which.
// Kubernetes: "Service ClusterIP allocation"; KEP-3070.
import type { Cidr } from "../../net/ip.ts";
import { cidrContains, formatIp, parseIp } from "../../net/ip.ts";

/** Of a larger range the first so many: numbers stay 32 bits wide, and nobody has as many services. */
const SIZE_MAX = 2 ** 32;
const BAND = { least: 16, most: 256, share: 16 } as const;

/** Numbers count from 0: the first address after the network's own. */
export class AddressRange {
  /** How many addresses may be given out. */
  readonly size: number;
  /** How many of them, from 0 on, are the lower band. */
  readonly lowerSize: number;
  readonly #cidr: Cidr;

  constructor(cidr: Cidr) {
    this.#cidr = cidr;
    const isIpv4 = cidr.bytes.length === 4;
    const cidrSize = Math.min(2 ** (cidr.bytes.length * 8 - cidr.bits), SIZE_MAX);
    // The network's own address (IPv6: the zero address) and, of IPv4, the broadcast address.
    this.size = Math.max(0, cidrSize - (isIpv4 ? 2 : 1));
    const share = Math.floor(cidrSize / BAND.share);
    // In any range that has a lower band, the upper one has addresses too: 14 of 30 in the smallest.
    this.lowerSize = cidrSize <= BAND.least ? 0 : Math.min(Math.max(share, BAND.least), BAND.most);
  }

  /** The address of that number, in canonical text; `number` is below `size`. */
  addressAt(number: number): string {
    const bytes = this.#cidr.bytes.slice();
    let rest = number + 1;
    // Host bits of the prefix are zero, so nothing is carried.
    for (let i = bytes.length - 1; rest > 0; i--) {
      bytes[i]! += rest % 256;
      rest = Math.floor(rest / 256);
    }
    return formatIp(bytes);
  }

  /** The number of an address; undefined where it is none that may be given out. */
  numberOf(address: string): number | undefined {
    const host = this.#hostPart(address);
    return host === undefined || host < 1 || host > this.size ? undefined : host - 1;
  }

  /** Whether people may choose the address: all but the network's own and the broadcast address. */
  contains(address: string): boolean {
    const host = this.#hostPart(address);
    // Of an IPv6 range that is larger than what is given out, its far end too.
    return host !== undefined && host >= 1 && (host <= this.size || this.#cidr.bytes.length === 16);
  }

  /** The address less the network's; not exact above 2^53, where it is only compared. */
  #hostPart(address: string): number | undefined {
    const bytes = parseIp(address);
    if (bytes === undefined || !cidrContains(this.#cidr, bytes)) return undefined;
    return bytes.reduce((host, byte, i) => host * 256 + (byte - this.#cidr.bytes[i]!), 0);
  }
}
