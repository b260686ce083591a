// System calls that node:dgram lacks, by foreign function calls into the C library (koffi): many datagrams per call,
// SO_REUSEPORT, and the address that a datagram was sent to. Linux on x64 and arm64 only; elsewhere, and where koffi
// does not load, `loadLibc` returns the reason.
import type { LibraryHandle } from "koffi";
import { openLibrary } from "../libc/open-library.ts";
import type { OpenLibrary } from "../libc/open-library.ts";

/** Functions of the C library. A negative result is an error; `errno` has its number. */
export interface Libc {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, address: Uint8Array, size: number): number;
  setsockopt(fd: number, level: number, option: number, value: Uint8Array, size: number): number;
  recvmmsg(fd: number, messages: Uint8Array, count: number, flags: number, timeout: null): number;
  sendmmsg(fd: number, messages: Uint8Array, count: number, flags: number): number;
  sendmsg(fd: number, message: Uint8Array, flags: number): number;
  listen(fd: number, backlog: number): number;
  connect(fd: number, address: Uint8Array, size: number): number;
  accept4(fd: number, address: null, size: null, flags: number): number;
  recvmsg(fd: number, message: Uint8Array, flags: number): number;
  getsockname(fd: number, address: Uint8Array, size: Uint8Array): number;
  getsockopt(fd: number, level: number, option: number, value: Uint8Array, size: Uint8Array): number;
  fcntl(fd: number, command: number, value: number): number;
  close(fd: number): number;
  prctl(option: number, a: number, b: number, c: number, d: number): number;
  /** seccomp(2); a positive result is the id of a thread that can't follow. */
  seccomp(operation: number, flags: number, argument: Uint8Array): number;
  errno(): number;
  /**
   * Asks the scheduler for short time slices for this thread: it then waits less for other threads when it wakes, and
   * they for it. Needs Linux 6.12; older kernels ignore it.
   */
  requestShortTimeSlice(): void;
  /** Returns free memory to the system where the C library can (glibc); elsewhere does nothing. */
  trimMemory(): void;
  /** The address of `bytes` in memory. It keeps nothing alive: the caller must hold `bytes` as long as it is used. */
  addressOf(bytes: Uint8Array): bigint;
}

/** Constants of Linux's headers, the same on x64 and arm64. */
export const LINUX = {
  AF_UNIX: 1,
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_STREAM: 1,
  SOCK_DGRAM: 2,
  SOCK_SEQPACKET: 5,
  SOCK_CLOEXEC: 0o2000000,
  SOCK_NONBLOCK: 0o4000,
  F_SETFD: 2,
  FD_CLOEXEC: 1,
  F_DUPFD_CLOEXEC: 1030,
  SCM_RIGHTS: 1,
  SOL_SOCKET: 1,
  SO_TYPE: 3,
  SO_SNDBUF: 7,
  SO_RCVBUF: 8,
  SO_REUSEPORT: 15,
  SO_RCVTIMEO: 20,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  IPPROTO_IP: 0,
  IP_PKTINFO: 8,
  IPPROTO_IPV6: 41,
  IPV6_V6ONLY: 26,
  IPV6_RECVPKTINFO: 49,
  MSG_DONTWAIT: 0x40,
  MSG_CMSG_CLOEXEC: 0x40000000,
  MSG_WAITFORONE: 0x10000,
  MSG_TRUNC: 0x20,
  MSG_NOSIGNAL: 0x4000,
  EINTR: 4,
  EAGAIN: 11,
} as const;

/** Byte offsets of the fields of struct msghdr on 64-bit Linux; LENGTH is the msg_len of struct mmsghdr. */
export const MSGHDR = {
  NAME: 0,
  NAME_LENGTH: 8,
  IOV: 16,
  IOV_LENGTH: 24,
  CONTROL: 32,
  CONTROL_LENGTH: 40,
  FLAGS: 48,
  LENGTH: 56,
} as const;
/** The size of struct msghdr, bytes. */
export const MSGHDR_SIZE = 56;
/** The size of struct iovec, bytes. */
export const IOVEC_SIZE = 16;

/** The functions, or the reason why there are none, for the operator. */
export function loadLibc(): { readonly libc: Libc } | { readonly reason: string } {
  const opened = openLibrary();
  return "reason" in opened ? opened : { libc: bindFunctions(opened) };
}

function bindFunctions({ koffi, library }: OpenLibrary): Libc {
  return {
    socket: library.func("int socket(int, int, int)"),
    bind: library.func("int bind(int, void*, uint32_t)"),
    setsockopt: library.func("int setsockopt(int, int, int, void*, uint32_t)"),
    recvmmsg: library.func("int recvmmsg(int, void*, uint32_t, int, void*)"),
    sendmmsg: library.func("int sendmmsg(int, void*, uint32_t, int)"),
    sendmsg: library.func("int sendmsg(int, void*, int)"),
    listen: library.func("int listen(int, int)"),
    connect: library.func("int connect(int, void*, uint32_t)"),
    accept4: library.func("int accept4(int, void*, void*, int)"),
    recvmsg: library.func("int recvmsg(int, void*, int)"),
    getsockname: library.func("int getsockname(int, void*, void*)"),
    getsockopt: library.func("int getsockopt(int, int, int, void*, void*)"),
    fcntl: library.func("int fcntl(int, int, int)"),
    close: library.func("int close(int)"),
    prctl: library.func("int prctl(int, ulong, ulong, ulong, ulong)"),
    seccomp: (operation, flags, argument) => {
      const call = library.func("long syscall(long, uint, uint, void*)");
      return call(process.arch === "x64" ? 317 : 277, operation, flags, argument) as number;
    },
    errno: () => koffi.errno(),
    requestShortTimeSlice: () => {
      const setAttributes = library.func("long syscall(long, int, void*, int)");
      setAttributes(process.arch === "x64" ? 314 : 274, 0, shortSlice(), 0);
    },
    trimMemory: memoryTrimmer(library),
    addressOf: (bytes) => BigInt(koffi.address(bytes)),
  };
}

/** A struct sched_attr for sched_setattr(2): SCHED_OTHER with the shortest slice, 0.1 ms. */
function shortSlice(): Uint8Array {
  const attributes = new Uint8Array(56);
  const view = new DataView(attributes.buffer);
  view.setUint32(0, attributes.length, true);
  view.setBigUint64(24, 100_000n, true);
  return attributes;
}

function memoryTrimmer(library: LibraryHandle): () => void {
  try {
    const mallocTrim = library.func("int malloc_trim(size_t)");
    return () => void mallocTrim(0);
  } catch {
    return () => undefined;
  }
}
