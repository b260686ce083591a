import { expect, test } from "vitest";
import { skipName, skipPlainName } from "../../src/dns/skip-name.ts";

test.each<[what: string, bytes: readonly number[], plain: number | undefined, any: number | undefined]>([
  ["the root", [0], 1, 1],
  ["a name", [1, 97, 2, 98, 99, 0, 7], 6, 6],
  ["a pointer", [0xc0, 12], undefined, 2],
  ["a name that ends in a pointer", [1, 97, 0xc0, 12, 9], undefined, 4],
  ["half a pointer", [1, 97, 0xc0], undefined, undefined],
  ["a label cut", [5, 97], undefined, undefined],
  ["no end", [1, 97], undefined, undefined],
  ["label type 01", [0x40, ...Array<number>(70).fill(1)], undefined, undefined],
  ["label type 10", [0x80, 0, 0], undefined, undefined],
  ["255 bytes", [...Array(127).fill([1, 97]).flat(), 0], 255, 255],
  ["257 bytes", [...Array(128).fill([1, 97]).flat(), 0], undefined, undefined],
  ["nothing", [], undefined, undefined],
])("%s", (_, bytes, plain, any) => {
  const message = Uint8Array.from([0xff, ...bytes]);
  const shift = (end: number | undefined): number | undefined => (end === undefined ? undefined : end + 1);
  expect(skipPlainName(message, 1)).toBe(shift(plain));
  expect(skipName(message, 1)).toBe(shift(any));
});
