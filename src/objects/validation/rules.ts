// The requirements of the API server as rows of tables, and the walk that checks an object against them. A row names a
// field as the server does; its function sees the value, the mapping that has the field, and the scope, which is the
// object that the table is about. One pass over the object; a row never throws. Pure.
import type { FieldPath } from "../field.ts";
import type { Mapping } from "../raw-values.ts";
import { isMapping } from "../raw-values.ts";
import { itemsIn, NO_FIELDS, textIn } from "./values.ts";

/** One requirement. */
export interface Rule {
  /** The field, in the notation of Kubernetes; `[]` stands for each item of a list. */
  readonly at: string;
  /** What the field must be: "expected …". */
  readonly expected: string;
  readonly advice?: string;
  /** The code of a warning: the server takes the object, but not for what it is for. Without it, the server refuses. */
  readonly code?: string;
  /** Whether the value is as required; undefined is an absent field. */
  readonly holds?: (value: unknown, owner: Mapping, scope: Scope) => boolean;
  /** For each item of the list that ends in the last `[]` of `at`: what has to differ between the items. */
  readonly distinct?: (item: unknown) => string | number | undefined;
}

/** A table within a table: its rows are about the object at `at`, which is also their scope if `isScope`. */
export interface Part {
  readonly at: string;
  readonly table: RuleTable;
  readonly isScope: boolean;
}

export type Row = Rule | Part;

/** Rows, which are arranged by field when an object is first checked against them. */
export class RuleTable {
  readonly #rows: readonly Row[];
  #tree: RuleNode | undefined;

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  get tree(): RuleNode {
    return (this.#tree ??= arrange(this.#rows));
  }
}

/** The object that a table is about, with what its rules look up more than once. */
export class Scope {
  readonly value: Mapping;
  /** Made when a rule asks for one: most objects have no such rule. */
  #sets: Map<string, ReadonlySet<string>> | undefined;

  constructor(value: Mapping) {
    this.value = value;
  }

  /** The names of the items of the list `list` of the object. */
  names(list: string): ReadonlySet<string> {
    return this.once(list, () => new Set(itemsIn(this.value, list).map((item) => textIn(item, "name"))));
  }

  /** The set that `make` returns, made once for `key`. */
  once(key: string, make: () => ReadonlySet<string>): ReadonlySet<string> {
    const sets = (this.#sets ??= new Map<string, ReadonlySet<string>>());
    const known = sets.get(key) ?? make();
    sets.set(key, known);
    return known;
  }
}

/** The rows of `rows` for the object at `prefix` of another object, which is their scope. */
export function mount(prefix: string, rows: readonly Row[] | RuleTable): Part {
  return { at: prefix, table: rows instanceof RuleTable ? rows : new RuleTable(rows), isScope: true };
}

/** The rows of `rows` for the objects at `prefix`, in the scope of the table that they become a part of. */
export function below(prefix: string, rows: readonly Row[] | RuleTable): Part {
  return { ...mount(prefix, rows), isScope: false };
}

/** The rows of one field. */
interface RuleNode {
  readonly rules: Rule[];
  readonly parts: Part[];
  readonly distinct: { readonly rule: Rule; readonly path: readonly string[] }[];
  readonly fields: { readonly key: string; readonly node: RuleNode }[];
  item?: RuleNode;
  /** Whether a rule may be broken by an absent value; most fields of most objects are absent. */
  isForAbsent: boolean;
}

function arrange(rows: readonly Row[]): RuleNode {
  const root = newNode();
  for (const row of rows) {
    const segments = row.at.replaceAll("[]", ".[]").split(".");
    if ("table" in row) nodeAt(root, segments).parts.push(row);
    else if (row.distinct === undefined) {
      const node = nodeAt(root, segments);
      node.rules.push(row);
      node.isForAbsent ||= !holdsForAbsent(row);
    } else {
      const list = segments.lastIndexOf("[]");
      nodeAt(root, segments.slice(0, list)).distinct.push({ rule: row, path: segments.slice(list + 1) });
    }
  }
  return root;
}

// A condition of one parameter sees only the value, so that its answer is the same for all absent ones.
function holdsForAbsent({ holds }: Rule): boolean {
  return holds!.length === 1 && (holds as (value: unknown) => boolean)(undefined);
}

function newNode(): RuleNode {
  return { rules: [], parts: [], distinct: [], fields: [], isForAbsent: false };
}

function nodeAt(root: RuleNode, segments: readonly string[]): RuleNode {
  let node = root;
  for (const key of segments) {
    if (key === "[]") {
      node = node.item ??= newNode();
      continue;
    }
    const known = node.fields.find((field) => field.key === key)?.node;
    const next = known ?? newNode();
    if (known === undefined) node.fields.push({ key, node: next });
    node = next;
  }
  return node;
}

/** Reports each requirement that `value` does not meet; of a row's field only the first. */
export function checkRules(value: Mapping, table: RuleTable, report: (path: FieldPath, rule: Rule) => void): void {
  new RuleWalk(report).visit(value, table.tree, NO_FIELDS, new Scope(value));
}

class RuleWalk {
  readonly #report: (path: FieldPath, rule: Rule) => void;
  readonly #path: (string | number)[] = [];

  constructor(report: (path: FieldPath, rule: Rule) => void) {
    this.#report = report;
  }

  visit(value: unknown, node: RuleNode, owner: Mapping, scope: Scope): void {
    for (const rule of node.rules) {
      if (rule.holds!(value, owner, scope)) continue;
      this.#report(this.#path, rule);
      break;
    }
    if (Array.isArray(value)) this.#visitItems(value, node, owner, scope);
    else if (isMapping(value)) this.#visitFields(value, node, scope);
    else return;
    for (const { table, isScope } of node.parts) {
      this.visit(value, table.tree, owner, isScope && isMapping(value) ? new Scope(value) : scope);
    }
  }

  #visitFields(value: Mapping, node: RuleNode, scope: Scope): void {
    for (const field of node.fields) {
      const child = Object.hasOwn(value, field.key) ? (value[field.key] ?? undefined) : undefined;
      if (child === undefined && !field.node.isForAbsent) continue;
      this.#path.push(field.key);
      this.visit(child, field.node, value, scope);
      this.#path.pop();
    }
  }

  #visitItems(items: readonly unknown[], node: RuleNode, owner: Mapping, scope: Scope): void {
    for (const { rule, path } of node.distinct) this.#checkDistinct(items, rule, path);
    const { item } = node;
    if (item === undefined) return;
    // A null item is an object without fields.
    const absent = item.fields.length + item.parts.length > 0 ? NO_FIELDS : undefined;
    for (let i = 0; i < items.length; i++) {
      this.#path.push(i);
      this.visit(items[i] ?? absent, item, owner, scope);
      this.#path.pop();
    }
  }

  #checkDistinct(items: readonly unknown[], rule: Rule, path: readonly string[]): void {
    if (items.length < 2) return;
    const seen = new Set<string | number>();
    items.forEach((item, index) => {
      const key = rule.distinct!(item);
      if (key === undefined) return;
      if (seen.has(key)) this.#report([...this.#path, index, ...path], rule);
      seen.add(key);
    });
  }
}
