// A UDP socket made with the C library, for a batch loop to read: shared by address with others (SO_REUSEPORT),
// telling which address a datagram was sent to where it is bound to a wildcard (IP_PKTINFO, RFC 3542 6.1).
// A descriptor belongs to the process: any thread may read and send on it.
import { parseIp } from "../net/ip.ts";
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import { isWildcard } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";

/** How long a loop waits in one call, so that it can be told to stop, milliseconds. */
const RECEIVE_TIMEOUT_MS = 30;
/** Tried downwards until the kernel grants one, bytes. */
const BUFFER_SIZES = [8, 4, 2, 1].map((megabytes) => megabytes << 20);

/** A bound socket. */
export interface BatchSocket {
  readonly fd: number;
  /** Whether messages come with the address that they were sent to. */
  readonly hasControl: boolean;
}

/** The system refused a call; `code` as node's errors have it. */
class SystemError extends Error {
  readonly code: string;

  constructor(call: string, errno: number) {
    const code = ERRNO_CODES.get(errno) ?? `E${errno}`;
    super(`${call}: ${code}`);
    this.code = code;
  }
}

const ERRNO_CODES: ReadonlyMap<number, string> = new Map([
  [1, "EPERM"],
  [13, "EACCES"],
  [24, "EMFILE"],
  [97, "EAFNOSUPPORT"],
  [98, "EADDRINUSE"],
  [99, "EADDRNOTAVAIL"],
]);

/** Opens and binds a socket at `address`, whose port is not 0; throws a `SystemError`. */
export function openBatchSocket(libc: Libc, address: ListenAddress): BatchSocket {
  const isV6 = address.host.includes(":");
  const fd = libc.socket(isV6 ? LINUX.AF_INET6 : LINUX.AF_INET, LINUX.SOCK_DGRAM | LINUX.SOCK_CLOEXEC, 0);
  if (fd < 0) throw new SystemError("socket", libc.errno());
  try {
    setNumber(libc, fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT, 1);
    if (isV6) setNumber(libc, fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY, 1);
    const hasControl = isWildcard(address.host);
    if (hasControl && isV6) setNumber(libc, fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_RECVPKTINFO, 1);
    if (hasControl && !isV6) setNumber(libc, fd, LINUX.IPPROTO_IP, LINUX.IP_PKTINFO, 1);
    grow(libc, fd, LINUX.SO_RCVBUFFORCE, LINUX.SO_RCVBUF);
    grow(libc, fd, LINUX.SO_SNDBUFFORCE, LINUX.SO_SNDBUF);
    const timeout = new Uint8Array(16);
    new DataView(timeout.buffer).setBigInt64(8, BigInt(RECEIVE_TIMEOUT_MS * 1000), true);
    check(libc, "setsockopt", libc.setsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVTIMEO, timeout, timeout.length));
    const name = socketAddress(address);
    check(libc, "bind", libc.bind(fd, name, name.length));
    return { fd, hasControl };
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Makes a buffer as large as permitted: `force` needs CAP_NET_ADMIN, else the kernel grants up to its maximum. */
function grow(libc: Libc, fd: number, force: number, ordinary: number): void {
  for (const size of BUFFER_SIZES) {
    if (libc.setsockopt(fd, LINUX.SOL_SOCKET, force, int32(size), 4) === 0) return;
    if (libc.setsockopt(fd, LINUX.SOL_SOCKET, ordinary, int32(size), 4) === 0) return;
  }
}

function setNumber(libc: Libc, fd: number, level: number, option: number, value: number): void {
  check(libc, "setsockopt", libc.setsockopt(fd, level, option, int32(value), 4));
}

function check(libc: Libc, call: string, result: number): void {
  if (result < 0) throw new SystemError(call, libc.errno());
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}

/** struct sockaddr_in or sockaddr_in6. */
function socketAddress({ host, port }: ListenAddress): Uint8Array {
  const ip = parseIp(host);
  if (ip === undefined) throw new SystemError("bind", 99);
  const bytes = new Uint8Array(ip.length === 4 ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, ip.length === 4 ? LINUX.AF_INET : LINUX.AF_INET6, true);
  view.setUint16(2, port);
  bytes.set(ip, ip.length === 4 ? 4 : 8);
  return bytes;
}
