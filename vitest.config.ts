import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // Tests import the project by its package name, as its users do.
  resolve: { alias: { "cluster-dns": fileURLToPath(new URL("src/main.ts", import.meta.url)) } },
  test: {
    include: ["test/**/*.test.ts"],
    // No test may ask the world outside: servers that tests start inherit this.
    env: { CLUSTER_DNS_UPSTREAM: "none" },
    // As the launcher does: docs/decisions/0006-no-compiled-wrappers.md.
    execArgv: ["--wasm-wrapper-tiering-budget=2147483647"],
    // Servers, watches and child processes are real in these tests; two cores are the smallest machine they run on.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
