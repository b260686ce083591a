// Credentials that a program on this machine gives, such as those of cloud providers. They are kept until they expire
// or the API server refuses them. Kubernetes: "client-go credential plugins", ExecCredential (v1, v1beta1).
import { execFile } from "node:child_process";
import { SourceError } from "../../files/source-error.ts";
import type { ApiTls, Credentials } from "./api-access.ts";

export interface ExecSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly apiVersion: string;
  /** The cluster's entry, if the program is to get it. */
  readonly cluster: Readonly<Record<string, unknown>> | undefined;
  readonly installHint: string | undefined;
}

/** What the program gave. */
interface Credential {
  readonly header: string | undefined;
  readonly tls: ApiTls;
  /** Wall clock, milliseconds. */
  readonly expiresAtMs: number;
}

const TIMEOUT_MS = 60_000;
const KILL = "SIGKILL";
const OUTPUT_MAX = 1 << 20;
/** Asked for again so long before the end, because a request takes its time. */
const EARLY_MS = 10_000;
/** A program that failed runs again after so long, however many requests need it. */
const RETRY_MS = 5_000;

export class ExecCredentials implements Credentials {
  readonly #settings: ExecSettings;
  /** The last run of the program, shared by all requests. */
  #run: Promise<Credential> | undefined;
  /** What that run gave; undefined while it goes on, and if it failed. */
  #credential: Credential | undefined;
  /** When a run that failed may be repeated, by performance.now(). */
  #retryAtMs = Infinity;

  constructor(settings: ExecSettings) {
    this.#settings = settings;
  }

  async authorization(signal?: AbortSignal): Promise<string | undefined> {
    return (await this.#get(signal)).header;
  }

  refresh(refused = this.#credential?.header): void {
    if (this.#credential !== undefined && refused === this.#credential.header) this.#run = undefined;
  }

  /** The client certificate, if the program gives one. */
  async tls(signal?: AbortSignal): Promise<ApiTls> {
    return (await this.#get(signal)).tls;
  }

  #get(signal: AbortSignal | undefined): Promise<Credential> {
    const expiresAtMs = this.#credential?.expiresAtMs ?? Infinity;
    if (Date.now() > expiresAtMs - EARLY_MS || performance.now() > this.#retryAtMs) this.#run = undefined;
    this.#run ??= this.#start(signal);
    return this.#run;
  }

  async #start(signal: AbortSignal | undefined): Promise<Credential> {
    this.#credential = undefined;
    this.#retryAtMs = Infinity;
    try {
      this.#credential = this.#parse(await this.#execute(signal));
      return this.#credential;
    } catch (error) {
      // A run that was ended from here has not failed.
      this.#retryAtMs = signal?.aborted === true ? -Infinity : performance.now() + RETRY_MS;
      throw error;
    }
  }

  /** Resolves with what the program writes. */
  #execute(signal: AbortSignal | undefined): Promise<string> {
    const { command, args, env, apiVersion, cluster, installHint } = this.#settings;
    const spec = { interactive: false, ...(cluster && { cluster }) };
    const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
    const options = {
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: info },
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX,
      killSignal: KILL,
      ...(signal !== undefined && { signal }),
    } as const;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const fail = (error: unknown, stderr = ""): void => {
      const { code, signal: by } = error as { readonly code?: unknown; readonly signal?: unknown };
      const hint = code === "ENOENT" && installHint !== undefined ? `; ${installHint.trim()}` : "";
      const said = stderr.trim().split("\n").at(-1) || String(code ?? by);
      reject(new SourceError(`the credential program ${command} failed (${said})${hint}`));
    };
    try {
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        // The AbortSignal sends SIGTERM, which a program may ignore.
        child.kill(KILL);
        fail(error, stderr);
      });
    } catch (error) {
      // Not each fault of a start comes by the callback.
      fail(error);
    }
    return promise;
  }

  #parse(output: string): Credential {
    const status = parseStatus(output);
    const text = (field: string): string | undefined => {
      const value = status[field];
      return typeof value === "string" && value !== "" ? value : undefined;
    };
    const [token, cert, key] = [text("token"), text("clientCertificateData"), text("clientKeyData")];
    if (token === undefined && cert === undefined)
      throw new SourceError(`the credential program ${this.#settings.command} gave no token and no certificate`);
    const expiresAtMs = Date.parse(text("expirationTimestamp") ?? "");
    return {
      header: token === undefined ? undefined : `Bearer ${token}`,
      tls: { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) },
      expiresAtMs: Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs,
    };
  }
}

function parseStatus(output: string): Readonly<Record<string, unknown>> {
  try {
    return (JSON.parse(output) as { readonly status?: Record<string, unknown> | null }).status ?? {};
  } catch {
    return {};
  }
}
