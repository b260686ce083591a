import { globSync, readFileSync } from "node:fs";
import { defineConfig } from "vitest/config";

/** Files with bounds on time, by themselves or through the suite that they run. */
const TIMED = /support\/timing\.ts|transport-suite\.ts/;
const TESTS = "test/**/*.test.ts";
/** They take minutes, and seldom find anything: with `THOROUGH=1` alone, as releases are tested. */
const LONG = [
  "admin/hostile-clients",
  "ci-page",
  "cli/agreement",
  "cli/memory",
  "cli/takeover",
  "cli/udp-transport",
  "conformance/b-mutations",
  "decoders/replies",
  "dockerfile",
  "doctor/namespace",
  "faults/run",
  "faults/trial",
  "fuzz/laws",
  "github-action",
  "network/forwarding-waits",
  "planes/privileges",
  "seccomp-profile",
  "simulation/planted",
  "simulation/simulation",
  "soak/soak",
  "sources/manifests/limits",
  "sources/manifests/zone-files",
  "status-page/browser",
];
const THOROUGH = LONG.map((name) => `test/${name}.test.ts`);
/** Files that replace a module need modules of their own; the others share what a worker has imported already. */
const REPLACING = /\bvi\.(mock|doMock|resetModules)\b/;

// `npm test`; with `--mode timing`, which is `npm run test:timing`, the files that bound times, one after the other.
export default defineConfig(({ mode }) => {
  const isTiming = mode === "timing";
  const matching = (pattern: RegExp): string[] =>
    globSync(TESTS).filter((file) => pattern.test(readFileSync(file, "utf8")));
  const include = isTiming ? matching(TIMED) : [TESTS];
  const exclude = process.env["THOROUGH"] === "1" ? [] : THOROUGH;
  const replacing = matching(REPLACING);
  const own = isTiming ? replacing.filter((file) => include.includes(file)) : replacing;
  return {
    test: {
      projects: [
        { extends: true, test: { name: "own modules", include: own, exclude } },
        {
          extends: true,
          test: { name: "shared modules", include, exclude: [...exclude, ...replacing], isolate: false },
        },
      ],
      env: {
        // No test may ask the world outside: servers that tests start inherit this.
        CLUSTER_DNS_UPSTREAM: "none",
        // Debian keeps servers where only root's PATH leads.
        PATH: `${process.env["PATH"]}:/usr/sbin:/sbin`,
        ...(isTiming && { TEST_TIMING: "1" }),
      },
      // As the launcher does: docs/decisions/0006-no-compiled-wrappers.md.
      execArgv: ["--wasm-wrapper-tiering-budget=2147483647"],
      // Servers, watches and child processes are real in these tests; two cores are the smallest machine they run on.
      maxWorkers: isTiming ? 1 : 2,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  };
});
