// What differs between two lists of records, by name. An address that was assigned, not written, stands for its object:
// where only such addresses differ, names have moved, and nothing has come or gone. Pure.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, nameKey } from "../dns/name.ts";
import { canonicalRdata, targetStart } from "../dns/rdata.ts";
import { addressLabel } from "../net/address-label.ts";
import { formatIp } from "../net/ip.ts";
import { addressOfReverseName } from "../zonefile/reverse-name.ts";
import { canonicalKey, compareTexts, sortRecords } from "./canonical-order.ts";
import type { ListedRecord } from "./listed-record.ts";

const ARPA = "\u0004arpa\0";

/** One of two lists. */
export interface RecordSide {
  readonly records: readonly ListedRecord[];
  /** The objects, such as `service shop/web`, of the addresses that were assigned to them. */
  readonly assigned: ReadonlyMap<string, string>;
}

/** The records of one name that only the first list has (`minus`), or only the second (`plus`). */
export interface NameChange {
  readonly name: Uint8Array;
  readonly change: "added" | "removed" | "changed";
  readonly minus: readonly ListedRecord[];
  readonly plus: readonly ListedRecord[];
}

/** An assigned address that is another one in the second list. */
export interface MovedAddress {
  readonly object: string;
  readonly from: string;
  readonly to: string;
}

export interface RecordChanges {
  /** In canonical order, reverse names last. */
  readonly names: readonly NameChange[];
  readonly moved: readonly MovedAddress[];
  /** The records that differ in moved addresses alone. */
  readonly movedRecords: Pick<NameChange, "minus" | "plus">;
}

/** Compares the lists as sets. */
export function compareRecords(a: RecordSide, b: RecordSide): RecordChanges {
  const [before, after] = [byKey(a.records), byKey(b.records)];
  const gone = [...before].filter(([key]) => !after.has(key)).map(([, record]) => record);
  const come = [...after].filter(([key]) => !before.has(key)).map(([, record]) => record);
  const [objectsBefore, objectsAfter] = [new Substitution(a.assigned), new Substitution(b.assigned)];
  const waiting = new Map(come.map((record) => [objectsAfter.keyOf(record), record]));
  const pairs = gone.flatMap((minus) => {
    const key = objectsBefore.keyOf(minus);
    const plus = key === undefined ? undefined : waiting.get(key);
    return plus === undefined ? [] : [{ minus, plus }];
  });
  const movedFrom = new Set(pairs.map(({ minus }) => minus));
  const movedTo = new Set(pairs.map(({ plus }) => plus));
  return {
    names: changesOf(
      gone.filter((record) => !movedFrom.has(record)),
      come.filter((record) => !movedTo.has(record)),
      [new Set(ownersOf(a.records)), new Set(ownersOf(b.records))],
    ),
    moved: pairs.length === 0 ? [] : movedAddresses(a.assigned, b.assigned),
    movedRecords: { minus: sortRecords([...movedFrom]), plus: sortRecords([...movedTo]) },
  };
}

function byKey(records: readonly ListedRecord[]): Map<string, ListedRecord> {
  return new Map(
    records.map((record) => {
      const { owner, type, ttl, rdata } = record;
      return [`${type} ${ttl} ${foldedKey(owner)} ${nameKey(canonicalRdata(type, rdata))}`, record];
    }),
  );
}

function ownersOf(records: readonly ListedRecord[]): readonly string[] {
  return records.map(({ owner }) => foldedKey(owner));
}

function changesOf(
  minus: readonly ListedRecord[],
  plus: readonly ListedRecord[],
  [before, after]: readonly [ReadonlySet<string>, ReadonlySet<string>],
): readonly NameChange[] {
  const gone = Map.groupBy(minus, ({ owner }) => foldedKey(owner));
  const come = Map.groupBy(plus, ({ owner }) => foldedKey(owner));
  return [...new Set([...gone.keys(), ...come.keys()])]
    .map((key) => {
      const name = (come.get(key) ?? gone.get(key)!)[0]!.owner;
      const change = !before.has(key) ? "added" : !after.has(key) ? "removed" : "changed";
      const sorted = { minus: sortRecords(gone.get(key) ?? []), plus: sortRecords(come.get(key) ?? []) };
      // Reverse names follow from the others, and come last.
      const sortKey = `${key.endsWith(ARPA) ? 1 : 0}${canonicalKey(name)}`;
      return { sortKey, value: { name, change, ...sorted } as const };
    })
    .toSorted((x, y) => compareTexts(x.sortKey, y.sortKey))
    .map(({ value }) => value);
}

/** The addresses of objects that have others in the second list. */
function movedAddresses(a: RecordSide["assigned"], b: RecordSide["assigned"]): readonly MovedAddress[] {
  const places = (assigned: RecordSide["assigned"]): Map<string, string> =>
    new Map([...assigned].map(([address, object]) => [`${object}\0${familyOf(address)}`, address]));
  const after = places(b);
  return [...places(a)]
    .flatMap(([place, from]) => {
      const to = after.get(place);
      return to === undefined || to === from ? [] : [{ object: place.split("\0")[0]!, from, to }];
    })
    .toSorted((x, y) => compareTexts(x.object, y.object) || compareTexts(x.from, y.from));
}

function familyOf(address: string): "4" | "6" {
  return address.includes(":") ? "6" : "4";
}

/** Records with the objects of assigned addresses in the place of these. */
export class Substitution {
  readonly #objects: ReadonlyMap<string, string>;
  readonly #labels: ReadonlyMap<string, string>;

  constructor(assigned: RecordSide["assigned"]) {
    const places = [...assigned].map(([address, object]) => [address, `${object} ${familyOf(address)}`] as const);
    this.#objects = new Map(places);
    this.#labels = new Map(places.map(([address, place]) => [addressLabel(address), place]));
  }

  /** A key that equal records share; undefined where no assigned address is in the record. */
  keyOf(record: ListedRecord): string | undefined {
    const { type, ttl, rdata } = record;
    const data = this.#inData(record);
    const owner = this.inName(record.owner);
    if (data === undefined && owner === undefined) return undefined;
    return [type, ttl, owner ?? foldedKey(record.owner), data ?? nameKey(canonicalRdata(type, rdata))].join(" ");
  }

  /** The name with the object that it stands for: of a reverse name, or of the address in its first label. */
  inName(name: Uint8Array): string | undefined {
    const address = addressOfReverseName(name);
    if (address !== undefined) return this.#objects.get(formatIp(address));
    const key = foldedKey(name);
    const size = 1 + key.charCodeAt(0);
    const object = this.#labels.get(key.slice(1, size));
    return object === undefined ? undefined : `${object} below ${key.slice(size)}`;
  }

  /** Whether an assigned address is in the data. */
  isInData(record: ListedRecord): boolean {
    return this.#inData(record) !== undefined;
  }

  #inData({ type, rdata }: ListedRecord): string | undefined {
    if (type === TYPE.A || type === TYPE.AAAA) return this.#objects.get(formatIp(rdata));
    const at = type === TYPE.PTR ? 0 : type === TYPE.SRV ? targetStart(type, rdata)! : undefined;
    const target = at === undefined ? undefined : this.inName(rdata.subarray(at));
    return target === undefined ? undefined : `${nameKey(rdata.subarray(0, at))} ${target}`;
  }
}
