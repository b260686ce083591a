// `npm run image`: builds the image with buildah, and runs it with runc as a container engine would: read-only root, one
// capability, the seccomp profile. Base images can't be pulled everywhere, so it makes its own of Debian's packages, once.
// Exit code 0, 1 where something fails, or 2 where a program is missing. Needs root, and namespaces of its own.
import { deepStrictEqual } from "node:assert";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { whyNot } from "../support/optional-programs.ts";
import { ROOT } from "../support/process.ts";

const IMAGE = "localhost/cluster-dns";
const RELEASE = "bookworm";
/** For the arguments of the Dockerfile: what the build uses of the official images. */
const BASES = {
  NODE_IMAGE: {
    image: "localhost/cluster-dns-node",
    packages: ["--variant=minbase", "--include=ca-certificates,gcc,libc6-dev,libcap2-bin"],
  },
  BASE_IMAGE: {
    image: "localhost/cluster-dns-cc",
    packages: ["--variant=extract", "--include=base-files,ca-certificates,libc6,libgcc-s1,libstdc++6,netbase"],
  },
} as const;
const CERTIFICATES = "/etc/ssl/certs";
const CACHE = "/var/cache/npm";
/** Containers of other runs may be there. */
const CONTAINER = `cluster-dns-${process.pid}`;
const TRIES_MAX = 200;

const CAPABILITIES = ["CAP_NET_BIND_SERVICE"];
/** What engines give a user that is not root with one capability; Kubernetes with `allowPrivilegeEscalation: false`. */
const RIGHTS = {
  Docker: { capabilities: { bounding: CAPABILITIES }, noNewPrivileges: false },
  Kubernetes: {
    capabilities: { bounding: CAPABILITIES, permitted: CAPABILITIES, effective: CAPABILITIES },
    noNewPrivileges: true,
  },
} as const;
type Rights = (typeof RIGHTS)[keyof typeof RIGHTS];

process.exit(main());

function main(): number {
  const missing = whyNot("buildah", "mmdebstrap", "runc", "dig", "nsenter");
  if (missing !== undefined || process.getuid?.() !== 0) {
    process.stderr.write(`npm run image: ${missing ?? "only root builds and runs images"}\n`);
    return 2;
  }
  const work = mkdtempSync(join(tmpdir(), "cluster-dns-image-"));
  try {
    step("base images", makeBases);
    step("build", build);
    inContainer(IMAGE, (root) => {
      tell(formatSizes(root));
      for (const [engine, rights] of Object.entries(RIGHTS))
        step(`run as ${engine} does`, () => runContainer(work, root, rights));
    });
    tell("image: passed");
    return 0;
  } catch (error) {
    tell(`image: failed: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  } finally {
    rmSync(work, { recursive: true });
  }
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}

function step(name: string, act: () => void): void {
  const start = performance.now();
  act();
  tell(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function run(program: string, ...args: readonly string[]): string {
  return execFileSync(program, args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function buildah(...args: readonly string[]): string {
  return run("buildah", ...args);
}

/** Calls `act` with the file tree of a new container of `image`. */
function inContainer(image: string, act: (root: string, container: string) => void): void {
  const container = buildah("from", image);
  try {
    act(buildah("mount", container), container);
  } finally {
    buildah("rm", container);
  }
}

function makeBases(): void {
  for (const { image, packages } of Object.values(BASES)) {
    if (spawnSync("buildah", ["inspect", "--type", "image", image]).status === 0) continue;
    inContainer("scratch", (root, container) => {
      run("mmdebstrap", "--format=directory", ...packages, RELEASE, root);
      if (image === BASES.NODE_IMAGE.image) addNode(root);
      buildah("commit", "--disable-compression", container, image);
    });
  }
}

function addNode(root: string): void {
  run("npm", "install", "--global", "--prefix", `${root}/usr/local`, `npm@${run("npm", "--version")}`);
  run("cp", "-L", process.execPath, `${root}/usr/local/bin/node`);
  run("cp", join(process.execPath, "../../LICENSE"), `${root}/usr/local/LICENSE`);
  // Node.js has certificates of its own; `build` brings those of this machine, and npm's cache.
  const settings = [`registry=${setting("registry")}`, `cafile=${CERTIFICATES}/ca-certificates.crt`, `cache=${CACHE}`];
  mkdirSync(`${root}/usr/local/etc`, { recursive: true });
  writeFileSync(`${root}/usr/local/etc/npmrc`, `${settings.join("\n")}\n`);
}

/** A setting of this machine's npm. */
function setting(name: string): string {
  return run("npm", "config", "get", name);
}

function build(): void {
  const volumes = [`--volume=${CERTIFICATES}:${CERTIFICATES}:ro`, `--volume=${setting("cache")}:${CACHE}`];
  const bases = Object.entries(BASES).map(([name, { image }]) => `--build-arg=${name}=${image}`);
  buildah("build", "--isolation=chroot", "--format=docker", ...volumes, ...bases, "--tag", IMAGE, ".");
}

function formatSizes(root: string): string {
  const parts = ["", "usr/local/bin/node", "app/node_modules", "app/dist", "app/bin"];
  const sizeOf = (part: string): string => run("du", "-s", "-B1000", join(root, part)).split("\t")[0]!;
  return parts.map((part) => `/${part}: ${sizeOf(part)} kB`).join("\n");
}

/** The image's configuration, as engines read it. */
interface Config {
  readonly User: string;
  readonly Env: readonly string[];
  readonly Entrypoint: readonly string[];
  readonly Cmd: readonly string[];
  readonly WorkingDir: string;
  readonly Healthcheck: { readonly Test: readonly ["CMD", ...string[]] };
}

/** Makes an OCI bundle in `work`, as `docker run --read-only --cap-drop ALL --cap-add NET_BIND_SERVICE` would. */
function writeBundle(work: string, root: string, config: Config, rights: Rights): void {
  const { User, Env, Entrypoint, Cmd, WorkingDir } = config;
  const path = join(work, "config.json");
  rmSync(path, { force: true });
  run("runc", "spec", "--bundle", work);
  const spec = JSON.parse(readFileSync(path, "utf8")) as { readonly process: object; readonly linux: object };
  const seccomp = JSON.parse(readFileSync(`${ROOT}deploy/seccomp/cluster-dns.json`, "utf8")) as object;
  const [uid, gid] = User.split(":").map(Number);
  const own = {
    terminal: false,
    user: { uid, gid },
    args: [...Entrypoint, ...Cmd],
    env: Env,
    cwd: WorkingDir,
    ...rights,
  };
  const changed = {
    ...spec,
    root: { path: root, readonly: true },
    process: { ...spec.process, ...own },
    linux: { ...spec.linux, seccomp },
  };
  writeFileSync(path, JSON.stringify(changed));
}

function runContainer(work: string, root: string, rights: Rights): void {
  const inspected = JSON.parse(buildah("inspect", "--type=image", IMAGE)) as { readonly Docker: { config: Config } };
  const { config } = inspected.Docker;
  writeBundle(work, root, config, rights);
  const output = join(work, "output");
  run("/bin/sh", "-c", `runc run --detach --bundle ${work} ${CONTAINER} >${output} 2>&1`);
  const { pid } = JSON.parse(run("runc", "state", CONTAINER)) as { readonly pid: number };
  try {
    check(pid, config.Healthcheck.Test.slice(1));
    run("runc", "kill", CONTAINER, "TERM");
    run("tail", `--pid=${pid}`, "--follow", "/dev/null");
    const log = readFileSync(output, "utf8");
    deepStrictEqual([/"msg":"stopped"/.test(log), /node:dgram/.test(log)], [true, false], log);
  } finally {
    run("runc", "delete", "--force", CONTAINER);
  }
}

/** Asserts what a user of the running container sees. */
function check(pid: number, probe: readonly string[]): void {
  for (let tries = 0; spawnSync("runc", ["exec", CONTAINER, ...probe]).status !== 0; tries++) {
    if (tries === TRIES_MAX) throw new Error("the container does not become healthy");
    run("sleep", "0.1");
  }
  const dig = (...args: readonly string[]): string =>
    run("nsenter", "--target", String(pid), "--net", "dig", "+short", ...args, "web.default.svc.cluster.local");
  deepStrictEqual([dig("@127.0.0.1"), dig("@::1", "+tcp")], ["10.96.12.80", "10.96.12.80"]);
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const rights = [...status.matchAll(/^(?:Uid|CapEff|CapBnd|Seccomp):\t(\w+)/gm)].map(([, value]) => value);
  deepStrictEqual(rights, ["65532", "0000000000000400", "0000000000000400", "2"]);
  const write = spawnSync("runc", ["exec", CONTAINER, "sh", "-c", ": >/app/file"], { encoding: "utf8" });
  deepStrictEqual([write.status, write.stderr], [2, "sh: 1: cannot create /app/file: Read-only file system\n"]);
}
