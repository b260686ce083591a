// Rules that involve more than one option: conflicts, and fields of `Options` made from several values. Options without
// such a rule are not named here. Pure.
import { rangesOf } from "./cluster-value.ts";
import { firstDomainConflicts, namedClusterConflicts } from "./cluster-conflicts.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { Upstream } from "../net/upstream.ts";
import { flagName, OPTION_NAMES, optionRow } from "./option-names.ts";
import type { OptionFields, OptionValues } from "./option-row.ts";
import type { OptionTable } from "./option-table.ts";
import type { Options } from "./options.ts";
import type { QueryLogSample } from "./query-log-options.ts";
import type { UpstreamChoice } from "./upstream-value.ts";

type Values = OptionValues<OptionTable>;

/** Errors of values that are valid by themselves: a sentence each, without a full stop. */
export function findConflicts(values: Values): readonly string[] {
  return [
    ...repeatedAddresses(values),
    ...sharedAdminAddresses(values),
    ...missingTlsFiles(values),
    ...upstreamConflicts(values),
    ...unusedByKubernetes(values),
    ...clusterConflicts(values),
    ...queryLogConflicts(values),
  ];
}

function unusedByKubernetes(values: Values): string[] {
  if (values.source.includes("kubernetes")) return values.context === undefined ? [] : contextConflicts(values);
  const { kubeconfig, context, namespaces, namespaceSelector, serviceSelector, snapshot } = values;
  const given = {
    "--kubeconfig": kubeconfig,
    "--context": context,
    "--namespaces": namespaces[0],
    "--namespace-selector": namespaceSelector,
    "--service-selector": serviceSelector,
    "--snapshot": values.cluster.length > 0 ? undefined : snapshot,
  };
  return Object.entries(given).flatMap(([flag, value]) =>
    value === undefined ? [] : [`${flag} needs --source kubernetes`],
  );
}

function clusterConflicts({ cluster, clusterDomain, source, snapshot }: Values): string[] {
  // With manifests, the server finds this when it knows that there are some.
  const ofFirst = source.length > 0 ? firstDomainConflicts(clusterDomain, cluster) : [];
  return [...namedClusterConflicts(cluster, snapshot), ...ofFirst];
}

function contextConflicts({ kubeconfig }: Values): string[] {
  return kubeconfig === undefined ? ["--context needs --kubeconfig"] : [];
}

function repeatedAddresses({ listen }: Values): string[] {
  const fixed = listen.filter(({ port }) => port !== 0).map(formatListenAddress);
  const repeated = fixed.filter((address, i) => fixed.indexOf(address) !== i);
  return repeated.map((address) => `--listen: ${address} is given twice`);
}

/** An address of the admin server has no other use: each is a listener of its own. */
function sharedAdminAddresses(values: Values): string[] {
  const taken = new Map<string, string>();
  const errors: string[] = [];
  for (const name of ["listen", "admin", "health", "ready"] as const) {
    for (const { host, port } of values[name]) {
      const address = formatListenAddress({ host, port });
      const other = taken.get(address);
      if (name === "listen" || other === undefined) taken.set(address, flagName(name));
      else if (port !== 0) errors.push(`${flagName(name)}: ${address} is an address of ${other} already`);
    }
  }
  return errors;
}

function missingTlsFiles({ tlsCert, tlsKey, listen }: Values): string[] {
  if (tlsCert !== undefined && tlsKey !== undefined) return [];
  if (tlsCert !== undefined || tlsKey !== undefined) {
    const given = tlsCert === undefined ? "--tls-key" : "--tls-cert";
    return [`${given} is given alone: --tls-cert and --tls-key go together`];
  }
  const encrypted = listen.find(({ scheme }) => scheme !== undefined);
  return encrypted === undefined ? [] : [`--listen: ${encrypted.scheme}:// needs --tls-cert and --tls-key`];
}

function upstreamConflicts({ upstream }: Values): string[] {
  if (upstream.filter(isFile).length > 1) return ["--upstream: only one file is possible"];
  if (upstream.length > 1 && upstream.includes("none")) return ["--upstream: none excludes all other upstreams"];
  return [];
}

function queryLogConflicts({ queryLog }: Values): string[] {
  return queryLog.length > 1 && queryLog.some(isOff) ? ["--query-log: off excludes all other values"] : [];
}

/** Options from values without conflicts. */
export function joinOptions(values: Values): Options {
  return {
    ...plainFields(values),
    negativeTtlSeconds: values.negativeTtl ?? values.ttl,
    ...splitUpstreams(values),
    allowRecursion: [...values.allowRecursion, ...values.podCidr, ...values.serviceCidr, ...rangesOf(values.cluster)],
    ...joinTlsFiles(values),
    ...joinQueryLog(values),
  };
}

function plainFields(values: Values): OptionFields<OptionTable> {
  const fields: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) {
    const { field = name } = optionRow(name);
    if (field !== null && values[name] !== undefined) fields[field] = values[name];
  }
  // Sound: the type follows from the same rows.
  return fields as OptionFields<OptionTable>;
}

function splitUpstreams({ upstream }: Values): Pick<Options, "upstreams" | "upstreamFile"> {
  const upstreams = upstream.filter((choice): choice is Upstream => typeof choice === "object" && "host" in choice);
  const file = upstream.find(isFile)?.file;
  return { upstreams, ...(file === undefined ? {} : { upstreamFile: file }) };
}

function isFile(choice: UpstreamChoice): choice is { readonly file: string } {
  return typeof choice === "object" && "file" in choice;
}

function joinTlsFiles({ tlsCert, tlsKey }: Values): Pick<Options, "tlsFiles"> {
  return tlsCert === undefined || tlsKey === undefined ? {} : { tlsFiles: { cert: tlsCert, key: tlsKey } };
}

function joinQueryLog({ queryLog }: Values): Pick<Options, "queryLog"> {
  if (queryLog.every(isOff)) return {};
  // The most of what each value wants.
  const every = (of: keyof QueryLogSample): number => {
    const wanted = queryLog.map((sample) => sample[of]).filter((count) => count > 0);
    return wanted.length === 0 ? 0 : Math.min(...wanted);
  };
  return { queryLog: { success: every("success"), denial: every("denial"), error: every("error") } };
}

function isOff({ success, denial, error }: QueryLogSample): boolean {
  return success + denial + error === 0;
}
