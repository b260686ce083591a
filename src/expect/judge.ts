// Compares an expectation with what its question got, key by key. Pure.
// Records are compared as text, which is canonical on both sides.
import { formatType } from "../dns/type-names.ts";
import type { Expectation, Mismatch, Outcome, Why } from "./expectation.ts";

const RECORDS_SHOWN_MAX = 20;

/** The keys that do not hold. `why` is needed only where a reason is expected. */
export function judge(expectation: Expectation, outcome: Outcome, why: Why | undefined): readonly Mismatch[] {
  const { answer, contains, count, rcode, reason } = expectation;
  const got = formatOutcome(expectation, outcome);
  const mismatches: Mismatch[] = [];
  const isAnswered = outcome.fault === undefined;
  const has = (record: string): boolean => outcome.answer.includes(record);
  const isSame = answer?.length === outcome.answer.length && answer.every(has) && isAnswered;
  if (answer !== undefined && !isSame) mismatches.push({ key: "answer", expected: formatRecords(answer), got });
  if (contains?.every(has) === false) {
    mismatches.push({
      key: "contains",
      expected: `${formatRecords(contains.filter((each) => !has(each)))}, among others`,
      got,
    });
  }
  if (count !== undefined && (count !== outcome.answer.length || !isAnswered)) {
    mismatches.push({ key: "count", expected: `${count} ${count === 1 ? "record" : "records"}`, got });
  }
  if (rcode !== undefined && !isRcode(rcode, outcome)) mismatches.push({ key: "rcode", expected: rcode, got });
  if (reason !== undefined && !isReason(reason, why)) {
    mismatches.push({ key: "reason", expected: `no records, because: ${reason}`, got: why?.text ?? got });
  }
  const isBare = answer === undefined && contains === undefined && count === undefined;
  if (isBare && rcode === undefined && reason === undefined && !isResolved(outcome)) {
    mismatches.push({ expected: `${formatType(expectation.type)} records`, got });
  }
  return mismatches;
}

/** Whether the name has records of the type, or is an alias of a name outside. */
export function isResolved({ status }: Outcome): boolean {
  return status === "NOERROR";
}

function isRcode(rcode: string, { status }: Outcome): boolean {
  return status === rcode || (rcode === "NOERROR" && status === "NODATA");
}

function isReason(expected: string, why: Why | undefined): boolean {
  return why !== undefined && (why.code === expected || why.text.toLowerCase().includes(expected.toLowerCase()));
}

function formatRecords(records: readonly string[]): string {
  if (records.length === 0) return "no records";
  const more = records.length - RECORDS_SHOWN_MAX;
  const shown = records.toSorted().slice(0, RECORDS_SHOWN_MAX).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** What came, on one line: the records, or why there are none. */
function formatOutcome({ type }: Pick<Expectation, "type">, outcome: Outcome): string {
  const { status, answer, alias, fault } = outcome;
  if (fault !== undefined) return `nothing: ${fault}`;
  if (answer.length > 0) return formatRecords(answer);
  const leads = alias === undefined ? "" : `an alias of ${alias}, and `;
  return status === "NOERROR" ? `${leads}no ${formatType(type)} records here` : `${leads}${status}`;
}
