// Plugins for other servers and for the cache of their answers: rows of the plugin table.
// A block or plugin for one zone becomes a stub domain; all others are the upstreams of the server.
import { parseSeconds, optionLines, optionValue } from "../plugin-row.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import { isOfBlock, isWithin, zonesOf, zonesOrBlock } from "../server-key.ts";
import type { Token } from "../token.ts";

const POLICIES: Readonly<Record<string, string>> = {
  random: "random",
  round_robin: "round-robin",
  sequential: "sequential",
};
/** The rcodes after which the next upstream is asked anyway. */
const FAILOVER_RCODES = ["SERVFAIL", "REFUSED"];
/** CoreDNS's defaults, in seconds. */
const CACHE_TTL = { success: 3600, denial: 1800 };
const STALE_SECONDS = "3600";

function applyForward(use: PluginUse): void {
  const { name, args, draft } = use;
  const [from, ...targets] = args;
  if (from === undefined || targets.length === 0) return draft.lose(name, "forward: no upstream", "name one");
  const zones = narrowed(zonesOf(from.text)?.slice(0, 1) ?? [], use);
  if (zones.length === 0)
    return draft.lose(from, `forward ${from.text}`, "no query of its server block is for this zone");
  for (const target of targets) addTarget(use, target, zones);
  const policy = optionValue(use, "policy");
  const isOne = targets.length === 1 && !targets[0]!.text.startsWith("/");
  if (!isOne) draft.set("upstream-policy", POLICIES[policy?.text ?? "random"] ?? policy!.text, policy ?? name);
  for (const [word, ...rcodes] of optionLines(use, "failover")) {
    const lost = rcodes.map(({ text }) => text).filter((text) => !FAILOVER_RCODES.includes(text.toUpperCase()));
    if (lost.length > 0) draft.lose(word!, `forward: failover ${lost.join(" ")}`, "such an answer is final");
  }
}

/** The zones that are in both: those of the plugin within the block, or the block's within the plugin's. */
function narrowed(own: readonly string[], { zones: block, allZones }: PluginUse): readonly string[] {
  const inner = own.flatMap((zone) =>
    block.flatMap((outer) => (isWithin(zone, outer) ? [zone] : isWithin(outer, zone) ? [outer] : [])),
  );
  return [...new Set(inner)].filter((zone) => isOfBlock(zone, block, allZones));
}

function addTarget(use: PluginUse, target: Token, zones: readonly string[]): void {
  const { draft } = use;
  const upstream = toUpstream(use, target.text);
  for (const zone of zones) {
    if (zone === ".") draft.append("upstream", upstream, target);
    else if (!upstream.startsWith("/")) draft.append("stub-domain", `${zone}=${upstream}`, target);
    else draft.lose(target, `forward ${zone} ${upstream}: a file`, "name the addresses in it");
  }
  if (upstream.startsWith("/") && optionLines(use, "force_tcp").length > 0)
    draft.lose(target, "forward: force_tcp", "name the addresses in the file, as tcp://ADDRESS");
}

/** `dns://ADDRESS` and `tls://ADDRESS` with the server name, as our upstreams are written. */
function toUpstream(use: PluginUse, text: string): string {
  const [, scheme, address = text] = /^(dns|tls):\/\/(.*)$/.exec(text) ?? [];
  if (address.startsWith("/")) return address;
  const serverName = optionValue(use, "tls_servername")?.text;
  // A zone in an address, as in fe80::1%eth0, or a name in place of an address is refused later.
  if (scheme === "tls")
    return `tls://${address.split("%")[0]}${serverName === undefined ? "" : `#${serverName}`}${tlsFiles(use)}`;
  return optionLines(use, "force_tcp").length > 0 ? `tcp://${address}` : address;
}

/** `tls [CERT KEY] [CA]` as parameters of an upstream. */
function tlsFiles(use: PluginUse): string {
  const [, ...files] = optionLines(use, "tls").at(-1) ?? [];
  const keys = files.length === 1 ? ["ca"] : ["cert", "key", "ca"];
  const pairs = files.slice(0, keys.length).map(({ text }, i) => `${keys[i]}=${text}`);
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
}

/** Names that are not forwarded go on to the next plugin: to another zone, or to no answer. */
function applyExceptions(use: PluginUse): void {
  const zones = narrowed(zonesOf(use.args[0]?.text ?? "") ?? [], use);
  for (const [, ...names] of optionLines(use, "except")) for (const except of names) addException(use, except, zones);
}

function addException(use: PluginUse, except: Token, zones: readonly string[]): void {
  const { draft, clusterZones } = use;
  for (const zone of zonesOf(except.text) ?? []) {
    const isAnsweredHere = clusterZones.includes(zone);
    const isForwardedElsewhere = draft.options.get("stubDomain")?.values.some((value) => value.startsWith(`${zone}=`));
    const isAsked = isOfBlock(zone, use.zones, use.allZones);
    if (isAnsweredHere || isForwardedElsewhere === true || !isAsked) continue;
    if (zones.some((outer) => isWithin(zone, outer))) draft.append("stub-domain", `${zone}=none`, except);
  }
}

function applyCache(use: PluginUse): void {
  const { args, name, draft } = use;
  const [first, ...others] = args;
  const hasTtl = first !== undefined && /^\d+$/.test(first.text);
  const names = hasTtl ? others : args;
  const zones = zonesOrBlock(
    names.map(({ text }) => text),
    use.zones,
  );
  const keys = { success: "cache-ttl", denial: "cache-negative-ttl" } as const;
  for (const kind of ["success", "denial"] as const) {
    if (zones.every((zone) => isLocal(use, zone))) break;
    const words = optionLines(use, kind).at(-1) ?? [];
    const ttl = words[2] ?? (hasTtl ? first : undefined);
    const isDisabled = isDisabledFor(use, kind, zones);
    draft.setSmallest(keys[kind], isDisabled ? 0 : Number(ttl?.text ?? CACHE_TTL[kind]), ttl ?? name);
    if (words[3] !== undefined && words[3].text !== "0")
      draft.lose(words[3], `cache: ${kind}: a smallest TTL of ${words[3].text}`, "TTLs are never made longer");
  }
  const stale = optionLines(use, "serve_stale").at(-1);
  if (stale !== undefined)
    draft.set("serve-stale", String(parseSeconds(stale[1]?.text ?? STALE_SECONDS) ?? stale[1]!.text), stale[0]!);
}

/** Names of the cluster are compiled and never cached. */
function isLocal({ clusterZones }: PluginUse, zone: string): boolean {
  return clusterZones.some((cluster) => isWithin(zone, cluster));
}

/** Whether answers of this kind are cached for none of `zones`; if for some of them only, that is lost. */
function isDisabledFor(use: PluginUse, kind: string, zones: readonly string[]): boolean {
  const lines = optionLines(use, "disable").filter(([, word]) => word?.text === kind);
  const disabled = lines.flatMap(([, , ...names]) =>
    zonesOrBlock(
      names.map(({ text }) => text),
      zones,
    ),
  );
  const foreign = disabled.filter((zone) => !isLocal(use, zone));
  if (foreign.length === 0) return false;
  if (zones.every((zone) => disabled.includes(zone) || isLocal(use, zone))) return true;
  use.draft.lose(lines[0]![0]!, `cache: disable ${kind} ${foreign.join(" ")}`, "these names are cached for their TTL");
  return false;
}

const NEEDLESS_HEALTH = "upstreams are judged by the answers to real queries, and probed after failures";

export const FORWARD_PLUGINS = {
  cache: {
    fate: "kept",
    text: "`cache-ttl`, `cache-negative-ttl`, the smallest of all blocks; names of the cluster are never cached",
    options: {
      success: { fate: "kept", text: "`cache-ttl`; the number of answers follows from `cache-size`; MINTTL is lost" },
      denial: { fate: "kept", text: "`cache-negative-ttl`; the same" },
      prefetch: { fate: "needless", text: "answers that were read three times are fetched again before they expire" },
      serve_stale: { fate: "kept", text: "`serve-stale`; always after the upstreams were asked (`verify`)" },
      servfail: { fate: "needless", text: "failures are cached for 1 second, then longer, up to 5 (RFC 9520)" },
      disable: { fate: "kept", text: "nothing for zones of the cluster; 0 as TTL for all others; for some it is lost" },
      keepttl: { fate: "lost", text: "TTLs that do not count down" },
    },
    apply: applyCache,
  },
  forward: {
    fate: "kept",
    text: "`upstream` for the root, `stub-domain` for other zones; a file of nameservers only for the root",
    options: {
      except: { fate: "kept", text: "`stub-domain: DOMAIN=none`, unless the domain is answered or forwarded itself" },
      force_tcp: { fate: "kept", text: "`tcp://` before each address; lost for a file of nameservers" },
      prefer_udp: { fate: "needless", text: "upstreams are asked over UDP, and over TCP after a truncated reply" },
      expire: { fate: "needless", text: "connections to upstreams stay open as long as the upstream lets them" },
      max_fails: { fate: "needless", text: NEEDLESS_HEALTH },
      tls: { fate: "kept", text: "`?ca=`, `?cert=` and `key=` after each address by TLS; nothing without files" },
      tls_servername: { fate: "kept", text: "`#NAME` after each address" },
      policy: { fate: "kept", text: "`upstream-policy`; `random` without it, as in CoreDNS" },
      health_check: { fate: "needless", text: NEEDLESS_HEALTH },
      max_concurrent: { fate: "needless", text: "2,000 different queries are in flight at most, shared fairly" },
      next: { fate: "lost", text: "asking on after an answer" },
      failfast_all_unhealthy_upstreams: { fate: "needless", text: "queries fail at once while all upstreams are dead" },
      failover: { fate: "kept", text: "nothing for SERVFAIL and REFUSED, which always lead on; others are lost" },
    },
    apply: applyForward,
    applyLast: applyExceptions,
  },
  grpc: { fate: "lost", text: "upstreams over gRPC; forward to them over TLS or HTTPS", takesAnyLine: true },
} satisfies Readonly<Record<string, PluginRow>>;
