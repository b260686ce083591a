// A filter of system calls for the whole process (seccomp(2)): the server never needs the calls that it refuses, and
// whoever takes the process over would. Linux on x64 and arm64. Sets no_new_privs on every thread as well.
import type { Libc } from "./libc.ts";

/** A row of a filter; the first row that fits decides. */
export interface FilterRow {
  readonly call: number;
  /** The row fits only if the first argument has one of these bits. */
  readonly flags?: number;
  readonly action: number;
}

const EPERM = 1;
const ENOSYS = 38;
export const ALLOW = 0x7fff_0000;
/** The call fails with this error number, and the process goes on. */
export const failWith = (errno: number): number => 0x0005_0000 | errno;

/** AUDIT_ARCH_… of linux/audit.h. */
const ARCHITECTURES = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
type Architecture = keyof typeof ARCHITECTURES;

/** Numbers of the refused calls, x64 and arm64. */
const REFUSED: readonly (readonly [string, number, number])[] = [
  ["ptrace", 101, 117],
  ["process_vm_readv", 310, 270],
  ["process_vm_writev", 311, 271],
  ["process_madvise", 440, 440],
  ["pidfd_getfd", 438, 438],
  ["kcmp", 312, 272],
  ["mount", 165, 40],
  ["umount2", 166, 39],
  ["pivot_root", 155, 41],
  ["chroot", 161, 51],
  ["open_tree", 428, 428],
  ["move_mount", 429, 429],
  ["fsopen", 430, 430],
  ["fsconfig", 431, 431],
  ["fsmount", 432, 432],
  ["fspick", 433, 433],
  ["mount_setattr", 442, 442],
  ["unshare", 272, 97],
  ["setns", 308, 268],
  ["bpf", 321, 280],
  ["perf_event_open", 298, 241],
  ["userfaultfd", 323, 282],
  ["keyctl", 250, 219],
  ["add_key", 248, 217],
  ["request_key", 249, 218],
  ["kexec_load", 246, 104],
  ["kexec_file_load", 320, 294],
  ["init_module", 175, 105],
  ["finit_module", 313, 273],
  ["delete_module", 176, 106],
  ["open_by_handle_at", 304, 265],
  // Not io_uring_enter: the runtime's first event loop has a ring already. Later loops do without one.
  ["io_uring_setup", 425, 425],
  ["io_uring_register", 427, 427],
  ["reboot", 169, 142],
  ["swapon", 167, 224],
  ["swapoff", 168, 225],
  ["acct", 163, 89],
  ["settimeofday", 164, 170],
  ["clock_settime", 227, 112],
  ["adjtimex", 159, 171],
  ["clock_adjtime", 305, 266],
];
const PROGRAMS: typeof REFUSED = [
  ["execve", 59, 221],
  ["execveat", 322, 281],
];
const CLONE = { x64: 56, arm64: 220 } as const;
const CLONE3 = 435;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = 0x7e02_0000;

/** The rows of the server's own filter; `mayExecute`: it may start programs. */
export function serverRows(arch: Architecture, mayExecute: boolean): readonly FilterRow[] {
  const numbers = [...REFUSED, ...(mayExecute ? [] : PROGRAMS)].map(([, x64, arm64]) => (arch === "x64" ? x64 : arm64));
  return [
    ...numbers.map((call) => ({ call, action: failWith(EPERM) })),
    // Its flags are out of a filter's sight; the C library then takes clone.
    { call: CLONE3, action: failWith(ENOSYS) },
    { call: CLONE[arch], flags: NEW_NAMESPACES, action: failWith(EPERM) },
  ];
}

const LOAD = 0x20;
const RETURN = 0x06;
const JUMP_IF_EQUAL = 0x15;
const JUMP_IF_AT_LEAST = 0x35;
const JUMP_IF_ANY_BIT = 0x45;
/** Offsets in struct seccomp_data. */
const NUMBER = 0;
const ARCHITECTURE = 4;
const FIRST_ARGUMENT = 16;
/** Numbers from here on are calls of x32, which shares the architecture word of x64. */
const X32 = 0x4000_0000;

/** The program (struct sock_filter, 8 bytes each); calls of other architectures fail with EPERM. */
export function compileFilter(arch: Architecture, rows: readonly FilterRow[], otherwise: number): Uint8Array {
  const steps: (readonly [code: number, ifTrue: number, ifFalse: number, value: number])[] = [
    [LOAD, 0, 0, ARCHITECTURE],
    [JUMP_IF_EQUAL, 1, 0, ARCHITECTURES[arch]],
    [RETURN, 0, 0, failWith(EPERM)],
    [LOAD, 0, 0, NUMBER],
    [JUMP_IF_AT_LEAST, 0, 1, X32],
    [RETURN, 0, 0, failWith(EPERM)],
  ];
  for (const { call, flags, action } of rows) {
    if (flags === undefined) steps.push([JUMP_IF_EQUAL, 0, 1, call], [RETURN, 0, 0, action]);
    else
      steps.push(
        [JUMP_IF_EQUAL, 0, 4, call],
        [LOAD, 0, 0, FIRST_ARGUMENT],
        [JUMP_IF_ANY_BIT, 0, 1, flags],
        [RETURN, 0, 0, action],
        // The rows that follow look at the number.
        [LOAD, 0, 0, NUMBER],
      );
  }
  steps.push([RETURN, 0, 0, otherwise]);
  const program = new Uint8Array(steps.length * 8);
  const view = new DataView(program.buffer);
  for (const [i, [code, ifTrue, ifFalse, value]] of steps.entries()) {
    view.setUint16(i * 8, code, true);
    view.setUint8(i * 8 + 2, ifTrue);
    view.setUint8(i * 8 + 3, ifFalse);
    view.setUint32(i * 8 + 4, value, true);
  }
  return program;
}

const PR_SET_NO_NEW_PRIVS = 38;
const SET_MODE_FILTER = 1;
/** For all threads, those of the runtime among them. */
const ALL_THREADS = 1;
/** No slower branches for the whole process in return, which older kernels make with a filter. */
const SPECULATION_ALLOWED = 4;

/** Puts a program of `compileFilter` in force for all threads, for ever; returns the reason if it can't be. */
export function installFilter(libc: Libc, program: Uint8Array): string | undefined {
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) !== 0) return `prctl: errno ${libc.errno()}`;
  // struct sock_fprog
  const header = new Uint8Array(16);
  const view = new DataView(header.buffer);
  view.setUint16(0, program.length / 8, true);
  view.setBigUint64(8, libc.addressOf(program), true);
  const result = libc.seccomp(SET_MODE_FILTER, ALL_THREADS | SPECULATION_ALLOWED, header);
  if (result === 0) return undefined;
  return result > 0 ? `seccomp: thread ${result} has another filter` : `seccomp: errno ${libc.errno()}`;
}
