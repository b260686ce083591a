// The limits of a document's size in memory, which a few bytes can make large: depth, nodes, and the nodes that aliases
// and merge keys make. Counts tokens and builds nothing.
import { CST, Lexer } from "yaml";

/** Nodes (keys, values, items) of one object, which is a document or an item of a List; objects of one file. */
export const NODES_MAX = 1_000_000;
/** Nodes of one JSON file, which is parsed at once; 64 MB of ordinary objects have about 5,000,000. */
export const JSON_NODES_MAX = 8_000_000;
/** Nodes that the aliases of one file stand for: at least, for each character, and at most. */
const ALIASED_NODES = { least: 100_000, perCharacter: 32, most: 8_000_000 };
/** Pairs that the merge keys of one file copy. */
const MERGED_PAIRS = { least: 10_000, perCharacter: 16, most: 1_000_000 };
/** Levels of nested collections. */
export const DEPTH_MAX = 100;
/** Repeated keys of one document that are named. */
export const REPEATED_KEYS_MAX = 100;

export const TOO_DEEP = `nested more than ${DEPTH_MAX} levels deep`;

/** Lists inside lists that are opened. */
export const LIST_DEPTH_MAX = 10;

/**
 * What aliases and merge keys make of the text of one file, within limits in proportion to its length: a List of ten
 * thousand items that share a mapping is fine, and a bomb is not, and a small file stays quick.
 */
export class Growth {
  readonly #nodesMax: number;
  readonly #pairsMax: number;
  #nodes = 0;
  #pairs = 0;

  constructor(characters: number) {
    this.#nodesMax = limitFor(characters, ALIASED_NODES);
    this.#pairsMax = limitFor(characters, MERGED_PAIRS);
  }

  /** Counts the nodes that an alias stands for, which are shared; returns what is wrong. */
  addNodes(count: number): string | undefined {
    this.#nodes += count;
    return this.#nodes > this.#nodesMax ? `the aliases of this file make more than ${this.#nodesMax} nodes` : undefined;
  }

  /** Counts the pairs that a merge key copies; returns what is wrong. */
  addPairs(count: number): string | undefined {
    this.#pairs += count;
    return this.#pairs > this.#pairsMax ? `the \`<<\` of this file copy more than ${this.#pairsMax} pairs` : undefined;
  }
}

function limitFor(
  characters: number,
  { least, perCharacter, most }: Readonly<Record<"least" | "perCharacter" | "most", number>>,
): number {
  return Math.min(least + perCharacter * characters, most);
}

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
