// What the table costs by itself: finding names that are there and names that are not, and putting. Run by micro.ts.
import { prependLabels } from "../src/dns/name.ts";
import type { EntryContent } from "../src/table/entry.ts";
import type { CompiledZone } from "./compiled-zone.ts";
import { measureMicro } from "./micro-measure.ts";
import type { MicroRow } from "./micro-measure.ts";

/** Names that are looked up in turn. */
const NAMES = 4096;

/** Rows for the table of a compiled zone. */
export function benchTable({ reader, writer }: CompiledZone): readonly MicroRow[] {
  const entries = [...writer.entries()].filter(({ content }) => content.sets.length > 0);
  const step = Math.max(1, Math.floor(entries.length / NAMES));
  const some = entries.filter((_, i) => i % step === 0).slice(0, NAMES);
  const names = some.map(({ name }) => name);
  const missing = names.map((name) => prependLabels(["gone"], name));
  // Two of each, so that every put changes something.
  const [contents, others] = [30, 31].map((ttl) => some.map(({ content }) => withTtl(content, ttl)));
  return [
    measureMicro("find a name", (i) => {
      const name = names[i % names.length]!;
      return reader.find(name, 0, name.length);
    }),
    measureMicro("find the name above one that is missing", (i) => {
      const name = missing[i % missing.length]!;
      return reader.findEncloser(name, 0, name.length);
    }),
    measureMicro(
      "put a name",
      (i) => {
        const turn = Math.floor(i / names.length) % 2 === 0 ? others! : contents!;
        return writer.put(names[i % names.length]!, turn[i % names.length]!) ? 1 : 0;
      },
      1_000,
    ),
  ];
}

/** The same content, its first record's TTL (the low byte of it) another. */
function withTtl(content: EntryContent, ttl: number): EntryContent {
  const sets = content.sets.map((set) => {
    const answers = set.answers.slice();
    answers[9] = ttl;
    return { ...set, answers };
  });
  return { ...content, sets };
}
