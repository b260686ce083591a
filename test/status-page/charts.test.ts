import { describe, expect, test } from "vitest";
import { barChart, stackedChart } from "../../src/status-page/charts.ts";

/** The points of each polygon, by its class. */
function polygons(svg: string): Record<string, string> {
  return Object.fromEntries(
    [...svg.matchAll(/<polygon class="([^"]*)" points="([^"]*)"/g)].map(([, name, points]) => [name, points]),
  );
}

describe("a stacked chart", () => {
  test("has the newest value at the right, and the largest sum at the top", () => {
    const layers = [
      { name: "a", values: [0, 2] },
      { name: "b", values: [1, 2] },
    ];
    // 240 wide and 48 high: 5 slots are 60 apart.
    expect(polygons(String(stackedChart("c", layers, 5)))).toEqual({
      "layer-a": "180,48 180,48 240,24 240,48",
      "layer-b": "180,48 180,36 240,0 240,48",
    });
  });

  test("draws the sums first, so that lower layers cover them", () => {
    const layers = ["a", "b", "c"].map((name) => ({ name, values: [1, 1] }));
    const svg = String(stackedChart("c", layers, 2));
    expect([...svg.matchAll(/layer-(\w)/g)].map(([, name]) => name)).toEqual(["c", "b", "a"]);
  });

  test.each([[[]], [[{ name: "a", values: [3] }]]])("without two values in a row it is empty: %j", (layers) => {
    expect(String(stackedChart("c", layers, 5))).not.toContain("polygon");
  });

  test("of zeros is flat", () => {
    expect(polygons(String(stackedChart("c", [{ name: "a", values: [0, 0] }], 2)))).toEqual({
      "layer-a": "0,48 0,48 240,48 240,48",
    });
  });
});

test("a bar chart has a bar for each value, the largest of full height", () => {
  const bars = [...String(barChart("c", [0, 1, 4])).matchAll(/<rect [^>]*y="([^"]*)"[^>]*height="([^"]*)"/g)];
  expect(bars.map(([, y, height]) => [Number(y), Number(height)])).toEqual([
    [48, 0],
    [36, 12],
    [0, 48],
  ]);
});

test("a chart says what it shows", () => {
  expect(String(barChart('5 "bars" <', []))).toContain('role="img" aria-label="5 &quot;bars&quot; &lt;"');
});
