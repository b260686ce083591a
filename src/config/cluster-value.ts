// The grammar of a cluster beside the first one: NAME=kubeconfig:FILE,domain=DOMAIN[,KEY=VALUE…]. A part without a key
// belongs to the value before it, so that lists can be written. Pure: text to a value, or what is wrong with it.
import type { Cidr } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import {
  parseClusterDomain,
  parseFileName,
  parseLabelSelector,
  parseNamespaceName,
  parsePrefix,
  parseText,
} from "./option-values.ts";
import type { Parsed } from "./option-values.ts";

/** A cluster by its name. What it lacks is as for the first cluster; the fields are those of `Options`. */
export interface NamedCluster {
  readonly name: string;
  readonly kubeconfig: string;
  readonly clusterDomain: string;
  readonly context?: string;
  readonly serviceCidrs?: readonly Cidr[];
  readonly podCidrs?: readonly Cidr[];
  readonly namespaces?: readonly string[];
  readonly namespaceSelector?: string;
  readonly serviceSelector?: string;
  readonly snapshotFile?: string;
}

/** The ranges that the clusters say they have. */
export function rangesOf(clusters: readonly NamedCluster[]): readonly Cidr[] {
  return clusters.flatMap(({ podCidrs = [], serviceCidrs = [] }) => [...podCidrs, ...serviceCidrs]);
}

interface Key {
  readonly field: keyof NamedCluster;
  readonly parse: (text: string) => Parsed<unknown>;
  /** The value is a list. */
  readonly isList?: true;
  /** The key may be repeated: that adds to its value. */
  readonly repeats?: true;
}

const FORM = "NAME=kubeconfig:FILE,domain=DOMAIN";
const NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const SOURCE = "kubeconfig:";

const KEYS: Readonly<Record<string, Key>> = {
  [SOURCE]: { field: "kubeconfig", parse: parseFileName },
  domain: { field: "clusterDomain", parse: parseClusterDomain },
  context: { field: "context", parse: parseText },
  "service-cidr": { field: "serviceCidrs", parse: parsePrefix, isList: true, repeats: true },
  "pod-cidr": { field: "podCidrs", parse: parsePrefix, isList: true, repeats: true },
  namespaces: { field: "namespaces", parse: parseNamespaceName, isList: true, repeats: true },
  "namespace-selector": { field: "namespaceSelector", parse: parseLabelSelector, repeats: true },
  "service-selector": { field: "serviceSelector", parse: parseLabelSelector, repeats: true },
  snapshot: { field: "snapshotFile", parse: parseFileName },
};

/** `NAME=kubeconfig:FILE,domain=DOMAIN[,KEY=VALUE…]` */
export function parseCluster(text: string): Parsed<NamedCluster> {
  const [name = "", rest] = text.split(/=(.*)/s);
  if (rest === undefined) return { fault: `is not ${FORM}, such as east=kubeconfig:east.yaml,domain=east.local` };
  if (!NAME.test(name))
    return { fault: "does not begin with a name: up to 63 lower-case letters, digits and inner hyphens" };
  const texts = readParts(rest);
  if ("fault" in texts) return texts;
  const fields: Record<string, unknown> = {};
  for (const [key, value] of texts.value) {
    const parsed = parseKey(KEYS[key]!, value);
    if ("fault" in parsed) return { fault: `has ${written(key)}${value}, which ${parsed.fault}` };
    fields[KEYS[key]!.field] = parsed.value;
  }
  if (fields["kubeconfig"] === undefined) return { fault: `does not say where the cluster is: ${FORM}` };
  if (fields["clusterDomain"] === undefined) return { fault: `has no domain: add domain=DOMAIN, as in ${FORM}` };
  // Sound: the table names the fields, and the two that are required are there.
  return { value: { name, ...fields } as unknown as NamedCluster };
}

/** The value of each key, as written; several of one key are joined by commas. */
function readParts(text: string): Parsed<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  let last: string | undefined;
  for (const part of text.split(",")) {
    const [, own, value = part] = /^\s*(kubeconfig:|[a-z][a-z-]*(?==))=?(.*)$/s.exec(part) ?? [];
    const key = own ?? last;
    if (key === undefined) return { fault: `does not say where the cluster is: ${FORM}` };
    if (!Object.hasOwn(KEYS, key)) return { fault: `has ${key}=, which is not known${adviceFor(key, last)}` };
    const before = values.get(key);
    if (before !== undefined && own !== undefined && KEYS[key]!.repeats !== true)
      return { fault: `has ${written(key)} twice` };
    values.set(key, before === undefined ? value : `${before},${value}`);
    last = key;
  }
  return { value: values };
}

function written(key: string): string {
  return key === SOURCE ? key : `${key}=`;
}

function adviceFor(key: string, last: string | undefined): string {
  if (key === "kubeconfig") return "; write kubeconfig:FILE, with a colon";
  if (last?.endsWith("-selector") === true) return `; write each requirement with a ${last}= of its own`;
  const keys = Object.keys(KEYS).filter((each) => each !== SOURCE);
  return `${didYouMean(key, keys)}; the keys are ${keys.join(", ")}`;
}

function parseKey({ parse, isList }: Key, text: string): Parsed<unknown> {
  if (isList === undefined) return parse(text.trim());
  const values: unknown[] = [];
  for (const item of text.split(",")) {
    const parsed = parse(item.trim());
    if ("fault" in parsed) return parsed;
    values.push(parsed.value);
  }
  return { value: values };
}
