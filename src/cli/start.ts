// The entry point of the program: runs the command line of this process, and ends it with the exit code.
// Imported by no file.
import type { CommandIo } from "./command-io.ts";
import { reportInternalError, runCli } from "./cli.ts";

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
// A reader that closes the pipe (`| head -1`) is no error, and must not end a server.
stdout.on("error", () => {});
stderr.on("error", () => {});
process.on("uncaughtException", (error) => process.exit(reportInternalError(error, io)));
const code = await runCli(process.argv.slice(2), io);
await new Promise<void>((resolve) => stdout.write("", () => resolve()));
process.exit(code);
