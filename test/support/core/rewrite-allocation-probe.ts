// Run by test/answer/rewriting-answerer.test.ts in its own process, with --expose-gc and a young generation too large to
// fill: asks questions that rules for exact names and suffixes rewrite, or do not, and prints the heap growth as JSON.
import { printAllocations } from "./measure-allocation.ts";
import type { Kind } from "./measure-allocation.ts";
import { rewritingAnswerer } from "./rewriting.ts";

const others = Array.from({ length: 100 }, (_, i) => `name a${i}.example a.b.test`);
const answerer = rewritingAnswerer([
  ...others,
  "name suffix .s.example .b.test answer auto",
  "continue type TXT A",
  "name m.example many.b.test",
]);

const KINDS: readonly Kind[] = [
  ["no rule", { name: "a.b.test.", type: "A", opt: { size: 1232 } }],
  ["an exact name", { name: "a7.example.", type: "A", opt: { size: 1232 } }],
  ["a suffix, SRV", { name: "srv.s.example.", type: "SRV" }],
  ["a suffix, NXDOMAIN", { name: "none.s.example.", type: "A" }],
  ["a type", { name: "a.b.test.", type: "TXT" }],
  ["truncated", { name: "m.example.", type: "A" }],
];

await printAllocations(answerer, KINDS, { warmUpQueries: 60_000, queries: 200_000 });
