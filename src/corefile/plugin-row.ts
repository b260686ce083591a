// The shape of the table of CoreDNS's plugins, and what the import of one plugin sees of the Corefile.
// docs/coredns.md has the table.
import type { Line } from "./parse-corefile.ts";
import type { Draft } from "./draft.ts";
import type { Token } from "./token.ts";

/**
 * What becomes of a plugin or of an option: `kept`: an option of ours or a file; `needless`: the server does so anyway,
 * or does not need it; `lost`: it has no counterpart.
 */
export type Fate = "kept" | "needless" | "lost";

export interface OptionFate {
  readonly fate: Fate;
  /** The option of ours, why it is needless, or what is lost and what to do; without the last full stop. */
  readonly text: string;
}

export interface PluginRow extends OptionFate {
  /** By the first word of a line in the plugin's braces. */
  readonly options?: Readonly<Record<string, OptionFate>>;
  /** Lines in the braces are not options but data, which `apply` reads. */
  readonly takesAnyLine?: true;
  /** Carries over what is kept, and reports what of it is lost. */
  readonly apply?: (use: PluginUse) => void;
  /** The same, once all other plugins of all blocks have been applied. */
  readonly applyLast?: (use: PluginUse) => void;
}

/** A plugin in a server block. */
export interface PluginUse {
  readonly name: Token;
  readonly args: readonly Token[];
  readonly lines: readonly Line[];
  /** The zones of the block. */
  readonly zones: readonly string[];
  /** The zones of all blocks. */
  readonly allZones: readonly string[];
  /** The zones of the cluster, from all blocks. */
  readonly clusterZones: readonly string[];
  /** Of the plugin `root`; undefined: relative names of files begin where CoreDNS was started. */
  readonly root: string | undefined;
  readonly draft: Draft;
}

/** The words after the option `name` in the plugin's braces, of each line with it. */
export function optionLines({ lines }: PluginUse, name: string): readonly (readonly Token[])[] {
  return lines.filter(({ words }) => words[0]!.text === name).map(({ words }) => words);
}

/** The first word after the option, from its last line. */
export function optionValue(use: PluginUse, name: string): Token | undefined {
  return optionLines(use, name).at(-1)?.[1];
}

/** Whole seconds of a duration such as `1h30m`, or of a number; rounded up. Undefined: it is neither. */
export function parseSeconds(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)];
  return Math.ceil(parts.reduce((sum, [, count, unit]) => sum + Number(count) * SECONDS[unit!]!, 0));
}

const SECONDS: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 };
