// From the texts that were given for each option to checked Options: where flags, variables, file and settings meet.
// Reads nothing itself; every fault is told at once, each with the place that gave the text.
import { OPTION_NAMES, OPTION_TABLE } from "./option-table.ts";
import type { OptionName, OptionRow, OptionTypes } from "./option-table.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Options } from "./options.ts";
import type { Upstream } from "../net/upstream.ts";

/** The texts that one source gives for an option, and that place's name in an error: `--ttl`, `CLUSTER_DNS_TTL`. */
export interface Given {
  readonly where: string;
  readonly texts: readonly string[];
}

export type GivenOptions = ReadonlyMap<OptionName, Given>;
export type BuiltOptions = { readonly options: Options } | { readonly errors: readonly string[] };

/** Checks and joins `sources`, the strongest first: the first one that gives an option gives all of its values. */
export function buildOptions(sources: readonly GivenOptions[]): BuiltOptions {
  const values = new Map<OptionName, readonly unknown[]>();
  const errors: string[] = [];
  for (const name of OPTION_NAMES) {
    const row: OptionRow<unknown> = OPTION_TABLE[name];
    const initial = row.initial === undefined ? [] : [row.initial];
    const given = sources.map((source) => source.get(name)).find((each) => each !== undefined);
    values.set(name, parseTexts(row, given ?? { where: "default", texts: initial }, errors));
  }
  // Sound: the values of a name came from the `parse` of its own row.
  const all = <K extends OptionName>(name: K): OptionTypes[K][] => [...(values.get(name) ?? [])] as OptionTypes[K][];
  if (errors.length === 0)
    errors.push(...repeatedAddresses(all("listen")), ...missingTlsFiles(all), ...upstreamFaults(all));
  return errors.length === 0 ? { options: joinOptions(all) } : { errors };
}

function parseTexts(row: OptionRow<unknown>, given: Given, errors: string[]): readonly unknown[] {
  // Of an option that takes one value, the last one written counts.
  const texts = row.form === "list" ? given.texts.flatMap((text) => text.split(",")) : given.texts.slice(-1);
  const values: unknown[] = [];
  for (const text of texts) {
    const parsed = row.parse(text.trim());
    if ("fault" in parsed) errors.push(`${given.where}: ${JSON.stringify(text.trim())} ${parsed.fault}`);
    else values.push(parsed.value);
  }
  return values;
}

function repeatedAddresses(listen: readonly ListenAddress[]): string[] {
  const seen = new Set<string>();
  const errors: string[] = [];
  for (const { scheme, host, port } of listen) {
    const plain = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
    const address = scheme === undefined ? plain : `${scheme}://${plain}`;
    if (port !== 0 && seen.has(address)) errors.push(`--listen: ${address} is given twice`);
    seen.add(address);
  }
  return errors;
}

type ValuesOf = <K extends OptionName>(name: K) => OptionTypes[K][];

function missingTlsFiles(all: ValuesOf): string[] {
  const given = (["tls-cert", "tls-key"] as const).filter((name) => all(name).length > 0);
  if (given.length === 2) return [];
  if (given.length === 1) return [`--${given[0]} is given alone: --tls-cert and --tls-key go together`];
  const needy = all("listen").find(({ scheme }) => scheme !== undefined);
  return needy === undefined ? [] : [`--listen: ${needy.scheme}:// needs --tls-cert and --tls-key`];
}

function upstreamFaults(all: ValuesOf): string[] {
  const upstreams = all("upstream");
  const files = upstreams.filter((each) => typeof each === "object" && "file" in each);
  if (files.length > 1) return ["--upstream: names two files: one is followed"];
  if (upstreams.length > 1 && upstreams.includes("none")) return ["--upstream: none stands beside others"];
  return [];
}

function joinOptions(all: ValuesOf): Options {
  const one = <K extends OptionName>(name: K): OptionTypes[K] => {
    const [value] = all(name);
    if (value === undefined) throw new TypeError(`option ${name} has no default`);
    return value;
  };
  const ttlSeconds = one("ttl");
  const [fallbackPort] = all("fallback-port");
  const [udpWorkers] = all("udp-workers");
  const [stateFile] = all("state");
  const [[tlsCert], [tlsKey]] = [all("tls-cert"), all("tls-key")];
  const [cookieSecretFile] = all("cookie-secret");
  const [nsid] = all("nsid");
  const upstreams = all("upstream");
  const upstreamFile = upstreams.find((each): each is { file: string } => typeof each === "object" && "file" in each);
  const [rrl] = all("rrl");
  return {
    listen: all("listen"),
    clusterDomain: one("cluster-domain"),
    ttlSeconds,
    negativeTtlSeconds: all("negative-ttl")[0] ?? ttlSeconds,
    pods: one("pods"),
    endpointPodNames: one("endpoint-pod-names"),
    ednsSize: one("edns-size"),
    namespace: one("namespace"),
    upstreams: upstreams.filter((each): each is Upstream => typeof each === "object" && "host" in each),
    ...(upstreamFile === undefined ? {} : { upstreamFile: upstreamFile.file }),
    upstreamPolicy: one("upstream-policy"),
    upstreamMixedCase: one("upstream-mixed-case"),
    stubDomains: all("stub-domain"),
    autopath: one("autopath"),
    cacheBytes: one("cache-size") * (1 << 20),
    staleSeconds: one("serve-stale"),
    allow: all("allow"),
    allowRecursion: [...all("allow-recursion"), ...all("pod-cidr"), ...all("service-cidr")],
    ...(tlsCert === undefined || tlsKey === undefined ? {} : { tlsFiles: { cert: tlsCert, key: tlsKey } }),
    ...(cookieSecretFile === undefined ? {} : { cookieSecretFile }),
    ...(nsid === undefined ? {} : { nsid }),
    ...(rrl === undefined ? {} : { rrl }),
    serviceCidrs: all("service-cidr"),
    podCidrs: all("pod-cidr"),
    ...(fallbackPort === undefined ? {} : { fallbackPort }),
    simulatePods: one("simulate-pods"),
    ...(stateFile === undefined ? {} : { stateFile }),
    udpTransport: one("udp-transport"),
    ...(udpWorkers === undefined ? {} : { udpWorkers }),
    logLevel: one("log-level"),
  };
}
