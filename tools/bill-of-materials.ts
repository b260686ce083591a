// Prints the bill of materials of the package (CycloneDX), from the lock file: `npm run sbom`. npm makes it of a folder
// without development dependencies, because `npm sbom --omit dev` also omits what both need, such as yaml.
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const work = mkdtempSync(join(tmpdir(), "cluster-dns-sbom-"));
// npm takes the name of the component from the folder.
const folder = join(work, "cluster-dns");

function npm(...args: readonly string[]): string {
  return execFileSync("npm", args, { cwd: folder, encoding: "utf8" });
}

try {
  mkdirSync(folder);
  for (const file of ["package.json", "package-lock.json", ".npmrc"]) cpSync(join(ROOT, file), join(folder, file));
  npm("pkg", "delete", "devDependencies", "workspaces");
  npm("install", "--package-lock-only", "--offline");
  process.stdout.write(npm("sbom", "--package-lock-only", "--sbom-format", "cyclonedx", "--sbom-type", "application"));
} finally {
  rmSync(work, { recursive: true });
}
