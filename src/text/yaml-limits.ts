// The limits of a document's size in memory, which a few bytes can make large: depth, nodes, and the nodes that aliases
// and merge keys make. Counts tokens and builds nothing.
import { CST, Lexer } from "yaml";

/** Nodes (keys, values, items) of one object, which is a document or an item of a List; objects of one file. */
export const NODES_MAX = 1_000_000;
/** Nodes of one JSON file, which is parsed at once; 64 MB of ordinary objects have about 5,000,000. */
export const JSON_NODES_MAX = 8_000_000;
/** Nodes that the aliases of one file stand for, including those inside aliased nodes; they are shared, not copied. */
export const ALIASED_NODES_MAX = 8_000_000;
/** Pairs that the merge keys of one file copy. */
export const MERGED_PAIRS_MAX = 1_000_000;
/** Levels of nested collections. */
export const DEPTH_MAX = 100;
/** Repeated keys of one document that are named. */
export const REPEATED_KEYS_MAX = 100;

export const TOO_DEEP = `nested more than ${DEPTH_MAX} levels deep`;

/** Lists inside lists that are opened. */
export const LIST_DEPTH_MAX = 10;

/**
 * A lower bound of the nodes in `source`; counting stops above the limit. Omitted values, as in `a:`, count only where
 * they outnumber the others.
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
    if (written > NODES_MAX || items > NODES_MAX || pairs > NODES_MAX) break;
  }
  return Math.max(written, items, pairs);
}
