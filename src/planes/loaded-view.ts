// A loaded cluster as `explain` sees it: objects and zone files from a load, answers from the server's own answerer
// without a socket. Names outside the local zones are told to be forwarded; nobody is asked.
import type { Options } from "../config/options.ts";
import { isAtOrBelow, parseName } from "../dns/name.ts";
import type { ExplainView, Route } from "../explain/explain-view.ts";
import type { LocalView } from "../explain/resolves.ts";
import { NO_RESOLV_CONF } from "../resolv-conf/resolv-conf.ts";
import { accessSettings } from "./access-settings.ts";
import { CompiledCluster } from "./compiled-cluster.ts";
import type { LoadedCluster } from "./load-cluster.ts";

const ROOT = ".";

/** Compiles the names that are asked for, when they are. */
export function loadedView(loaded: LoadedCluster, options: Options): LocalView {
  const { cluster, zones, contents, sourceProblems, clusterProblems, zoneProblems } = loaded;
  const compiled = loaded.compiled ?? new CompiledCluster(cluster, zones, options, { isOnDemand: true });
  const { clusterDomain: domain, pods, endpointPodNames } = options;
  return {
    ...optionsView(options),
    clusters: [{ domain, registry: cluster.registry, pods, endpointPodNames }],
    files: [...contents],
    node: NO_RESOLV_CONF,
    problems: [...sourceProblems, ...clusterProblems, ...zoneProblems],
    routeOf: (name) => routeByOptions(name, options),
    ask: (query, client) => compiled.ask(query, client),
  };
}

/** What follows from the options alone. */
export function optionsView(
  options: Options,
): Pick<ExplainView, "allow" | "hostsAuthoritative" | "rewriteRules" | "podCidrs" | "ednsSize" | "namespace"> {
  const { allow } = accessSettings(options);
  const { hostsAuthoritative, rewriteRules, podCidrs, ednsSize, namespace } = options;
  return { ...(allow && { allow }), hostsAuthoritative, rewriteRules, podCidrs, ednsSize, namespace };
}

/** Where a name is forwarded to, as far as the options tell. */
export function routeByOptions(name: Uint8Array, { stubDomains, upstreams, upstreamFile }: Options): Route | undefined {
  const own = stubDomains.filter(({ domain }) => isAtOrBelow(name, parseName(domain)!));
  const closest = own.toSorted((a, b) => b.domain.length - a.domain.length)[0]?.domain;
  if (closest !== undefined) {
    const named = own.filter(({ domain }) => domain === closest);
    return { domain: closest, upstreams: named.flatMap(({ upstream }) => (upstream === "none" ? [] : upstream.text)) };
  }
  const all = [
    ...upstreams.map(({ text }) => text),
    ...(upstreamFile === undefined ? [] : [`the nameservers of ${upstreamFile}`]),
  ];
  return all.length === 0 ? undefined : { domain: ROOT, upstreams: all };
}
