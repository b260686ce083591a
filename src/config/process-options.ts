// The options of the process: its threads, rights, memory, end and log.
// Rows of the option table, which has them last.
import type { OptionRow } from "./option-row.ts";
import {
  choiceOf,
  MEMORY_MEGABYTES_MAX,
  parseMegabytes,
  parseSocketPath,
  parseUser,
  parseWholeNumber,
} from "./option-values.ts";

const UDP_TRANSPORTS = ["auto", "batch", "dgram"] as const;
const LOG_LEVELS = ["silent", "error", "warn", "info", "debug"] as const;
const LAMEDUCK_SECONDS_MAX = 300;
const UDP_WORKERS_MAX = 64;

export const PROCESS_OPTIONS = {
  /** How to receive datagrams: in batches by threads (Linux), or by node:dgram. */
  udpTransport: {
    ...choiceOf(UDP_TRANSPORTS),
    placeholder: "HOW",
    default: "auto",
    embeddedDefault: "dgram",
    help:
      "How to receive datagrams: batch (many per system call, in threads; Linux only), dgram (node:dgram), or auto " +
      "(batch where it works, else dgram)",
    example: "dgram",
  },
  /** Threads per address that receive datagrams in batches. */
  udpWorkers: {
    form: "number",
    placeholder: "COUNT",
    help:
      `Threads per address that receive in batches, 1 to ${UDP_WORKERS_MAX}. Without it, one fewer than the CPUs ` +
      "available to this process, at least 1 and at most 4",
    example: "2",
    parse: (text) => parseWholeNumber(text, 1, UDP_WORKERS_MAX),
  },
  /** Memory that the process may use, in megabytes; without it, `serve` of the library knows no limit. */
  memory: {
    field: "memoryBytes",
    form: "number",
    placeholder: "MEGABYTES",
    help:
      "Memory that the process may use: files that do not fit are refused, and what was served stays. Without it, " +
      "the limit of the container (control group), or what the machine has",
    example: "256",
    parse: (text) => parseMegabytes(text, MEMORY_MEGABYTES_MAX),
  },
  /** Whom the command becomes once its sockets are open. Has no effect on `serve` of the library. */
  user: {
    form: "text",
    placeholder: "NAME[:GROUP]",
    help:
      "User and group, as names or numbers, to become once the sockets are open; needs a start as root. auto: of " +
      "nobody, the user of sudo and the owner of the manifests, the first that can read all files. Without it, root " +
      "stays root",
    example: "65532:65532",
    parse: parseUser,
  },
  /** How long the command goes on after a stop signal, in seconds. Has no effect on `serve` of the library. */
  lameduck: {
    field: "lameduckSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "0",
    help:
      `How long to go on answering after SIGTERM or SIGINT, at most ${LAMEDUCK_SECONDS_MAX}, until clients have ` +
      "learned of the stop; a second signal ends it",
    example: "5",
    parse: (text) => parseWholeNumber(text, 0, LAMEDUCK_SECONDS_MAX),
    canChange: true,
  },
  /** The socket by which a new process takes over from this one. Has no effect on `serve` of the library. */
  takeover: {
    form: "text",
    placeholder: "PATH",
    help:
      "Unix socket by which a new process with the same option takes over the sockets and TCP connections of the one " +
      "that runs, without losing a query; the old process then ends. Linux only",
    example: "/run/cluster-dns/takeover.sock",
    parse: parseSocketPath,
  },
  /** What to log, as JSON lines on standard output. */
  logLevel: {
    ...choiceOf(LOG_LEVELS),
    placeholder: "LEVEL",
    default: "info",
    embeddedDefault: "silent",
    help: `What to log: ${LOG_LEVELS.join(", ")}`,
    example: "warn",
    canChange: true,
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
