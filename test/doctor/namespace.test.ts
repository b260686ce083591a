// The program in a network namespace: port 53, /etc/resolv.conf, an address without a route, the stub that is not there.
// Skipped where namespaces are not permitted.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { UNSHARE, whyNoNamespace } from "../clients/namespace.ts";
import { LAUNCHER, ROOT } from "../support/process.ts";

const SCRIPT = fileURLToPath(new URL("namespace.sh", import.meta.url));

test("the doctor reads /etc/resolv.conf, and asks port 53", ({ skip }) => {
  const missing = whyNoNamespace();
  if (missing !== undefined) skip(missing);
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-doctor-namespace-"));
  const args = [UNSHARE, "/bin/sh", SCRIPT, LAUNCHER, `${ROOT}zones`, folder];
  const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", timeout: 100_000 });
  rmSync(folder, { recursive: true });
  expect(stderr).toBe("");
  expect(stdout.trimEnd().split("\n")).toEqual([
    "exit 0: healthy: 10.96.0.10:53",
    "exit 1: error: 10.96.0.11:53 can't be reached from here [server-unreachable]",
    "exit 1: error: 127.0.0.53:53 is the stub of systemd-resolved, and not in this container [stub-in-container]",
    "exit 1: error: k8s.example is not the cluster domain: kubernetes.default.svc.k8s.example. gets REFUSED; " +
      "the domain of the server is cluster.local [wrong-cluster-domain]",
  ]);
});
