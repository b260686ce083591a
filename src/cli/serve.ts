// The command `serve`: runs a server until SIGTERM or SIGINT. Parses nothing itself and builds no parts: options come
// from config/, the server from main.ts. A fault of the operator is one line on standard error and exit code 1.
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "../config/options.ts";
import { parseOptions } from "../config/parse-options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import type { Server } from "../planes/server.ts";
import { OperatorError } from "../std/operator-error.ts";
import type { CommandIo } from "./command-io.ts";
import { formatCommandHelp, wantsHelp } from "./help.ts";
import type { CommandHelp } from "./help.ts";
import { untilStopSignal } from "./stop-signal.ts";

const HELP: CommandHelp = {
  name: "serve",
  usage: "PATH... [FLAGS]",
  about: [
    "Answers DNS for the objects of manifest files and folders (recursive) and follows their changes; - reads",
    "standard input. Each flag may also be a variable (--edns-size: CLUSTER_DNS_EDNS_SIZE) or a key of the",
    "--config file. SIGTERM and SIGINT answer what is in hand and end the server.",
  ],
  flags: optionHelpRows(),
  examples: [
    "cluster-dns serve manifests/ --listen 127.0.0.1:5300",
    "helm template . | cluster-dns serve - --namespace shop",
  ],
};

/** Resolves with the exit code once the server has ended: 0 after a signal, 1 if it could not start, 2 on bad usage. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  if (wantsHelp(args)) {
    io.stdout.write(formatCommandHelp(HELP));
    return 0;
  }
  const parsed = parseOptions(args, io.env);
  if ("errors" in parsed) return refuse(parsed.errors, io);
  if (parsed.paths.length === 0) {
    return refuse(["no manifests given: name a file or folder, or - for standard input; e.g. cluster-dns serve ."], io);
  }
  const { options, paths } = parsed;
  const [{ startServer }, { createLog }] = await Promise.all([
    import("../planes/server.ts"),
    import("../observe/log.ts"),
  ]);
  // Before the start: a signal that comes while manifests load must end the server as well.
  const stopped = untilStopSignal();
  const log = createLog(options.logLevel);
  let server: Server;
  try {
    server = startServer(options, { paths, log, ...(paths.includes("-") ? { stdin: io.stdin } : {}) });
  } catch (error) {
    return fail(error, io);
  }
  const failure = server.ready.then(
    (addresses) => void io.stderr.write(formatFallbacks(options, addresses)),
    (error: unknown) => ({ error }),
  );
  const failed = await Promise.race([failure, stopped]);
  if (failed === undefined) await stopped;
  await server.close();
  return failed === undefined ? 0 : fail(failed.error, io);
}

/** Tells a fault of the operator; any other is thrown on. */
function fail(error: unknown, io: CommandIo): number {
  if (!(error instanceof OperatorError)) throw error;
  io.stderr.write(`cluster-dns serve: ${error.message}\n`);
  return 1;
}

function refuse(errors: readonly string[], io: CommandIo): number {
  for (const error of errors) io.stderr.write(`cluster-dns serve: ${error}\n`);
  io.stderr.write("Run cluster-dns serve --help for the flags.\n");
  return 2;
}

/** A line for each address that took another port than asked, with a command to try; empty when there is none. */
export function formatFallbacks(options: Options, addresses: readonly ListenAddress[]): string {
  const asked = options.listen;
  const lines = addresses.map((address, i) => {
    const port = asked[i]?.port ?? address.port;
    if (port === address.port || port === 0) return "";
    const host = address.host.includes(":") ? `[${address.host}]` : address.host;
    const dig = `dig @${dialHost(address.host)} -p ${address.port} kubernetes.default.svc.${options.clusterDomain}`;
    return `port ${port} is taken or not permitted: listening on ${host}:${address.port} — try: ${dig}\n`;
  });
  return lines.join("");
}

function dialHost(host: string): string {
  if (host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}
