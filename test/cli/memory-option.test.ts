import { expect, test } from "vitest";
import { withMemoryLimit } from "../../src/cli/memory-option.ts";
import { optionsFromSettings } from "../../src/config/settings.ts";
import { memoryLimit } from "../../src/process/memory-limit.ts";

test.each([
  ["nothing", {}, memoryLimit()],
  ["less than the system's", { memory: 1 }, 1 << 20],
  ["more than the system's", { memory: 1 << 20 }, memoryLimit()],
])("%s", (_title, settings, bytes) => {
  expect(withMemoryLimit(optionsFromSettings(settings)).memoryBytes).toBe(bytes);
});
