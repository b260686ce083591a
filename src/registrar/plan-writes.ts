// What to write so that the registrar's own keys in etcd are the wanted ones: transactions of bounded size, each key on
// the condition that it is still what it was. Keys of others are never among them. Pure.

/** Of a transaction; etcd refuses more than 128 (`--max-txn-ops`) and 1.5 MiB (`--max-request-bytes`). */
const WRITES_MAX = 100;
const BYTES_MAX = 1 << 19;

/** A key that is in etcd. */
export interface PresentKey {
  readonly value: string;
  /** The revision of the last change. */
  readonly revision: string;
  /** The registrars wrote it: it is under their lease. */
  readonly isOwn: boolean;
}

/** A change of a key, on the condition that it is at `revision` still. */
export interface Write {
  readonly key: string;
  /** Undefined: the key is removed. */
  readonly value: string | undefined;
  /** Undefined: there is no such key. */
  readonly revision: string | undefined;
}

export interface WritePlan {
  readonly transactions: readonly (readonly Write[])[];
  /** Wanted keys that others hold: they stay as they are. */
  readonly taken: readonly string[];
}

/**
 * Makes the keys of `among` what is wanted. `directoryOf`: keys of one directory, such as the records of a name, change
 * together where a transaction can.
 */
export function planWrites(
  among: Iterable<string>,
  wanted: ReadonlyMap<string, string>,
  present: ReadonlyMap<string, PresentKey>,
  directoryOf: (key: string) => string,
): WritePlan {
  const writes: Write[] = [];
  const taken: string[] = [];
  for (const key of among) {
    const [value, known] = [wanted.get(key), present.get(key)];
    if (known?.isOwn === false) {
      if (value !== undefined) taken.push(key);
    } else if (value !== known?.value) writes.push({ key, value, revision: known?.revision });
  }
  return { transactions: split([...Map.groupBy(writes, ({ key }) => directoryOf(key)).values()]), taken };
}

function split(groups: readonly (readonly Write[])[]): readonly (readonly Write[])[] {
  const transactions: Write[][] = [];
  let last: Write[] = [];
  let bytes = 0;
  const begin = (): void => {
    if (last.length > 0) transactions.push(last);
    last = [];
    bytes = 0;
  };
  for (const group of groups) {
    const groupBytes = group.reduce((sum, write) => sum + sizeOf(write), 0);
    if (last.length + group.length > WRITES_MAX || bytes + groupBytes > BYTES_MAX) begin();
    for (const write of group) {
      const size = sizeOf(write);
      // A group that no transaction can hold.
      if (last.length === WRITES_MAX || (last.length > 0 && bytes + size > BYTES_MAX)) begin();
      last.push(write);
      bytes += size;
    }
  }
  begin();
  return transactions;
}

/** About what the key takes of a request: it is in the condition, too. */
function sizeOf({ key, value = "" }: Write): number {
  return 2 * key.length + value.length;
}
