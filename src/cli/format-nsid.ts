// The name that a server gives itself in a reply (NSID, RFC 5001 2.3), as a line.
// Pure; what could control a terminal is escaped.
import { OPTION } from "../dns/constants.ts";
import { readOptions } from "../dns/options.ts";
import { formatText } from "./extended-error.ts";

/** The line of the message's NSID, in hexadecimal digits and as text; none if it has none. */
export function formatNsid(message: Uint8Array): readonly string[] {
  const options = readOptions(message).filter(({ code }) => code === OPTION.NSID);
  return options.map(({ data }) => `; NSID: ${data.toString("hex")} (${formatText(data)})`);
}
