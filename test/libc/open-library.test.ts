import { expect, test } from "vitest";
import { openLibrary } from "../../src/libc/open-library.ts";

test.runIf(process.platform === "linux")("functions of the C library can be called", () => {
  const opened = openLibrary();
  if ("reason" in opened) throw new Error(opened.reason);
  const getpid = opened.library.func("int getpid()") as () => number;
  expect(getpid()).toBe(process.pid);
});

test.skipIf(process.platform === "linux")("there is a reason where it is not opened", () => {
  expect(openLibrary()).toEqual({ reason: expect.stringContaining(process.platform) });
});
