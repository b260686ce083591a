// Which rights a server has: real processes, whose threads are looked at in /proc. Most tests need root, which alone
// can become another user.
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { run as query } from "../../src/cli/query.ts";
import { memoryIo } from "../cli/memory-io.ts";
import { formatKubeconfig } from "../support/api-server/kubeconfig.ts";
import { makeCertificate } from "../support/certificates.ts";
import { skipAll, whyNot } from "../support/optional-programs.ts";
import { freePort, ROOT } from "../support/process.ts";
import { startServed, threadsOf, watchServed } from "../support/served.ts";
import type { Served } from "../support/served.ts";

const WAIT = { timeout: 40_000 };
const FIELDS = ["Uid", "Gid", "Groups", "CapInh", "CapPrm", "CapEff", "CapAmb", "NoNewPrivs"];
const NONE = "0000000000000000";
const BIND_SERVICE = "0000000000000400";
/** Of this machine alone, and of no other server. */
const PORT_53 = "127.53.53.1:53";
const ADMIN = "127.53.53.1:80";

/** Why no other user can be tried here. */
function whyNoUsers(): string | undefined {
  if (process.platform !== "linux") return "/proc is Linux's";
  if (process.getuid?.() !== 0) return "only root can become another user";
  const ran = spawnSync(process.execPath, ["-e", ""], { cwd: ROOT, uid: 65_534, gid: 65_534 });
  const read = spawnSync("/bin/cat", [`${ROOT}bin/cluster-dns`], { uid: 65_534, gid: 65_534 });
  return ran.status === 0 && read.status === 0 ? undefined : "other users can't read this checkout";
}

const started: Served[] = [];
let folder = "";
let manifests = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cluster-dns-privileges-"));
  chmodSync(folder, 0o755);
  manifests = join(folder, "manifests");
  mkdirSync(manifests);
  writeServices("a.yaml", 1);
});
afterEach(() => {
  for (const { child } of started.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

/** A file with services `s0`, `s1`, … of the namespace `shop`, 10.96.1.0 and on. */
function writeServices(name: string, count: number): void {
  const services = Array.from(
    { length: count },
    (_, i) =>
      `apiVersion: v1\nkind: Service\nmetadata: { name: s${i}, namespace: shop }\n` +
      `spec: { clusterIP: 10.96.${1 + (i >> 8)}.${i & 255}, ports: [{ port: 80 }] }\n`,
  );
  writeFileSync(join(manifests, name), services.join("---\n"));
}

/** Paths of PEM files; the key has this mode. */
function writeCertificate(mode: number): { readonly cert: string; readonly key: string } {
  const paths = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const texts = makeCertificate();
  writeFileSync(paths.cert, texts.cert);
  writeFileSync(paths.key, texts.key);
  chmodSync(paths.key, mode);
  return paths;
}

/** The path of a kubeconfig with this mode; only its user can read the file of its token. */
function writeKubeconfig(mode: number): string {
  const facts = { url: "http://127.0.0.1:1", ca: undefined, clientIdentity: undefined };
  writeFileSync(join(folder, "token"), "secret", { mode: 0o600 });
  writeFileSync(join(folder, "kubeconfig"), formatKubeconfig(facts, { tokenFile: "token" }), { mode });
  return join(folder, "kubeconfig");
}

function serve(args: readonly string[], options: Parameters<typeof startServed>[1] = {}, wrapper?: string[]): Served {
  const served = startServed([manifests, ...args], options, wrapper);
  started.push(served);
  return served;
}

async function ask(name: string, server: string, ...flags: readonly string[]): Promise<string> {
  const io = memoryIo();
  await query([name, "A", "--server", server, ...flags], io);
  return io.out();
}

function expectUser(pid: number, uid: number, gid = uid): void {
  const threads = threadsOf(pid, FIELDS);
  expect(threads.length).toBeGreaterThan(4);
  const four = (id: number): string => `${id} ${id} ${id} ${id}`;
  const ids = { Uid: four(uid), Gid: four(gid), Groups: "" };
  const none = { CapInh: NONE, CapPrm: NONE, CapEff: NONE, CapAmb: NONE, NoNewPrivs: "1" };
  expect(threads).toEqual(threads.map(() => ({ ...ids, ...none })));
}

describe("--user", () => {
  skipAll(whyNoUsers());

  test("gives up root on every thread when all sockets are bound, and serves what changes later", async () => {
    const { cert, key } = writeCertificate(0o644);
    const state = join(folder, "state");
    mkdirSync(state);
    chownSync(state, 65_532, 65_533);
    const tls = ["--tls-cert", cert, "--tls-key", key, "--listen=tls://127.0.0.1:0,https://127.0.0.1:0,[::1]:0"];
    const user = ["--user=65532:65533", `--state=${state}/state.json`];
    const args = ["--listen", PORT_53, ...tls, "--admin", ADMIN, "--udp-workers=2", ...user];
    const { pid, address, log } = serve(args);
    await address;
    expectUser(pid, 65_532, 65_533);
    expect(log.filter(({ level }) => Number(level) > 30)).toEqual([]);
    // A file of this size is parsed by a thread that starts now.
    const before = threadsOf(pid, ["Uid"]).length;
    writeServices("b.yaml", 600);
    await vi.waitFor(() => expect(threadsOf(pid, ["Uid"]).length).toBeGreaterThan(before), WAIT);
    expectUser(pid, 65_532, 65_533);
    for (const flags of [[], ["--tcp"]])
      await vi.waitFor(
        async () => expect(await ask("s599.shop.svc.cluster.local", PORT_53, ...flags)).toContain("10.96.3.87"),
        WAIT,
      );
    expect((await fetch(`http://${ADMIN}/ready`)).status).toBe(200);
    expectUser(pid, 65_532, 65_533);
  });

  test("takes the account's group where none is given", async () => {
    const { pid, address } = serve(["--listen=127.0.0.1:0", "--user=nobody"]);
    await address;
    expectUser(pid, 65_534);
  });

  test.each([
    ["no-such-user", "there is no user no-such-user"],
    ["65532:no-such-group", "there is no group no-such-group"],
  ])("%s is told before anything is bound", async (user, message) => {
    const holder = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as { port: number };
    const { code, err } = await serve([`--listen=127.0.0.1:${port}`, "--user", user]).ended;
    holder.close();
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining(message) as string });
    expect(err.split("\n")).toHaveLength(2);
  });

  test("a key that could not be read at its next change is told at the start", async () => {
    const { cert, key } = writeCertificate(0o600);
    const args = ["--listen=tls://127.0.0.1:0", "--tls-cert", cert, "--tls-key", key, "--user=nobody"];
    const { code, err } = await serve(args).ended;
    expect(code).toBe(1);
    expect(err).toContain(`user nobody cannot read --tls-key ${key} (EACCES): chown or chmod it`);
  });

  test("so are manifests and a state file's folder", async () => {
    const state = join(folder, "state.json");
    expect((await serve([`--state=${state}`, "--listen=127.0.0.1:0", "--user=nobody"]).ended).err).toContain(
      `user nobody cannot write --state ${state} (EACCES): give it the folder ${folder}`,
    );
    chmodSync(manifests, 0o700);
    expect((await serve(["--listen=127.0.0.1:0", "--user=nobody"]).ended).err).toContain(
      `user nobody cannot read ${manifests} (EACCES)`,
    );
  });

  test.each<[option: string, args: (kubeconfig: string) => readonly string[]]>([
    ["--kubeconfig", (kubeconfig) => ["--source=kubernetes", "--kubeconfig", kubeconfig]],
    ["--cluster east", (kubeconfig) => [`--cluster=east=kubeconfig:${kubeconfig},domain=east.local`]],
  ])("so are the kubeconfig of %s, the files that it names, and the folder of a snapshot", async (option, named) => {
    const [kubeconfig, snapshot] = [writeKubeconfig(0o600), join(folder, "snapshot")];
    const args = ["--listen=127.0.0.1:0", "--user=nobody", ...named(kubeconfig)];
    expect((await serve(args).ended).err).toContain(`user nobody cannot read ${option} ${kubeconfig} (EACCES)`);
    chmodSync(kubeconfig, 0o644);
    const token = join(folder, "token");
    expect((await serve(args).ended).err).toContain(
      `user nobody cannot read what the source needs, ${token} (EACCES): chown or chmod it`,
    );
    chmodSync(token, 0o644);
    expect((await serve([...args, "--snapshot", snapshot]).ended).err).toContain(
      `user nobody cannot write --snapshot ${snapshot} (EACCES): give it the folder ${folder}`,
    );
  });

  test("of a user without rights: its own is fine, another one is an error", async () => {
    const other = await serve(["--listen=127.0.0.1:0", "--user=nobody"], { uid: 4242, gid: 4242 }).ended;
    expect(other).toEqual({ code: 1, err: expect.stringContaining("only root can become another user") as string });
    for (const user of ["4242", "4242:4242", "auto"]) {
      const { pid, address } = serve(["--listen=127.0.0.1:0", "--user", user], { uid: 4242, gid: 4242 });
      await address;
      expectUser(pid, 4242);
    }
  });
});

test("root without the capability to change users: --user is an error, auto is told", async (context) => {
  const missing = whyNoUsers() ?? whyNot("setpriv");
  context.skip(missing !== undefined, missing);
  const wrapper = ["setpriv", "--bounding-set=-setuid,-setgid"];
  const { code, err } = await serve(["--listen=127.0.0.1:0", "--user=nobody"], {}, wrapper).ended;
  expect(code).toBe(1);
  expect(err).toContain("cannot become nobody (EPERM): give root CAP_SETUID and CAP_SETGID");
  const { address, log } = serve(["--listen=127.0.0.1:0", "--user=auto"], {}, wrapper);
  await address;
  expect(log.filter(({ level }) => level === 40)).toMatchObject([
    { reasons: [expect.stringContaining("(EPERM)") as string] },
  ]);
});

describe("--user auto", () => {
  skipAll(whyNoUsers());
  const args = ["--listen=127.0.0.1:0", "--user=auto"];

  test("is nobody where nobody can read all", async () => {
    const { pid, address } = serve(args, { env: { ...process.env, SUDO_UID: "4242", SUDO_GID: "4243" } });
    await address;
    expectUser(pid, 65_534);
  });

  test("is the user of sudo, or the owner of the manifests, where only they can", async () => {
    chownSync(manifests, 4242, 4243);
    chmodSync(manifests, 0o700);
    chownSync(join(manifests, "a.yaml"), 4242, 4243);
    const owner = serve(args);
    await owner.address;
    expectUser(owner.pid, 4242, 4243);
    chownSync(manifests, 0, 4245);
    chmodSync(manifests, 0o750);
    const sudo = serve(args, { env: { ...process.env, SUDO_UID: "4244", SUDO_GID: "4245" } });
    await sudo.address;
    expectUser(sudo.pid, 4244, 4245);
  });

  test("is root with a warning where only root can", async () => {
    chmodSync(join(manifests, "a.yaml"), 0o600);
    const { pid, address, log } = serve(args);
    await address;
    expect(threadsOf(pid, ["Uid"])[0]).toEqual({ Uid: "0 0 0 0" });
    expect(log.filter(({ level }) => level === 40)).toMatchObject([
      { reasons: [`user nobody cannot read ${manifests}/a.yaml (EACCES): chown or chmod it, or give another user`] },
    ]);
  });

  test("is root with a warning where only root can read what the source needs", async () => {
    const source = ["--source=kubernetes", "--kubeconfig", writeKubeconfig(0o644), "--startup-timeout=1"];
    const { address, log } = serve([...args, ...source]);
    await address;
    expect(log.find(({ level }) => level === 40)).toMatchObject({
      reasons: [expect.stringContaining(`user nobody cannot read what the source needs, ${folder}/token`) as string],
    });
  });

  test("is what npm start uses", async () => {
    const command = ["start", "--", "--listen", `127.0.0.1:${await freePort()}`];
    const env = { ...process.env, CLUSTER_DNS_ADMIN: "0" };
    const served = watchServed(spawn("npm", command, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] }));
    started.push(served);
    await served.address;
    expect(served.log).toContainEqual(expect.objectContaining({ msg: "gave up root", uid: 65_534 }));
    served.child.kill("SIGTERM");
    await served.ended;
  });
});

describe("without --user", () => {
  skipAll(whyNoUsers());

  test("root stays root, and is told what to do", async () => {
    const { pid, address, log } = serve(["--listen=127.0.0.1:0"]);
    await address;
    expect(threadsOf(pid, ["Uid", "NoNewPrivs"])[0]).toEqual({ Uid: "0 0 0 0", NoNewPrivs: "1" });
    expect(log[0]).toMatchObject({ level: 30, msg: expect.stringContaining("--user auto") as string });
  });

  test("CAP_NET_BIND_SERVICE is all that a start needs", async (context) => {
    const missing = whyNot("setpriv");
    context.skip(missing !== undefined, missing);
    const ids = ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--no-new-privs"];
    const capabilities = ["inh", "ambient", "bounding"].map(
      (set) => `--${set === "bounding" ? "bounding-set" : `${set}-caps`}=-all,+net_bind_service`,
    );
    const { pid, address, log } = serve(["--listen", PORT_53], {}, ["setpriv", ...ids, ...capabilities]);
    await address;
    const threads = threadsOf(pid, [...FIELDS, "CapBnd"]);
    expect(threads.every(({ CapBnd, CapEff }) => CapBnd === BIND_SERVICE && CapEff === BIND_SERVICE)).toBe(true);
    expect(threads.every(({ Uid, Groups }) => Uid === "65534 65534 65534 65534" && Groups === "")).toBe(true);
    expect(log.filter(({ level }) => Number(level) > 30)).toEqual([]);
    expect(await ask("s0.shop.svc.cluster.local", PORT_53)).toContain("10.96.1.0");
  });
});
