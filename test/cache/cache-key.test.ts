// The key of a cache entry: what makes two questions the same one, and that its bytes are read back as it was.
import { describe, expect, test } from "vitest";
import { CACHE_KEY_SIZE_MAX, cacheKeyBytes, cacheKeyText, readCacheKey } from "../../src/cache/cache-key.ts";
import { key } from "../support/core/cached.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const KEYS = [
  key("www.up.test."),
  key("www.up.test.", "AAAA"),
  key("www.up.test.", "TYPE257"),
  key("www.up.test.", "A", { dnssecOk: true }),
  key("www.up.test.", "A", { checkingDisabled: true }),
  key("www.up.test.", "A", { dnssecOk: true, checkingDisabled: true }),
  key("ww.up.test."),
  key("."),
];

describe("the key", () => {
  test("ignores letter case; type, DO and CD make another one", () => {
    const keys = KEYS.map((each) => hex(cacheKeyBytes(each)));
    expect(new Set(keys).size).toBe(keys.length);
    expect(hex(cacheKeyBytes(key("WWW.up.TEST.")))).toBe(keys[0]);
    expect(new Set(KEYS.map(cacheKeyText)).size).toBe(keys.length);
    expect(cacheKeyText(key("WWW.up.TEST."))).toBe(cacheKeyText(KEYS[0]!));
  });

  test("is read back from its bytes", () => {
    expect(KEYS.map((each) => readCacheKey(cacheKeyBytes(each)))).toEqual(KEYS);
    expect(readCacheKey(cacheKeyBytes(key("WWW.up.TEST.")))).toEqual(KEYS[0]);
  });

  test("of the longest name has the size that readers have a buffer for", () => {
    const label = "a".repeat(63);
    const longest = key([label, label, label, "a".repeat(61), ""].join("."));
    expect([longest.name.length, cacheKeyBytes(longest).length]).toEqual([255, CACHE_KEY_SIZE_MAX]);
  });
});
