// Where the C library's functions are available, and the reason given elsewhere.
import { afterEach, describe, expect, test } from "vitest";
import { LINUX, loadLibc } from "../../src/server/libc.ts";
import { needLibc, reasonAgainstBatches } from "../support/batch/open-batch.ts";

const real = { platform: process.platform, arch: process.arch };

function pretend(platform: string, arch: string): void {
  Object.defineProperties(process, { platform: { value: platform }, arch: { value: arch } });
}
afterEach(() => pretend(real.platform, real.arch));

describe("loadLibc", () => {
  test.each([
    ["darwin", "arm64"],
    ["win32", "x64"],
    ["linux", "ia32"],
  ])("%s on %s has a reason", (platform, arch) => {
    pretend(platform, arch);
    expect(loadLibc()).toEqual({
      reason: `batches of system calls need Linux on x64 or arm64, this is ${platform} on ${arch}`,
    });
  });

  test("Linux on x64 and arm64 have the functions", (context) => {
    context.skip(real.platform !== "linux" || !["x64", "arm64"].includes(real.arch), "another system");
    expect(reasonAgainstBatches()).toBeUndefined();
  });
});

describe.skipIf(reasonAgainstBatches() !== undefined)("the functions", () => {
  test("a failed call's number is there until the next call, whatever happens in between", () => {
    const libc = needLibc();
    expect(libc.close(-1)).toBe(-1);
    const garbage = Array.from({ length: 100_000 }, (_, i) => ({ i }));
    expect([garbage.length, libc.errno()]).toEqual([100_000, 9]);
    expect(libc.socket(99, LINUX.SOCK_DGRAM, 0)).toBe(-1);
    expect(libc.errno()).toBe(97);
  });

  test("bytes have one address, views of them one that is as much further on, and both keep it", () => {
    const libc = needLibc();
    // Small ones too: V8 holds those inside its own heap, and moves them, until somebody asks where they are.
    for (const size of [1, 16, 56, 64, 65, 100_000]) {
      const bytes = new Uint8Array(size);
      const address = libc.addressOf(bytes);
      expect(libc.addressOf(bytes.subarray(size - 1)) - address).toBe(BigInt(size - 1));
      const garbage = Array.from({ length: 20_000 }, (_, i) => new Uint8Array(i & 31));
      expect([garbage.length, libc.addressOf(bytes)]).toEqual([20_000, address]);
    }
  });
});
