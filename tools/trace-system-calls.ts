// Writes deploy/seccomp/cluster-dns.json, the seccomp profile for containers: the system calls that traced runs made, and
// those that the lists below add. Run it with `node tools/trace-system-calls.ts`, as root, after an update of Node.js; it
// needs strace. test/seccomp-profile.test.ts runs the server under the profile.
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LAUNCHER, ROOT } from "../test/support/process.ts";
import { runWholeSession } from "../test/support/whole-session.ts";

const TARGET = fileURLToPath(new URL("../deploy/seccomp/cluster-dns.json", import.meta.url));

/** What a container engine calls between loading the profile and becoming the program. */
const OF_ENGINES =
  "capget capset chdir close_range execve fchown fstatfs getcwd getppid prctl setgid setgroups setpgid setresgid " +
  "setresuid setsid setuid umask";
/** What the C library and V8 call on other machines, or seldom. */
const SELDOM =
  "arch_prctl clock_getres clock_gettime clock_nanosleep copy_file_range epoll_wait eventfd exit fallocate fdatasync " +
  "fork fsync futex_waitv get_mempolicy getcpu getgroups getresgid getresuid getrlimit getrusage gettimeofday " +
  "inotify_rm_watch kill lstat madvise mbind membarrier memfd_create mkdir mlock mremap msync munlock nanosleep open " +
  "pipe pkey_alloc pkey_free pkey_mprotect poll preadv preadv2 pwrite64 pwritev readv recvfrom restart_syscall rseq " +
  "rt_sigpending rt_sigqueueinfo rt_sigsuspend rt_sigtimedwait sched_get_priority_max sched_get_priority_min " +
  "sched_getparam sched_getscheduler sched_setaffinity sched_setscheduler sched_yield select sendfile sendto " +
  "set_robust_list shutdown sigaltstack socketpair stat sysinfo tgkill time timer_create timer_delete timer_settime " +
  "timerfd_create timerfd_settime times unlink vfork waitid writev";
/** The calls of arm64 for those of x64, and of newer kernels for those of older ones. */
const NEWER =
  "accept accept4 dup dup3 epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 eventfd2 faccessat faccessat2 fchmod " +
  "fchmodat fchownat fstat ftruncate getdents64 inotify_init1 linkat lseek mkdirat newfstatat openat pipe2 ppoll " +
  "pselect6 readlinkat recvmsg renameat renameat2 sendmsg signalfd4 statfs statx symlinkat uname unlinkat utimensat";
/** Traced, and not needed: the runtime does without. */
const REFUSED = /^(io_uring_.*|clone3?)$/;
/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET. */
const NEW_NAMESPACES = 0x7e02_0000;

/** The names of the calls in strace's outputs. */
function callsOf(folder: string): string[] {
  return globSync(join(folder, "*")).flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^(?:\d+\s+)?([a-z]\w*)\(/gm)].map((match) => match[1]!),
  );
}

async function trace(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-trace-"));
  const strace = (run: number): string[] => ["strace", "-f", "-qq", "-e", "signal=none", "-o", join(folder, `${run}`)];
  try {
    let run = 0;
    for (const flags of [[], ["--udp-transport=dgram"]])
      // -D: the process that is started becomes the launcher, and takes signals.
      await runWholeSession([...strace(run++), "-D"], flags);
    // A command; the health check of the image makes fewer calls.
    spawnSync("strace", [
      ...strace(run++).slice(1),
      LAUNCHER,
      "query",
      "a.example",
      "--server=127.0.0.1:1",
      "--timeout=1",
    ]);
    return callsOf(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const listed = [OF_ENGINES, SELDOM, NEWER].flatMap((list) => list.split(" "));
const names = [...new Set([...(await trace()), ...listed])].filter((name) => !REFUSED.test(name)).toSorted();
const profile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 1,
  archMap: [
    { architecture: "SCMP_ARCH_X86_64", subArchitectures: [] },
    { architecture: "SCMP_ARCH_AARCH64", subArchitectures: [] },
  ],
  syscalls: [
    { names, action: "SCMP_ACT_ALLOW" },
    {
      names: ["clone"],
      action: "SCMP_ACT_ALLOW",
      args: [{ index: 0, value: NEW_NAMESPACES, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
    },
    { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: 38 },
  ],
};
writeFileSync(TARGET, `${JSON.stringify(profile, undefined, 2)}\n`);
spawnSync(`${ROOT}node_modules/.bin/oxfmt`, [TARGET]);
