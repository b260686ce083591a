// The texts of quantities and times, as the API server decodes them. Linear in the length of the text. Pure.
// Sources: https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/, RFC 3339 section 5.6.

const TEXT_MAX = 100;
const QUANTITY = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[KMGTPE]i|[numkMGTPE]|[eE][-+]?\d+)?$/;
const TIME = /^\d{4}-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.\d+)?(?:Z|[-+]\d{2}:\d{2})$/;

/** Whether `value` is the text of a quantity, such as `500m` or `1Gi`. */
export function isQuantity(value: unknown): value is string {
  return typeof value === "string" && value.length <= TEXT_MAX && QUANTITY.test(value);
}

/** The number that a quantity stands for; NaN if it is none. */
export function quantityOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (!isQuantity(value)) return Number.NaN;
  const [, digits = "", suffix = ""] = /^([-+]?[\d.]+)(.*)$/.exec(value) ?? [];
  if (/^[eE][-+]?\d/.test(suffix)) return Number(value);
  const binary = suffix.endsWith("i");
  const step = "KMGTPE".indexOf(suffix.replace("k", "K").charAt(0)) + 1;
  if (suffix !== "" && step > 0) return Number(digits) * (binary ? 1024 : 1000) ** step;
  return Number(digits) * 1000 ** -("m u n".split(" ").indexOf(suffix) + 1);
}

/** Whether `value` is the text of a time. */
export function isTime(value: unknown): value is string {
  if (typeof value !== "string" || value.length > TEXT_MAX) return false;
  const parts = TIME.exec(value);
  if (parts === null) return false;
  const [month, day, hour, minute, second] = parts.slice(1).map(Number);
  return month! >= 1 && month! <= 12 && day! >= 1 && day! <= 31 && hour! < 24 && minute! < 60 && second! < 60;
}
