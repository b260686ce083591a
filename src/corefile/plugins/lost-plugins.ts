// Plugins without a counterpart, and rewrite rules: rows of the plugin table.
// What is lost is said with what to do instead.
import { parseRewriteRule } from "../../config/rewrite-value.ts";
import type { RewriteRule } from "../../dns/rewrite-rule.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import type { Token } from "../token.ts";

/** A plugin without a counterpart. */
const lost = (text: string): PluginRow => ({ fate: "lost", text, takesAnyLine: true });

/** Rules apply to all names here; those of a block for some zones are kept where no other name can match. */
function isFor(rule: RewriteRule, zones: readonly string[]): boolean {
  if (zones.includes(".")) return true;
  if (rule.field !== "name" || (rule.match.kind !== "exact" && rule.match.kind !== "suffix")) return false;
  const { from } = rule.match;
  return zones.some((zone) => from === `${zone}.` || from.endsWith(`.${zone}.`));
}

function applyRewrite({ name, args, lines, zones, draft }: PluginUse): void {
  const words = [...args, ...lines.flatMap((line) => line.words)];
  const rule = words.map(quoted).join(" ");
  const parsed = parseRewriteRule(rule);
  if ("fault" in parsed) draft.lose(name, `rewrite ${rule}: it ${parsed.fault}`, "write a rule that is known, or none");
  else if (!isFor(parsed.value, zones))
    draft.lose(name, `rewrite ${rule}: for these zones only`, "the rules of the server are for all names");
  else draft.append("rewrite", rule, name);
}

function quoted({ text }: Token): string {
  return text === "" || /[\s"]/.test(text) ? `"${text.replaceAll('"', '\\"')}"` : text;
}

export const LOST_PLUGINS = {
  geoip: lost("places of clients"),
  trace: lost("traces of queries"),
  dns64: lost("AAAA records made of A records; forward to a resolver with DNS64"),
  tsig: lost("TSIG; use DNS over TLS"),
  rewrite: {
    fate: "kept",
    text: "`rewrite`, in the same words; rules for `edns0`, `ttl`, `cname` and `rcode` are lost",
    takesAnyLine: true,
    apply: applyRewrite,
  },
  header: lost("flags of headers"),
  dnssec: lost("signatures made while answering; sign the zone file"),
  transfer: lost("zone transfers; copy the zone file"),
  route53: lost("zones of AWS; forward them with `stub-domain`"),
  azure: lost("zones of Azure; forward them with `stub-domain`"),
  clouddns: lost("zones of Google Cloud; forward them with `stub-domain`"),
  secondary: lost("zone transfers; copy the zone file, or forward the zone with `stub-domain`"),
  etcd: lost("records in etcd; write a zone file"),
  erratic: lost("faults on purpose"),
  whoami: lost("the client's address as an answer"),
  on: lost("commands at start; use the init containers of the pod"),
  sign: lost("signatures; sign the zone file with `ldns-signzone`"),
  view: lost("blocks for some clients; run a second server for them"),
  nomad: lost("services of Nomad; forward their zone with `stub-domain`"),
} satisfies Readonly<Record<string, PluginRow>>;
