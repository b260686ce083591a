// The value of one composed YAML document, as kubectl reads it: scalars of YAML 1.1, keys as text, the last of two
// equal keys, aliases as shared values, merge keys as copies. Finds the place and the text of each part. Time and
// memory are linear in the size of the text, whatever aliases make of it.
import type { Alias, Node, Pair, Scalar, YAMLMap } from "yaml";
import { isAlias, isMap, isNode, isScalar, isSeq } from "yaml";
import { isMapping } from "../objects/raw-values.ts";
import type { FieldPath } from "../objects/field.ts";
import type { Growth } from "./yaml-limits.ts";
import { DEPTH_MAX, REPEATED_KEYS_MAX, TOO_DEEP } from "./yaml-limits.ts";
import type { ScalarValue } from "./yaml-scalars.ts";
import { plainKey, resolvePlain, resolveTagged } from "./yaml-scalars.ts";

const SHOWN_CHARACTERS_MAX = 80;
/** Smaller mappings are searched without an index. */
const INDEXED_KEYS_MIN = 32;

/** A key that an earlier key of its mapping, or of a merged one, repeats; offsets in the text. */
export interface RepeatedKey {
  readonly key: string;
  readonly offset: number;
  readonly earlier: number;
}

interface Anchor {
  readonly node: Node;
  /** The offset of the piece of text that `node` is in. */
  readonly start: number;
  value: unknown;
  nodes: number;
  height: number;
  /** Its end has not been reached: an alias to it would contain itself. */
  isOpen: boolean;
}

/** The anchors of one document, which may be parsed in pieces. */
export class Anchors {
  readonly byName = new Map<string, Anchor>();
  readonly targets = new WeakMap<Alias, Anchor>();
  /** The children of mappings with merge keys. */
  readonly merged = new WeakMap<YAMLMap, Children>();
  readonly growth: Growth;

  constructor(growth: Growth) {
    this.growth = growth;
  }
}

type Mapping = Record<string, unknown>;
interface Located {
  readonly node: unknown;
  readonly start: number;
}
type Children = ReadonlyMap<string | undefined, Located>;

/** A document, or a piece of one, that composed without errors and begins at `start`; `fault` is found here. */
export class YamlValues {
  readonly value: unknown;
  readonly repeatedKeys: RepeatedKey[] = [];
  fault: { readonly message: string; readonly offset: number } | undefined;
  readonly #contents: Node | null;
  readonly #start: number;
  readonly #anchors: Anchors;
  readonly #indexes = new Map<YAMLMap, Children>();
  #nodes = 0;
  #deepest = 0;

  constructor(contents: Node | null, start: number, anchors: Anchors) {
    this.#contents = contents;
    this.#start = start;
    this.#anchors = anchors;
    this.value = this.#convert(contents, 1);
  }

  /** The offset of the node at `path`, or of the innermost node that contains it. */
  offsetOf(path: FieldPath): number {
    return this.#find(path).offset;
  }

  /** The text of the scalar without quotes at `path`; undefined if something else is there. */
  writtenAt(path: FieldPath): string | undefined {
    const { found } = this.#find(path);
    const node = found === undefined ? undefined : this.#resolve(found).node;
    return isScalar(node) && isPlain(node) ? node.source : undefined;
  }

  #find(path: FieldPath): { readonly offset: number; readonly found: Located | undefined } {
    let found: Located | undefined = { node: this.#contents, start: this.#start };
    let offset = offsetOf(found);
    for (const key of path) {
      found = this.#childOf(this.#resolve(found), key);
      if (found === undefined) break;
      offset = offsetOf(found);
    }
    return { offset, found };
  }

  #fail(message: string, node: unknown): undefined {
    this.fault ??= { message, offset: offsetOf({ node, start: this.#start }) };
  }

  #convert(node: unknown, depth: number): unknown {
    if (isAlias(node)) return this.#expand(node, depth);
    if (!isNode(node) || node.anchor === undefined) return this.#build(node, depth);
    const anchor: Anchor = { node, start: this.#start, value: undefined, nodes: 0, height: 0, isOpen: true };
    this.#anchors.byName.set(node.anchor, anchor);
    const [nodes, deepest] = [this.#nodes, this.#deepest];
    this.#deepest = depth - 1;
    anchor.value = this.#build(node, depth);
    anchor.nodes = this.#nodes - nodes;
    anchor.height = this.#deepest - depth + 1;
    anchor.isOpen = false;
    this.#deepest = Math.max(this.#deepest, deepest);
    return anchor.value;
  }

  #build(node: unknown, depth: number): unknown {
    this.#nodes++;
    if (isScalar(node)) return this.#scalar(node);
    if (!isMap(node) && !isSeq(node)) return null;
    if (depth > DEPTH_MAX) return this.#fail(TOO_DEEP, node);
    this.#deepest = Math.max(this.#deepest, depth);
    if (isMap(node)) return this.#mapping(node, depth);
    const items: unknown[] = [];
    for (const item of node.items) {
      if (this.fault !== undefined) break;
      items.push(this.#convert(item, depth + 1));
    }
    return items;
  }

  #expand(alias: Alias, depth: number): unknown {
    const { source } = alias;
    const anchor = this.#anchors.byName.get(source);
    if (anchor === undefined) {
      return this.#fail(`the alias *${source} has no anchor: no &${source} comes before it`, alias);
    }
    if (anchor.isOpen) return this.#fail(`the alias *${source} refers to a node that contains it`, alias);
    const excess = this.#anchors.growth.addNodes(anchor.nodes);
    if (excess !== undefined) return this.#fail(excess, alias);
    if (depth - 1 + anchor.height > DEPTH_MAX) return this.#fail(TOO_DEEP, alias);
    this.#anchors.targets.set(alias, anchor);
    this.#nodes += anchor.nodes;
    this.#deepest = Math.max(this.#deepest, depth - 1 + anchor.height);
    return anchor.value;
  }

  #scalar(node: Scalar): ScalarValue | undefined {
    const text = textOf(node);
    const isTagged = node.tag !== undefined && node.tag !== "!";
    const value = isTagged ? resolveTagged(text, node.tag!) : isPlain(node) ? resolvePlain(text) : text;
    if (value === undefined) return this.#fail(`the tag ${shortTag(node.tag!)} does not fit ${quote(text)}`, node);
    if (typeof value === "number" && !Number.isFinite(value)) {
      return this.#fail(`expected a finite number, got ${text}; text takes quotes: "${text}"`, node);
    }
    return value;
  }

  #mapping(map: YAMLMap, depth: number): Mapping {
    const mapping: Mapping = {};
    /** The keys that merges brought and no key of the mapping has replaced. */
    let merged: Set<string> | undefined;
    for (const pair of map.items) {
      if (this.fault !== undefined) break;
      if (isMergeKey(pair.key)) {
        this.#merge(mapping, pair, depth, (merged ??= new Set()), map);
        continue;
      }
      const key = this.#key(pair.key, depth);
      const value = this.#convert(pair.value, depth + 1);
      if (key === undefined) continue;
      if (Object.hasOwn(mapping, key) && !merged?.delete(key)) this.#noteRepeated(map, pair, key);
      define(mapping, key, value);
    }
    if (merged !== undefined) this.#anchors.merged.set(map, this.#mergedChildren(map));
    return mapping;
  }

  #key(node: unknown, depth: number): string | undefined {
    if (isScalar(node) && node.anchor === undefined) this.#nodes++;
    else this.#convert(node, depth + 1);
    const key = this.#keyText(node);
    if (key === undefined) {
      this.#fail(`expected text as a key${isScalar(node) ? gotScalar(node) : ""}`, node);
    }
    return key;
  }

  #keyText(key: unknown): string | undefined {
    const { node } = this.#resolve({ node: key, start: 0 });
    if (!isScalar(node)) return undefined;
    const text = textOf(node);
    if (isPlain(node)) return plainKey(text);
    if (node.tag === undefined || node.tag === "!") return text;
    const value = resolveTagged(text, node.tag);
    return typeof value === "string" || value === undefined ? value : plainKey(text);
  }

  /** Merges in the order of the text, as kubectl does: a `<<` after a key replaces the key. */
  #merge(mapping: Mapping, { key, value }: Pair, depth: number, merged: Set<string>, map: YAMLMap): void {
    const source = this.#convert(value, depth);
    const sources = isSeq(value) && Array.isArray(source) ? source.toReversed() : [source];
    for (const item of sources) {
      if (this.fault !== undefined) return;
      if (!isMapping(item)) return this.#fail("`<<` takes a mapping or a list of mappings", value ?? key);
      const names = Object.keys(item);
      const excess = this.#anchors.growth.addPairs(names.length);
      if (excess !== undefined) return this.#fail(excess, key);
      for (const name of names) {
        if (Object.hasOwn(mapping, name) && !merged.has(name)) this.#noteRepeated(map, { key, value }, name);
        merged.add(name);
        define(mapping, name, item[name]);
      }
    }
  }

  #noteRepeated(map: YAMLMap, { key: later }: Pick<Pair, "key" | "value">, key: string): void {
    if (this.repeatedKeys.length >= REPEATED_KEYS_MAX) return;
    const above = map.items.slice(
      0,
      map.items.findIndex((pair) => pair.key === later),
    );
    const earlier = above.findLast((pair) => !isMergeKey(pair.key) && this.#keyText(pair.key) === key);
    const start = this.#start;
    this.repeatedKeys.push({
      key,
      offset: offsetOf({ node: later, start }),
      earlier: offsetOf({ node: earlier?.key ?? map, start }),
    });
  }

  #childOf({ node, start }: Located, key: string | number): Located | undefined {
    if (isSeq(node)) {
      const item: unknown = node.items[Number(key)];
      return item === undefined ? undefined : { node: item, start };
    }
    if (!isMap(node)) return undefined;
    const known = this.#anchors.merged.get(node) ?? this.#indexes.get(node);
    if (known !== undefined) return known.get(String(key));
    if (node.items.length < INDEXED_KEYS_MIN) {
      const pair = node.items.findLast((item) => this.#keyText(item.key) === key);
      return pair && valueOf(pair, start);
    }
    this.#indexes.set(node, this.#childrenOf({ node, start }));
    return this.#childOf({ node, start }, key);
  }

  #childrenOf({ node, start }: Located): Children {
    if (!isMap(node)) return new Map();
    const known = this.#anchors.merged.get(node);
    return known ?? new Map(node.items.map((pair) => [this.#keyText(pair.key), valueOf(pair, start)]));
  }

  /** The children of a mapping with merges. Those of the merged mappings are known by then. */
  #mergedChildren(map: YAMLMap): Children {
    const start = this.#start;
    const children = new Map<string | undefined, Located>();
    for (const pair of map.items) {
      if (!isMergeKey(pair.key)) {
        children.set(this.#keyText(pair.key), valueOf(pair, start));
        continue;
      }
      const sources: readonly unknown[] = isSeq(pair.value) ? pair.value.items.toReversed() : [pair.value];
      for (const node of sources) {
        for (const [key, child] of this.#childrenOf(this.#resolve({ node, start }))) children.set(key, child);
      }
    }
    return children;
  }

  #resolve(located: Located): Located {
    return isAlias(located.node) ? (this.#anchors.targets.get(located.node) ?? located) : located;
  }
}

/** Sets an own property, also one named `__proto__`. */
function define(mapping: Mapping, key: string, value: unknown): void {
  if (key !== "__proto__") mapping[key] = value;
  else Object.defineProperty(mapping, key, { value, writable: true, enumerable: true, configurable: true });
}

function valueOf({ key, value }: Pair, start: number): Located {
  return { node: value ?? key, start };
}

function textOf(node: Scalar): string {
  return typeof node.value === "string" ? node.value : "";
}

function isPlain(node: Scalar): boolean {
  return node.tag === undefined && (node.type === undefined || node.type === "PLAIN");
}

function isMergeKey(key: unknown): boolean {
  if (!isScalar(key) || key.value !== "<<") return false;
  return isPlain(key) || key.tag === "tag:yaml.org,2002:merge";
}

function offsetOf({ node, start }: Located): number {
  return start + (isNode(node) ? (node.range?.[0] ?? 0) : 0);
}

function gotScalar(node: Scalar): string {
  const text = textOf(node);
  if (!isPlain(node)) return `, got ${quote(text)}, which its tag does not fit`;
  return text === "" ? ", got nothing" : `, got ${text}; put it in quotes`;
}

function shortTag(tag: string): string {
  return tag.replace("tag:yaml.org,2002:", "!!");
}

function quote(text: string): string {
  return JSON.stringify(text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text);
}
