// Plugins for sockets, the process and what it shows: rows of the plugin table.
// Each carries its addresses, times and sizes over to options of the server.
import { parseCidr, parseIp } from "../../net/ip.ts";
import { optionValue, parseSeconds } from "../plugin-row.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import type { Token } from "../token.ts";

/** An address of an HTTP endpoint: in CoreDNS, `:8080` is the port of all addresses. */
function addEndpoint({ name, args, draft }: PluginUse, key: string, initial: string): void {
  const address = (args[0]?.text ?? initial).replace(/^localhost:/, "127.0.0.1:");
  const hosts = address.startsWith(":") ? ["0.0.0.0", "[::]"] : [""];
  for (const host of hosts) draft.append(key, `${host}${address}`, name);
}

function applyHealth(use: PluginUse): void {
  addEndpoint(use, "health", ":8080");
  const lameduck = optionValue(use, "lameduck");
  if (lameduck !== undefined) use.draft.set("lameduck", String(parseSeconds(lameduck.text) ?? lameduck.text), lameduck);
}

function applyAcl(use: PluginUse): void {
  const { name, args, zones, draft } = use;
  const rules = use.lines.map(({ words }) => words);
  const lose = (at: Token, what: string): void =>
    draft.lose(at, `acl: ${what}`, "only --allow exists: clients in it get answers, all others REFUSED");
  if (args.length > 0 || !zones.includes(".")) return lose(name, "rules for some zones");
  const allowed: Token[] = [];
  for (const [i, words] of rules.entries()) {
    const [action, keyword, ...nets] = words as [Token, ...Token[]];
    const isEnd = i === rules.length - 1;
    const isAll = keyword === undefined || (keyword.text === "net" && nets.every(({ text }) => text === "*"));
    if (action.text === "allow" && keyword?.text === "net" && !isAll && !isEnd) allowed.push(...nets);
    else if (action.text !== "block" || !isAll || !isEnd)
      return lose(action, `rule "${words.map(({ text }) => text).join(" ")}"`);
  }
  if (allowed.length === 0 && rules.length > 0) return lose(name, "a rule that blocks all clients");
  for (const net of allowed) draft.append("allow", toPrefix(net.text), net);
}

function toPrefix(text: string): string {
  const bytes = parseIp(text);
  if (parseCidr(text) !== undefined || bytes === undefined) return text;
  return `${text}/${bytes.length * 8}`;
}

function applyTls({ args, draft }: PluginUse): void {
  const [cert, key, ca] = args;
  if (cert !== undefined) draft.set("tls-cert", cert.text, cert);
  if (key !== undefined) draft.set("tls-key", key.text, key);
  if (ca !== undefined) draft.lose(ca, `tls: CA ${ca.text}`, "clients are not asked for certificates");
}

/** A plugin or an option that the server does without, or does anyway. */
const needless = (text: string): PluginRow => ({ fate: "needless", text });

export const PROCESS_PLUGINS = {
  root: {
    fate: "kept",
    text: "relative names of files begin there",
  },
  cancel: needless("queries to upstreams end after 3.8 seconds"),
  tls: {
    fate: "kept",
    text: "`tls-cert`, `tls-key`; a CA of clients is lost",
    options: { client_auth: { fate: "lost", text: "certificates of clients" } },
    apply: applyTls,
  },
  quic: { fate: "lost", text: "DNS over QUIC; use DNS over TLS or HTTPS", takesAnyLine: true },
  timeouts: { ...needless("idle TCP connections are closed by limits of their own"), takesAnyLine: true },
  multisocket: {
    fate: "kept",
    text: "`udp-workers`",
    apply: ({ args: [count], draft }) => count && draft.set("udp-workers", count.text, count),
  },
  reload: needless(
    "zone files, hosts files, certificates, secrets and the configuration are followed; some options need a restart",
  ),
  nsid: {
    fate: "kept",
    text: "`nsid`; without data it is the name of the host in CoreDNS, which is lost",
    apply: ({ name, args, draft }) => {
      const text = args.map((word) => word.text).join(" ");
      if (text !== "") draft.set("nsid", text, name);
      else draft.lose(name, "nsid: the name of the host", "set CLUSTER_DNS_NSID from metadata.name of the pod");
    },
  },
  bufsize: {
    fate: "kept",
    text: "`edns-size`",
    apply: ({ name, args, draft }) => draft.set("edns-size", args[0]?.text ?? "1232", name),
  },
  bind: {
    fate: "kept",
    text: "`listen`; names of interfaces are lost",
    options: { except: { fate: "kept", text: "these addresses are left out of `listen`" } },
  },
  debug: {
    fate: "kept",
    text: "`log-level: debug`",
    apply: ({ name, draft }) => draft.set("log-level", "debug", name),
  },
  ready: {
    fate: "kept",
    text: "`ready`",
    options: { monitor: { fate: "needless", text: "how long readiness is watched is not an option" } },
    apply: (use) => addEndpoint(use, "ready", ":8181"),
  },
  health: {
    fate: "kept",
    text: "`health`",
    options: { lameduck: { fate: "kept", text: "`lameduck`" } },
    apply: applyHealth,
  },
  prometheus: {
    fate: "kept",
    text: "`admin`, and `metrics-names: coredns`, so that dashboards go on",
    apply: (use) => {
      addEndpoint(use, "admin", "localhost:9153");
      use.draft.set("metrics-names", "coredns", use.name);
    },
  },
  acl: {
    fate: "kept",
    text: "`allow`, if networks are allowed and all others blocked, for all zones and types; other rules are lost",
    takesAnyLine: true,
    apply: applyAcl,
  },
  local: needless("`localhost` is answered here, as are the reverse names of loopback addresses"),
  any: needless("queries for ANY get one HINFO record (RFC 8482)"),
  minimal: needless("additional records are only the addresses of targets"),
  chaos: needless("`version.bind` and the like are refused, and `hostname.bind` gives `nsid`"),
  metadata: needless("no plugin reads it"),
  pprof: { fate: "lost", text: "profiles over HTTP; use perf", takesAnyLine: true },
  loop: needless("upstreams that are this server itself are not asked"),
} satisfies Readonly<Record<string, PluginRow>>;
