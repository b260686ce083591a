// How to reach an API server and who asks: its address, TLS, and the header of each request. In a pod, all of it comes
// from the environment and the service account; kubeconfig.ts reads it from a kubeconfig.
// Kubernetes: "Accessing the Kubernetes API from a Pod", "Authenticating".
import { createHash } from "node:crypto";
import { readBoundedFile } from "../../files/read-file.ts";
import { SourceError } from "../../files/source-error.ts";

/** Tells who asks. Kubernetes replaces tokens, so they are asked for again and again. */
export interface Credentials {
  /**
   * The value of the header `Authorization`; undefined: none. Rejects with a `SourceError` if there can be none.
   * `signal` is for the end of the source: it ends a program or a request that gets the value, for all who wait.
   */
  authorization(signal?: AbortSignal): Promise<string | undefined>;
  /** The API server refused a request with the header `refused`. Drops that credential, and never a later one. */
  refresh(refused?: string): void;
}

/** TLS of the connection, as node:tls takes it. */
export interface ApiTls {
  readonly ca?: string | Buffer;
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface ApiAccess {
  /** Without a slash at its end. */
  readonly server: string;
  /** What tells the cluster from others: a hash of its certificate authority, or of its address where there is none. */
  readonly cluster: string;
  /** For each new connection, because certificates are replaced; as `authorization`. Rejects with a `SourceError`. */
  readonly tls: (signal?: AbortSignal) => Promise<ApiTls>;
  readonly credentials: Credentials;
}

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** What the access of a pod reads. */
export const POD_FILES: readonly string[] = [`${SERVICE_ACCOUNT}/token`, `${SERVICE_ACCOUNT}/ca.crt`];
const FILE_BYTES_MAX = 1 << 20;
/** The kubelet replaces a token when a fifth of its time is left, an hour at least as a rule. */
const TOKEN_KEPT_MS = 60_000;

/** The access of a pod. `folder`: where the service account is mounted. Rejects with a `SourceError` elsewhere. */
export async function accessOfPod(
  env: Readonly<Record<string, string | undefined>>,
  folder = SERVICE_ACCOUNT,
): Promise<ApiAccess> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT_HTTPS"] ?? env["KUBERNETES_SERVICE_PORT"];
  if (host === undefined || port === undefined) {
    throw new SourceError("this is not a pod of a cluster (KUBERNETES_SERVICE_HOST is not set): use --kubeconfig FILE");
  }
  const caFile = `${folder}/ca.crt`;
  const credentials = new TokenFile(`${folder}/token`);
  // What is missing is told at the start.
  await credentials.authorization();
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    cluster: hashOf(await readText(caFile)),
    tls: async () => ({ ca: await readText(caFile) }),
    credentials,
  };
}

/** A token in a file, which is read again from time to time. */
export class TokenFile implements Credentials {
  readonly #path: string;
  #header: string | undefined;
  #readAtMs = -Infinity;

  constructor(path: string) {
    this.#path = path;
  }

  async authorization(): Promise<string> {
    if (this.#header === undefined || performance.now() - this.#readAtMs > TOKEN_KEPT_MS) {
      this.#header = `Bearer ${(await readText(this.#path)).trim()}`;
      this.#readAtMs = performance.now();
    }
    return this.#header;
  }

  refresh(refused = this.#header): void {
    if (refused === this.#header) this.#header = undefined;
  }
}

/** Credentials that do not change; `header` undefined: a client certificate tells enough. */
export function fixedCredentials(header: string | undefined): Credentials {
  return { authorization: async () => header, refresh: () => undefined };
}

/** Short for any text. */
export function hashOf(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** The text of a small file that access needs. Rejects with a `SourceError`. */
export async function readText(path: string): Promise<string> {
  const read = await readBoundedFile(path, FILE_BYTES_MAX);
  if (!("fault" in read)) return read.bytes.toString();
  const reason = read.fault === "failed" ? read.code : read.fault;
  throw new SourceError(`${path} can't be read (${reason})`);
}
