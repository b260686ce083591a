// A vitest reporter for .ci/run: writes to the file named by TEST_COUNTS_FILE a line for each skipped test and each
// file that did not run or was cut off, and last the line `N passed, N failed[, N skipped]`. Counts, and judges nothing.
import { writeFileSync } from "node:fs";
import type { Reporter, TestModule } from "vitest/node";

interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The reporter; vitest makes one of it for each run. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
    const lines = modules.flatMap((module) => countModule(module, counts));
    if (unhandledErrors.length > 0) lines.push(`failed: ${unhandledErrors.length} errors outside of any test`);
    counts.failed += unhandledErrors.length;
    const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
    lines.push(`${counts.passed} passed, ${counts.failed} failed${skipped}`);
    const file = process.env["TEST_COUNTS_FILE"];
    if (file !== undefined) writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
  }
}

function countModule(module: TestModule, counts: Counts): string[] {
  const lines: string[] = [];
  const failedBefore = counts.failed;
  let cutOff = 0;
  for (const test of module.children.allTests()) {
    const result = test.result();
    if (result.state === "passed") counts.passed++;
    else if (result.state === "skipped") {
      counts.skipped++;
      const reason = result.note === undefined ? "" : `: ${result.note}`;
      lines.push(`skipped: ${module.relativeModuleId} > ${test.fullName}${reason}`);
    } else {
      counts.failed++;
      if (result.state === "pending") cutOff++;
    }
  }
  // Its process has ended before it; vitest says so, and not of which file.
  if (cutOff > 0) lines.push(`failed: ${module.relativeModuleId} was cut off, with ${cutOff} tests to go`);
  // A file that throws while it loads, or in a hook, has no failed test to count.
  if (!module.ok() && counts.failed === failedBefore) {
    counts.failed++;
    lines.push(`failed: ${module.relativeModuleId} did not run to its end`);
  }
  return lines;
}
