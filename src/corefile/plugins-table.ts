// The table of docs/coredns.md: what becomes of each plugin and option of CoreDNS, from the rows that the import uses.
// Pure: a test compares it with the page.
import type { Fate, OptionFate } from "./plugin-row.ts";
import { PLUGIN_TABLE } from "./plugin-table.ts";

const FATES: Readonly<Record<Fate, string>> = { kept: "kept", needless: "not needed", lost: "lost" };

/** The rows of all plugins, each followed by those of its options. */
export function formatPluginsTable(): string {
  const row = (name: string, { fate, text }: OptionFate): string => `| ${name} | ${FATES[fate]} | ${text} |`;
  const rows = [...PLUGIN_TABLE].flatMap(([name, plugin]) => [
    row(`**\`${name}\`**`, plugin),
    ...Object.entries(plugin.options ?? {}).map(([option, fate]) => row(`\`${name}\` \`${option}\``, fate)),
  ]);
  return ["| plugin, option | | what becomes of it |", "| --- | --- | --- |", ...rows].join("\n");
}
