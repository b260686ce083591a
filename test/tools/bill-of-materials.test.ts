// The bill of materials of a release: the run-time dependencies in the versions of the lock file.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { ROOT } from "../support/process.ts";

test("the bill of materials has all run-time dependencies, with checksums, and nothing else", () => {
  const { stdout } = spawnSync("npm", ["run", "--silent", "sbom"], { cwd: ROOT, encoding: "utf8" });
  const bill = JSON.parse(stdout) as {
    bomFormat: string;
    components: { name: string; hashes: { alg: string }[] }[];
  };
  expect(bill.bomFormat).toBe("CycloneDX");
  const names = bill.components.map(({ name }) => name);
  const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as Record<string, Record<string, string>>;
  expect(names).toEqual(expect.arrayContaining(Object.keys(manifest["dependencies"]!)));
  expect(names.filter((name) => name in manifest["devDependencies"]! || name.startsWith("node-"))).toEqual([]);
  expect(bill.components.filter(({ hashes }) => hashes[0]?.alg !== "SHA-512")).toEqual([]);
});
