// The addresses of one CIDR that can be allocated, by number, in two bands: the lower one is for addresses that
// manifests name, the upper one for all others. Pure; does not know which addresses are in use.
// Kubernetes: "Service ClusterIP allocation"; KEP-3070.
import type { Cidr } from "../../net/ip.ts";
import { cidrContains, formatIp, parseIp } from "../../net/ip.ts";

/** Of a larger range only the first addresses are allocated, so that numbers fit in 32 bits. */
const SIZE_MAX = 2 ** 32;
/** The lower band is a sixteenth of the range, within these limits. */
const LOWER_BAND_SHARE = 16;
const LOWER_BAND_MIN = 16;
const LOWER_BAND_MAX = 256;

/** Number 0 is the first address after the network address. */
export class AddressRange {
  /** The number of addresses that can be allocated. */
  readonly size: number;
  /** The number of addresses in the lower band, which starts at 0. */
  readonly lowerSize: number;
  readonly #cidr: Cidr;

  constructor(cidr: Cidr) {
    this.#cidr = cidr;
    const isIpv4 = cidr.bytes.length === 4;
    const cidrSize = Math.min(2 ** (cidr.bytes.length * 8 - cidr.bits), SIZE_MAX);
    // Without the network address (IPv6: subnet-router anycast) and the IPv4 broadcast address.
    this.size = Math.max(0, cidrSize - (isIpv4 ? 2 : 1));
    const share = Math.floor(cidrSize / LOWER_BAND_SHARE);
    // The upper band is never empty: in the smallest range with a lower band it has 14 of 30 addresses.
    this.lowerSize = cidrSize <= LOWER_BAND_MIN ? 0 : Math.min(Math.max(share, LOWER_BAND_MIN), LOWER_BAND_MAX);
  }

  /** The address with this number, in canonical text; `number` is below `size`. */
  addressAt(number: number): string {
    const bytes = this.#cidr.bytes.slice();
    let rest = number + 1;
    // The prefix has zero host bits: no carry.
    for (let i = bytes.length - 1; rest > 0; i--) {
      bytes[i]! += rest % 256;
      rest = Math.floor(rest / 256);
    }
    return formatIp(bytes);
  }

  /** The number of an address; undefined for an address that can't be allocated. */
  numberOf(address: string): number | undefined {
    const host = this.#hostPart(address);
    return host === undefined || host < 1 || host > this.size ? undefined : host - 1;
  }

  /** Whether a manifest may name the address: any but the network and the broadcast address. */
  contains(address: string): boolean {
    const host = this.#hostPart(address);
    // In a large IPv6 range this includes addresses beyond those that are allocated.
    return host !== undefined && host >= 1 && (host <= this.size || this.#cidr.bytes.length === 16);
  }

  /** The offset from the network address; inexact above 2^53, where it is only compared. */
  #hostPart(address: string): number | undefined {
    const bytes = parseIp(address);
    if (bytes === undefined || !cidrContains(this.#cidr, bytes)) return undefined;
    return bytes.reduce((host, byte, i) => host * 256 + (byte - this.#cidr.bytes[i]!), 0);
  }
}
