// Which clusters one server can't have together: names, domains and files must differ.
// From parsed values to errors. Pure.
import type { NamedCluster } from "./cluster-value.ts";

/** The table has a zone for so many, and one for the first cluster. */
export const NAMED_CLUSTERS_MAX = 31;
/** Labels of a cluster zone's own names, directly below its apex. */
const OWN_LABELS = ["svc", "pod", "dns", "dns-version"];

/** A domain, and what has it, as an error calls it. */
interface Holder {
  readonly what: string;
  readonly domain: string;
}

/** Errors of the clusters of `--cluster` with each other: a sentence each, without a full stop. */
export function namedClusterConflicts(clusters: readonly NamedCluster[], snapshotFile: string | undefined): string[] {
  const errors: string[] = [];
  if (clusters.length > NAMED_CLUSTERS_MAX) errors.push(`--cluster: at most ${NAMED_CLUSTERS_MAX} are possible`);
  const names = clusters.map(({ name }) => name);
  for (const name of repeated(names)) errors.push(`--cluster: ${name} is given twice`);
  const files = clusters.map((cluster) => snapshotOf(cluster, snapshotFile)).filter((file) => file !== undefined);
  for (const file of repeated(snapshotFile === undefined ? files : [snapshotFile, ...files]))
    errors.push(`--cluster: two clusters have the snapshot ${file}: each needs a file of its own`);
  return [...errors, ...domainConflicts(clusters.map(holderOf))];
}

/** Errors of the first cluster's domain with those of `--cluster`. */
export function firstDomainConflicts(clusterDomain: string, clusters: readonly NamedCluster[]): string[] {
  const first = { what: "--cluster-domain", domain: clusterDomain };
  return clusters.flatMap((cluster) => domainConflicts([first, holderOf(cluster)]));
}

/** Where the snapshot of the cluster is: beside that of the first one, unless it says another place. */
export function snapshotOf({ name, snapshotFile }: NamedCluster, ofFirst: string | undefined): string | undefined {
  return snapshotFile ?? (ofFirst === undefined ? undefined : `${ofFirst}.${name}`);
}

function holderOf({ name, clusterDomain }: NamedCluster): Holder {
  return { what: `--cluster ${name}`, domain: clusterDomain };
}

function domainConflicts(holders: readonly Holder[]): string[] {
  return holders.flatMap((one, i) =>
    holders.slice(i + 1).flatMap((other) => {
      const conflict = conflictOf(one, other) ?? conflictOf(other, one);
      return conflict === undefined ? [] : [conflict];
    }),
  );
}

/** What is wrong with `inner` beside `outer`. */
function conflictOf(outer: Holder, inner: Holder): string | undefined {
  if (outer.domain === inner.domain)
    return `${inner.what} has the domain ${inner.domain}, as ${outer.what} does: each needs one of its own`;
  if (!OWN_LABELS.some((label) => `.${inner.domain}`.endsWith(`.${label}.${outer.domain}`))) return undefined;
  return `${inner.what} has the domain ${inner.domain}, which is among the names of ${outer.what} (${outer.domain})`;
}

function repeated(values: readonly string[]): ReadonlySet<string> {
  return new Set(values.filter((value, i) => values.indexOf(value) !== i));
}
