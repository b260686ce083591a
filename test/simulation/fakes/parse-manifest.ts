// parseManifest with a memory: it is pure, and a simulation parses the same few texts ten thousand times.
import { parseManifest as parse } from "../../../src/sources/manifests/parse-manifest.ts";
import type { ManifestContext, ParsedManifest } from "../../../src/sources/manifests/parse-manifest.ts";

const KNOWN_MAX = 5_000;
const known = new Map<string, ParsedManifest>();

export function parseManifest(text: string, context: ManifestContext): ParsedManifest {
  const key = `${context.file}\0${text}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const parsed = parse(text, context);
  // A text that is cut somewhere hardly comes again.
  if (known.size < KNOWN_MAX && text.endsWith("}\n")) known.set(key, parsed);
  return parsed;
}
