// Finds names that lack their final dot: in a zone file, `www.example.com` without it is a name below the zone
// (RFC 1035 5.1), which nobody asks for. Pure.
import { TYPE } from "../dns/constants.ts";
import { formatName, isAtOrBelow } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import type { Fault } from "./zone-problems.ts";
import type { ZoneNode, ZoneTree } from "./zone-tree.ts";

/** Last labels of full names; a name that ends with one of them and is relative is hardly meant. */
const LAST_LABELS: ReadonlySet<string> = new Set(
  `com net org edu gov mil int arpa info biz io dev app cloud local internal example test lan home`.split(" "),
);

/** The fault of a target in the zone that does not exist, if its final dot is missing. */
export function faultOfRelativeTarget(target: Uint8Array, type: number, { origin }: ZoneTree): Fault | undefined {
  const written = relativePart(target, origin);
  if (written.length === 1) return undefined;
  const full = formatName(written);
  const labels = full.slice(0, -1).toLowerCase().split(".");
  const isFull = isDoubled(written, origin) || (labels.length > 1 && LAST_LABELS.has(labels.at(-1)!));
  // A pointer leads to a host, which has no name among the pointers.
  const isPointer = type === TYPE.PTR && /\.arpa\.$/i.test(formatName(origin));
  if (!isFull && !isPointer) return undefined;
  return fault(`the target ${formatName(target)} of the ${formatType(type)} does not exist`, isFull ? full : undefined);
}

/** The fault of an owner name that repeats the name of the zone. */
export function faultOfDoubledOwner({ owner }: ZoneNode, { origin }: ZoneTree): Fault | undefined {
  // Most names are too short, and a zone may have very many.
  if (owner.length < 2 * origin.length - 1) return undefined;
  const written = relativePart(owner, origin);
  return isDoubled(written, origin)
    ? fault(`the owner name ${formatName(owner)} has the name of the zone twice`, formatName(written))
    : undefined;
}

function fault(message: string, full: string | undefined): Fault {
  const advice = full === undefined ? "write the full name of the host, with a final dot" : `write \`${full}\``;
  return { code: "zone-missing-dot", message: `${message}: its final dot is missing`, advice };
}

/** The labels before the zone's name, as a name of their own. */
function relativePart(name: Uint8Array, origin: Uint8Array): Uint8Array {
  return Uint8Array.of(...name.subarray(0, name.length - origin.length), 0);
}

/** Whether the name ends with that of the zone, which is one of at least two labels. */
function isDoubled(written: Uint8Array, origin: Uint8Array): boolean {
  return origin.length > origin[0]! + 2 && isAtOrBelow(written, origin);
}
