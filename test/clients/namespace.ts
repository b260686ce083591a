// Starts inside.ts in a network and mount namespace with a plan. The resolv.conf comes from `cluster-dns resolv-conf`, as an
// operator would make it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { whyNot } from "../support/optional-programs.ts";
import { LAUNCHER } from "../support/process.ts";
import type { Outcome, Plan, Run } from "./inside.ts";
import { clusterObjects, NODE_SEARCH, QUESTIONS } from "./questions.ts";
import type { Stack } from "./stacks.ts";
import { build, STACKS, versionOf } from "./stacks.ts";

const INSIDE = fileURLToPath(new URL("inside.ts", import.meta.url));
/** The flags of `unshare`: a mount of one's own needs to be root, if only in a user namespace. */
export const UNSHARE = process.getuid?.() === 0 ? "-nm" : "-rnm";

/** Why there can be no namespaces here; undefined: there can. */
export function whyNoNamespace(): string | undefined {
  const missing = whyNot("unshare", "ip", "mount");
  if (missing !== undefined) return missing;
  if (!["nsswitch.conf", "resolv.conf", "hosts"].every((name) => existsSync(`/etc/${name}`)))
    return "not a glibc system";
  const trial = "ip link set lo up && mount --bind /dev/null /etc/resolv.conf";
  const { status, stderr } = spawnSync("unshare", [UNSHARE, "/bin/sh", "-c", trial], { encoding: "utf8" });
  return status === 0 ? undefined : `namespaces are not permitted: ${stderr.trim()}`;
}

/** The stacks of this machine, built, in a folder with the cluster's manifests. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "cluster-dns-clients-"));
  /** Of the stacks that are installed. */
  readonly versions: ReadonlyMap<Stack, string>;

  /** Builds those stacks of `names` that are installed; all when absent. */
  constructor(names?: readonly string[]) {
    writeFileSync(
      join(this.folder, "manifests.json"),
      JSON.stringify({ apiVersion: "v1", kind: "List", items: clusterObjects() }),
    );
    const versions = new Map<Stack, string>();
    for (const stack of STACKS) {
      const version = names?.includes(stack.name) === false ? undefined : versionOf(stack);
      if (version === undefined) continue;
      build(stack, this.folder);
      versions.set(stack, version);
    }
    this.versions = versions;
  }

  /** The run of a stack's program with these lines for input. */
  runOf(stack: Stack, lines: readonly string[]): Run {
    const input = lines.map((line) => `${line}\n`).join("");
    return { id: stack.name, command: stack.run(this.folder), env: stack.env ?? {}, input };
  }

  /** The client pod's resolv.conf, `nodeSearch` being what the node's own file adds to it. */
  resolvConf(nodeSearch: string): string {
    const node = join(this.folder, "node.conf");
    writeFileSync(node, nodeSearch === "" ? "" : `search ${nodeSearch}\n`);
    const args = ["resolv-conf", join(this.folder, "manifests.json"), "--pod", "default/client"];
    const ran = spawnSync(LAUNCHER, [...args, "--node-resolv-conf", node], { encoding: "utf8" });
    if (ran.status !== 0) throw new Error(ran.stderr);
    return ran.stdout;
  }

  /** Runs a plan in a namespace. */
  async run(plan: Omit<Plan, "folder">): Promise<readonly Outcome[]> {
    const child = spawn("unshare", [UNSHARE, process.execPath, INSIDE], { stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.end(JSON.stringify({ ...plan, folder: this.folder }));
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
    if (stdout === "") throw new Error(`nothing came out of the namespace:\n${stderr}`);
    return JSON.parse(stdout) as Outcome[];
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Asks all questions by every installed stack; the lines of a stack are in the order of the questions. */
export async function askAll(workshop: Workshop): Promise<ReadonlyMap<Stack, Outcome>> {
  const lines = QUESTIONS.map(({ kind, name }) => `${kind === "SRV" ? "services" : "addresses"} ${name}`);
  const stacks = [...workshop.versions.keys()];
  const runs = stacks.map((stack) => workshop.runOf(stack, lines));
  const outcomes = await workshop.run({ serverFlags: [], resolvConf: workshop.resolvConf(NODE_SEARCH), runs });
  return new Map(stacks.map((stack, i) => [stack, outcomes[i]!]));
}
