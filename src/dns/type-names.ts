// Record types as text: mnemonics, or numbers for types without one (RFC 3597 5); and which types are meta types
// (RFC 6895 3.1). Pure.
import { RECORD_TYPES } from "./record-types.ts";
import type { RecordType } from "./record-types.ts";

const ROWS: readonly (readonly [mnemonic: string, row: RecordType])[] = Object.entries(RECORD_TYPES);
const CODES: ReadonlyMap<string, number> = new Map(ROWS.map(([mnemonic, { code }]) => [mnemonic, code]));
const MNEMONICS: ReadonlyMap<number, string> = new Map(ROWS.map(([mnemonic, { code }]) => [code, mnemonic]));
const META_TYPES: ReadonlySet<number> = new Set(
  ROWS.filter(([, row]) => row.isMeta === true).map(([, row]) => row.code),
);

/** `MX`, in any letter case, or `TYPE15` to the type's code; undefined: not a type. */
export function parseType(text: string): number | undefined {
  const upper = text.toUpperCase();
  const known = CODES.get(upper);
  if (known !== undefined) return known;
  const digits = /^TYPE(\d{1,5})$/.exec(upper)?.[1];
  const type = Number(digits);
  return digits === undefined || type > 0xffff ? undefined : type;
}

/** `MX`, or `TYPE65280` for a type without a row. */
export function formatType(type: number): string {
  return MNEMONICS.get(type) ?? `TYPE${type}`;
}

/** Whether the type is a QTYPE, a pseudo-type or reserved (RFC 6895 3.1), and so in no zone. */
export function isMetaType(type: number): boolean {
  return type === 0 || (type >= 128 && type <= 255) || META_TYPES.has(type);
}
