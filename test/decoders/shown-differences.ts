// Where what a program shows of a message differs from what the tests' own decoder reads in another copy of it.
// Addresses may be in any order, as each answer begins with another one.
import { canonicalIpv6, parseType, type Message, type ResourceRecord } from "../support/wire.ts";
import type { Shown, ShownRecord } from "./programs.ts";

/** Those that the tests' decoder tells by number. */
const RCODES: Readonly<Record<string, string>> = { RCODE6: "YXDOMAIN" };

/** `\DDD` as the byte that it stands for, which is how the tests' decoder writes strings. */
function unescape(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number(digits)));
}

function canonicalRdata({ type, rdata }: ShownRecord): string {
  if (rdata.startsWith("\\#")) {
    const [, length, ...hex] = rdata.split(" ");
    return `\\# ${length} ${hex.join("").toLowerCase()}`.trimEnd();
  }
  if (type === 28) return canonicalIpv6(rdata);
  return type === 13 || type === 16 ? unescape(rdata) : rdata;
}

/** A record as text: what is always compared, and its data. */
interface Line {
  readonly head: string;
  readonly rdata: string;
}

function differencesOfSections(
  section: string,
  shown: readonly ShownRecord[],
  ours: readonly ResourceRecord[],
): string[] {
  // Sets begin anywhere, so both are put into one order.
  const theirs = shown.map((record) => ({
    head: `${record.owner} ${record.ttl} ${record.type}`,
    rdata: canonicalRdata(record),
  }));
  const own = ours.map(({ owner, ttl, type, rdata }) => ({
    head: `${owner} ${ttl} ${parseType(type)}`,
    rdata: rdata.trimEnd(),
  }));
  const [left, right] = [theirs.toSorted(compare), own.toSorted(compare)];
  const isSame = left.length === right.length && left.every((line, index) => isSameLine(line, right[index]!));
  return isSame ? [] : [`${section}: shows ${JSON.stringify(left)}, not ${JSON.stringify(right)}`];
}

/** Data counts where both have it in one form. */
function isSameLine(theirs: Line, own: Line): boolean {
  const isComparable = theirs.rdata.startsWith("\\#") === own.rdata.startsWith("\\#");
  return theirs.head === own.head && (theirs.rdata === own.rdata || !isComparable);
}

function compare(a: Line, b: Line): number {
  const [left, right] = [a, b].map(({ head, rdata }) => `${head} ${rdata}`) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What differs in status, flags, counts and records, as lines for people. */
export function differencesFromShown(shown: Shown, message: Message): string[] {
  const status = RCODES[message.rcode] ?? message.rcode;
  const flags = (["qr", "aa", "tc", "rd", "ra", "ad", "cd"] as const).filter((flag) => message.flags[flag]);
  // Some count an OPT, and some do not: what is left of the additional section is compared itself.
  const counts = [1, message.answer.length, message.authority.length];
  return [
    ...(shown.status === status ? [] : [`status ${shown.status}, not ${status}`]),
    ...(shown.flags.join() === flags.join() ? [] : [`flags ${shown.flags.join()}, not ${flags.join()}`]),
    ...(shown.counts.slice(0, 3).join() === counts.join()
      ? []
      : [`counts ${shown.counts.join()}, not ${counts.join()}`]),
    ...differencesOfSections("answer", shown.answer, message.answer),
    ...differencesOfSections("authority", shown.authority, message.authority),
    ...differencesOfSections("additional", shown.additional, message.additional),
  ];
}
