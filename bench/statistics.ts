// Numbers to one number, and rows to a table. Pure.

/** The middle value, or the mean of the two middle ones; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that at least the share `p` (0 to 1) of `sorted` does not exceed; NaN of nothing. */
export function percentile(sorted: Float64Array, p: number): number {
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
}

/** Half the distance between the first and the third quartile: how far values lie apart, outliers aside. */
export function spread(values: readonly number[]): number {
  const sorted = Float64Array.from(values).toSorted();
  return (percentile(sorted, 0.75) - percentile(sorted, 0.25)) / 2;
}

/** A Markdown table; all columns but the first are aligned to the right. */
export function formatTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, 4, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(" | ")} |\n`;
  const rule = widths.map((width, i) => (i === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return line(head) + line(rule) + rows.map(line).join("");
}

/** `digits` behind the point; `-` for what was not measured. */
export function formatNumber(value: number, digits = 0): string {
  return Number.isNaN(value) ? "-" : value.toLocaleString("en-US", digitsOf(digits));
}

function digitsOf(digits: number): Intl.NumberFormatOptions {
  return { minimumFractionDigits: digits, maximumFractionDigits: digits };
}
