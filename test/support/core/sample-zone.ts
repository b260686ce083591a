// A zone `z.` with one name of every kind that an answer function meets: sets, aliases, rules, hidden keys, and a
// reverse zone of one name inside another zone.
import { ZonesOnly } from "./zones-only.ts";
import { ENTRY_FLAG } from "../../../src/table/layout.ts";
import { newTable, records } from "./table.ts";
import type { Table } from "./table.ts";

/** Fills a table; the apex `z.` is put by the caller. */
export function fillNames({ put }: Table): void {
  put("a.z.", [records("A", ["10.0.0.1"]), records("AAAA", ["fd00::1"])]);
  put("v4.z.", [records("A", ["10.0.0.2"], {}, 0)]);
  put("deep.ent.z.", [records("TXT", ["x"])]);
  put("empty.z.");
  put("s.z.", [records("SRV", ["0 50 80 a.z.", "0 50 81 v4.z."], { 0: ["10.0.0.1", "fd00::1"], 1: ["10.0.0.2"] })]);
  put("*.z.", [records("TXT", ["star"])]);
  put("pod.z.", [], ENTRY_FLAG.ADDRESS_LABELS);
  put("known.z.", [], ENTRY_FLAG.KNOWN_ADDRESS_LABELS);
  put("\\010\\244\\001\\005.known.z.", [], ENTRY_FLAG.HIDDEN);
  put("1-2-.known.z.", [], ENTRY_FLAG.HIDDEN);
  put(
    "\\253\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\000\\005.known.z.",
    [],
    ENTRY_FLAG.HIDDEN,
  );
  put("in.alias.z.", [records("CNAME", ["a.z."])]);
  put("missing.alias.z.", [records("CNAME", ["none.z."])]);
  put("nodata.alias.z.", [records("CNAME", ["v4.z."])]);
  put("ent.alias.z.", [records("CNAME", ["ent.z."])]);
  put("outside.alias.z.", [records("CNAME", ["www.example.com."])]);
  put("twice.alias.z.", [records("CNAME", ["in.alias.z."])]);
  put("far.alias.z.", [records("CNAME", ["outside.alias.z."])]);
  put("spelled.alias.z.", [records("CNAME", ["10-9-8-7.pod.z."])]);
  put("known.alias.z.", [records("CNAME", ["10-244-1-5.known.z."])]);
  put("unknown.alias.z.", [records("CNAME", ["10-244-1-6.known.z."])]);
  put("hidden.alias.z.", [records("CNAME", ["\\010\\244\\001\\005.known.z."])]);
  put("srv.alias.z.", [records("CNAME", ["s.z."])]);
  put("apex.alias.z.", [records("CNAME", ["z."])]);
  put("5.1.10.arpa.", [records("PTR", ["a.z."])], 0, "5.1.10.arpa.");
  put("10.arpa.", [], 0, "10.arpa.");
  put("rev.alias.z.", [records("CNAME", ["x.1.10.arpa."])]);
}

export interface Served {
  readonly answerer: ZonesOnly;
  readonly table: Table;
}

/** An answer function on a zone `z.` with NS, and what `fill` puts into it; ready. */
export function serveZone(
  fill: (table: Table) => void,
  settings = { ednsSize: 1232, recursion: false },
  seed = 1,
): Served {
  const table = newTable();
  table.put("z.", [records("NS", ["ns.z."], { 0: ["10.0.0.53"] })]);
  fill(table);
  table.writer.setZonesKnown(true);
  return { answerer: new ZonesOnly(table.reader, settings, seed), table };
}
