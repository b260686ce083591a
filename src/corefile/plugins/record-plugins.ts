// Plugins that hold records of their own: rows of the plugin table.
// Lines of hosts and fixed answers of templates become files beside the configuration; files that exist are named.
import { dirname, basename, isAbsolute, join } from "node:path";
import { zoneOfTemplate } from "../fixed-template.ts";
import { optionLines } from "../plugin-row.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import { isOfBlock, isWithin, zonesOrBlock } from "../server-key.ts";
import type { Token } from "../token.ts";
import { isReverse } from "./cluster-plugins.ts";

const HOSTS_OPTIONS = ["ttl", "no_reverse", "reload", "fallthrough"];
const HOSTS_FILE = "corefile.hosts";

function applyHosts(use: PluginUse): void {
  const { name, args, draft } = use;
  const [file, ...names] = args;
  const zones = zonesOrBlock(
    names.map(({ text }) => text),
    use.zones,
  );
  const isAsked = (host: string): boolean => {
    const name = host.toLowerCase().replace(/\.$/, "");
    return zones.some((zone) => isWithin(name, zone)) && isOfBlock(name, use.zones, use.allZones);
  };
  const inline = use.lines.filter(({ words }) => !HOSTS_OPTIONS.includes(words[0]!.text));
  for (const { words } of inline) {
    const [address, ...hosts] = words.map(({ text }) => text);
    const text = `${[address, ...hosts.filter(isAsked)].join(" ")}\n`;
    if (hosts.some(isAsked)) draft.addFile({ name: HOSTS_FILE, head: "", text, origin: words[0]! });
  }
  if (file !== undefined || inline.length === 0) addPath(use, file ?? { ...name, text: "/etc/hosts" }, ".hosts");
  const [fallthrough, ...passed] = optionLines(use, "fallthrough").at(-1) ?? [];
  const isPassed = (zone: string): boolean =>
    fallthrough !== undefined && (passed.length === 0 || passed.some(({ text }) => isWithin(zone, text)));
  const stopped = zones.filter((zone) => !isPassed(zone) && !isReverse(zone));
  if (stopped.length > 0)
    draft.lose(name, `hosts: no fallthrough of ${stopped.join(" ")}`, "names in no line are forwarded, not denied");
}

/** Names an existing file for `serve`, which knows the files of zones and hosts by their names. */
function addPath({ draft, root }: PluginUse, file: Token, ending: ".hosts" | ".zone", zone?: string): void {
  const path = isAbsolute(file.text) ? file.text : join(root ?? ".", file.text);
  const wanted = zone === undefined ? `${basename(path, ending)}${ending}` : `${zone}${ending}`;
  const isKnown = basename(path) === wanted || (ending === ".hosts" && basename(path) === "hosts");
  draft.paths.add(isKnown ? path : join(dirname(path), wanted));
  if (!isKnown) draft.note(file, `${file.text}: the server knows it by the name ${wanted}`, "rename or mount it so");
}

function applyFile(use: PluginUse): void {
  const [file, ...names] = use.args;
  if (file === undefined) return use.draft.lose(use.name, "file: no file", "name one");
  const zones = zonesOrBlock(
    names.map(({ text }) => text),
    use.zones,
  );
  for (const zone of zones) {
    if (zone === ".") use.draft.lose(file, "file: the root zone", "name the zone");
    else addPath(use, file, ".zone", zone);
  }
}

function applyAuto(use: PluginUse): void {
  for (const [, folder] of optionLines(use, "directory")) {
    if (folder === undefined) continue;
    use.draft.paths.add(isAbsolute(folder.text) ? folder.text : join(use.root ?? ".", folder.text));
    use.draft.note(folder, "auto: a zone has the name of its file", "rename the files in it to ZONE.zone");
  }
}

function applyTemplate(use: PluginUse): void {
  const { name, draft } = use;
  const made = zoneOfTemplate(use);
  if ("lost" in made) return draft.lose(name, `template: ${made.lost}`, "write a zone file for its names");
  for (const { zone, records, ttl } of made.zones) {
    // A zone needs an SOA and an NS; these lead nowhere.
    const head = `$TTL ${ttl}\n@ SOA localhost. nobody.invalid. 1 3600 600 86400 ${ttl}\n@ NS localhost.\n`;
    draft.addFile({ name: `${zone}.zone`, head, text: records, origin: name });
  }
}

export const RECORD_PLUGINS = {
  template: {
    fate: "kept",
    text:
      "a zone file, if all names of a zone or names matched as `^name\\.$` have fixed answers, or all names of a " +
      "zone get NXDOMAIN; other types of these names, and the zone itself, get no data. Other templates are lost",
    options: {
      match: { fate: "kept", text: "the owner of the records" },
      answer: { fate: "kept", text: "records" },
      additional: { fate: "lost", text: "additional records" },
      authority: { fate: "needless", text: "negative answers have the SOA of the zone file" },
      rcode: { fate: "kept", text: "NXDOMAIN as a zone without names" },
      ederror: { fate: "lost", text: "extended errors" },
      fallthrough: { fate: "needless", text: "names that are not matched are in no zone file" },
      upstream: { fate: "needless", text: "targets of CNAMEs are resolved as other names are" },
    },
    apply: applyTemplate,
  },
  hosts: {
    fate: "kept",
    text: "lines as the file `corefile.hosts`; a file by its path, with a name that ends in `.hosts`",
    options: {
      ttl: { fate: "needless", text: "records have the TTL of `ttl`" },
      no_reverse: { fate: "lost", text: "addresses without reverse names" },
      reload: { fate: "needless", text: "files are watched" },
      fallthrough: { fate: "kept", text: "always; without it, that other names do not exist is lost" },
    },
    takesAnyLine: true,
    apply: applyHosts,
  },
  file: {
    fate: "kept",
    text: "a file by its path, with the name `ZONE.zone`",
    options: {
      reload: { fate: "needless", text: "files are watched" },
      fallthrough: { fate: "lost", text: "other answers for names that the zone does not have; write them into it" },
      upstream: { fate: "needless", text: "targets of CNAMEs are resolved as other names are" },
    },
    apply: applyFile,
  },
  auto: {
    fate: "kept",
    text: "the folder by its path, with files of the name `ZONE.zone`",
    options: {
      directory: { fate: "kept", text: "the folder; the pattern of file names is `ZONE.zone`" },
      reload: { fate: "needless", text: "folders are watched" },
      upstream: { fate: "needless", text: "targets of CNAMEs are resolved as other names are" },
    },
    apply: applyAuto,
  },
  loadbalance: {
    fate: "kept",
    text: "nothing for `round_robin`: answers with several records rotate; `weighted` is lost",
    options: {
      reload: { fate: "lost", text: "weights" },
      prefer: { fate: "lost", text: "an order by networks" },
    },
    apply: ({ args: [policy], draft }) => {
      if (policy !== undefined && policy.text !== "round_robin")
        draft.lose(policy, `loadbalance ${policy.text}: an order by weights`, "answers rotate evenly");
    },
  },
} satisfies Readonly<Record<string, PluginRow>>;
