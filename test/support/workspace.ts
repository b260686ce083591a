// A folder like a checkout in CI, with this project as the installed package: npx finds it there and asks no registry.
// Runs the commands of pages and of CI systems in it.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { ROOT } from "./process.ts";

const TIMEOUT_MS = 120_000;
const BASH = ["--noprofile", "--norc", "-e", "-o", "pipefail", "-c"];

/** The result of a script; the exit code is null if it was killed. */
export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), "cluster-dns-workspace-"));
  readonly #programs = join(this.folder, "node_modules/.bin");

  constructor() {
    mkdirSync(this.#programs, { recursive: true });
    symlinkSync(ROOT, join(this.folder, "node_modules/cluster-dns"));
    symlinkSync("../cluster-dns/bin/cluster-dns", join(this.#programs, "cluster-dns"));
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.folder, path)), { recursive: true });
    writeFileSync(join(this.folder, path), text);
  }

  /** Puts a shell script on the path of those that run here. */
  program(name: string, script: string): void {
    writeFileSync(join(this.#programs, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.#programs, name), 0o755);
  }

  /** Runs a script as GitHub does with `shell: bash`. */
  bash(script: string, env: Readonly<Record<string, string>> = {}): Ran {
    const path = [this.#programs, dirname(process.execPath), process.env["PATH"]].join(delimiter);
    const { status, stdout, stderr } = spawnSync("bash", [...BASH, script], {
      cwd: this.folder,
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      env: { ...process.env, ...env, PATH: path, npm_config_offline: "true" },
    });
    return { status, stdout, stderr };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}
