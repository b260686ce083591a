// Asks the API of an admin server, for the commands `explain`, `list` and `top`. What is wrong with the server or the
// way to it is a failure with advice. docs/status-page.md describes the API.
import { parseAdminAddress } from "../config/option-values.ts";
import { dialHost, formatListenAddress } from "../net/listen-address.ts";
import type { CommandIo } from "./command-io.ts";
import type { Failure } from "./failure.ts";
import { usageFailure } from "./failure.ts";

/** As in the examples of `--admin`; CoreDNS has its metrics there. */
const DEFAULT_SERVER = "9153";
const TIMEOUT_MS = 5_000;

/** The row of `--help` for `--server`. */
export const SERVER_FLAG = {
  flag: "--server [ADDR:]PORT",
  help: `Admin server to ask, as in --admin of serve (default: CLUSTER_DNS_ADMIN, else 127.0.0.1:${DEFAULT_SERVER})`,
};

/** The address of the flag's last text, else of the variable `CLUSTER_DNS_ADMIN`, else the default. */
export function parseServer(texts: readonly string[] | undefined, env: CommandIo["env"]): AdminClient | Failure {
  const given = texts?.at(-1);
  const text = given ?? (env["CLUSTER_DNS_ADMIN"]?.split(",")[0]?.trim() || DEFAULT_SERVER);
  const parsed = parseAdminAddress(text);
  const what = given === undefined ? "CLUSTER_DNS_ADMIN" : "--server";
  if ("fault" in parsed) return usageFailure(`${what}: ${JSON.stringify(text)} ${parsed.fault}`);
  const { host, port } = parsed.value;
  if (port === 0) return usageFailure(`${what}: a server cannot have port 0`);
  return new AdminClient(formatListenAddress({ host: dialHost(host), port }));
}

/** The server to ask where no path is given, otherwise undefined; what is wrong with either goes to `faults`. */
export function serverUnlessPaths(
  paths: readonly string[],
  texts: readonly string[] | undefined,
  env: CommandIo["env"],
  faults: string[],
): AdminClient | undefined {
  if (paths.length > 0) {
    if (texts !== undefined) faults.push("give a PATH, or --server, not both");
    return undefined;
  }
  const server = parseServer(texts, env);
  if (!("faults" in server)) return server;
  faults.push(...server.faults);
  return undefined;
}

export class AdminClient {
  /** `127.0.0.1:9153` */
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /**
   * The JSON at this path, below `/api/`; the caller says what it is. An object without these fields comes from another
   * program, or from another version of this one.
   */
  async get<T extends object>(
    path: string,
    fields: readonly (keyof T & string)[],
    timeoutMs = TIMEOUT_MS,
  ): Promise<T | Failure> {
    try {
      const response = await fetch(`http://${this.address}/api/${path}`, { signal: AbortSignal.timeout(timeoutMs) });
      const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
      const value: unknown = isJson ? await response.json() : undefined;
      const isObject = typeof value === "object" && value !== null;
      if (response.ok && isJson) {
        if (isObject && fields.every((field) => Object.hasOwn(value, field))) return value as T;
        return this.#failure("it answers with something else: give the port of --admin, of a server of this version");
      }
      const said = isObject ? (value as { readonly error?: unknown }).error : undefined;
      if (typeof said === "string") return this.#failure(said);
      return this.#failure(`it has no such page (status ${response.status}): give the port of --admin`);
    } catch (error) {
      return this.#failure(reasonOf(error, timeoutMs));
    }
  }

  #failure(reason: string): Failure {
    return { faults: [`no answer from the admin server at ${this.address}: ${reason}`], exitCode: 1 };
  }
}

function reasonOf(error: unknown, timeoutMs: number): string {
  const { name, message, cause } = error as Error;
  if (name === "TimeoutError") return `it took longer than ${timeoutMs / 1_000} s`;
  const { code } = (cause ?? {}) as { readonly code?: unknown };
  if (code === "ECONNREFUSED") return "nothing listens there; start the server with --admin, and name it by --server";
  return cause instanceof Error ? cause.message : message;
}
