// The entry point of the program: runs the command line of this process, and ends it with the exit code.
// Imported by no file.
import type { CommandIo } from "./command-io.ts";
import { errorCode } from "../std/error-code.ts";
import { reportInternalError, runCli } from "./cli.ts";

const EXIT_FAILURE = 1;
const { stdout, stderr, env } = process;
const io: CommandIo = {
  // A getter, because reading the property opens standard input.
  get stdin() {
    return process.stdin;
  },
  stdout,
  stderr,
  env,
};
stderr.on("error", () => {});
process.on("uncaughtException", (error) => process.exit(reportInternalError(error, io)));
process.exit(await main());

/** Runs the command; resolves with the exit code, which is a failure too where output was lost. */
async function main(): Promise<number> {
  const faults = new Set<string>();
  // Not thrown: it must not end a server.
  stdout.on("error", (error) => faults.add(errorCode(error)));
  const code = await runCli(process.argv.slice(2), io);
  await new Promise<void>((resolve) => stdout.write("", () => resolve()));
  const [fault] = faults;
  // A reader that closes the pipe (`| head -1`) has what it wanted.
  if (fault === undefined || fault === "EPIPE") return code;
  stderr.write(`cluster-dns: the output can't be written (${fault})\n`);
  return code === 0 ? EXIT_FAILURE : code;
}
