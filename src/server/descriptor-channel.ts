// Messages between two processes on one machine, each with at most one open file: a Unix socket that keeps the borders
// of messages (SOCK_SEQPACKET, unix(7)) and passes descriptors (SCM_RIGHTS). No call waits: whoever expects a message
// asks again.
import type { Libc } from "./libc.ts";
import { IOVEC_SIZE, LINUX, MSGHDR, MSGHDR_SIZE } from "./libc.ts";
import { checkCall } from "./system-error.ts";

const MESSAGE_BYTES_MAX = 64 * 1024;
/** A struct cmsghdr with one descriptor, and the space that it takes. */
const CONTROL = { LENGTH: 0, LEVEL: 8, TYPE: 12, DESCRIPTOR: 16, LENGTH_OF_ONE: 20, SPACE_OF_ONE: 24 } as const;

/** A message as it came. The receiver owns the descriptor. */
export interface ReceivedMessage {
  readonly text: string;
  readonly descriptor: number | undefined;
}

/** Makes a socket at `path` that other processes connect to; only this user may. Throws a `SystemError`. */
export function listenAtPath(libc: Libc, path: string): number {
  const fd = openChannelSocket(libc, LINUX.SOCK_SEQPACKET);
  const address = formatPath(path);
  // The socket gets its mode from the mask: it must not be open to others for a moment either.
  const mask = process.umask(0o177);
  try {
    checkCall(libc, "bind", libc.bind(fd, address, address.length));
    checkCall(libc, "listen", libc.listen(fd, 1));
    return fd;
  } catch (error) {
    libc.close(fd);
    throw error;
  } finally {
    process.umask(mask);
  }
}

/** Connects to the socket at `path`; throws a `SystemError`: `ENOENT` and `ECONNREFUSED` where nobody listens. */
export function connectToPath(libc: Libc, path: string, type: number = LINUX.SOCK_SEQPACKET): DescriptorChannel {
  const fd = openChannelSocket(libc, type);
  try {
    const address = formatPath(path);
    checkCall(libc, "connect", libc.connect(fd, address, address.length));
    return new DescriptorChannel(libc, fd);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
}

/** The next connection to the listening socket `fd`; undefined when there is none. */
export function acceptChannel(libc: Libc, fd: number): DescriptorChannel | undefined {
  const accepted = libc.accept4(fd, null, null, LINUX.SOCK_CLOEXEC | LINUX.SOCK_NONBLOCK);
  return accepted < 0 ? undefined : new DescriptorChannel(libc, accepted);
}

/** One end of a connection. */
export class DescriptorChannel {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #bytes = new Uint8Array(MESSAGE_BYTES_MAX);
  readonly #control = new Uint8Array(CONTROL.SPACE_OF_ONE);
  readonly #vector = new Uint8Array(IOVEC_SIZE);
  readonly #header = new Uint8Array(MSGHDR_SIZE);
  #isClosed = false;

  /** Owns the descriptor `fd`. */
  constructor(libc: Libc, fd: number) {
    this.#libc = libc;
    this.#fd = fd;
  }

  /** Sends `text`, and the open file `descriptor`, which stays open here; false where it can't be sent now. */
  send(text: string, descriptor?: number): boolean {
    if (this.#isClosed) return false;
    const { written } = new TextEncoder().encodeInto(text, this.#bytes);
    const control = new DataView(this.#control.buffer);
    control.setBigUint64(CONTROL.LENGTH, BigInt(CONTROL.LENGTH_OF_ONE), true);
    control.setInt32(CONTROL.LEVEL, LINUX.SOL_SOCKET, true);
    control.setInt32(CONTROL.TYPE, LINUX.SCM_RIGHTS, true);
    control.setInt32(CONTROL.DESCRIPTOR, descriptor ?? -1, true);
    this.#point(written, descriptor === undefined ? 0 : CONTROL.SPACE_OF_ONE);
    return this.#libc.sendmsg(this.#fd, this.#header, LINUX.MSG_DONTWAIT | LINUX.MSG_NOSIGNAL) >= 0;
  }

  /** The next message; undefined when there is none yet, `"closed"` when none comes any more. */
  receive(): ReceivedMessage | undefined | "closed" {
    if (this.#isClosed) return "closed";
    this.#point(this.#bytes.length, this.#control.length);
    const flags = LINUX.MSG_DONTWAIT | LINUX.MSG_CMSG_CLOEXEC;
    const size = this.#libc.recvmsg(this.#fd, this.#header, flags);
    if (size === 0) return "closed";
    if (size < 0) {
      const errno = this.#libc.errno();
      return errno === LINUX.EAGAIN || errno === LINUX.EINTR ? undefined : "closed";
    }
    const hasDescriptor = new DataView(this.#header.buffer).getBigUint64(MSGHDR.CONTROL_LENGTH, true) > 0n;
    return {
      text: new TextDecoder().decode(this.#bytes.subarray(0, size)),
      descriptor: hasDescriptor ? new DataView(this.#control.buffer).getInt32(CONTROL.DESCRIPTOR, true) : undefined,
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#libc.close(this.#fd);
  }

  /** Makes the header point to the first `size` bytes and to `controlSize` bytes of control data. */
  #point(size: number, controlSize: number): void {
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, this.#libc.addressOf(this.#bytes), true);
    vector.setBigUint64(8, BigInt(size), true);
    const header = new DataView(this.#header.buffer);
    header.setBigUint64(MSGHDR.IOV, this.#libc.addressOf(this.#vector), true);
    header.setBigUint64(MSGHDR.IOV_LENGTH, 1n, true);
    header.setBigUint64(MSGHDR.CONTROL, controlSize === 0 ? 0n : this.#libc.addressOf(this.#control), true);
    header.setBigUint64(MSGHDR.CONTROL_LENGTH, BigInt(controlSize), true);
  }
}

function openChannelSocket(libc: Libc, type: number): number {
  const flags = LINUX.SOCK_CLOEXEC | LINUX.SOCK_NONBLOCK;
  return checkCall(libc, "socket", libc.socket(LINUX.AF_UNIX, type | flags, 0));
}

/** A struct sockaddr_un. Without a zero at its end, which would be a part of an abstract name (unix(7)). */
function formatPath(path: string): Uint8Array {
  const name = new TextEncoder().encode(path);
  const address = new Uint8Array(2 + name.length);
  new DataView(address.buffer).setUint16(0, LINUX.AF_UNIX, true);
  address.set(name, 2);
  return address;
}
