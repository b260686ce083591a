// Owner names as text. Pure.
// RFC 4592 2.1.1 (wildcards).
import { formatName } from "../dns/name.ts";

/** An owner name with a final dot; the label of a wildcard is not escaped. */
export function formatOwner(name: Uint8Array): string {
  return formatName(name).replace(/^\\\*\./, "*.");
}
