// `cluster-dns doctor`: asks the DNS servers of this machine or pod in many ways, and says what is wrong with them.
// Arguments, resolv.conf and output only; probe/ asks, doctor/ judges.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { parseClusterDomain } from "../config/option-values.ts";
import { parseFlags } from "../config/parse-flags.ts";
import type { Situation } from "../doctor/diagnose.ts";
import { reasonProbes, withReasons } from "../doctor/extended-errors.ts";
import type { Lookup } from "../doctor/name-rules.ts";
import { planProbes } from "../doctor/plan.ts";
import { nameserverHost } from "../doctor/resolv-conf-rules.ts";
import type { ReadFile } from "../doctor/resolv-conf-rules.ts";
import { clusterDomainOf, isAskable, searchSteps } from "../doctor/search-steps.ts";
import { canonicalIp } from "../net/ip.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { NODE_RESOLV_CONF, readResolvConf } from "../planes/read-resolv-conf.ts";
import { sendProbes } from "../probe/probe.ts";
import type { CommandIo } from "./command-io.ts";
import { parseDnsServer, parseTimeout } from "./dns-client-flags.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import { formatDiagnosis, formatDiagnosisAsJson, makeDiagnosis } from "./format-diagnosis.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp } from "./help.ts";

const FORMATS = ["text", "json"] as const;
type Format = (typeof FORMATS)[number];
const EXIT_SOMETHING_WRONG = 1;
const SERVERS_MAX = 8;
/** Resolvers ask so many of resolv.conf. */
const NAMESERVERS_ASKED = 3;
const NAMES_MAX = 16;
const TIMEOUT_SECONDS = { default: 3, max: 10 };
const OUTSIDE = "example.com";
const DNS_PORT = 53;
/** What is in a container only, by its engine. */
const CONTAINER_FILES = ["/.dockerenv", "/run/.containerenv"];

/** Limits that are no flags, in milliseconds. */
export interface DoctorLimits {
  /** For all questions. */
  readonly totalMs: number;
  /** A median time of replies above it is slow. */
  readonly slowMs: number;
}

const LIMITS: DoctorLimits = { totalMs: 15_000, slowMs: 200 };

export const HELP: CommandHelp = {
  name: "doctor",
  usage: "[NAME...] [FLAGS]",
  about: [
    "Finds what is wrong with DNS where it runs: in a pod, on a laptop, in a CI job. Asks each",
    "nameserver of resolv.conf over UDP and TCP, and each NAME as a resolver does.",
    "Exit codes: 0 nothing is wrong, 1 something is wrong, 2 wrong usage. Hints are not wrong.",
  ],
  flags: [
    {
      flag: "--server ADDR[:PORT]",
      help: "Server to ask, instead of those of resolv.conf; can be repeated; IPv6 in brackets",
    },
    {
      flag: "--resolv-conf FILE",
      help: `File with nameservers and search list (default ${NODE_RESOLV_CONF}; none with --server)`,
    },
    { flag: "--cluster-domain DOMAIN", help: "Domain of the cluster (default: that of the search list)" },
    {
      flag: "--outside NAME",
      help: `Name outside the cluster that should resolve, or none (default ${OUTSIDE})`,
    },
    {
      flag: "--timeout SECONDS",
      help: `How long to wait for a reply, at most ${TIMEOUT_SECONDS.max} (default ${TIMEOUT_SECONDS.default})`,
    },
    formatFlag(FORMATS),
  ],
  examples: ["cluster-dns doctor", "cluster-dns doctor web.shop api.example.com --server 10.96.0.10"],
};

/** Asks, and prints what is wrong. Resolves with 0 (nothing), 1 (something), 2 (usage). */
export async function run(args: readonly string[], io: CommandIo, limits: DoctorLimits = LIMITS): Promise<number> {
  const parsed = parseArguments(args);
  if ("errors" in parsed) return refuseUsage(HELP.name, parsed.errors, io);
  const { outside, timeoutMs, format } = parsed;
  const situation = await readSituation(parsed, io.env, limits);
  const { resolvConf, servers, lookups, clusterDomain } = situation;
  const probes = planProbes({
    servers,
    lookups,
    searches: resolvConf !== undefined && "conf" in resolvConf ? resolvConf.conf.searches : [],
    clusterDomain,
    outside,
    apiServerIp: canonicalIp(io.env["KUBERNETES_SERVICE_HOST"] ?? ""),
    token: `doctor-${randomBytes(5).toString("hex")}`,
  });
  const probeLimits = { timeoutMs, endsAtMs: performance.now() + limits.totalMs };
  const observed = await sendProbes(probes, probeLimits);
  const reasons = await sendProbes(reasonProbes(observed), probeLimits);
  const diagnosis = makeDiagnosis(situation, withReasons(observed, reasons));
  io.stdout.write(format === "json" ? formatDiagnosisAsJson(diagnosis) : formatDiagnosis(diagnosis));
  return diagnosis.isHealthy ? 0 : EXIT_SOMETHING_WRONG;
}

interface DoctorArguments {
  readonly names: readonly string[];
  readonly servers: readonly ListenAddress[];
  /** Undefined: the default, or none where servers are named. */
  readonly file: string | undefined;
  readonly clusterDomain: string | undefined;
  /** With its final dot. */
  readonly outside: string | undefined;
  readonly timeoutMs: number;
  readonly format: Format;
}

function parseArguments(args: readonly string[]): DoctorArguments | { readonly errors: readonly string[] } {
  const {
    values,
    operands,
    errors: unknown,
  } = parseFlags(args, {
    "--server": "value",
    "--resolv-conf": "value",
    "--cluster-domain": "value",
    "--outside": "value",
    "--timeout": "value",
    "--format": "value",
  });
  const errors = [...unknown];
  const last = (flag: string): string | undefined => values.get(flag)?.at(-1);
  const read = flagReader(values, errors);
  const servers = parseServers(values.get("--server") ?? [], errors);
  for (const name of operands) if (!isAskable(name)) errors.push(`${JSON.stringify(name)} is not a domain name`);
  if (operands.length > NAMES_MAX) errors.push(`${operands.length} names given; the limit is ${NAMES_MAX}`);
  const outside = last("--outside") ?? OUTSIDE;
  if (!isAskable(outside) || outside === ".") errors.push(`--outside: ${JSON.stringify(outside)} is not a domain name`);
  const clusterDomain = values.has("--cluster-domain") ? read("--cluster-domain", "", parseClusterDomain) : undefined;
  const timeoutMs = read("--timeout", `${TIMEOUT_SECONDS.default}`, (text) => parseTimeout(text, TIMEOUT_SECONDS.max));
  const format = readFormat(read, FORMATS);
  if (errors.length > 0 || timeoutMs === undefined || format === undefined) return { errors };
  return {
    names: operands,
    servers,
    file: last("--resolv-conf") ?? (servers.length > 0 ? undefined : NODE_RESOLV_CONF),
    clusterDomain,
    outside: outside === "none" ? undefined : withFinalDot(outside),
    timeoutMs,
    format,
  };
}

function parseServers(texts: readonly string[], errors: string[]): readonly ListenAddress[] {
  if (texts.length > SERVERS_MAX) errors.push(`${texts.length} servers given; the limit is ${SERVERS_MAX}`);
  return texts.flatMap((text) => {
    const server = parseDnsServer(text);
    if ("value" in server) return [server.value];
    errors.push(`--server: ${JSON.stringify(text)} ${server.fault}`);
    return [];
  });
}

function withFinalDot(name: string): string {
  return name.endsWith(".") ? name : `${name}.`;
}

/** Reads resolv.conf, and what else the machine tells of itself. */
async function readSituation(
  { file, servers, names, outside, clusterDomain: saidDomain }: DoctorArguments,
  env: CommandIo["env"],
  { slowMs }: DoctorLimits,
): Promise<Situation> {
  const read = file === undefined ? undefined : await readResolvConf(file);
  const resolvConf: ReadFile | undefined = read === undefined || file === undefined ? undefined : { file, ...read };
  const conf = read !== undefined && "conf" in read ? read.conf : { nameservers: [], searches: [], options: [] };
  const hosts = conf.nameservers.flatMap((text) => nameserverHost(text) ?? []).slice(0, NAMESERVERS_ASKED);
  const isPod = env["KUBERNETES_SERVICE_HOST"] !== undefined;
  const clusterDomain = saidDomain ?? clusterDomainOf(conf);
  const examples = [
    ...(clusterDomain === undefined ? [] : ["kubernetes.default"]),
    ...(outside === undefined ? [] : [outside.slice(0, -1)]),
  ];
  const isWanted = names.length > 0;
  const looked = isWanted ? names : conf.searches.length > 0 ? examples : [];
  return {
    resolvConf,
    servers: servers.length > 0 ? servers : addresses(hosts),
    areServersOfFile: servers.length === 0,
    lookups: looked.map((name): Lookup => ({ name, steps: searchSteps(name, conf), isWanted })),
    clusterDomain,
    isPod,
    isContainer: isPod || CONTAINER_FILES.some((each) => existsSync(each)),
    slowMs,
  };
}

/** Resolvers ask this machine if they have no server (resolv.conf(5)). */
function addresses(hosts: readonly string[]): readonly ListenAddress[] {
  return (hosts.length > 0 ? hosts : ["127.0.0.1"]).map((host) => ({ host, port: DNS_PORT }));
}
