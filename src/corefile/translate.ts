// Translates the server blocks of a Corefile to options of the server and files beside them, plugin by plugin.
// Pure; what has no counterpart is a Problem of code `corefile-lost`.
import { basename } from "node:path";
import { canonicalIp } from "../net/ip.ts";
import { didYouMean } from "../std/nearest.ts";
import { Draft } from "./draft.ts";
import type { Line, ServerBlock } from "./parse-corefile.ts";
import { PLUGIN_TABLE } from "./plugin-table.ts";
import type { OptionFate, PluginRow, PluginUse } from "./plugin-row.ts";
import { hasKubeconfig, isReverse } from "./plugins/cluster-plugins.ts";
import { parseServerKey, zonesOrBlock } from "./server-key.ts";
import type { Token } from "./token.ts";

/** Protocols of server blocks that `--listen` has, and how it writes them. */
const LISTEN_SCHEMES: Readonly<Record<string, string>> = { dns: "", tls: "tls://", https: "https://" };
const ALL_ADDRESSES = ["0.0.0.0", "[::]"];
/** Names that nobody asks for, and networks of documents (RFC 6761, RFC 5737): a server without a cluster has these. */
const NO_CLUSTER = { domain: "cluster.invalid", network: "192.0.2.0/24" };

interface Block {
  readonly key: Token;
  readonly zones: readonly string[];
  readonly plugins: readonly Line[];
  /** As `--listen` has them. */
  readonly listen: readonly string[];
}

/** Translates all blocks; the draft has the options, files and problems. */
export function translate(blocks: readonly ServerBlock[]): Draft {
  const draft = new Draft();
  const known = blocks.map((block) => readBlock(block, draft));
  setListen(known, draft);
  const clusterZones = known.flatMap(clusterZonesOf);
  const allZones = known.flatMap(({ zones }) => zones);
  const uses = known.flatMap(({ zones, plugins }) => {
    const root = plugins.find(({ words }) => words[0]!.text === "root")?.words[1]?.text;
    return plugins.map(({ words: [name, ...args], lines }): PluginUse => {
      return { name: name!, args, lines, zones, allZones, clusterZones, root, draft };
    });
  });
  if (clusterZones.length === 0 && known.length > 0) moveCluster(draft, known[0]!.key);
  // The cluster of the pod, if there is one, is the first.
  for (const use of uses) if (!hasKubeconfig(use)) applyPlugin(use);
  for (const use of uses) if (hasKubeconfig(use)) applyPlugin(use);
  for (const use of uses) PLUGIN_TABLE.get(use.name.text)?.applyLast?.(use);
  if (known.length > 0 && !draft.options.has("upstream")) draft.append("upstream", "none", known[0]!.key);
  else for (const block of known) keepFromUpstreams(block, clusterZones, draft);
  return draft;
}

function applyPlugin(use: PluginUse): void {
  const { name, lines, draft } = use;
  const row = PLUGIN_TABLE.get(name.text);
  if (row === undefined) {
    const advice = `it is not part of CoreDNS 1.13${didYouMean(name.text, PLUGIN_TABLE.keys())}`;
    return draft.lose(name, `${name.text}: unknown plugin`, advice);
  }
  if (row.fate === "lost") return loseRow(draft, name, name.text, row);
  for (const line of lines) checkOption(use, row, line.words[0]!);
  row.apply?.(use);
}

function checkOption({ name, draft }: PluginUse, row: PluginRow, word: Token): void {
  const option = Object.hasOwn(row.options ?? {}, word.text) ? row.options![word.text] : undefined;
  const what = `${name.text}: ${word.text}`;
  if (option?.fate === "lost") loseRow(draft, word, what, option);
  if (option !== undefined || row.takesAnyLine === true) return;
  draft.lose(
    word,
    `${what}: unknown option`,
    `see ${name.text} in CoreDNS${didYouMean(word.text, Object.keys(row.options ?? {}))}`,
  );
}

/** The text of a row is what is lost, and after a semicolon what to do. */
function loseRow(draft: Draft, at: Token, what: string, { text }: OptionFate): void {
  const [lost, advice = "do without it"] = text.split("; ");
  draft.lose(at, `${what}: no counterpart for ${lost}`, advice);
}

/** The zones and addresses of a block. */
function readBlock({ keys, plugins }: ServerBlock, draft: Draft): Block {
  const bound = boundAddresses(plugins, draft);
  const zones: string[] = [];
  const listen: string[] = [];
  for (const key of keys) {
    const parsed = parseServerKey(key.text);
    if ("fault" in parsed) {
      draft.lose(key, `server block ${key.text}: ${parsed.fault}`, "correct it");
      continue;
    }
    zones.push(...parsed.zones);
    const scheme = LISTEN_SCHEMES[parsed.protocol];
    if (scheme === undefined) draft.lose(key, `server block ${key.text}: its protocol`, "use DNS over TLS or HTTPS");
    else for (const host of bound) listen.push(`${scheme}${host}:${parsed.port}`);
  }
  return { key: keys[0]!, zones, plugins, listen: [...new Set(listen)] };
}

/** Each address answers for the zones of all blocks. */
function setListen(blocks: readonly Block[], draft: Draft): void {
  const first = blocks[0]?.listen.toSorted().join(" ");
  for (const { key, listen } of blocks) {
    for (const address of listen) draft.append("listen", address, key);
    if (listen.length > 0 && listen.toSorted().join(" ") !== first)
      draft.lose(
        key,
        `server block ${key.text}: other addresses than the first block`,
        "all addresses answer for all zones",
      );
  }
}

function boundAddresses(plugins: readonly Line[], draft: Draft): readonly string[] {
  const binds = plugins.filter(({ words }) => words[0]!.text === "bind");
  if (binds.length === 0) return ALL_ADDRESSES;
  return binds.flatMap(({ words: [, ...args], lines }) => {
    const excepted = lines.flatMap(({ words }) => words.slice(1).map(({ text }) => canonicalIp(text)));
    return args.flatMap((word) => {
      const address = canonicalIp(word.text);
      if (address === undefined) draft.lose(word, `bind ${word.text}: not an address`, "set listen to its addresses");
      if (address === undefined || excepted.includes(address)) return [];
      return [address.includes(":") ? `[${address}]` : address];
    });
  });
}

/** Zones of a block that neither holds nor forwards them: no plugin of CoreDNS answers, so they have no upstream. */
function keepFromUpstreams({ key, zones, plugins }: Block, clusterZones: readonly string[], draft: Draft): void {
  if (plugins.some(({ words }) => words[0]!.text === "auto")) return;
  const files = [...draft.paths, ...draft.files.map(({ name }) => name)].map((path) => basename(path));
  const forwarded = draft.options.get("stubDomain")?.values ?? [];
  for (const zone of zones) {
    const isHeld = zone === "." || clusterZones.includes(zone) || files.includes(`${zone}.zone`);
    if (!isHeld && !forwarded.some((value) => value.startsWith(`${zone}=`)))
      draft.append("stub-domain", `${zone}=none`, key);
  }
}

function clusterZonesOf({ zones, plugins }: Block): readonly string[] {
  const uses = plugins.filter(({ words }) => words[0]!.text === "kubernetes");
  return uses.flatMap(({ words: [, ...args] }) =>
    zonesOrBlock(
      args.map(({ text }) => text),
      zones,
    ).filter((zone) => !isReverse(zone)),
  );
}

/** Without the plugin `kubernetes` all names are those of others, also cluster.local, as on a node with a cache. */
function moveCluster(draft: Draft, origin: Token): void {
  draft.set("cluster-domain", NO_CLUSTER.domain, origin);
  draft.set("cluster-services", "false", origin);
  draft.append("service-cidr", NO_CLUSTER.network, origin);
  draft.append("pod-cidr", NO_CLUSTER.network, origin);
}
