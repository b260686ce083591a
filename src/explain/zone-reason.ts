// Why a name in a zone of a file gets no records of a type. Pure.
// RFC 1034 4.3.2; RFC 4592 2.2.1 (names that exist because others lie below them).
import { RCODE, TYPE } from "../dns/constants.ts";
import { foldedKey, isAtOrBelow, keysUpward } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import type { Reason } from "../reasons/reason.ts";
import type { Zone, ZoneRecord } from "../zonefile/zone-record.ts";
import { plainName } from "./name-place.ts";

/** `isReferral`: the reply names the servers to which a zone below is delegated. */
export function zoneReason(
  asked: { readonly name: Uint8Array; readonly type: number; readonly rcode: number },
  zone: Zone,
  isReferral: boolean,
): Reason {
  const name = plainName(asked.name);
  const origin = plainName(zone.origin);
  if (isReferral || isDelegated(asked.name, zone)) return { code: "delegated", name, zone: origin };
  if (asked.rcode !== RCODE.NOERROR) return { code: "not-in-zone", name, zone: origin };
  const own = recordsFor(asked.name, zone);
  const isBetween = own.length === 0 && zone.records.some(({ owner }) => isAtOrBelow(owner, asked.name));
  if (isBetween) return { code: "no-records", name };
  const types = [...new Set(own.map(({ type }) => formatType(type)))];
  return { code: "no-records-of-type", name, type: formatType(asked.type), types };
}

/** The records of the name, else those of the wildcard that covers it (RFC 4592 3.3.1). */
export function recordsFor(name: Uint8Array, { origin, records }: Zone): readonly ZoneRecord[] {
  const [key, ...above] = keysUpward(foldedKey(name), foldedKey(origin));
  for (const each of [key!, ...above.map((parent) => `${WILDCARD}${parent}`)]) {
    const found = records.filter(({ owner }) => foldedKey(owner) === each);
    if (found.length > 0) return found;
  }
  return [];
}

const WILDCARD = "\u0001*";

function isDelegated(name: Uint8Array, { origin, records }: Zone): boolean {
  return records.some(
    ({ owner, type }) => type === TYPE.NS && owner.length > origin.length && isAtOrBelow(name, owner),
  );
}
