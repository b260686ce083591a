// Listed records as the lines of a hosts file, see hosts(5): each address with all its names. Aliases are followed
// within the list; what a hosts file cannot say is left out. Our reader makes the same addresses and PTR records of it.
import { TYPE } from "../dns/constants.ts";
import { foldedKey, nameKey } from "../dns/name.ts";
import { formatIp } from "../net/ip.ts";
import { canonicalKey, compareTexts } from "./canonical-order.ts";
import { addressOfReverseName } from "../zonefile/reverse-name.ts";
import { formatOwner } from "./name-texts.ts";
import type { ListedRecord } from "./listed-record.ts";

/** Longer chains of aliases are left out. */
const ALIASES_MAX = 10;

/** The lines by address. A line begins with a name that the address's PTR records have, where there is one. */
export function formatHosts(records: readonly ListedRecord[]): string {
  const byOwner = Map.groupBy(records, ({ owner }) => foldedKey(owner));
  const addresses = new Map<string, { readonly address: Uint8Array; readonly names: Map<string, Uint8Array> }>();
  const add = (address: Uint8Array, name: Uint8Array): void => {
    const entry = addresses.get(nameKey(address)) ?? { address, names: new Map<string, Uint8Array>() };
    addresses.set(nameKey(address), entry);
    entry.names.set(foldedKey(name), name);
  };
  for (const [key, own] of byOwner)
    if (!key.startsWith("\u0001*")) for (const address of addressesOf(key, byOwner)) add(address, own[0]!.owner);
  const pairs = new Set<string>();
  for (const { owner, type, rdata } of records) {
    const address = type === TYPE.PTR ? addressOfReverseName(owner) : undefined;
    if (address !== undefined) pairs.add(`${nameKey(address)} ${foldedKey(rdata)}`);
  }
  return [...addresses.values()]
    .toSorted((a, b) => a.address.length - b.address.length || Buffer.compare(a.address, b.address))
    .flatMap(({ address, names }) => {
      const isPointer = (key: string): boolean => pairs.has(`${nameKey(address)} ${key}`);
      return linesOf(formatIp(address), names, isPointer);
    })
    .map((line) => `${line}\n`)
    .join("");
}

/** The addresses of a name, behind its alias if it is one. */
function addressesOf(key: string, byOwner: ReadonlyMap<string, readonly ListedRecord[]>): readonly Uint8Array[] {
  let own = byOwner.get(key) ?? [];
  for (let hops = 0; hops < ALIASES_MAX; hops++) {
    const alias = own.find(({ type }) => type === TYPE.CNAME);
    if (alias === undefined) break;
    own = byOwner.get(foldedKey(alias.rdata)) ?? [];
  }
  return own.filter(({ type }) => type === TYPE.A || type === TYPE.AAAA).map(({ rdata }) => rdata);
}

/** Aliases follow the first name; each further name of a PTR record has a line of its own. */
function linesOf(
  address: string,
  names: ReadonlyMap<string, Uint8Array>,
  isPointer: (key: string) => boolean,
): readonly string[] {
  const sorted = [...names]
    .map(([key, name]) => ({ text: formatOwner(name).slice(0, -1), isFirst: isPointer(key), key: canonicalKey(name) }))
    // Only letters, digits, hyphens and underscores make a host name.
    .filter(({ text }) => !text.includes("\\"))
    .toSorted((a, b) => Number(b.isFirst) - Number(a.isFirst) || compareTexts(a.key, b.key));
  const [first, ...others] = sorted;
  if (first === undefined) return [];
  const aliases = others.filter(({ isFirst }) => !isFirst);
  const line = [address, ...[first, ...aliases].map(({ text }) => text)].join(" ");
  return [line, ...others.filter(({ isFirst }) => isFirst).map(({ text }) => `${address} ${text}`)];
}
