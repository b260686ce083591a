// The command from end to end: what it prints, writes and reports; and the Corefiles that Kubernetes distributions have.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { run as runCheck } from "../../src/cli/check.ts";
import { runCli } from "../../src/cli/cli.ts";
import { run } from "../../src/cli/import-corefile.ts";
import { parseOptions } from "../../src/config/parse-options.ts";
import { ROOT } from "../support/process.ts";
import { capture } from "./captured-io.ts";
import type { Outcome } from "./captured-io.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "import-corefile-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const importing = (args: readonly string[], input: Parameters<typeof capture>[1] = {}): Promise<Outcome> =>
  capture((io) => run(args, io), input);

const CLUSTERLESS = `
cluster-domain: cluster.invalid
`.trim();

test("prints the configuration with the lines that it comes from, and other files as comments", async () => {
  const stdin =
    "a.example:53 {\n bind 127.0.0.1\n hosts {\n  192.0.2.1 www.a.example\n  fallthrough\n }\n forward . 10.0.0.1\n}";
  const { stdout, ...rest } = await importing(["-"], { stdin });
  expect(rest).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toContain(CLUSTERLESS);
  expect(stdout).toMatch(/^# Made from stdin by cluster-dns import-corefile\. To serve it:\n/);
  expect(stdout).toContain("#   cluster-dns serve --config cluster-dns.yaml corefile.hosts\n");
  expect(stdout).toContain('\nlisten:\n  - "127.0.0.1:53" # stdin:1\n');
  expect(stdout).toContain('\nstub-domain:\n  - "a.example=10.0.0.1" # stdin:7\n');
  expect(stdout).toContain("\n# corefile.hosts:\n#   192.0.2.1 www.a.example\n");
});

test("writes a folder that serve and check can read", async () => {
  const corefile = write(
    "Corefile",
    `. {
      bind 127.0.0.1
      hosts {
        192.0.2.1 www.a.example
        fallthrough
      }
      template IN A b.example {
        answer "{{ .Name }} 60 IN A 192.0.2.2"
      }
      template ANY ANY c.example {
        rcode NXDOMAIN
      }
      forward . 10.0.0.1 {
        except d.example
      }
      cache 30
    }`,
  );
  const output = join(folder, "dns");
  expect(await importing([corefile, "--output", output])).toEqual({ exitCode: 0, stdout: "", stderr: "" });
  expect(readdirSync(output).toSorted()).toEqual([
    "b.example.zone",
    "c.example.zone",
    "cluster-dns.yaml",
    "corefile.hosts",
  ]);
  const parsed = parseOptions(["--config", join(output, "cluster-dns.yaml")], {});
  expect(parsed).toMatchObject({
    options: {
      cacheTtlSeconds: 30,
      stubDomains: [{ domain: "d.example", upstream: "none" }],
      upstreams: [{ host: "10.0.0.1" }],
      clusterDomain: "cluster.invalid",
    },
  });
  const records = ["b.example.zone", "c.example.zone", "corefile.hosts"].map((name) => join(output, name));
  const checked = await capture((io) => runCheck(records, io));
  expect(checked.stdout).toContain("2 zones, 1 line of hosts files: 0 errors, 0 warnings");
  expect(await importing([corefile, "--output", output])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining("cluster-dns.yaml: file already exists") as string,
  });
});

test("reads what is imported, by path and by pattern, relative to the file that imports", async () => {
  write("conf/log.conf", "nsid {$NAME}\n");
  write("custom/b.override", "bufsize 600\n");
  write("custom/a.override", "import ../conf/log.conf\n");
  write("custom/c.other", "dnssec\n");
  mkdirSync(join(folder, "custom", "d.override"));
  const corefile = write("Corefile", "a {\n import custom/*.override\n import none/*.server\n}\n");
  const { exitCode, stdout, stderr } = await importing([corefile], { env: { NAME: "dns-1" } });
  expect(stderr).toBe(`${corefile}:3:9: import: no file matches none/*.server; nothing is imported here\n`);
  expect(stdout).toContain(`# ${join(folder, "custom", "b.override")}:1\nedns-size: 600\n`);
  expect(stdout).toContain(`# ${join(folder, "conf", "log.conf")}:1\nnsid: dns-1\n`);
  expect(exitCode).toBe(0);
});

test("docs/coredns.md has an example that is true", async () => {
  const page = readFileSync(`${ROOT}docs/coredns.md`, "utf8");
  const block = (language: string): string => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, "ms").exec(page)![1]!;
  write("Corefile", block("corefile"));
  const { exitCode, stdout, stderr } = await importing([join(folder, "Corefile")]);
  expect(stdout.replaceAll(`${folder}/`, "")).toBe(block("yaml"));
  expect(`$ cluster-dns import-corefile Corefile > cluster-dns.yaml\n${stderr.replaceAll(`${folder}/`, "")}`).toBe(
    block("console"),
  );
  expect(exitCode).toBe(1);
});

test("names what is lost, and prints the rest", async () => {
  const { exitCode, stdout, stderr } = await importing(["-"], { stdin: ". {\n dnssec\n bufsize 512\n}" });
  expect(stderr).toBe("stdin:2:2: dnssec: no counterpart for signatures made while answering; sign the zone file\n");
  expect(stdout).toContain("edns-size: 512");
  expect(exitCode).toBe(1);
});

test("names what is wrong with the configuration as a whole", async () => {
  const { exitCode, stderr } = await importing(["-"], { stdin: "tls://. {\n bind ::1\n}" });
  expect(stderr).toContain("--listen: tls:// needs --tls-cert and --tls-key; complete the configuration");
  expect(exitCode).toBe(1);
});

test("names of files can't control the terminal", async () => {
  const corefile = write("\u001b[2J", "a {\n dnssec\n}");
  const { stdout, stderr } = await importing([corefile]);
  expect(stdout + stderr).not.toContain("\u001b");
});

test.each<[what: string, args: readonly string[], stdin: string, message: string]>([
  ["no file", [], "", "cluster-dns import-corefile: name one Corefile, or - for standard input"],
  ["two files", ["a", "b"], "", "name one Corefile"],
  ["an unknown flag", ["-", "--outptu", "d"], "", "unknown flag --outptu; did you mean --output?"],
  ["an empty folder name", ["-", "--output="], "", "--output needs the name of a folder"],
  [
    "a missing file",
    ["/nowhere/Corefile"],
    "",
    "/nowhere/Corefile:1:1: cannot read /nowhere/Corefile: it does not exist",
  ],
  ["a folder", ["/"], "", "cannot read /: it is not a file"],
  ["bad syntax", ["-"], ". {", "stdin:1:3: { has no closing brace; add a }"],
  ["a missing import", ["-"], ". {\n import /nowhere/a\n}", "stdin:2:9: cannot read /nowhere/a: it does not exist"],
  ["wildcards for folders", ["-"], "import /*/a*", "stdin:1:8: /*/a* has wildcards for folders"],
])("fails for %s", async (_, args, stdin, message) => {
  const outcome = await importing(args, { stdin });
  expect(outcome).toMatchObject({ exitCode: 2, stdout: "" });
  expect(outcome.stderr).toContain(message);
});

test("has help", async () => {
  expect((await capture((io) => runCli(["import-corefile", "--help"], io))).stdout).toContain(
    "Usage: cluster-dns import-corefile PATH [FLAGS]",
  );
});

describe("the Corefiles of distributions import without loss", () => {
  const corefiles = readdirSync(`${ROOT}test/corefile`).filter((name) => name.endsWith(".corefile"));

  test("are there", () => {
    expect(corefiles.length).toBeGreaterThanOrEqual(7);
  });

  test.each(corefiles)("%s", async (name) => {
    const path = `${ROOT}test/corefile/${name}`;
    const { exitCode, stderr } = await importing([path]);
    const lines = stderr.split("\n").filter((line) => line !== "");
    const isNote = (line: string): boolean => /; nothing is imported here$|; rename or mount it so$/.test(line);
    expect(lines.filter((line) => !isNote(line))).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test("kubeadm's becomes what CoreDNS does", async () => {
    const { stdout } = await importing([`${ROOT}test/corefile/kubeadm.corefile`]);
    const options = stdout.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    expect(options.map((line) => line.replace(/ # .*/, ""))).toEqual(
      expect.arrayContaining([
        "listen:",
        '  - "0.0.0.0:53"',
        "cluster-domain: cluster.local",
        "ttl: 30",
        "pods: insecure",
        '  - "/etc/resolv.conf"',
        "upstream-policy: random",
        "cache-ttl: 30",
        "cache-negative-ttl: 30",
        "lameduck: 5",
        "admin:",
        '  - "0.0.0.0:9153"',
        '  - "[::]:9153"',
        "health:",
        '  - "0.0.0.0:8080"',
        '  - "[::]:8080"',
        "ready:",
        '  - "0.0.0.0:8181"',
        '  - "[::]:8181"',
      ]),
    );
  });
});
