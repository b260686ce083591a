// Rdata as text that two spellings of equal data share: names in lower case with their final dot, addresses canonical.
// RFC 4034 6.2 (canonical form); zonefile/ has the text of each type. Pure.
import { parseName } from "../dns/name.ts";
import { canonicalRdata } from "../dns/rdata.ts";
import { formatRdata, readRdata } from "../zonefile/rdata-text.ts";
import { RdataReader } from "../zonefile/rdata-reader.ts";
import { readEntries } from "../zonefile/zone-entries.ts";

/** What is wrong with a text, and what to do. */
export interface RdataFault {
  readonly message: string;
  readonly advice: string;
}

/** Parses the text of a record's data, in which names need no final dot, to its canonical text. */
export function parseRdataText(type: number, text: string): string | RdataFault {
  const [entry, more] = readEntries(text);
  if (entry === undefined) return { message: "the text is empty", advice: "write the data of a record" };
  if (more !== undefined) return { message: "the text has several lines", advice: "write one item for each record" };
  const reader = new RdataReader(entry.tokens, 0, entry.end, parseName(".")!);
  const rdata = readRdata(type, reader);
  return entry.fault ?? reader.fault ?? formatRdataText(type, rdata);
}

/** The canonical text of rdata without compression. */
export function formatRdataText(type: number, rdata: Uint8Array): string {
  return formatRdata(type, canonicalRdata(type, rdata));
}
