// Compares listed records with those of a server that is asked by DNS: which questions to ask it, and which of its
// answers count as the same. TTLs, SOA and name servers are the server's own affair. Pure.
import { TYPE } from "../dns/constants.ts";
import { foldedKey } from "../dns/name.ts";
import type { RecordSide } from "./compare-records.ts";
import { Substitution } from "./compare-records.ts";
import type { ListedRecord } from "./listed-record.ts";

/** A question of class IN; `name` in wire form. */
export interface AskedName {
  readonly name: Uint8Array;
  readonly type: number;
}

const ADDRESSES: readonly number[] = [TYPE.A, TYPE.AAAA];
const OF_THE_SERVER: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.NS]);

/** The records that a server can be held to, without names made of assigned addresses, which it cannot know. */
export function comparableSide({ records, assigned }: RecordSide): RecordSide {
  const objects = new Substitution(assigned);
  const kept = records.filter(({ owner, type }) => !OF_THE_SERVER.has(type) && objects.inName(owner) === undefined);
  return { records: kept.map((record) => ({ ...record, ttl: 0 })), assigned };
}

/** The questions for all types of each name; for both families of addresses where it has any. */
export function questionsFor({ records }: RecordSide): readonly AskedName[] {
  const byName = Map.groupBy(records, ({ owner }) => foldedKey(owner));
  return [...byName.values()].flatMap((own) => {
    const types = new Set(own.map(({ type }) => type));
    if ([...ADDRESSES, TYPE.CNAME].some((type) => types.has(type))) for (const type of ADDRESSES) types.add(type);
    return [...types].map((type) => ({ name: own[0]!.owner, type }));
  });
}

/** The server's side: its set of a name and type is that of `side` where only assigned addresses differ. */
export function serverSide(side: RecordSide, answers: readonly ListedRecord[]): RecordSide {
  const objects = new Substitution(side.assigned);
  const setKey = ({ owner, type }: ListedRecord): string => `${type} ${foldedKey(owner)}`;
  const own = Map.groupBy(side.records, setKey);
  const records = [...Map.groupBy(answers, setKey)].flatMap(([key, given]) => {
    const wanted = own.get(key) ?? [];
    const isAssigned = wanted.length > 0 && wanted.every((record) => objects.isInData(record));
    return isAssigned && portsOf(wanted) === portsOf(given) ? wanted : given.map((each) => ({ ...each, ttl: 0 }));
  });
  return { records, assigned: new Map() };
}

/** The ports of SRV records: how many targets there are is the server's affair. */
function portsOf(records: readonly ListedRecord[]): string {
  const ports = records.map(({ type, rdata }) => (type === TYPE.SRV ? (rdata[4]! << 8) | rdata[5]! : 0));
  return [...new Set(ports)].toSorted((a, b) => a - b).join();
}
