// All plugins that CoreDNS 1.13 is built with, in the order in which it runs them: what becomes of each.
// The import and the table of docs/coredns.md are made from these rows.
import type { PluginRow } from "./plugin-row.ts";
import { CLUSTER_PLUGINS } from "./plugins/cluster-plugins.ts";
import { FORWARD_PLUGINS } from "./plugins/forward-plugins.ts";
import { LOG_PLUGINS } from "./plugins/log-plugins.ts";
import { LOST_PLUGINS } from "./plugins/lost-plugins.ts";
import { PROCESS_PLUGINS } from "./plugins/process-plugins.ts";
import { RECORD_PLUGINS } from "./plugins/record-plugins.ts";

const ROWS: Readonly<Record<string, PluginRow>> = {
  ...PROCESS_PLUGINS,
  ...LOG_PLUGINS,
  ...CLUSTER_PLUGINS,
  ...RECORD_PLUGINS,
  ...FORWARD_PLUGINS,
  ...LOST_PLUGINS,
};

const ORDER = [
  ..."root metadata geoip cancel tls quic timeouts multisocket reload nsid bufsize bind debug trace ready".split(" "),
  ..."health pprof prometheus errors log dnstap local dns64 acl any chaos loadbalance tsig cache rewrite".split(" "),
  ..."header dnssec autopath minimal template transfer hosts route53 azure clouddns k8s_external".split(" "),
  ..."kubernetes file auto secondary etcd loop forward grpc erratic whoami on sign view nomad".split(" "),
];

/** The rows by the name of their plugin. */
export const PLUGIN_TABLE: ReadonlyMap<string, PluginRow> = new Map(ORDER.map((name) => [name, ROWS[name]!]));
