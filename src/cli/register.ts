// `cluster-dns register`: keeps the records of manifests, or of the API of a cluster, in etcd, until a stop signal.
// Arguments and signals only; planes/registrar-plane.ts does it.
import { hostname } from "node:os";
import type { OptionName } from "../config/option-names.ts";
import { parseWholeNumber } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import { OperatorError } from "../std/operator-error.ts";
import { ANSWER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import { ETCD_FLAGS, ETCD_HELP, readEtcdFlags } from "./etcd-flags.ts";
import type { EtcdTarget } from "./etcd-flags.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { flagReader } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";
import { handleOtherSignals, untilStopSignal } from "./stop-signal.ts";

const OPTIONS: readonly OptionName[] = [
  ...ANSWER_OPTIONS,
  "podCidr",
  "source",
  "kubeconfig",
  "context",
  "namespaces",
  "namespaceSelector",
  "serviceSelector",
  "snapshot",
  "startupTimeout",
  "logLevel",
];
const LEASE_SECONDS = { default: 300, least: 10, most: 86_400 } as const;
/** A reader of the log that takes longer is stalled. */
const LOG_FLUSH_MS = 1_000;

export const HELP: CommandHelp = {
  name: "register",
  usage: "[PATH...] [FLAGS]",
  about: [
    "Keeps the records of manifests, or of a cluster, in etcd, in the layout of SkyDNS: for CoreDNS's plugin",
    "etcd, and other readers. Follows changes of manifest files and folders (recursive); - reads",
    "standard input; --source kubernetes follows the API of a cluster. Of several registrars one writes. After",
    "SIGTERM and SIGINT the records stay until another registrar changes them, or their lease ends.",
    "Exit codes: 0 after a signal, 1 failure, 2 wrong usage.",
  ],
  flags: [
    ...ETCD_HELP,
    {
      flag: "--lease SECONDS",
      help:
        `How long the records stay when no registrar runs, ${LEASE_SECONDS.least} to ${LEASE_SECONDS.most} ` +
        `(default ${LEASE_SECONDS.default})`,
    },
    ...optionHelpRows([...new Set(OPTIONS)]),
  ],
  examples: [
    "cluster-dns register manifests --etcd-endpoint http://127.0.0.1:2379",
    "cluster-dns register --source kubernetes --etcd-endpoint http://10.0.0.1:2379",
  ],
};

interface RegisterArguments {
  readonly paths: readonly string[];
  readonly options: Options;
  readonly etcd: EtcdTarget;
  readonly leaseSeconds: number;
}

/** Runs until a stop signal; resolves with the exit code: 0, 1 (a path or the cluster can't be read), 2 (usage). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const { paths, options, etcd, leaseSeconds } = parsed;
  const [{ RegistrarPlane }, { EtcdClient }, { createLog }, { LogOutput }] = await Promise.all([
    import("../planes/registrar-plane.ts"),
    import("../etcd/etcd-client.ts"),
    import("../observe/log.ts"),
    import("../observe/log-output.ts"),
  ]);
  const stopped = untilStopSignal();
  const output = LogOutput.standard();
  const log = createLog(options.logLevel, output);
  const client = new EtcdClient(etcd.access);
  const plane = new RegistrarPlane(options, {
    paths,
    ...(paths.includes("-") && { stdin: io.stdin }),
    etcd: client,
    prefix: etcd.prefix,
    leaseSeconds,
    name: `${hostname()} ${process.pid}`,
    log,
  });
  handleOtherSignals(() => void plane.reload());
  const started = plane.start().then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const failed = await Promise.race([started, stopped]);
  if (failed === undefined) await stopped;
  await plane.close();
  client.close();
  await output.flush(LOG_FLUSH_MS);
  if (failed === undefined) return 0;
  if (!(failed.error instanceof OperatorError)) throw failed.error;
  return writeFailure(HELP, io, { faults: [failed.error.message], exitCode: 1 });
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): RegisterArguments | Failure {
  const own = { ...ETCD_FLAGS, "--lease": "value" } as const;
  const { values, operands, faults, options } = readArguments(args, env, own, OPTIONS);
  const etcd = readEtcdFlags(values, faults);
  const { least, most } = LEASE_SECONDS;
  const read = flagReader(values, faults);
  const leaseSeconds = read("--lease", String(LEASE_SECONDS.default), (text) => parseWholeNumber(text, least, most));
  if (options !== undefined && operands.length + options.sources.length === 0)
    faults.push("nothing given to register: name a file or folder, or use --source kubernetes");
  if (faults.length > 0 || options === undefined || etcd === undefined || leaseSeconds === undefined)
    return { faults, exitCode: 2 };
  return { paths: operands, options, etcd, leaseSeconds };
}
