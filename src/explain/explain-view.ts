// What `explain` needs of a cluster or a running server: objects, zone files, options, and the code that answers. The
// planes provide it (planes/explain-plane.ts). Types only.
import type { AskedReply } from "../answer/asked-reply.ts";
import type { Client } from "../answer/client.ts";
import type { RewriteRule } from "../dns/rewrite-rule.ts";
import type { Cidr } from "../net/ip.ts";
import type { Problem } from "../objects/problem.ts";
import type { ClusterObjects } from "../overview/service-row.ts";
import type { ResolvConf } from "../resolv-conf/resolv-conf.ts";
import type { FileContent } from "../zonefile/choose-zones.ts";

/** A cluster, and the options that its names depend on. */
export interface ExplainedCluster extends ClusterObjects {
  readonly pods: "insecure" | "verified" | "disabled";
  readonly endpointPodNames: boolean;
  /** The resourceVersion of the object with the key, as far as sources have versions. */
  readonly versionOf?: (key: string) => string | undefined;
}

/** Where a name is forwarded to. */
export interface Route {
  /** The stub domain; `.`: no stub domain has the name. */
  readonly domain: string;
  /** As in the options; none: names of the domain are refused. */
  readonly upstreams: readonly string[];
}

/** What names are explained from. */
export interface NameView {
  /** In the order of precedence, at least one. */
  readonly clusters: readonly ExplainedCluster[];
  /** Zone files and hosts files. */
  readonly files: readonly (readonly [path: string, content: FileContent])[];
  /** Whether names of hosts files have no other types, and no names below them. */
  readonly hostsAuthoritative: boolean;
  /** Clients that may ask; undefined: all. */
  readonly allow?: readonly Cidr[];
  /** Undefined: a name that no local zone has is refused. */
  readonly routeOf: (name: Uint8Array) => Route | undefined;
}

/** A server as it is explained. */
export interface ExplainView extends NameView {
  readonly rewriteRules: readonly RewriteRule[];
  /** Of pods that have no address of their own. */
  readonly podCidrs: readonly Cidr[];
  /** The largest reply over UDP, bytes. */
  readonly ednsSize: number;
  /** The resolv.conf of the node, whose search list pods have after that of the cluster. */
  readonly node: ResolvConf;
  /** Who asks unless the question says: a pod of this namespace. */
  readonly namespace: string;
  /** What is wrong with files, objects and zones. */
  readonly problems: readonly Problem[];
  /** Answers as to this client. */
  readonly ask: (query: Uint8Array, client: Client) => AskedReply | Promise<AskedReply>;
}
