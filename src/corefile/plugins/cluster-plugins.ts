// Plugins for the objects of a cluster: rows of the plugin table.
// Each carries its zones and choices over to options of the server.
import { isWithin, zonesOrBlock } from "../server-key.ts";
import { optionLines, optionValue, parseSeconds } from "../plugin-row.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import type { Token } from "../token.ts";

const REVERSE_ROOTS = ["in-addr.arpa", "ip6.arpa"];
/** CoreDNS's defaults. */
const TTL_SECONDS = "5";
const PODS_MODE = "disabled";

/** Whether it may be served beside another cluster: the API is not that of the pod. */
export function hasKubeconfig(use: PluginUse): boolean {
  return use.name.text === "kubernetes" && optionValue(use, "kubeconfig") !== undefined;
}

/** Whether a zone holds reverse names. */
export function isReverse(zone: string): boolean {
  return REVERSE_ROOTS.some((root) => isWithin(zone, root));
}

function applyKubernetes(use: PluginUse): void {
  const { name, args, zones, draft } = use;
  const [domain, ...others] = zonesOrBlock(
    args.map(({ text }) => text),
    zones,
  ).filter((zone) => !isReverse(zone));
  const isFirst = !draft.options.has("source");
  const kubeconfig = optionLines(use, "kubeconfig").at(-1)?.[1];
  if (domain === undefined) draft.lose(name, "kubernetes: no zone but reverse zones", "set cluster-domain");
  if (isFirst || kubeconfig === undefined) {
    draft.set("source", "kubernetes", name);
    if (domain !== undefined) draft.set("cluster-domain", domain, name);
    applySource(use);
  } else if (domain !== undefined) {
    appendCluster(use, domain, kubeconfig);
  }
  for (const other of others) draft.lose(name, `kubernetes ${other}: a second zone`, "a server has one cluster domain");
  draft.set("pods", optionValue(use, "pods")?.text ?? PODS_MODE, optionLines(use, "pods")[0]?.[0] ?? name);
  draft.set("ttl", optionValue(use, "ttl")?.text ?? TTL_SECONDS, optionLines(use, "ttl")[0]?.[0] ?? name);
  for (const [word] of optionLines(use, "endpoint_pod_names")) draft.set("endpoint-pod-names", "true", word!);
  const timeout = optionValue(use, "startup_timeout");
  if (timeout !== undefined) draft.set("startup-timeout", String(parseSeconds(timeout.text) ?? timeout.text), timeout);
  for (const [word, ...names] of optionLines(use, "fallthrough")) {
    const lost = zonesOrBlock(
      names.map(({ text }) => text),
      [domain ?? "."],
    ).filter((zone) => !isReverse(zone));
    for (const zone of lost)
      draft.lose(
        word!,
        `kubernetes: fallthrough of ${zone}`,
        "names of the cluster domain that do not exist end there",
      );
  }
}

/** Where the objects come from, and which are seen. */
function applySource(use: PluginUse): void {
  const { draft } = use;
  for (const [, ...names] of optionLines(use, "namespaces"))
    for (const name of names) draft.append("namespaces", name.text, name);
  for (const [word, ...words] of optionLines(use, "labels"))
    draft.set("service-selector", words.map(({ text }) => text).join(" "), word!);
  for (const [word, ...words] of optionLines(use, "namespace_labels"))
    draft.set("namespace-selector", words.map(({ text }) => text).join(" "), word!);
  for (const [, file, context] of optionLines(use, "kubeconfig")) {
    if (file !== undefined) draft.set("kubeconfig", file.text, file);
    if (context !== undefined) draft.set("context", context.text, context);
  }
}

/** Another cluster than the first one, with a domain of its own. */
function appendCluster(use: PluginUse, domain: string, kubeconfig: Token): void {
  const { name, draft } = use;
  const known = draft.options.get("cluster")?.values ?? [];
  if ([...(draft.options.get("clusterDomain")?.values ?? []), ...known.map(domainOf)].includes(domain))
    return draft.lose(
      name,
      `kubernetes ${domain}: a second cluster with that zone`,
      "give each cluster a zone of its own",
    );
  const context = optionLines(use, "kubeconfig").at(-1)![2];
  const namespaces = optionLines(use, "namespaces").flatMap(([, ...words]) => words.map(({ text }) => text));
  const parts = [
    `kubeconfig:${kubeconfig.text}`,
    `domain=${domain}`,
    ...(context === undefined ? [] : [`context=${context.text}`]),
    ...namespaces.map((namespace) => `namespaces=${namespace}`),
    ...requirements(use, "namespace_labels").map((text) => `namespace-selector=${text}`),
    ...requirements(use, "labels").map((text) => `service-selector=${text}`),
  ];
  draft.append("cluster", `${nameFor(domain, known)}=${parts.join(",")}`, name);
}

/** The first label of the domain, or all of them if another cluster has that name. */
function nameFor(domain: string, known: readonly string[]): string {
  const label = domain.split(".")[0]!;
  return known.some((value) => value.startsWith(`${label}=`)) ? domain.replaceAll(".", "-") : label;
}

function domainOf(cluster: string): string | undefined {
  return /,domain=([^,]*)/.exec(cluster)?.[1];
}

/** The requirements of a label selector; commas in parentheses separate values. */
function requirements(use: PluginUse, option: string): readonly string[] {
  return optionLines(use, option).flatMap(([, ...words]) =>
    words
      .map(({ text }) => text)
      .join(" ")
      .split(/,\s*(?![^(]*\))/),
  );
}

export const CLUSTER_PLUGINS = {
  autopath: {
    fate: "kept",
    text: "`autopath: true` for `@kubernetes`; the file of a search list is lost",
    apply: ({ name, args, draft }) => {
      const source = args.at(-1);
      if (source?.text === "@kubernetes") draft.set("autopath", "true", name);
      else draft.lose(name, `autopath ${source?.text ?? ""}: a search list of a file`, "pods have their own lists");
    },
  },
  k8s_external: { fate: "lost", text: "names of external addresses; write a zone file for them", takesAnyLine: true },
  kubernetes: {
    fate: "kept",
    text: "`source: kubernetes`, `cluster-domain`; set `service-cidr` and `pod-cidr` to those of the cluster",
    options: {
      endpoint: { fate: "lost", text: "the URL of an API server; name a kubeconfig" },
      tls: { fate: "lost", text: "certificates of the API; name a kubeconfig" },
      kubeconfig: { fate: "kept", text: "`kubeconfig`, `context`; of a second cluster, `cluster`" },
      namespaces: { fate: "kept", text: "`namespaces`" },
      labels: { fate: "kept", text: "`service-selector`" },
      namespace_labels: { fate: "kept", text: "`namespace-selector`" },
      pods: { fate: "kept", text: "`pods`; `disabled` without it, as in CoreDNS" },
      endpoint_pod_names: { fate: "kept", text: "`endpoint-pod-names: true`" },
      ttl: { fate: "kept", text: "`ttl`; 5 without it, as in CoreDNS" },
      noendpoints: { fate: "lost", text: "services without endpoints" },
      fallthrough: {
        fate: "kept",
        text: "reverse names outside `service-cidr` and `pod-cidr` are forwarded; for other zones it is lost",
      },
      ignore: { fate: "lost", text: "NXDOMAIN for services without ready endpoints" },
      multicluster: { fate: "lost", text: "zones of the Multi-Cluster Services API" },
      startup_timeout: { fate: "kept", text: "`startup-timeout`" },
      upstream: { fate: "needless", text: "targets of ExternalNames are resolved as other names are" },
    },
    apply: applyKubernetes,
  },
} satisfies Readonly<Record<string, PluginRow>>;
