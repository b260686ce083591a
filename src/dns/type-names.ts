// Record types as text: mnemonics, and numbers for types without one (RFC 3597 5). Also which types no zone holds
// (RFC 6895 3.1).
import { RECORD_TYPES } from "./record-types.ts";
import type { RecordType } from "./record-types.ts";

const ROWS: readonly (readonly [mnemonic: string, row: RecordType])[] = Object.entries(RECORD_TYPES);
const CODES: ReadonlyMap<string, number> = new Map(ROWS.map(([mnemonic, { code }]) => [mnemonic, code]));
const MNEMONICS: ReadonlyMap<number, string> = new Map(ROWS.map(([mnemonic, { code }]) => [code, mnemonic]));
const META_TYPES: ReadonlySet<number> = new Set(
  ROWS.filter(([, row]) => row.isMeta === true).map(([, row]) => row.code),
);

/** `MX`, in any letter case, or `TYPE15` to its number; undefined when it is no type. */
export function parseType(text: string): number | undefined {
  const upper = text.toUpperCase();
  const known = CODES.get(upper);
  if (known !== undefined) return known;
  const digits = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  const type = Number(digits);
  return digits === undefined || type > 0xffff ? undefined : type;
}

/** `MX`, or `TYPE65280` for a type without a mnemonic here. */
export function formatType(type: number): string {
  return MNEMONICS.get(type) ?? `TYPE${type}`;
}

/** Whether only questions and messages have the type, or nothing has (RFC 6895 3.1), so that no zone holds it. */
export function isMetaType(type: number): boolean {
  return type === 0 || (type >= 128 && type <= 255) || META_TYPES.has(type);
}
