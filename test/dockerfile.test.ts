// The Dockerfile, checked without a container engine: what it copies exists and reaches the engine, and the last stage,
// laid out in a folder as the image would be, serves and reports its health by the Dockerfile's own commands. `npm run
// image` builds the image for real.
import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
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
import { reasonAgainstBatches } from "./support/batch/open-batch.ts";
import { skipAll, whyNot } from "./support/optional-programs.ts";
import { freePort, ROOT, ServerProcess } from "./support/process.ts";

const COMPILE_PROBE = "gcc -Os -s -o health-probe health-probe.c";

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
  const images = new Map<string, string>();
  for (const line of lines) {
    const [, name = "", args = ""] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (name === "FROM") {
      const [image = "", , stage] = args.split(/\s+/);
      const variable = /^\$\{(\w+)\}$/.exec(image)?.[1] ?? "";
      stages.push({ image: images.get(variable) ?? image, name: stage, instructions: [] });
    } else if (stages.length === 0) {
      const [variable = "", image = ""] = args.split("=");
      images.set(variable, image);
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

/** What `npm prune --omit=dev --workspaces=false` leaves of the packages installed here. */
function linkProductionPackages(target: string): void {
  const lock = JSON.parse(readFileSync(`${ROOT}package-lock.json`, "utf8")) as {
    packages: Record<string, { dev?: true }>;
  };
  for (const [path, { dev }] of Object.entries(lock.packages)) {
    // The runtime workspace has Node.js itself.
    if (dev === true || !existsSync(ROOT + path) || !/^node_modules\/(?!node-|cluster-dns-runtime)/.test(path))
      continue;
    linkTree(ROOT + path, join(target, path.slice("node_modules/".length)));
  }
}

const stages = parseDockerfile(readFileSync(`${ROOT}Dockerfile`, "utf8"));
const build = stages[0]!;
const last = stages.at(-1)!;
const dockerignore = readFileSync(`${ROOT}.dockerignore`, "utf8");
const entrypoint = JSON.parse(only(last, "ENTRYPOINT")) as string[];
const command = JSON.parse(only(last, "CMD")) as string[];
const healthCommand = JSON.parse(/\sCMD (.*)$/.exec(only(last, "HEALTHCHECK"))![1]!) as string[];
/** What the build stage runs, command by command. */
const buildCommands = build.instructions
  .filter(({ name }) => name === "RUN")
  .flatMap(({ args }) => args.split("&&").map((each) => each.trim()));

describe("the Dockerfile", () => {
  test("has a stage to build and a last one, of pinned images", () => {
    expect(stages).toHaveLength(2);
    for (const { image } of stages) expect(image).toMatch(/^[a-z][\w./-]+:(?!latest$)[\w.-]+$/);
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
    const taken = copiesOf(last).filter(({ from }) => from === build.name);
    expect(taken.flatMap(({ sources }) => sources)).toEqual([
      "/bin/dash",
      "/usr/local/LICENSE",
      "/usr/local/bin/node",
      "/app/node_modules",
      "/app/health-probe",
      "/app/dist/*.js",
    ]);
    expect(buildCommands).toEqual(
      expect.arrayContaining(["npm run build", "npm prune --omit=dev --workspaces=false", COMPILE_PROBE]),
    );
    const before = copiesOf(build).flatMap(({ sources }) => sources);
    expect(before).toEqual(expect.arrayContaining(["package.json", "package-lock.json", ".npmrc"]));
  });

  test("gives its Node one capability", () => {
    const grants = buildCommands.filter((each) => each.startsWith("setcap"));
    expect(grants).toEqual(["setcap cap_net_bind_service=+ep /usr/local/bin/node cap_net_bind_service=+ep /bin/dash"]);
  });

  test("has labels that say what package.json says", () => {
    const { name, description, license, version } = JSON.parse(readFileSync(`${ROOT}package.json`, "utf8")) as Record<
      string,
      string
    >;
    const labels = new Map([...only(last, "LABEL").matchAll(/([\w.]+)="([^"]*)"/g)].map((m) => [m[1]!, m[2]!]));
    const label = (key: string): string | undefined => labels.get(`org.opencontainers.image.${key}`);
    expect([label("title"), label("description"), label("licenses")]).toEqual([name, description, license]);
    expect(last.instructions).toContainEqual({ name: "ARG", args: `VERSION=${version}` });
    for (const key of ["version", "revision", "source", "created"]) expect(label(key)).toBe(`\${${key.toUpperCase()}}`);
  });

  test("runs as a numeric user that is not root", () => {
    expect(only(last, "USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    const names = last.instructions.map(({ name }) => name);
    expect(names.indexOf("USER")).toBeGreaterThan(names.lastIndexOf("RUN"));
  });

  test("has no build tools in the last stage", () => {
    expect(last.image).toMatch(/^gcr\.io\/distroless\/cc-/);
    expect(last.instructions.filter(({ name }) => name === "RUN")).toEqual([]);
  });

  test("listens on port 53 of all addresses, and has the admin server on 9153", () => {
    expect(environmentOf(last)).toMatchObject({
      CLUSTER_DNS_LISTEN: "0.0.0.0:53,[::]:53",
      CLUSTER_DNS_ADMIN: "0.0.0.0:9153,[::]:9153",
    });
    expect(only(last, "EXPOSE").split(" ").toSorted()).toEqual(["53/tcp", "53/udp", "9153/tcp"]);
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

  const missing = process.platform === "linux" ? whyNot("gcc") : "the image is for Linux";
  skipAll(missing);

  beforeAll(() => {
    if (missing !== undefined) return;
    chmodSync(tree, 0o755);
    for (const copy of copiesOf(last)) {
      if (copy.from !== undefined) continue;
      for (const source of copy.sources) {
        const target = tree + landing(copy, source);
        mkdirSync(dirname(target), { recursive: true });
        cpSync(ROOT + source, target, { recursive: true });
      }
    }
    const built = mkdtempSync(join(tmpdir(), "cluster-dns-image-dist-"));
    execFileSync(process.execPath, [`${ROOT}tools/build.ts`, built]);
    cpSync(built, `${tree}/app/dist`, { recursive: true, filter: (path) => path === built || path.endsWith(".js") });
    rmSync(built, { recursive: true });
    linkProductionPackages(`${tree}/app/node_modules`);
    for (const each of buildCommands.filter((text) => /^(find|rm -r) node_modules/.test(text)))
      execFileSync("/bin/sh", ["-c", each], { cwd: `${tree}/app` });
    const [compiler = "", ...flags] = COMPILE_PROBE.replace("health-probe", "bin/health-probe").split(" ");
    execFileSync(compiler, [...flags.slice(0, -1), `${ROOT}deploy/image/health-probe.c`], { cwd: `${tree}/app` });
    mkdirSync(`${tree}/usr/local/bin`, { recursive: true });
    copyFileSync(process.execPath, `${tree}/usr/local/bin/node`);
  });
  afterAll(() => rmSync(tree, { recursive: true }));

  /** A path of the image to one of the tree, its port to a free one, its addresses to those of the loopback. */
  function mapped(text: string, port: number): string {
    return text
      .replace(/(^|\s)\/(?=app\/|manifests)/g, `$1${tree}/`)
      .replace(/:53\b/g, `:${port}`)
      .replace(/:9153\b/g, ":0")
      .replace("0.0.0.0", "127.0.0.1")
      .replace("[::]", hasIpv6() ? "[::1]" : "127.0.0.2");
  }

  test("holds each path that the commands name", () => {
    const paths = [...entrypoint, ...command, ...healthCommand].filter((word) => word.startsWith("/"));
    expect(paths.length).toBeGreaterThanOrEqual(3);
    expect(paths.filter((path) => !existsSync(tree + path))).toEqual([]);
  });

  test("has no packages for development, no TypeScript and no headers", () => {
    expect(existsSync(`${tree}/app/node_modules/yaml`)).toBe(true);
    expect(existsSync(`${tree}/app/node_modules/vitest`)).toBe(false);
    const files = readdirSync(`${tree}/app`, { recursive: true, encoding: "utf8" });
    expect(files.length).toBeGreaterThan(500);
    expect(files.filter((file) => /\.([cm]?ts|h|hh)$/.test(file))).toEqual([]);
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
    const env = {
      PATH: `${tree}/usr/local/bin:/usr/bin:/bin`,
      ...Object.fromEntries(image),
      ...given,
    } as NodeJS.ProcessEnv;
    const [program = "", ...args] = [...entrypoint, ...command].map((word) => mapped(word, port));
    const askHealth = (): number | null =>
      spawnSync(mapped(healthCommand.join(" "), port), { env, ...uid, encoding: "utf8" }).status;

    expect(askHealth()).toBe(1);
    const server = await ServerProcess.start([program, ...args], { port, name, env, ...uid });
    const health = askHealth();
    const addresses = /"admin":\["([^"]+)","([^"]+)"\]/;
    await expect.poll(() => server.output).toMatch(addresses);
    const [, ...admin] = addresses.exec(server.output)!;
    for (const address of admin) expect((await fetch(`${address}/ready`)).status).toBe(200);
    const exitCode = await server.stop();
    expect({ health, exitCode }).toEqual({ health: 0, exitCode: 0 });
    expect(askHealth()).toBe(1);
    if (reasonAgainstBatches() === undefined) expect(server.output).not.toContain("node:dgram");
  });

  test.for([
    ["as Docker runs it", []],
    ["as Kubernetes does without allowPrivilegeEscalation", ["--no-new-privs"]],
  ] as const)("serves on port 53 with one capability and a read-only root: %s", ([, flags], { skip }) => {
    const reason = whyNot("unshare", "setpriv", "setcap", "ip", "dig");
    skip(reason !== undefined, reason);
    skip(process.getuid?.() !== 0, "only root makes namespaces and sets capabilities");
    for (const folder of ["lib", "lib64", "usr/lib", "dev", "proc", "bin", "usr/bin"])
      mkdirSync(join(tree, folder), { recursive: true });
    copyFileSync("/bin/dash", `${tree}/bin/sh`);
    // Not of the image: gives up root on the way into it.
    const setpriv = execFileSync("/bin/sh", ["-c", "command -v setpriv"], { encoding: "utf8" }).trim();
    copyFileSync(setpriv, `${tree}/usr/bin/setpriv`);
    for (const program of ["usr/local/bin/node", "bin/sh"])
      execFileSync("setcap", ["cap_net_bind_service=+ep", join(tree, program)]);
    const ran = spawnSync(
      "unshare",
      ["--net", "--mount", "--pid", "--fork", "--kill-child", "sh", `${ROOT}test/support/contained.sh`, tree, ...flags],
      { env: { PATH: "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", ...environmentOf(last) }, encoding: "utf8" },
    );
    expect(ran.stdout.trim().split("\n"), ran.stderr).toEqual([
      "probe: healthy",
      "UDP: 10.96.12.80",
      "TCP: 10.96.12.80",
      "Uid: 65532",
      "CapEff: 0000000000000400",
      "CapBnd: 0000000000000400",
      "write: Read-only file system",
      "exit: 0",
      "probe: 1",
    ]);
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
