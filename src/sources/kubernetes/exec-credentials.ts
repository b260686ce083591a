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

interface Status {
  readonly token?: string;
  readonly clientCertificateData?: string;
  readonly clientKeyData?: string;
  readonly expirationTimestamp?: string;
}

const TIMEOUT_MS = 60_000;
const OUTPUT_MAX = 1 << 20;
/** Asked for again so long before the end, because a request takes its time. */
const EARLY_MS = 10_000;

export class ExecCredentials implements Credentials {
  readonly #settings: ExecSettings;
  #current: Promise<Status> | undefined;
  #expiresAtMs = Infinity;

  constructor(settings: ExecSettings) {
    this.#settings = settings;
  }

  async authorization(): Promise<string | undefined> {
    const { token } = await this.#get();
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  refresh(): void {
    this.#current = undefined;
  }

  /** The client certificate, if the program gives one. */
  async tls(): Promise<ApiTls> {
    const { clientCertificateData: cert, clientKeyData: key } = await this.#get();
    return { ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
  }

  #get(): Promise<Status> {
    if (Date.now() > this.#expiresAtMs - EARLY_MS) this.#current = undefined;
    this.#current ??= this.#run().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  async #run(): Promise<Status> {
    const { command, args, env, apiVersion, cluster, installHint } = this.#settings;
    const spec = { interactive: false, ...(cluster && { cluster }) };
    const info = JSON.stringify({ apiVersion, kind: "ExecCredential", spec });
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const options = {
      env: { ...process.env, ...env, KUBERNETES_EXEC_INFO: info },
      timeout: TIMEOUT_MS,
      maxBuffer: OUTPUT_MAX,
    };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const { code } = error;
      const hint = code === "ENOENT" && installHint !== undefined ? `; ${installHint.trim()}` : "";
      const said = stderr.trim().split("\n").at(-1) ?? "";
      reject(new SourceError(`the credential program ${command} failed (${said === "" ? code : said})${hint}`));
    });
    const status = parseStatus(await promise);
    if (status?.token === undefined && status?.clientCertificateData === undefined)
      throw new SourceError(`the credential program ${command} gave no token and no certificate`);
    const expiresAtMs = Date.parse(status.expirationTimestamp ?? "");
    this.#expiresAtMs = Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs;
    return status;
  }
}

function parseStatus(output: string): Status | undefined {
  try {
    return (JSON.parse(output) as { readonly status?: Status }).status;
  } catch {
    return undefined;
  }
}
