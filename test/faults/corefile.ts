// CoreDNS's configuration for the fault list: the same cluster by its kubernetes plugin, the same upstreams behind the
// same proxies, with the cache of stale answers that this project's server has by default.
import { writeFileSync } from "node:fs";
import { ZONE_TTL_SECONDS } from "../../bench/cluster-records.ts";
import { CLUSTER_DOMAIN } from "../../bench/cluster.ts";

/** What differs between trials. */
export interface CorefileSettings {
  readonly port: number;
  readonly apiUrl: string;
  readonly upstreams: readonly string[];
  /** Further lines for the cluster's zone, and for all other names. */
  readonly zone?: string;
  readonly root?: string;
  /** Further servers. */
  readonly more?: string;
}

/** Writes the file into a folder; its path. */
export function writeCorefile(folder: string, { port, apiUrl, upstreams, zone, root, more }: CorefileSettings): string {
  const path = `${folder}/Corefile-${port}`;
  const text = `${CLUSTER_DOMAIN}:${port} {
    bind 127.0.0.1
    kubernetes {
        endpoint ${apiUrl}
        ttl ${ZONE_TTL_SECONDS}
    }
    ${zone ?? ""}
}
.:${port} {
    bind 127.0.0.1
    errors
    forward . ${upstreams.join(" ")} {
        policy sequential
    }
    cache 30 {
        serve_stale 24h
    }
    ${root ?? ""}
}
${more ?? ""}
`;
  writeFileSync(path, text);
  return path;
}
