// The query of a question, and its reply as an outcome. Pure; the message is known to be the reply to the question.
// RFC 1035 4, RFC 6891 6.1, RFC 8914 2.
import { formatIp } from "../net/ip.ts";
import type { Probe, Question, Reply } from "../doctor/observation.ts";
import { CLASS_IN, FLAG, HEADER_SIZE, TYPE } from "../dns/constants.ts";
import { readExtendedErrors } from "../dns/extended-error.ts";
import { rcodeOf, readSections, writeQuery } from "../dns/message.ts";
import { formatName, parseName } from "../dns/name.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import { assert } from "../std/assert.ts";

/** Of one reply; and characters of the text of each. */
const EXTENDED_ERRORS_MAX = 3;
const TEXT_MAX = 255;

/** The message with this id; it asks for recursion. */
export function writeProbe({ name, type }: Question, id: number, probe: Probe): Uint8Array {
  const wire = parseName(name);
  assert(wire !== undefined, "names are checked before they are asked");
  const { ednsSize, dnssecOk = false } = probe;
  const edns = ednsSize === undefined ? undefined : { udpSize: ednsSize, dnssecOk };
  const message = writeQuery({ name: wire, type: TYPE[type], class: CLASS_IN }, edns);
  message[0] = id >> 8;
  message[1] = id;
  return message;
}

/** What a message says that replies to a query of this type; records after a cut are left out. */
export function readReply(message: Uint8Array, type: Question["type"], ms: number): Reply {
  const { rcode, hasEdns } = rcodeOf(message);
  const name = rcodeName(rcode);
  return {
    kind: "reply",
    ms,
    rcode: name === "other" ? `RCODE${rcode}` : name,
    isTruncated: (message[2]! & FLAG.TC) !== 0,
    hasEdns,
    size: message.length,
    answers: message.length === HEADER_SIZE ? [] : answersOf(message, type),
    extendedErrors: extendedErrorsOf(message),
  };
}

function answersOf(message: Uint8Array, type: Question["type"]): readonly string[] {
  const records = readSections(message).answer.filter((record) => record.type === TYPE[type]);
  return records.map(({ rdata }) => {
    if (type === "PTR") return formatName(rdata);
    return type === "DNSKEY" ? "" : formatIp(rdata);
  });
}

function extendedErrorsOf(message: Uint8Array): Reply["extendedErrors"] {
  return readExtendedErrors(message)
    .slice(0, EXTENDED_ERRORS_MAX)
    .map(({ code, text }) => ({ code, text: text.toString("utf8").slice(0, TEXT_MAX) }));
}
