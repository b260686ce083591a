// Names of response codes, for counts and logs: few, whatever a message says.
// IANA's registry of response codes; RFC 6895 2.3.
import { RCODE } from "./constants.ts";

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(RCODE).map(([name, code]) => [code, name]));

/** The mnemonic of a response code, `other` for codes that the server has no use for. */
export function rcodeName(rcode: number): string {
  return NAMES.get(rcode) ?? "other";
}
