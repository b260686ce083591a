// How large a YAML document may be, however few bytes it takes to say so: depth, aliases, nodes. Counts tokens, and
// builds nothing.
import { CST, Lexer } from "yaml";

/** Nodes in one object, which is a document or an item of a List: keys, values and items. Objects in one file. */
export const MAX_NODES = 1_000_000;
/** Nodes in one file of JSON, which is parsed at once; 64 MB of ordinary objects have some 5,000,000. */
export const MAX_JSON_NODES = 8_000_000;
/** Collections within each other. */
export const MAX_DEPTH = 100;
/** Uses of aliases in one document, those that an alias brings along among them. */
export const MAX_ALIASES = 100;

export const TOO_DEEP = `nested more than ${MAX_DEPTH} levels deep`;
export const TOO_MANY_ALIASES = `expected at most ${MAX_ALIASES} uses of aliases`;

/**
 * At least so many nodes are in `source`, or more than are allowed: values that are left out, as in `a:`, count only
 * where they are the rule, and counting ends at the limit.
 */
export function countYamlNodes(source: string): number {
  let written = 0;
  let items = 0;
  let pairs = 0;
  let isScalarNext = false;
  for (const lexeme of new Lexer().lex(source)) {
    if (isScalarNext || /^["'*[{]/.test(lexeme)) written++;
    else if (lexeme === "-") items++;
    else if (lexeme === ":") pairs++;
    isScalarNext = lexeme === CST.SCALAR;
    if (written > MAX_NODES || items > MAX_NODES || pairs > MAX_NODES) break;
  }
  return Math.max(written, items, pairs);
}
