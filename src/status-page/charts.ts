// Small charts as SVG: lines and areas over time, bars of classes. Colours are classes of the style sheet.
// Pure. A chart says in words what it shows, for those who do not see it.
import { markup } from "./markup.ts";
import type { Markup } from "./markup.ts";

const WIDTH = 240;
const HEIGHT = 48;

/** One area of a stack, from the bottom. */
export interface Layer {
  /** `noerror`: its class is `layer-noerror`. */
  readonly name: string;
  /** The oldest first; of all layers as many. */
  readonly values: readonly number[];
}

/** Layers on top of each other; the newest value is at the right, where `slots` values fill the width. */
export function stackedChart(label: string, layers: readonly Layer[], slots: number): Markup {
  const length = layers[0]?.values.length ?? 0;
  const sums = Array.from({ length }, () => 0);
  const lines = layers.map(({ values }) => values.map((value, i) => (sums[i] = sums[i]! + value)));
  const max = Math.max(...sums, Number.MIN_VALUE);
  const x = (i: number): string => rounded(WIDTH - ((length - 1 - i) * WIDTH) / (slots - 1));
  const y = (value: number): string => rounded(HEIGHT - (value / max) * HEIGHT);
  // Each area reaches the ground, and those of the layers below it cover its lower part.
  const areas = layers.map(({ name }, layer) => {
    const top = lines[layer]!.map((value, i) => `${x(i)},${y(value)}`);
    const points = [`${x(0)},${HEIGHT}`, ...top, `${WIDTH},${HEIGHT}`];
    return markup`<polygon class="layer-${name}" points="${points.join(" ")}"/>`;
  });
  return chart(label, length < 2 ? [] : areas.toReversed());
}

/** A bar for each value. */
export function barChart(label: string, values: readonly number[]): Markup {
  const max = Math.max(...values, Number.MIN_VALUE);
  const width = WIDTH / Math.max(1, values.length);
  const bars = values.map((value, i) => {
    const height = (value / max) * HEIGHT;
    const [x, y] = [rounded(i * width + 1), rounded(HEIGHT - height)];
    return markup`<rect class="bar" x="${x}" y="${y}" width="${rounded(width - 2)}" height="${rounded(height)}"/>`;
  });
  return chart(label, bars);
}

function chart(label: string, shapes: readonly Markup[]): Markup {
  const box = `0 0 ${WIDTH} ${HEIGHT}`;
  return markup`<svg role="img" aria-label="${label}" viewBox="${box}" preserveAspectRatio="none">${shapes}</svg>`;
}

function rounded(value: number): string {
  return String(Math.round(value * 10) / 10);
}
