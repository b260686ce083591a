// The nodes of one YAML document: finds faults that the parser accepts (repeated keys, aliases without an anchor or to
// a node around them, depth, merges that expand too far) and the offset of each node. Linear in the size of the text.
import type { Alias, Document, Node, YAMLMap } from "yaml";
import { isAlias, isCollection, isMap, isNode, isScalar, isSeq, visit } from "yaml";
import type { FieldPath } from "../objects/field.ts";
import { DEPTH_MAX, NODES_MAX, TOO_DEEP } from "./yaml-limits.ts";

/** Smaller mappings are searched without an index. */
const INDEXED_KEYS_MIN = 32;

interface NodeFault {
  readonly message: string;
  readonly offset: number;
}

/** A document that composed without errors; `fault` is the first one found here. */
export class YamlNodes {
  readonly fault: NodeFault | undefined;
  readonly #contents: unknown;
  readonly #targets = new Map<Alias, Node>();
  readonly #sizes = new Map<YAMLMap, number>();
  readonly #indexes = new Map<YAMLMap, ReadonlyMap<unknown, unknown>>();
  readonly #merging = new Set<YAMLMap>();

  constructor(document: Document.Parsed) {
    this.#contents = document.contents;
    this.fault = this.#findFault(document);
  }

  /** The offset of the node at `path`, or of the innermost node that contains it. */
  offsetOf(path: FieldPath): number {
    let node = this.#contents;
    let offset = isNode(node) ? at(node).offset : 0;
    for (const key of path) {
      const child = this.#childOf(this.#resolve(node), key);
      if (!isNode(child)) break;
      node = child;
      ({ offset } = at(child));
    }
    return offset;
  }

  #findFault(document: Document.Parsed): NodeFault | undefined {
    const anchors = new Map<string, Node>();
    let fault: NodeFault | undefined;
    visit(document, (_key, node, path) => {
      if (!isNode(node)) return undefined;
      const message = this.#check(node, path, anchors);
      if (message !== undefined) fault = { message, ...at(node) };
      else if (isMap(node)) fault = this.#findRepeatedKey(node);
      return fault === undefined ? undefined : visit.BREAK;
    });
    return fault ?? this.#checkMerges();
  }

  #check(node: Node, path: readonly unknown[], anchors: Map<string, Node>): string | undefined {
    if (path.length >= DEPTH_MAX && [...path, node].filter(isCollection).length > DEPTH_MAX) return TOO_DEEP;
    if (!isAlias(node)) {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
      return undefined;
    }
    const target = anchors.get(node.source);
    if (target === undefined) return `the alias *${node.source} has no anchor: no &${node.source} comes before it`;
    if (path.includes(target)) return `the alias *${node.source} refers to a node that contains it`;
    this.#targets.set(node, target);
    return undefined;
  }

  #findRepeatedKey(map: YAMLMap): NodeFault | undefined {
    const keys = new Set<unknown>();
    for (const { key } of map.items) {
      if (!isScalar(key)) continue;
      if (isMergeKey(key)) this.#merging.add(map);
      else if (keys.has(key.value)) return { message: `the key "${String(key.value)}" occurs twice`, ...at(key) };
      else keys.add(key.value);
    }
    return undefined;
  }

  /** Merged pairs are copied, so that a chain of merges can expand a small text. */
  #checkMerges(): NodeFault | undefined {
    let copied = 0;
    for (const map of this.#merging) {
      const size = this.#sizeOf(map);
      if (size === undefined) return { message: "`<<` takes a mapping or a list of mappings", ...at(map) };
      copied += size;
      if (copied > NODES_MAX) return { message: `\`<<\` makes more than ${NODES_MAX} nodes`, ...at(map) };
    }
    return undefined;
  }

  /** The pairs of a mapping with its merges; undefined when something else than a mapping is merged. */
  #sizeOf(map: YAMLMap): number | undefined {
    const known = this.#sizes.get(map);
    if (known !== undefined) return known;
    let size = map.items.length;
    for (const { key, value } of map.items) {
      if (!isMergeKey(key)) continue;
      const source = this.#resolve(value);
      for (const item of isSeq(source) ? source.items : [source]) {
        const merged = this.#resolve(item);
        const mergedSize = isMap(merged) ? this.#sizeOf(merged) : undefined;
        if (mergedSize === undefined) return undefined;
        size += mergedSize;
      }
    }
    this.#sizes.set(map, size);
    return size;
  }

  #childOf(node: unknown, key: string | number): unknown {
    if (isSeq(node)) return node.items[Number(key)];
    if (!isMap(node)) return undefined;
    if (node.items.length < INDEXED_KEYS_MIN) return node.get(key, true);
    let index = this.#indexes.get(node);
    if (index === undefined) {
      index = new Map(node.items.map((pair) => [isScalar(pair.key) ? String(pair.key.value) : undefined, pair.value]));
      this.#indexes.set(node, index);
    }
    return index.get(key);
  }

  #resolve(node: unknown): unknown {
    return isAlias(node) ? this.#targets.get(node) : node;
  }
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}

function at(node: Node): { readonly offset: number } {
  return { offset: node.range?.[0] ?? 0 };
}
