// A real etcd of one member on loopback, and requests to its JSON gateway as other programs would make them: tests read
// and write with these what the product has no part in.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as untilPassed } from "node:timers/promises";
import { freePort } from "./process.ts";

const START_TIMEOUT_MS = 30_000;
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const plain = (text = ""): string => Buffer.from(text, "base64").toString();

/** The first key after all that begin with `prefix`, of ASCII. */
const rangeEnd = (prefix: string): string =>
  prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);

/** A key as it is stored; `lease` is `0` without one. */
export interface StoredKey {
  readonly key: string;
  readonly value: string;
  readonly lease: string;
  readonly modRevision: string;
}

export class StartedEtcd {
  readonly endpoint: string;
  readonly secureEndpoint: string;
  readonly #folder = mkdtempSync(join(tmpdir(), "etcd-"));
  readonly #peerPort: number;
  readonly #flags: readonly string[];
  #child: ChildProcess | undefined;

  private constructor(port: number, securePort: number, peerPort: number, flags: readonly string[]) {
    this.#flags = flags;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.secureEndpoint = `https://127.0.0.1:${securePort}`;
    this.#peerPort = peerPort;
  }

  /** `flags`: beside those that say where it is; among them, certificates for `secureEndpoint`. */
  static async start(flags: readonly string[] = []): Promise<StartedEtcd> {
    const etcd = new StartedEtcd(await freePort(), await freePort(), await freePort(), flags);
    await etcd.start();
    return etcd;
  }

  /** Starts it again with the data that it had; resolves when it answers. */
  async start(): Promise<void> {
    const peer = `http://127.0.0.1:${this.#peerPort}`;
    const isSecure = this.#flags.includes("--cert-file");
    const settings = {
      "data-dir": this.#folder,
      "listen-client-urls": isSecure ? `${this.endpoint},${this.secureEndpoint}` : this.endpoint,
      "advertise-client-urls": this.endpoint,
      "listen-peer-urls": peer,
      "initial-advertise-peer-urls": peer,
      "initial-cluster": `default=${peer}`,
    };
    const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    this.#child = spawn("etcd", [...args, ...this.#flags], { stdio: "ignore" });
    const deadlineMs = Date.now() + START_TIMEOUT_MS;
    while (!(await this.isHealthy())) {
      if (Date.now() > deadlineMs) throw new Error("etcd does not start");
      await untilPassed(20);
    }
  }

  async isHealthy(): Promise<boolean> {
    return fetch(`${this.endpoint}/health`).then(
      async (response) => (await response.text()).includes('"health":"true"'),
      () => false,
    );
  }

  /** Ends it; its data stays. */
  async halt(): Promise<void> {
    const child = this.#child!;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }

  /** Loses its data while it is halted. */
  wipe(): void {
    rmSync(this.#folder, { recursive: true });
  }

  async stop(): Promise<void> {
    await this.halt();
    rmSync(this.#folder, { recursive: true });
  }

  /** All keys that begin with `prefix`, by key. */
  async keys(prefix: string): Promise<readonly StoredKey[]> {
    const { kvs = [] } = (await this.post("kv/range", {
      key: base64(prefix),
      range_end: base64(rangeEnd(prefix)),
    })) as {
      kvs?: readonly { key: string; value?: string; lease?: string; mod_revision: string }[];
    };
    return kvs.map(({ key, value, lease = "0", mod_revision: modRevision }) => {
      return { key: plain(key), value: plain(value), lease, modRevision };
    });
  }

  /** Makes `values` the only keys that begin with `prefix`. */
  async replace(prefix: string, values: ReadonlyMap<string, string>): Promise<void> {
    await this.post("kv/deleterange", { key: base64(prefix), range_end: base64(rangeEnd(prefix)) });
    const { ID: lease } = (await this.post("lease/grant", { TTL: 86_400 })) as { ID: string };
    const all = [...values].map(([key, value]) => ({ requestPut: { key: base64(key), value: base64(value), lease } }));
    for (let i = 0; i < all.length; i += 100) await this.post("kv/txn", { success: all.slice(i, i + 100) });
  }

  async put(key: string, value: string, lease = "0"): Promise<void> {
    await this.post("kv/put", { key: base64(key), value: base64(value), lease });
  }

  async delete(key: string): Promise<void> {
    await this.post("kv/deleterange", { key: base64(key) });
  }

  async post(path: string, body: object): Promise<unknown> {
    const response = await fetch(`${this.endpoint}/v3/${path}`, { method: "POST", body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  }
}
