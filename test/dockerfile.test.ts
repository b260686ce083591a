// The Dockerfile, checked without a container engine: what it copies exists and reaches the engine, and the last stage,
// laid out in a folder as the image would be, serves and reports its health by the Dockerfile's own commands.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  globSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
} from "node:fs";
import { networkInterfaces, tmpdir } from "node:os";
import { basename, dirname, join, posix } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { freePort, ROOT, ServerProcess } from "./support/process.ts";

interface Instruction {
  readonly name: string;
  readonly args: string;
}

interface Copy {
  /** The stage copied from; undefined: the repository. */
  readonly from: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

interface Stage {
  readonly image: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replace(/^\s*#.*\n/gm, "")
    .replace(/\\\n/g, " ")
    .split("\n")
    .filter((line) => line.trim() !== "");
  const stages: { image: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = "", args = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      const [image = "", , stage] = args.split(/\s+/);
      stages.push({ image, name: stage, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push({ name, args });
    }
  }
  return stages;
}

function only(stage: Stage, name: string): string {
  const found = stage.instructions.filter((instruction) => instruction.name === name);
  if (found.length !== 1) throw new Error(`${found.length} ${name} instructions, expected one`);
  return found[0]!.args;
}

/** The stage's COPY instructions, targets made absolute by the WORKDIR before them. */
function copiesOf(stage: Stage): Copy[] {
  let folder = "/";
  const copies: Copy[] = [];
  for (const { name, args } of stage.instructions) {
    if (name === "WORKDIR") folder = posix.resolve(folder, args);
    if (name !== "COPY") continue;
    const words = args.split(/\s+/);
    const from = words[0]?.startsWith("--from=") ? words.shift()!.slice("--from=".length) : undefined;
    const target = words.pop()!;
    copies.push({ from, sources: words, target: posix.resolve(folder, target) + (target.endsWith("/") ? "/" : "") });
  }
  return copies;
}

/** Where a source of a COPY lands. A folder's content goes to the target; a file goes into it when it ends in a slash. */
function landing(copy: Copy, source: string): string {
  return copy.target.endsWith("/") ? copy.target + basename(source) : copy.target;
}

/** Whether .dockerignore lets a path at the top of the repository through; the last rule that fits wins. */
function reachesEngine(path: string, dockerignore: string): boolean {
  let reaches = true;
  for (const rule of dockerignore.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
    const pattern = rule.replace(/^!/, "");
    if (pattern === "*" || pattern === path || path.startsWith(`${pattern}/`)) reaches = rule.startsWith("!");
  }
  return reaches;
}

/** Hard links where they are possible: Node alone has 150 MB. */
function linkTree(source: string, target: string): void {
  mkdirSync(target, { recursive: true });
  for (const entry of readdirSync(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") linkTree(from, to);
    } else {
      try {
        linkSync(from, to);
      } catch {
        copyFileSync(from, to);
      }
    }
  }
}

/** What `npm ci --omit=dev` leaves of the packages installed here. */
function linkProductionPackages(target: string): void {
  const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, "utf8")) as {
    packages: Record<string, { dev?: true }>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    if (path === "" || dev === true || !existsSync(ROOT + path)) continue;
    linkTree(ROOT + path, join(target, path.slice("node_modules/".length)));
  }
}

const stages = parseDockerfile(readFileSync(`${ROOT}Dockerfile`, "utf8"));
const build = stages[0]!;
const last = stages.at(-1)!;
const dockerignore = readFileSync(`${ROOT}.dockerignore`, "utf8");
const entrypoint = JSON.parse(only(last, "ENTRYPOINT")) as string[];
const command = JSON.parse(only(last, "CMD")) as string[];
const healthCommand = /\sCMD (.*)$/.exec(only(last, "HEALTHCHECK"))![1]!;

describe("the Dockerfile", () => {
  test("has a stage to build and a last one, of pinned images", () => {
    expect(stages).toHaveLength(2);
    for (const { image } of stages) expect(image).toMatch(/^[a-z]+:(?!latest$)[\w.-]+$/);
  });

  test("copies only what exists and reaches the engine", () => {
    const sources = stages
      .flatMap(copiesOf)
      .filter(({ from }) => from === undefined)
      .flatMap((copy) => copy.sources);
    expect(sources).toContain("src");
    expect(sources.filter((source) => !existsSync(ROOT + source))).toEqual([]);
    expect(sources.filter((source) => !reachesEngine(source, dockerignore))).toEqual([]);
  });

  test("sends the engine nothing that it does not copy", () => {
    const copied = new Set(stages.flatMap(copiesOf).flatMap((copy) => copy.sources));
    const sent = readdirSync(ROOT).filter((path) => reachesEngine(path, dockerignore));
    expect(sent.filter((path) => !copied.has(path))).toEqual([]);
  });

  test("takes over from the build stage what that stage made", () => {
    const taken = copiesOf(last).filter(({ from }) => from !== undefined);
    expect(taken.map(({ from, sources }) => ({ from, sources }))).toEqual([
      { from: build.name, sources: ["/app/node_modules"] },
    ]);
    expect(build.instructions.map(({ name, args }) => `${name} ${args}`)).toContain("RUN npm ci --omit=dev");
    const before = copiesOf(build).flatMap(({ sources }) => sources);
    expect(before).toEqual(expect.arrayContaining(["package.json", "package-lock.json", ".npmrc"]));
  });

  test("gives its Node one capability", ({ skip }) => {
    const grants = build.instructions.filter(({ args }) => args.includes("setcap")).map(({ args }) => args);
    expect(grants).toHaveLength(1);
    const [, capability, path = ""] = /^setcap (\S+) (\S+)$/.exec(grants[0]!) ?? [];
    expect(capability).toBe("cap_net_bind_service=+ep");
    if (process.platform !== "linux") skip("npm installs the Linux package of Node on Linux only");
    expect(globSync(path, { cwd: ROOT })).toHaveLength(1);
  });

  test("runs as a numeric user that is not root", () => {
    expect(only(last, "USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const names = last.instructions.map(({ name }) => name);
    expect(names.indexOf("USER")).toBeGreaterThan(names.lastIndexOf("RUN"));
  });

  test("has no build tools in the last stage", () => {
    const runs = last.instructions.filter(({ name }) => name === "RUN").map(({ args }) => args);
    expect(last.image).not.toMatch(/^node:/);
    expect(runs.join("\n")).not.toMatch(/\b(npm|npx|yarn|gcc|g\+\+|make|python3?|build-essential|curl|git)\b/);
  });

  test("listens on port 53 of all addresses", () => {
    expect(environmentOf(last)["CLUSTER_DNS_LISTEN"]).toBe("0.0.0.0:53,[::]:53");
    expect(only(last, "EXPOSE").split(" ").toSorted()).toEqual(["53/tcp", "53/udp"]);
  });
});

function environmentOf(stage: Stage): Record<string, string> {
  return Object.fromEntries(
    [...only(stage, "ENV").matchAll(/(\w+)=(?:"([^"]*)"|(\S+))/g)].map((m) => [m[1]!, m[2] ?? m[3]!]),
  );
}

describe("the image's file tree", () => {
  const tree = mkdtempSync(join(tmpdir(), "cluster-dns-image-"));
  const uid = process.getuid?.() === 0 ? { uid: Number(only(last, "USER").split(":")[0]) } : {};

  beforeAll(() => {
    chmodSync(tree, 0o755);
    for (const copy of copiesOf(last)) {
      if (copy.from !== undefined) {
        linkProductionPackages(tree + copy.target);
        continue;
      }
      for (const source of copy.sources) {
        const target = tree + landing(copy, source);
        mkdirSync(dirname(target), { recursive: true });
        cpSync(ROOT + source, target, { recursive: true });
      }
    }
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  /** A path of the image to one of the tree, its port to a free one, its addresses to those of the loopback. */
  function mapped(text: string, port: number): string {
    return text
      .replace(/(^|\s)\/(?=app\/|manifests)/g, `$1${tree}/`)
      .replace(/:53\b/g, `:${port}`)
      .replace("0.0.0.0", "127.0.0.1")
      .replace("[::]", hasIpv6() ? "[::1]" : "127.0.0.2");
  }

  test("holds each path that the commands name", () => {
    const paths = [...entrypoint, ...command, ...healthCommand.split(" ")].filter((word) => word.startsWith("/"));
    expect(paths.length).toBeGreaterThanOrEqual(3);
    expect(paths.filter((path) => !existsSync(tree + path))).toEqual([]);
  });

  test("has no packages for development", () => {
    expect(existsSync(`${tree}/app/node_modules/yaml`)).toBe(true);
    expect(existsSync(`${tree}/app/node_modules/vitest`)).toBe(false);
  });

  test.each([
    ["by default", {}, "web.default.svc.cluster.local"],
    [
      "with another cluster domain",
      { CLUSTER_DNS_CLUSTER_DOMAIN: "k8s.example.com" },
      "web.default.svc.k8s.example.com",
    ],
  ])("serves, is healthy and stops: %s", async (_, given, name) => {
    const port = await freePort();
    const image = Object.entries(environmentOf(last)).map(([key, value]) => [key, mapped(value, port)]);
    // The image has no other Node than its own.
    const env = { PATH: "/usr/bin:/bin", ...Object.fromEntries(image), ...given } as NodeJS.ProcessEnv;
    const [program = "", ...args] = [...entrypoint, ...command].map((word) => mapped(word, port));
    const askHealth = (): number | null =>
      spawnSync("/bin/sh", ["-c", mapped(healthCommand, port)], { env, ...uid, encoding: "utf8" }).status;

    expect(askHealth()).not.toBe(0);
    const server = await ServerProcess.start([program, ...args], { port, name, env, ...uid });
    const health = askHealth();
    const exitCode = await server.stop();
    expect({ health, exitCode }).toEqual({ health: 0, exitCode: 0 });
    expect(askHealth()).not.toBe(0);
  });
});

function hasIpv6(): boolean {
  return Object.values(networkInterfaces()).some((addresses) => addresses?.some(({ address }) => address === "::1"));
}

describe("examples/compose.yaml", () => {
  const compose = parse(readFileSync(`${ROOT}examples/compose.yaml`, "utf8")) as {
    services: { dns: Compose; app: Compose };
    networks: { cluster: { ipam: { config: { subnet: string }[] } } };
  };
  interface Compose {
    build?: string;
    volumes?: string[];
    networks: string[] | { cluster: { ipv4_address: string } };
    dns?: string[];
    dns_search?: string[];
    dns_opt?: string[];
  }

  test("points the application at the server, by the resolv.conf of its namespace", () => {
    const { dns, app } = compose.services;
    const address = "cluster" in dns.networks ? dns.networks.cluster.ipv4_address : "";
    const flags = ["--namespace", "data", "--nameserver", address, "--node-resolv-conf", "/dev/null"];
    const ran = spawnSync(`${ROOT}bin/cluster-dns`, ["resolv-conf", `${ROOT}zones`, ...flags], { encoding: "utf8" });
    const given = [
      `nameserver ${app.dns?.join(" ")}`,
      `search ${app.dns_search?.join(" ")}`,
      `options ${app.dns_opt?.join(" ")}`,
    ];
    expect(given).toEqual(ran.stdout.trimEnd().split("\n"));
    expect(address.startsWith(compose.networks.cluster.ipam.config[0]!.subnet.replace(/\d+\/24$/, ""))).toBe(true);
  });

  test("names folders that exist", () => {
    const { build: context = "", volumes = [] } = compose.services.dns;
    expect(existsSync(join(ROOT, "examples", context, "Dockerfile"))).toBe(true);
    const [source = "", target] = volumes[0]!.split(":");
    expect(existsSync(join(ROOT, "examples", source))).toBe(true);
    expect(target).toBe("/manifests");
  });
});

describe("the checks find what they are for", () => {
  test.each([
    ["node_modules", false],
    ["src", true],
    ["src/main.ts", true],
    ["README.md", false],
  ])(".dockerignore: %s", (path, reaches) => {
    expect(reachesEngine(path, "# comment\n*\n!src\n")).toBe(reaches);
  });

  test("stages, continued lines and working folders are understood", () => {
    const [first, second] = parseDockerfile(
      "# c\nFROM a:1 AS x\nRUN b \\\n  c\nFROM d:2\nWORKDIR /w\nCOPY --from=x /p q/\nCOPY e f ./\n",
    );
    expect(first).toEqual({ image: "a:1", name: "x", instructions: [{ name: "RUN", args: "b    c" }] });
    const copies = copiesOf(second!);
    expect(copies).toEqual([
      { from: "x", sources: ["/p"], target: "/w/q/" },
      { from: undefined, sources: ["e", "f"], target: "/w/" },
    ]);
    expect(landing(copies[1]!, "e")).toBe("/w/e");
  });
});
