// The values of YAML scalars as kubectl reads them: its library resolves YAML 1.1 (yes and on are booleans, 0120 is
// octal, 8_080 is a number), without its sexagesimal numbers and dates, which stay text. Values are those of JSON.
// Source: https://yaml.org/type/, and what sigs.k8s.io/yaml 1.6.0 makes of the scalars in this file's test.

export type ScalarValue = string | number | boolean | null;

const TRUE = "y Y yes Yes YES true True TRUE on On ON".split(" ");
const FALSE = "n N no No NO false False FALSE off Off OFF".split(" ");

const WORDS: ReadonlyMap<string, ScalarValue> = new Map<string, ScalarValue>([
  ...TRUE.map((word) => [word, true] as const),
  ...FALSE.map((word) => [word, false] as const),
  ...["", "~", "null", "Null", "NULL"].map((word) => [word, null] as const),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((word) => [word, Infinity] as const),
  ...["-.inf", "-.Inf", "-.INF"].map((word) => [word, -Infinity] as const),
  ...[".nan", ".NaN", ".NAN"].map((word) => [word, NaN] as const),
]);

const INTEGER = /^([-+]?)(?:(0[xX][\da-fA-F]+|0[bB][01]+|0[oO][0-7]+)|0([0-7]+)|(0|[1-9]\d*))$/;
const SIGNED_BINARY = /^0b([-+])([01]+)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
const INT64_MIN = -(2n ** 63n);
const INT64_MAX = 2n ** 63n - 1n;
const UINT64_MAX = 2n ** 64n - 1n;

/** The value of a scalar without quotes and without a tag; numbers may be infinite or NaN. */
export function resolvePlain(text: string): ScalarValue {
  if (!/^[-+.\d]/.test(text)) return WORDS.get(text) ?? (WORDS.has(text) ? null : text);
  const integer = integerOf(text);
  if (integer !== undefined) return Number(integer);
  return floatOf(text) ?? text;
}

const TAG_PREFIX = "tag:yaml.org,2002:";
const FITS: Readonly<Record<string, (value: ScalarValue, text: string) => boolean>> = {
  bool: (value) => typeof value === "boolean",
  int: (value, text) => typeof value === "number" && integerOf(text) !== undefined,
  float: (value) => typeof value === "number",
  null: (value) => value === null,
  timestamp: (_value, text) => /^\d{4}-\d\d?-\d\d?(?:$|[Tt\s])/.test(text),
};

/** The value of a scalar with the tag `tag` (its full name), quoted or not; undefined if the tag does not fit it. */
export function resolveTagged(text: string, tag: string): ScalarValue | undefined {
  const type = tag.startsWith(TAG_PREFIX) ? tag.slice(TAG_PREFIX.length) : "";
  if (type === "binary") return decodeBase64(text.replaceAll(/[\r\n]/g, ""));
  if (!Object.hasOwn(FITS, type)) return text;
  const value = resolvePlain(text);
  return FITS[type]!(value, text) ? value : undefined;
}

/** The key in JSON that a scalar without quotes becomes; undefined for what can't be a key. */
export function plainKey(text: string): string | undefined {
  const value = resolvePlain(text);
  if (value === null) return undefined;
  if (typeof value !== "number") return String(value);
  const integer = integerOf(text);
  if (integer !== undefined) return integer > INT64_MAX ? undefined : String(integer);
  return floatKey(value);
}

/** An integer of 64 bits; exact where a number can't be. */
function integerOf(text: string): number | bigint | undefined {
  if (text.startsWith(".")) return undefined;
  const plain = text.replaceAll("_", "");
  const signed = SIGNED_BINARY.exec(plain);
  if (signed !== null) return integerOf(`${signed[1]}0b${signed[2]}`);
  const [, sign, prefixed, octal, decimal] = INTEGER.exec(plain) ?? [];
  if (sign === undefined) return undefined;
  const digits = prefixed ?? (octal === undefined ? decimal! : `0o${octal}`);
  const size = digits.length > 12 ? BigInt(digits) : Number(digits);
  const value = sign === "-" ? (typeof size === "bigint" ? -size : 0 - size) : size;
  if (value < INT64_MIN || value > UINT64_MAX) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function floatOf(text: string): number | undefined {
  const word = WORDS.get(text);
  if (typeof word === "number") return word;
  const plain = text.startsWith(".") ? text : text.replaceAll("_", "");
  const value = FLOAT.test(plain) ? Number(plain) : NaN;
  return Number.isFinite(value) ? value : undefined;
}

/** The shortest text that gives the same number of 32 bits, with an exponent from a million. */
function floatKey(value: number): string {
  if (Number.isNaN(value)) return ".nan";
  if (!Number.isFinite(value)) return value > 0 ? ".inf" : "-.inf";
  if (value === 0) return "0";
  const single = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(single.toPrecision(digits))) !== single) digits++;
  const [mantissa, exponent] = single.toExponential(digits - 1).split("e") as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(Number(single.toPrecision(digits)));
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

function decodeBase64(text: string): string | undefined {
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text)) return undefined;
  return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));
}
