// Lines of hosts files → table entries: each name with all of its addresses, each address's reverse name with the first
// names of its lines. Every one of them is a zone of one name, so that its neighbours are not touched.
import { TYPE } from "../dns/constants.ts";
import { lowerName } from "../dns/name.ts";
import type { HostsEntry } from "../zonefile/parse-hosts-file.ts";
import { encodeEntry } from "./encode-entry.ts";
import { nameKey } from "./name-key.ts";
import type { NamedEntry } from "./name-layers.ts";
import { reverseName } from "./reverse-zones.ts";

interface HostsSettings {
  readonly ttlSeconds: number;
  /** Whose SOA the names have. */
  readonly zone: number;
}

/** RDATA of one owner, by type and by what it says. */
interface Owner {
  readonly name: Uint8Array;
  readonly sets: Map<number, Map<string, Uint8Array>>;
}

/** The entries of all lines by key, of whatever file. */
export function compileHosts(lines: readonly HostsEntry[], settings: HostsSettings): Map<string, NamedEntry> {
  const { ttlSeconds, zone } = settings;
  const owners = new Map<string, Owner>();
  const add = (name: Uint8Array, type: number, rdata: Uint8Array): void => {
    const key = nameKey(name);
    const owner = owners.get(key) ?? { name, sets: new Map<number, Map<string, Uint8Array>>() };
    const set = owner.sets.get(type) ?? new Map<string, Uint8Array>();
    owners.set(key, owner);
    owner.sets.set(type, set.set(nameKey(rdata), rdata));
  };
  for (const { address, names } of lines) {
    for (const name of names) add(lowerName(name), address.length === 4 ? TYPE.A : TYPE.AAAA, address);
    // Lists of names to be blocked give thousands the unspecified address, which is nobody's.
    if (names.length > 0 && address.some((byte) => byte !== 0))
      add(reverseName(address), TYPE.PTR, lowerName(names[0]!));
  }
  return new Map(
    [...owners].map(([key, { name, sets }]) => {
      const records = [...sets].map(([type, rdata]) => ({ type, ttlSeconds, rdata: [...rdata.values()] }));
      const content = encodeEntry({ name, sets: records }, { apexSize: name.length, zone });
      return [key, { name, content }];
    }),
  );
}
