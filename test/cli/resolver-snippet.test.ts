import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { detectSystem, formatResolverSnippet, resolverSnippet } from "../../src/cli/resolver-snippet.ts";
import type { ResolverSystem } from "../../src/cli/resolver-snippet.ts";
import { whyNot } from "../support/optional-programs.ts";

const DOMAINS = ["k8s.test", "96.10.in-addr.arpa"] as const;
const V4 = { host: "127.0.0.1", port: 5300 };
const V6 = { host: "::1", port: 5300 };

test.each<[system: ResolverSystem, server: typeof V4, files: Record<string, string[]>]>([
  ["macos", V4, { "/etc/resolver/k8s.test": ["nameserver 127.0.0.1", "port 5300"] }],
  ["macos", V6, { "/etc/resolver/k8s.test": ["nameserver ::1", "port 5300"] }],
  [
    "systemd-resolved",
    V4,
    {
      "/etc/systemd/resolved.conf.d/cluster-dns.conf": [
        "[Resolve]",
        "DNS=127.0.0.1:5300",
        "Domains=~k8s.test ~96.10.in-addr.arpa",
      ],
    },
  ],
  [
    "systemd-resolved",
    V6,
    {
      "/etc/systemd/resolved.conf.d/cluster-dns.conf": [
        "[Resolve]",
        "DNS=[::1]:5300",
        "Domains=~k8s.test ~96.10.in-addr.arpa",
      ],
    },
  ],
  [
    "networkmanager",
    V4,
    {
      "/etc/NetworkManager/conf.d/cluster-dns.conf": ["[main]", "dns=dnsmasq"],
      "/etc/NetworkManager/dnsmasq.d/cluster-dns.conf": [
        "server=/k8s.test/127.0.0.1#5300",
        "server=/96.10.in-addr.arpa/127.0.0.1#5300",
      ],
    },
  ],
  ["resolvconf", V4, { "/etc/resolvconf/resolv.conf.d/head": ["nameserver 127.0.0.1"] }],
  [
    "wsl",
    V4,
    {
      "/etc/wsl.conf": ["[network]", "generateResolvConf=false"],
      "/etc/resolv.conf": ["nameserver 127.0.0.1"],
    },
  ],
])("the files of %s for %j", (system, server, files) => {
  const snippet = resolverSnippet(system, server, DOMAINS);
  expect(Object.fromEntries(snippet.files.map(({ path, lines }) => [path, lines]))).toEqual(files);
  expect(snippet.commands.at(-1)).toContain("kubernetes.default.svc.k8s.test");
});

test("macOS has a file for each domain", () => {
  expect(resolverSnippet("macos", V4, DOMAINS).commands[0]).toBe(
    "sudo cp /etc/resolver/k8s.test /etc/resolver/96.10.in-addr.arpa",
  );
});

test("a block for each file, then commands, then hints", () => {
  const snippet = {
    files: [
      { path: "/etc/a", lines: ["a", "b"] },
      { path: "/etc/c", lines: ["c"] },
    ],
    commands: ["run"],
    hints: ["why"],
  };
  expect(formatResolverSnippet(snippet)).toBe("# /etc/a\na\nb\n\n# /etc/c\nc\n\n# Then run:\nrun\n\n# why\n");
});

test.for([V4, V6])("dnsmasq reads its file for %j", (server, { skip }) => {
  const missing = whyNot("dnsmasq");
  if (missing !== undefined) skip(missing);
  const file = resolverSnippet("networkmanager", server, DOMAINS).files[1]!;
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-dnsmasq-"));
  try {
    writeFileSync(join(folder, "conf"), `${file.lines.join("\n")}\n`);
    const ran = spawnSync("dnsmasq", ["--test", `--conf-file=${folder}/conf`], { encoding: "utf8" });
    expect([ran.status, ran.stderr]).toEqual([0, "dnsmasq: syntax check OK.\n"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each<[platform: string, release: string, paths: string[], system: ResolverSystem | undefined]>([
  ["darwin", "25.0.0", [], "macos"],
  ["linux", "6.6.87.2-microsoft-standard-WSL2", ["/run/systemd/resolve/resolv.conf"], "wsl"],
  ["linux", "6.12.1", ["/run/systemd/resolve/resolv.conf", "/run/NetworkManager"], "systemd-resolved"],
  ["linux", "6.12.1", ["/run/NetworkManager", "/usr/sbin/resolvconf"], "networkmanager"],
  ["linux", "6.12.1", ["/usr/sbin/resolvconf"], "resolvconf"],
  ["linux", "6.12.1", [], undefined],
  ["freebsd", "15.0", ["/sbin/resolvconf"], undefined],
])("%s %s with %j is %s", (platform, release, paths, system) => {
  expect(detectSystem({ platform, release, exists: (path) => paths.includes(path) })).toBe(system);
});
