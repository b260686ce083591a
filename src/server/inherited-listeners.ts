// Sockets that a service manager opened before it started this process (sd_listen_fds(3)): descriptors from 3 on, as
// many as LISTEN_FDS says, if LISTEN_PID is this process. Queries wait in them while the server restarts.
import { formatIp } from "../net/ip.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { OperatorError } from "../std/operator-error.ts";
import type { GivenListener } from "./given-listener.ts";
import type { Libc } from "./libc.ts";
import { LINUX } from "./libc.ts";
import { SOCKET_ADDRESS_SIZE } from "./socket-address.ts";
import { checkCall } from "./system-error.ts";

const FIRST_DESCRIPTOR = 3;

/** The number of descriptors that were passed to this process. */
export function inheritedCount(env: Readonly<Record<string, string | undefined>>, pid: number): number {
  const count = Number(env["LISTEN_FDS"] ?? 0);
  return env["LISTEN_PID"] === String(pid) && Number.isInteger(count) && count > 0 ? count : 0;
}

/**
 * The listeners among `addresses` whose sockets are the first `count` descriptors. Throws an `OperatorError` when a
 * descriptor is no socket of any of them: its queries would never be answered.
 */
export function inheritedListeners(
  libc: Libc,
  count: number,
  addresses: readonly ListenAddress[],
): readonly GivenListener[] {
  const found = addresses.map((address) => ({
    address,
    stream: undefined as number | undefined,
    datagrams: [] as number[],
  }));
  for (let fd = FIRST_DESCRIPTOR; fd < FIRST_DESCRIPTOR + count; fd++) {
    libc.fcntl(fd, LINUX.F_SETFD, LINUX.FD_CLOEXEC);
    const isStream = socketType(libc, fd) === LINUX.SOCK_STREAM;
    const name = socketName(libc, fd);
    const of = found.find(({ address }) => address.host === name.host && address.port === name.port);
    if (of === undefined || (!isStream && of.address.scheme !== undefined)) throw unexpected(name, isStream);
    if (isStream) of.stream = fd;
    else of.datagrams.push(fd);
  }
  return found
    .filter(({ stream, datagrams }) => stream !== undefined || datagrams.length > 0)
    .map(({ address, stream, datagrams }) => ({
      requested: address,
      address,
      ...(stream !== undefined && { stream }),
      datagrams,
    }));
}

function unexpected(name: ListenAddress, isStream: boolean): OperatorError {
  const address = formatListenAddress(name);
  const protocol = isStream ? "TCP" : "UDP";
  return new OperatorError(`the service manager passed a ${protocol} socket at ${address}: add --listen ${address}`);
}

function socketType(libc: Libc, fd: number): number {
  const value = new Uint8Array(4);
  const size = new Uint8Array(Int32Array.of(4).buffer);
  checkCall(libc, "getsockopt", libc.getsockopt(fd, LINUX.SOL_SOCKET, LINUX.SO_TYPE, value, size));
  return new DataView(value.buffer).getInt32(0, true);
}

function socketName(libc: Libc, fd: number): ListenAddress {
  const address = new Uint8Array(SOCKET_ADDRESS_SIZE);
  const size = new Uint8Array(Int32Array.of(address.length).buffer);
  checkCall(libc, "getsockname", libc.getsockname(fd, address, size));
  const view = new DataView(address.buffer);
  const isV6 = view.getUint16(0, true) === LINUX.AF_INET6;
  const ip = isV6 ? address.subarray(8, 24) : address.subarray(4, 8);
  return { host: formatIp(ip), port: view.getUint16(2) };
}
