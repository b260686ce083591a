// Runs dig, kdig, drill, and the C library's resolver with a generated resolv.conf against a server of the sample cluster.
// A program that is missing is skipped by name.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { UNSHARE, whyNoNamespace } from "./clients/namespace.ts";
import { whyNot, type ProgramName } from "./support/optional-programs.ts";
import { freePort, LAUNCHER, ROOT, ServerProcess } from "./support/process.ts";

type Mode = "edns" | "noedns" | "bufsize" | "tcp";

interface Client {
  readonly program: ProgramName;
  readonly address: (port: number) => readonly string[];
  readonly flags: Readonly<Record<Mode, readonly string[]>>;
}

const DIG_FLAGS: Client["flags"] = {
  edns: ["+edns=0"],
  noedns: ["+noedns"],
  bufsize: ["+bufsize=512"],
  tcp: ["+tcp", "+edns=0"],
};

const CLIENTS: readonly Client[] = [
  { program: "dig", address: (port) => ["@127.0.0.1", "-p", `${port}`, "+tries=1", "+time=15"], flags: DIG_FLAGS },
  { program: "kdig", address: (port) => ["@127.0.0.1", "-p", `${port}`, "+retry=0", "+time=15"], flags: DIG_FLAGS },
  {
    program: "drill",
    address: (port) => ["@127.0.0.1", "-p", `${port}`],
    // drill speaks EDNS when it has a buffer size to tell.
    flags: { edns: ["-b", "1232"], noedns: [], bufsize: ["-b", "512"], tcp: ["-t", "-b", "1232"] },
  },
];

interface Question {
  readonly name: string;
  readonly type: string;
  readonly rcode: "NOERROR" | "NXDOMAIN";
  readonly answers: readonly string[];
}

const QUESTIONS: readonly Question[] = [
  {
    name: "web.default.svc.cluster.local.",
    type: "A",
    rcode: "NOERROR",
    answers: ["web.default.svc.cluster.local. 30 IN A 10.96.12.80"],
  },
  {
    name: "api.edge.svc.cluster.local.",
    type: "AAAA",
    rcode: "NOERROR",
    answers: ["api.edge.svc.cluster.local. 30 IN AAAA fd00:10:96::1e07"],
  },
  {
    name: "_postgres._tcp.db.data.svc.cluster.local.",
    type: "SRV",
    rcode: "NOERROR",
    answers: [0, 1, 2].map(
      (i) => `_postgres._tcp.db.data.svc.cluster.local. 30 IN SRV 0 33 5432 db-${i}.db.data.svc.cluster.local.`,
    ),
  },
  {
    name: "80.12.96.10.in-addr.arpa.",
    type: "PTR",
    rcode: "NOERROR",
    answers: ["80.12.96.10.in-addr.arpa. 30 IN PTR web.default.svc.cluster.local."],
  },
  {
    name: "dns-version.cluster.local.",
    type: "TXT",
    rcode: "NOERROR",
    answers: ['dns-version.cluster.local. 28800 IN TXT "1.1.0"'],
  },
  { name: "web.default.svc.cluster.local.", type: "AAAA", rcode: "NOERROR", answers: [] },
  { name: "nobody.default.svc.cluster.local.", type: "A", rcode: "NXDOMAIN", answers: [] },
];

let port = 0;
let server: ServerProcess | undefined;

beforeAll(async () => {
  port = await freePort();
  const command = [LAUNCHER, "serve", "zones", "--listen", `127.0.0.1:${port}`] as const;
  server = await ServerProcess.start(command, { port, name: "web.default.svc.cluster.local" });
});
afterAll(async () => {
  await server?.stop();
});

describe.each(CLIENTS)("$program", ({ program, address, flags }) => {
  const missing = whyNot(program);
  beforeEach(({ skip }) => {
    if (missing !== undefined) skip(missing);
  });

  const cases = (Object.keys(flags) as Mode[]).flatMap((mode) => QUESTIONS.map((question) => ({ mode, ...question })));

  test.each(cases)("$mode: $name $type", ({ mode, name, type, rcode, answers }) => {
    // The configuration of whoever runs the tests is not asked.
    const env = { ...process.env, HOME: tmpdir() };
    const args = [...address(port), ...flags[mode], name, type];
    const { stdout, stderr, status } = spawnSync(program, args, { env, encoding: "utf8", timeout: 40_000 });
    expect(stderr).toBe("");
    expect(status).toBe(0);
    expect(stdout).not.toMatch(/malformed|mismatch|trailing|truncated|error:/i);
    expect(/(?:status|rcode): (\w+)/.exec(stdout)?.[1]).toBe(rcode);
    expect(/flags: ([^;]*)/i.exec(stdout)?.[1]?.split(" ")).toEqual(expect.arrayContaining(["qr", "aa"]));
    expect(answersIn(stdout)).toEqual(answers.toSorted());
    expect(/EDNS/.test(stdout)).toBe(mode !== "noedns");
  });
});

/** The lines of the answer section, which the three programs print alike. */
function answersIn(stdout: string): string[] {
  const section = /;; ANSWER SECTION:\n(.*?)\n(?:\n|;)/s.exec(stdout)?.[1] ?? "";
  return section
    .split("\n")
    .map((line) => line.trim().replace(/\s+/g, " "))
    .filter((line) => line !== "")
    .toSorted();
}

/** Runs in a namespace with no network but a loopback that has the cluster's DNS address. */
const NAMESPACE_SCRIPT = `
set -e
ip link set lo up
ip address add 10.96.0.10/32 dev lo
mount --bind "$1/resolv.conf" /etc/resolv.conf
mount --bind "$1/nsswitch.conf" /etc/nsswitch.conf
"$2" serve zones --listen 10.96.0.10 >"$1/log" 2>&1 &
server=$!
tries=0
until "$2" query kubernetes.default.svc.cluster.local --server 10.96.0.10 --timeout 1 >>"$1/log" 2>&1; do
  tries=$((tries + 1))
  if [ $tries -ge 20 ] || ! kill -0 $server; then cat "$1/log" >&2; exit 1; fi
done
set +e
shift 2
for line in "$@"; do getent $line; done
kill $server
wait $server
`;

describe("the C library's resolver, by a generated resolv.conf", () => {
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-getent-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  test("finds services by their short names", ({ skip }) => {
    const reason = whyNot("getent") ?? whyNoNamespace();
    if (reason !== undefined) skip(reason);
    const flags = ["--namespace", "default", "--node-resolv-conf", "/dev/null"];
    const resolvConf = spawnSync(LAUNCHER, ["resolv-conf", "zones", ...flags], { cwd: ROOT, encoding: "utf8" }).stdout;
    expect(resolvConf).toMatch(/^nameserver 10\.96\.0\.10$/m);
    writeFileSync(join(folder, "resolv.conf"), resolvConf);
    writeFileSync(join(folder, "nsswitch.conf"), "hosts: dns\n");
    const asked = [
      "hosts web",
      "ahostsv4 www",
      "hosts api.edge",
      "hosts db-1.db.data",
      "hosts 10.96.12.80",
      "hosts nobody",
    ];
    const args = [UNSHARE, "/bin/sh", "-c", NAMESPACE_SCRIPT, "sh", folder, LAUNCHER, ...asked];
    const { stdout, stderr, status } = spawnSync("unshare", args, { cwd: ROOT, encoding: "utf8", timeout: 50_000 });
    const found = stdout
      .split("\n")
      .filter((line) => !/ (DGRAM|RAW)/.test(line))
      .map((line) => line.trim().replace(/\s+/g, " "));
    expect({ stderr, found, status }).toEqual({
      stderr: "",
      found: [
        "10.96.12.80 web.default.svc.cluster.local",
        "10.96.12.80 STREAM web.default.svc.cluster.local",
        "fd00:10:96::1e07 api.edge.svc.cluster.local",
        "10.244.2.21 db-1.db.data.svc.cluster.local",
        "10.96.12.80 web.default.svc.cluster.local",
        "",
      ],
      status: 0,
    });
  });
});
