// A server process and what is known of it. It has a process group of its own, and is ended by its id.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { makeCertificate } from "../support/certificates.ts";
import type { Endpoint } from "../support/network.ts";

const START_TIMEOUT_MS = 40_000;
const STOP_TIMEOUT_MS = 20_000;

/** A server that answers. */
export interface Target {
  readonly v4: Endpoint | undefined;
  readonly v6: Endpoint | undefined;
  readonly tls?: Endpoint | undefined;
  readonly https?: Endpoint | undefined;
  /** Of the process group's first process; undefined for a server that was running already. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

/** A process group of its own, ended by `end`. */
export class Started {
  readonly child: ChildProcess;
  output = "";

  constructor(command: string, args: readonly string[]) {
    this.child = spawn(command, args, { detached: true, stdio: ["pipe", "pipe", "pipe"] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.output += text));
    this.child.stdin?.on("error", () => {});
    this.child.on("error", (error) => (this.output += `${error.message}\n`));
  }

  get hasEnded(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves with what `find` sees in the output or elsewhere; throws with the output when the process ends first. */
  async until<T>(find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      if (this.hasEnded || performance.now() > deadline)
        throw new Error(`${this.child.spawnfile} does not serve: ${this.output.slice(-500)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async end(): Promise<void> {
    if (this.hasEnded) return;
    const exited = once(this.child, "exit");
    process.kill(-this.child.pid!, "SIGTERM");
    const timer = setTimeout(() => process.kill(-this.child.pid!, "SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
  }
}

/** A folder of this run's own, for files of servers. */
export function temporaryFolder(): string {
  return mkdtempSync(`${tmpdir()}/cluster-dns-conformance-`);
}

/** Files of a key and a certificate that names 127.0.0.1, made for this run. */
export interface Credentials {
  readonly cert: string;
  readonly key: string;
}

/** Makes credentials in a folder; they are good for a day. */
export function writeCredentials(folder: string): Credentials {
  const files = { cert: `${folder}/cert.pem`, key: `${folder}/key.pem` };
  const { cert, key } = makeCertificate({ names: [], addresses: ["127.0.0.1"] });
  writeFileSync(files.cert, cert);
  writeFileSync(files.key, key);
  return files;
}
