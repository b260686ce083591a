// A listener whose sockets another process opened: a service manager, or the server that ran here before.
// Opens and closes nothing.
import type { ListenAddress } from "../net/listen-address.ts";

/** Who has a listener owns its descriptors. */
export interface GivenListener {
  /** The address as this server was asked for it; its port may be 0. */
  readonly requested: ListenAddress;
  /** The address with its actual port. */
  readonly address: ListenAddress;
  /** A listening TCP socket. */
  readonly stream?: number;
  /** Bound UDP sockets; none: they are still to be opened. */
  readonly datagrams: readonly number[];
}

/** Whether two addresses are the same. */
export function isSameAddress(one: ListenAddress, other: ListenAddress): boolean {
  return one.scheme === other.scheme && one.host === other.host && one.port === other.port;
}
