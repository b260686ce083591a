// Runs the project's commands and other programs as a user would: real processes, ports and signals. This file ends every
// process that it starts.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { Resolver } from "node:dns/promises";
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at the end. */
export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
export const LAUNCHER = `${ROOT}bin/cluster-dns`;

const START_TIMEOUT_MS = 40_000;
const STOP_TIMEOUT_MS = 20_000;

/** A TCP port of 127.0.0.1 that is free now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** A process group of its own that is a DNS server, or has one in it. */
export class ServerProcess {
  readonly #child: ChildProcess;
  #output = "";

  private constructor(child: ChildProcess) {
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (chunk: string) => (this.#output += chunk));
    }
    // A program that isn't there: `untilAnswers` sees the exit, and shows this line.
    child.on("error", (error) => (this.#output += `${error.message}\n`));
  }

  /** Starts `command` in the repository's root and waits until `name` has an A record at 127.0.0.1:`port`. */
  static async start(
    command: readonly [string, ...string[]],
    settings: { port: number; name: string; stdin?: string; env?: NodeJS.ProcessEnv; uid?: number },
  ): Promise<ServerProcess> {
    const [program, ...args] = command;
    const { env = process.env, uid } = settings;
    const user = uid === undefined ? {} : { uid, gid: uid };
    const child = spawn(program, args, { cwd: ROOT, env, ...user, detached: true, stdio: ["pipe", "pipe", "pipe"] });
    child.stdin.on("error", () => {});
    child.stdin.end(settings.stdin ?? "");
    const server = new ServerProcess(child);
    try {
      await server.#untilAnswers(settings.port, settings.name);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get output(): string {
    return this.#output;
  }

  async #untilAnswers(port: number, name: string): Promise<void> {
    const resolver = new Resolver({ timeout: 200, tries: 1 });
    resolver.setServers([`127.0.0.1:${port}`]);
    const deadline = Date.now() + START_TIMEOUT_MS;
    for (;;) {
      const answer = await resolver.resolve4(name).catch((error: Error) => error);
      if (!(answer instanceof Error)) return;
      if (this.#hasExited || Date.now() > deadline) {
        throw new Error(`no server on port ${port} (${answer.message}); it said:\n${this.#output}`);
      }
      // A refused port answers at once: don't spin on it.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  get #hasExited(): boolean {
    return this.#child.pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Sends SIGTERM to the whole group; resolves with the exit code of the process that was started. */
  async stop(): Promise<number | null> {
    if (this.#hasExited) return this.#child.exitCode;
    const exited = once(this.#child, "exit");
    const group = -this.#child.pid!;
    process.kill(group, "SIGTERM");
    const timer = setTimeout(() => process.kill(group, "SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(timer);
    return this.#child.exitCode;
  }
}
