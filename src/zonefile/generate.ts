// `$GENERATE`, a directive of BIND: a line for each number of a range. Parses the range, and puts numbers into
// templates. Makes no records. BIND 9 Administrator Reference Manual, "The $GENERATE Directive".

/** Largest number of a range, as in BIND. */
const NUMBER_MAX = 0x7fff_ffff;
/** Largest width of a number in a template: longer than any name. */
const WIDTH_MAX = 255;

/** The numbers `first`, `first + step`, … up to `last`. */
export interface GenerateRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
}

/** `1-10` or `0-254/2`; undefined: not a range. */
export function parseRange(text: string): GenerateRange | undefined {
  const [, ...parts] = /^(\d{1,10})-(\d{1,10})(?:\/(\d{1,10}))?$/.exec(text) ?? [];
  const [first, last, step] = [Number(parts[0]), Number(parts[1]), Number(parts[2] ?? 1)];
  return first <= last && last <= NUMBER_MAX && step >= 1 && step <= NUMBER_MAX ? { first, last, step } : undefined;
}

/** A template as a function of the number. */
export type Template = (number: number) => string;

/**
 * Parses a template: `$` is the number, `${offset,width,base}` another form of it, `$$` and `\$` the character.
 * Undefined: the braces hold something else.
 */
export function parseTemplate(text: string): Template | undefined {
  const parts: (string | Template)[] = [];
  for (const [part] of text.matchAll(/\$\$|\$(?:\{[^}]*\}?)?|(?:\\[^]|[^$])+|\\/g)) {
    const made = part === "$$" || !part.startsWith("$") ? part.replace("$$", "$") : parseNumber(part.slice(1));
    if (made === undefined) return undefined;
    parts.push(made);
  }
  return (number) => parts.map((part) => (typeof part === "string" ? part : part(number))).join("");
}

/** The modifiers in braces, if any: offset, width, and base (d, o, x, X, n or N). */
function parseNumber(modifiers: string): Template | undefined {
  if (modifiers === "") return String;
  const [, ...parts] = /^\{(-?\d{1,10})(?:,(\d{1,3})(?:,([doxXnN]))?)?\}$/.exec(modifiers) ?? [];
  const [offset, width, base] = [Number(parts[0]), Number(parts[1] ?? 0), parts[2] ?? "d"];
  if (parts.length === 0 || Math.abs(offset) > NUMBER_MAX || width > WIDTH_MAX) return undefined;
  return (number) => formatNumber(number + offset, width, base);
}

function formatNumber(number: number, width: number, base: string): string {
  if (base === "d") return number < 0 ? `-${pad(String(-number), width - 1)}` : pad(String(number), width);
  // Of a negative number the 32 bits, as in C.
  const bits = number < 0 ? number >>> 0 : number;
  if (base === "o") return pad(bits.toString(8), width);
  const digits = base === "x" || base === "n" ? bits.toString(16) : bits.toString(16).toUpperCase();
  if (base === "x" || base === "X") return pad(digits, width);
  // A label for each digit, the last digit first; the width counts the dots too.
  return (
    [...pad(digits, Math.ceil(width / 2))].toReversed().join(".") +
    (width > 0 && width % 2 === 0 && width >= 2 * digits.length ? "." : "")
  );
}

function pad(digits: string, width: number): string {
  return digits.padStart(width, "0");
}
