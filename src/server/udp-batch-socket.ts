// Opens a UDP socket with the C library, for a batch loop. Several sockets may share its address (SO_REUSEPORT). Bound
// to a wildcard, it reports the address that each datagram was sent to (IP_PKTINFO; RFC 3542 6.1).
// A descriptor belongs to the process: any thread may read and send on it.
import { parseIp } from "../net/ip.ts";
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import { isWildcard } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { formatSocketAddress } from "./socket-address.ts";
import { checkCall, SystemError } from "./system-error.ts";

/** How long recvmmsg blocks at most: a loop checks for STOP after each call. */
const RECEIVE_TIMEOUT_MS = 30;
/** Buffer sizes in bytes, tried in order until the kernel grants one. */
const BUFFER_SIZES = [8, 4, 2, 1].map((megabytes) => megabytes << 20);

/** A bound socket. */
export interface BatchSocket {
  readonly fd: number;
  /** Whether datagrams come with the address that they were sent to. */
  readonly hasPacketInfo: boolean;
}

/** Opens and binds a socket at `address`, whose port is not 0; throws a `SystemError`. */
export function openBatchSocket(libc: Libc, address: ListenAddress): BatchSocket {
  const isV6 = address.host.includes(":");
  const type = LINUX.SOCK_DGRAM | LINUX.SOCK_CLOEXEC;
  const fd = checkCall(libc, "socket", libc.socket(isV6 ? LINUX.AF_INET6 : LINUX.AF_INET, type, 0));
  try {
    setNumber(libc, fd, LINUX.SOL_SOCKET, LINUX.SO_REUSEPORT, 1);
    if (isV6) setNumber(libc, fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_V6ONLY, 1);
    const socket = adoptBatchSocket(libc, fd, address);
    const ip = parseIp(address.host);
    if (ip === undefined) throw new SystemError("bind", "EADDRNOTAVAIL");
    const name = formatSocketAddress(ip, address.port);
    checkCall(libc, "bind", libc.bind(fd, name, name.length));
    return socket;
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** Makes a UDP socket at `address`, also one that another process bound, ready for a batch loop. */
export function adoptBatchSocket(libc: Libc, fd: number, address: ListenAddress): BatchSocket {
  const isV6 = address.host.includes(":");
  const hasPacketInfo = isWildcard(address.host);
  if (hasPacketInfo && isV6) setNumber(libc, fd, LINUX.IPPROTO_IPV6, LINUX.IPV6_RECVPKTINFO, 1);
  if (hasPacketInfo && !isV6) setNumber(libc, fd, LINUX.IPPROTO_IP, LINUX.IP_PKTINFO, 1);
  grow(libc, fd, LINUX.SO_RCVBUFFORCE, LINUX.SO_RCVBUF);
  grow(libc, fd, LINUX.SO_SNDBUFFORCE, LINUX.SO_SNDBUF);
  const timeout = new Uint8Array(16);
  new DataView(timeout.buffer).setBigInt64(8, BigInt(RECEIVE_TIMEOUT_MS * 1000), true);
  const timed = libc.setsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_RCVTIMEO, timeout, timeout.length);
  checkCall(libc, "setsockopt", timed);
  return { fd, hasPacketInfo };
}

/** Enlarges a socket buffer: `force` needs CAP_NET_ADMIN, `ordinary` is capped by the kernel's maximum. */
function grow(libc: Libc, fd: number, force: number, ordinary: number): void {
  for (const size of BUFFER_SIZES) {
    if (libc.setsockopt(fd, LINUX.SOL_SOCKET, force, int32(size), 4) === 0) return;
    if (libc.setsockopt(fd, LINUX.SOL_SOCKET, ordinary, int32(size), 4) === 0) return;
  }
}

function setNumber(libc: Libc, fd: number, level: number, option: number, value: number): void {
  checkCall(libc, "setsockopt", libc.setsockopt(fd, level, option, int32(value), 4));
}

function int32(value: number): Uint8Array {
  return new Uint8Array(Int32Array.of(value).buffer);
}
