// The command line of the program: picks the command, prints help and version, and makes the exit code from the result
// or the exception of the command. Loads the code of a command only when it runs, for a quick start.
// Exit codes: 0 success, 1 failure, 2 wrong usage, 70 internal error (EX_SOFTWARE of sysexits.h).
import { didYouMean } from "../std/nearest.ts";
import type { CommandIo } from "./command-io.ts";
import { formatCommandHelp, wantsHelp } from "./help.ts";
import type { CommandHelp, DescribedCommand } from "./help.ts";
import { readVersion } from "../process/version.ts";

const EXIT_USAGE = 2;
const EXIT_INTERNAL_ERROR = 70;

/** The file of a command: `run` takes the arguments after its name, but no `--help`, and returns the exit code. */
interface CommandModule {
  readonly HELP: CommandHelp;
  run(args: readonly string[], io: CommandIo): Promise<number>;
}

interface Command {
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** What the exit codes mean, for people. */
export const EXIT_CODES =
  "0 success, 1 failure, 2 wrong usage, 70 internal error (CLUSTER_DNS_DEBUG=1 shows its stack)";

/** All commands in the order of `--help`. A new command is a row here and a file beside this one. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["serve", { summary: "answer DNS for Kubernetes manifests", load: () => import("./serve.ts") }],
  ["check", { summary: "report what is wrong with manifests", load: () => import("./check.ts") }],
  ["explain", { summary: "say why a name resolves or not", load: () => import("./explain.ts") }],
  ["expect", { summary: "compare DNS expectations with manifests or a server", load: () => import("./expect.ts") }],
  ["list", { summary: "list the services of manifests or of a running server", load: () => import("./list.ts") }],
  ["dump", { summary: "print all records of manifests and zone files", load: () => import("./dump.ts") }],
  ["register", { summary: "keep the records of manifests or a cluster in etcd", load: () => import("./register.ts") }],
  [
    "diff",
    { summary: "say which names differ between manifests, revisions or a server", load: () => import("./diff.ts") },
  ],
  ["top", { summary: "show what a running server does", load: () => import("./top.ts") }],
  [
    "doctor",
    { summary: "find what is wrong with DNS on this machine or in this pod", load: () => import("./doctor.ts") },
  ],
  ["query", { summary: "ask a DNS server one question", load: () => import("./query.ts") }],
  [
    "resolv-conf",
    { summary: "print the resolv.conf of a pod, or keep those of all pods", load: () => import("./resolv-conf.ts") },
  ],
  ["env", { summary: "print the service environment variables of a pod", load: () => import("./env.ts") }],
  [
    "install-resolver",
    {
      summary: "print what makes this machine's resolver ask the server",
      load: () => import("./install-resolver.ts"),
    },
  ],
  [
    "import-corefile",
    { summary: "make a configuration file from a Corefile of CoreDNS", load: () => import("./import-corefile.ts") },
  ],
  ["completion", { summary: "print a script that completes commands in a shell", load: loadCompletion }],
]);

async function loadCompletion(): Promise<CommandModule> {
  const { HELP, run } = await import("./completion.ts");
  return { HELP, run: (args, io) => run(args, io, describeCommands) };
}

/** The help of all commands, in the order of `--help`. */
export function describeCommands(): Promise<readonly DescribedCommand[]> {
  return Promise.all([...COMMANDS].map(async ([, { summary, load }]) => ({ ...(await load()).HELP, summary })));
}

/** Runs the command line `args`, without the program name. Resolves with the exit code and never rejects. */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    return reportInternalError(error, io);
  }
}

async function dispatch(args: readonly string[], io: CommandIo): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    io.stderr.write(formatHelp());
    return EXIT_USAGE;
  }
  if (first === "--version" || first === "-V") {
    io.stdout.write(`cluster-dns ${readVersion()}\n`);
    return 0;
  }
  const isHelp = first === "help" || first === "--help" || first === "-h";
  const name = isHelp ? rest[0] : first;
  if (name === undefined) {
    io.stdout.write(formatHelp());
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) return refuseCommand(name, io);
  const { HELP, run } = await command.load();
  if (!isHelp && !wantsHelp(rest)) return run(rest, io);
  io.stdout.write(formatCommandHelp(HELP));
  return 0;
}

function formatHelp(): string {
  const rows = [
    ...[...COMMANDS].map(([name, { summary }]) => [name, summary] as const),
    ["help COMMAND", "show the flags of a command, like COMMAND --help"] as const,
    ["--version", "show the version"] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const commands = rows.map(([name, summary]) => `  ${name.padEnd(width)}${summary}\n`).join("");
  return `Usage: cluster-dns COMMAND [ARGUMENTS]

A DNS server for Kubernetes clusters, and for Kubernetes manifests without a cluster.

Commands:
${commands}
Exit codes: ${EXIT_CODES}
`;
}

function refuseCommand(name: string, io: CommandIo): number {
  const what = name.startsWith("-") ? `the command comes first, before ${name}` : `unknown command ${name}`;
  const candidates = name.startsWith("-") ? ["--help", "--version"] : COMMANDS.keys();
  const commands = [...COMMANDS.keys()].join(", ");
  io.stderr.write(
    `cluster-dns: ${what}${didYouMean(name, candidates)}\nCommands are ${commands}. Run cluster-dns --help for more.\n`,
  );
  return EXIT_USAGE;
}

/** Writes one line about a fault of the program, and returns the exit code. */
export function reportInternalError(error: unknown, io: CommandIo): number {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  const isDebug = io.env["CLUSTER_DNS_DEBUG"] === "1";
  const advice = isDebug ? "" : "; CLUSTER_DNS_DEBUG=1 shows its stack";
  io.stderr.write(`cluster-dns: internal error: ${name}: ${message.split("\n", 1)[0]}${advice}\n`);
  if (isDebug) io.stderr.write(`${stack}\n`);
  return EXIT_INTERNAL_ERROR;
}
