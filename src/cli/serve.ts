// The command `serve`: runs a server until SIGTERM or SIGINT. config/ parses the options, planes/server.ts builds the
// server. An error of the operator is one line on stderr and exit code 1.
import { dialHost, formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "../config/options.ts";
import { parseOptions } from "../config/parse-options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import type { Server } from "../planes/server.ts";
import type { Logger } from "../observe/log.ts";
import { coalesce } from "../std/coalesce.ts";
import { OperatorError } from "../std/operator-error.ts";
import type { CommandIo } from "./command-io.ts";
import { withMemoryLimit } from "./memory-option.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp } from "./help.ts";
import { FollowedOptions } from "./followed-options.ts";
import { handleOtherSignals, untilStopSignal } from "./stop-signal.ts";
import { followWorkingDirectory } from "./working-directory.ts";
import { visible } from "../std/visible.ts";

export const HELP: CommandHelp = {
  name: "serve",
  usage: "[PATH...] [FLAGS]",
  about: [
    "Answers DNS for the objects in manifest files and folders (recursive), and follows their changes;",
    "- reads standard input. --source kubernetes follows the API of a cluster, --cluster that of another one. Each",
    "flag is also a variable (--edns-size: CLUSTER_DNS_EDNS_SIZE) and a key of the --config file. SIGTERM and SIGINT",
    "end the server after the answers to queries in progress; SIGHUP has it read its configuration, certificates and",
    "manifests again.",
  ],
  flags: optionHelpRows(),
  examples: [
    "cluster-dns serve manifests/ --listen 127.0.0.1:5300",
    "helm template . | cluster-dns serve - --namespace shop",
  ],
};

const NOTHING_GIVEN =
  "no manifests given: name a file or folder, or - for standard input, e.g. cluster-dns serve .; " +
  "or use --source kubernetes or --cluster";
/** A reader of the log that takes longer is stalled. */
const LOG_FLUSH_MS = 1_000;

/** Resolves with the exit code when the server has ended: 0 after a signal, 1 if it did not start, 2 on wrong usage. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseOptions(args, io.env);
  if ("errors" in parsed) return refuseUsage(HELP.name, parsed.errors, io);
  const { paths } = parsed;
  const { sources, clusters } = parsed.options;
  if (paths.length + sources.length + clusters.length === 0) return refuseUsage(HELP.name, [NOTHING_GIVEN], io);
  const options = withMemoryLimit(parsed.options);
  const [{ startServer }, { Privileges }, { createLog }, { LogOutput }] = await importServer();
  followWorkingDirectory();
  let reload = (): void => undefined;
  handleOtherSignals(() => reload());
  // Before the start, because a signal during loading must end the server too.
  const stopped = untilStopSignal();
  const handedOver = Promise.withResolvers<"handed over">();
  const output = LogOutput.standard();
  const log = createLog(options.logLevel, output);
  // The last lines before a fault say most.
  process.once("exit", () => output.flushNow());
  let server: Server;
  let followed: FollowedOptions;
  try {
    const privileges = await Privileges.choose(options, { paths, env: io.env, log });
    const handover = { env: io.env, onHandedOver: () => handedOver.resolve("handed over") };
    const stdin = paths.includes("-") ? { stdin: io.stdin } : {};
    const onBound = (): void => privileges.drop();
    server = startServer(options, { paths, log, output, handover, onBound, ...stdin });
    const onChange = (changed: Options): void => server.changeOptions(changed);
    followed = await FollowedOptions.open({ args, env: io.env, parsed, log, onChange });
  } catch (error) {
    return fail(error, io);
  }
  reload = coalesce(async () => {
    log.info("SIGHUP: reads the configuration, certificates and sources again");
    await Promise.all([followed.reload(), server.reload()]);
  });
  // Without objects of the first cluster, its domain is not served.
  const { clusterDomain } = paths.length + sources.length > 0 ? options : clusters[0]!;
  const failure = server.ready.then(
    (addresses) => {
      const fallbacks = formatFallbacks({ ...options, clusterDomain }, addresses);
      io.stderr.write(fallbacks);
      if (fallbacks === "" && output.isTerminal) log.info(`try: ${formatDig(clusterDomain, addresses)}`);
    },
    (error: unknown) => ({ error }),
  );
  const failed = await Promise.race([failure, stopped]);
  // Clients of a server that was taken over need not learn of anything.
  if (failed === undefined && (await Promise.race([stopped, handedOver.promise])) === undefined) {
    server.announceClose();
    await goOn(followed.current.lameduckSeconds, log);
  }
  await Promise.all([server.close(), followed.close()]);
  await output.flush(LOG_FLUSH_MS);
  return failed === undefined ? 0 : fail(failed.error, io);
}

/** The parts that only a server needs. */
async function importServer() {
  return await Promise.all([
    import("../planes/server.ts"),
    import("../planes/privileges.ts"),
    import("../observe/log.ts"),
    import("../observe/log-output.ts"),
  ]);
}

/** Goes on for a while after a stop signal, until clients have learned of the stop. */
async function goOn(seconds: number, log: Logger): Promise<void> {
  if (seconds === 0) return;
  log.info({ seconds }, "stopping: answers go on for a while");
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
}

/** Reports an error of the operator; rethrows any other. */
function fail(error: unknown, io: CommandIo): number {
  if (!(error instanceof OperatorError)) throw error;
  io.stderr.write(`cluster-dns serve: ${visible(error.message)}\n`);
  return 1;
}

/** A line for each address with the fallback port, and a command to try; empty when there is none. */
export function formatFallbacks(options: Options, addresses: readonly ListenAddress[]): string {
  const lines = addresses.map((address, i) => {
    const port = options.listen[i]?.port ?? address.port;
    if (port === address.port || port === 0) return "";
    const dig = formatDig(options.clusterDomain, [address]);
    return `port ${port} is taken or not permitted: listening on ${formatListenAddress(address)} — try: ${dig}\n`;
  });
  return lines.join("");
}

/** A command that asks for a name that every cluster has, at the first address that dig needs no flag for. */
export function formatDig(clusterDomain: string, addresses: readonly ListenAddress[]): string {
  const { host, port, scheme } = addresses.find((address) => address.scheme === undefined) ?? addresses[0]!;
  const flag = scheme === undefined ? "" : ` +${scheme}`;
  return `dig${flag} @${dialHost(host)} -p ${port} kubernetes.default.svc.${clusterDomain}`;
}
