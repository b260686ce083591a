// The entry of the program: picks the command, shows help and version, and turns what a command returns or throws into
// an exit code. Knows no command from inside; a command's code is loaded only when it runs, so that start is quick.
// Exit codes: 0 done, 1 failed, 2 wrong usage, 70 a fault of the program itself (EX_SOFTWARE of sysexits.h).
import { didYouMean } from "../config/nearest.ts";
import type { CommandIo } from "./command-io.ts";
import { readVersion } from "./version.ts";

const EXIT_USAGE = 2;
const EXIT_INTERNAL_FAULT = 70;

/** A command: `run` takes the arguments after its name, knows `--help`, and resolves with the exit code. */
interface Command {
  readonly summary: string;
  load(): Promise<{ run(args: readonly string[], io: CommandIo): Promise<number> }>;
}

/** Adding a command is one row here and one file beside this one. */
const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["serve", { summary: "answer DNS for Kubernetes manifests", load: () => import("./serve.ts") }],
  ["check", { summary: "tell what is wrong with manifests", load: () => import("./check.ts") }],
  ["query", { summary: "ask a DNS server one question", load: () => import("./query.ts") }],
  ["resolv-conf", { summary: "print or keep the resolv.conf of pods", load: () => import("./resolv-conf.ts") }],
  ["env", { summary: "print the service environment variables of a pod", load: () => import("./env.ts") }],
]);

/** Runs the command that `args` (without the program's name) ask for; resolves with the exit code and never rejects. */
export async function runCli(args: readonly string[], io: CommandIo): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    return reportInternalFault(error, io);
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
  const asksHelp = first === "help" || first === "--help" || first === "-h";
  const name = asksHelp ? rest[0] : first;
  if (name === undefined) {
    io.stdout.write(formatHelp());
    return 0;
  }
  const command = COMMANDS.get(name);
  if (command === undefined) return refuseCommand(name, io);
  const { run } = await command.load();
  return run(asksHelp ? ["--help"] : rest, io);
}

function formatHelp(): string {
  const commands = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(14)}${summary}\n`).join("");
  return `Usage: cluster-dns COMMAND [ARGUMENTS]

A DNS server for Kubernetes clusters, and for Kubernetes manifests without a cluster.

Commands:
${commands}
  help COMMAND  show the command's flags; so does COMMAND --help
  --version     show the version

Exit codes: 0 done, 1 failed, 2 wrong usage, 70 a fault of the program (CLUSTER_DNS_DEBUG=1 shows its stack)
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

function reportInternalFault(error: unknown, io: CommandIo): number {
  const fault = error instanceof Error ? error : new Error(String(error));
  const message = fault.message.split("\n", 1)[0];
  const debug = io.env["CLUSTER_DNS_DEBUG"] === "1";
  const advice = debug ? "" : "; CLUSTER_DNS_DEBUG=1 shows where";
  io.stderr.write(`cluster-dns: internal fault: ${fault.name}: ${message}${advice}\n`);
  if (debug) io.stderr.write(`${fault.stack}\n`);
  return EXIT_INTERNAL_FAULT;
}

async function main(): Promise<void> {
  const { stdout, stderr, env } = process;
  const io: CommandIo = {
    // Only when asked for: touching standard input opens it.
    get stdin() {
      return process.stdin;
    },
    stdout,
    stderr,
    env,
  };
  // A reader that has gone (`| head -1`) is no fault of ours, and must not end a server.
  stdout.on("error", () => {});
  stderr.on("error", () => {});
  process.on("uncaughtException", (error) => process.exit(reportInternalFault(error, io)));
  const code = await runCli(process.argv.slice(2), io);
  await new Promise<void>((resolve) => stdout.write("", () => resolve()));
  process.exit(code);
}

if (import.meta.main) await main();
