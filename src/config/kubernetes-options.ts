// The options of the API of a cluster as a source.
// Rows of the option table.
import { parseCluster } from "./cluster-value.ts";
import type { OptionRow } from "./option-row.ts";
import {
  parseChoice,
  parseFileName,
  parseLabelSelector,
  parseNamespaceName,
  parseText,
  parseWholeNumber,
} from "./option-values.ts";

const SOURCES = ["kubernetes"] as const;
const STARTUP_SECONDS_MAX = 3_600;

export const KUBERNETES_OPTIONS = {
  /** Sources beside the paths: `kubernetes`, the API of a cluster. */
  source: {
    field: "sources",
    form: "list",
    placeholder: "SOURCE",
    help:
      "Source beside the paths: kubernetes is the API of a cluster, of the one whose pod this is or of --kubeconfig. " +
      "Manifests override its objects",
    example: "kubernetes",
    parse: (text) => parseChoice(text, SOURCES),
  },
  /** `NAME=kubeconfig:FILE,domain=DOMAIN[,KEY=VALUE…]`: clusters beside the first one, each with its own domain. */
  cluster: {
    field: "clusters",
    form: "list",
    separator: "\n",
    placeholder: "CLUSTER",
    help:
      "Another cluster with a domain of its own: NAME=kubeconfig:FILE,domain=DOMAIN, and the keys context, " +
      "service-cidr, pod-cidr, namespaces, namespace-selector, service-selector and snapshot where it needs them. A " +
      "flag has one cluster, a variable one a line",
    example: "east=kubeconfig:east.yaml,context=admin,domain=east.local",
    parse: parseCluster,
  },
  /** Kubeconfig that says where the API is; without it, the pod's service account. */
  kubeconfig: {
    form: "text",
    placeholder: "FILE",
    help:
      "Kubeconfig for --source kubernetes: tokens, client certificates, exec plugins and OIDC. Without it, the " +
      "service account of the pod",
    example: "/etc/cluster-dns/kubeconfig",
    parse: parseFileName,
  },
  /** Context of the kubeconfig; without it, its current one. */
  context: {
    form: "text",
    placeholder: "NAME",
    help: "Context of the --kubeconfig. Without it, its current-context",
    example: "staging",
    parse: parseText,
  },
  /** Namespaces of the cluster that are served; none: all. */
  namespaces: {
    form: "list",
    placeholder: "NAME,…",
    help: "Namespaces of the cluster to serve; the API is asked for no others. Without it, all",
    example: "shop,shop-data",
    parse: parseNamespaceName,
  },
  /** Label selector of namespaces that are served. */
  namespaceSelector: {
    form: "text",
    placeholder: "SELECTOR",
    help: "Label selector of the namespaces of the cluster to serve. Without it, all",
    example: "environment=test,team in (a,b)",
    parse: parseLabelSelector,
  },
  /** Label selector of services that are served. */
  serviceSelector: {
    form: "text",
    placeholder: "SELECTOR",
    help: "Label selector of the services of the cluster to serve. Without it, all",
    example: "exposed=true",
    parse: parseLabelSelector,
  },
  /** File with the last state of the cluster, for a start while its API is away. */
  snapshot: {
    field: "snapshotFile",
    form: "text",
    placeholder: "FILE",
    help:
      "File with the last state of the cluster, written at most every 10 seconds; served if the API does not answer " +
      "at the start. A --cluster has one of its own, FILE.NAME. Without it, names of the cluster are SERVFAIL until " +
      "the API answers",
    example: "/var/lib/cluster-dns/snapshot",
    parse: parseFileName,
  },
  /** How long the start waits for the API of the cluster, in seconds. */
  startupTimeout: {
    field: "startupTimeoutSeconds",
    form: "number",
    placeholder: "SECONDS",
    default: "5",
    help:
      "How long the start waits for the API of the cluster before the --snapshot is served; other names are answered " +
      "at once",
    example: "10",
    parse: (text) => parseWholeNumber(text, 0, STARTUP_SECONDS_MAX),
  },
} as const satisfies Readonly<Record<string, OptionRow>>;
