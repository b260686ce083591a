// The access that a kubeconfig describes: the cluster and the user of a context. What it can say and is not known here
// is an error that names the field, never ignored.
// Kubernetes: "Organizing Cluster Access Using kubeconfig Files", the reference of kubeconfig (v1).
import { dirname, resolve } from "node:path";
import { SourceError } from "../../files/source-error.ts";
import { didYouMean } from "../../std/nearest.ts";
import { parseDocuments } from "../../text/parse-documents.ts";
import { fixedCredentials, hashOf, readText, TokenFile } from "./api-access.ts";
import type { ApiAccess, ApiTls, Credentials } from "./api-access.ts";
import { ExecCredentials } from "./exec-credentials.ts";
import { OidcCredentials } from "./oidc-credentials.ts";

type Mapping = Readonly<Record<string, unknown>>;

const CLUSTER_FIELDS = [
  "server",
  "certificate-authority",
  "certificate-authority-data",
  "insecure-skip-tls-verify",
  "tls-server-name",
  "disable-compression",
  "extensions",
];
const USER_FIELDS = [
  "client-certificate",
  "client-certificate-data",
  "client-key",
  "client-key-data",
  "token",
  "tokenFile",
  "username",
  "password",
  "exec",
  "auth-provider",
  "extensions",
];

/** Reads the kubeconfig at `path`; `context` undefined: its current one. Rejects with a `SourceError`. */
export async function accessOfKubeconfig(path: string, context: string | undefined): Promise<ApiAccess> {
  const config = new Kubeconfig(path, await readText(path));
  const name = context ?? config.text(config.root, "current-context", "");
  if (name === undefined || name === "") throw config.error("it has no current-context: use --context NAME");
  const chosen = config.entry("contexts", "context", name);
  const cluster = config.entry("clusters", "cluster", config.text(chosen, "cluster", `context ${name}`) ?? "");
  const user = config.text(chosen, "user", `context ${name}`);
  return config.access(cluster, user === undefined ? {} : config.entry("users", "user", user));
}

class Kubeconfig {
  readonly root: Mapping;
  readonly #path: string;

  constructor(path: string, text: string) {
    this.#path = path;
    const [document] = parseDocuments(text);
    if (document === undefined || !("value" in document))
      throw this.error(document === undefined ? "it is empty" : `line ${document.line}: ${document.fault}`);
    if (!isMapping(document.value)) throw this.error("expected a mapping");
    this.root = document.value;
  }

  error(message: string): SourceError {
    return new SourceError(`kubeconfig ${this.#path}: ${message}`);
  }

  /** The entry of that name in a list of named entries. */
  entry(list: string, field: string, name: string): Mapping {
    const entries = this.root[list] ?? [];
    if (!Array.isArray(entries)) throw this.error(`${list}: expected a list`);
    const named = (entries as readonly unknown[]).filter(isMapping);
    const found = named.find((entry) => entry["name"] === name)?.[field];
    if (isMapping(found)) return found;
    const names = named.map((entry) => String(entry["name"]));
    throw this.error(`there is no ${field} ${JSON.stringify(name)}${didYouMean(name, names)}`);
  }

  text(from: Mapping, field: string, where: string): string | undefined {
    const value = from[field];
    if (value === undefined || value === null) return undefined;
    if (typeof value !== "string") throw this.error(`${where}: ${field}: expected a text`);
    return value;
  }

  access(cluster: Mapping, user: Mapping): ApiAccess {
    this.#refuseOthers(cluster, CLUSTER_FIELDS, "cluster");
    this.#refuseOthers(user, USER_FIELDS, "user");
    const server = this.text(cluster, "server", "cluster");
    if (server === undefined || !/^https?:\/\/\S+$/.test(server)) throw this.error("cluster: server: expected an URL");
    const servername = this.text(cluster, "tls-server-name", "cluster");
    const ca = this.#source(cluster, "certificate-authority", "cluster");
    const cert = this.#source(user, "client-certificate", "user");
    const key = this.#source(user, "client-key", "user");
    const exec = this.#exec(user, cluster);
    const isUnchecked = cluster["insecure-skip-tls-verify"] === true;
    const tls = async (): Promise<ApiTls> => ({
      ...(ca && { ca: await ca() }),
      ...(cert && { cert: await cert() }),
      ...(key && { key: await key() }),
      ...(servername !== undefined && { servername }),
      ...(isUnchecked && { rejectUnauthorized: false }),
      ...(await exec?.tls()),
    });
    return {
      server: server.replace(/\/+$/, ""),
      cluster: hashOf(
        JSON.stringify(cluster["certificate-authority-data"] ?? cluster["certificate-authority"] ?? server),
      ),
      tls,
      credentials: exec ?? this.#credentials(user),
    };
  }

  #refuseOthers(from: Mapping, fields: readonly string[], where: string): void {
    const other = Object.keys(from).find((field) => !fields.includes(field));
    if (other !== undefined) throw this.error(`${where}: ${other} is not known here${didYouMean(other, fields)}`);
  }

  /** Reads data in Base64, or a file, each time when it is called. */
  #source(from: Mapping, field: string, where: string): (() => Promise<string>) | undefined {
    const data = this.text(from, `${field}-data`, where);
    if (data !== undefined) {
      const decoded = Buffer.from(data, "base64").toString();
      return async () => decoded;
    }
    const file = this.text(from, field, where);
    return file === undefined ? undefined : () => readText(this.#resolve(file));
  }

  /** Paths are relative to the file. */
  #resolve(path: string): string {
    return resolve(dirname(this.#path), path);
  }

  #credentials(user: Mapping): Credentials {
    const token = this.text(user, "token", "user");
    const tokenFile = this.text(user, "tokenFile", "user");
    // As in kubectl, the file comes first.
    if (tokenFile !== undefined) return new TokenFile(this.#resolve(tokenFile));
    if (token !== undefined) return fixedCredentials(`Bearer ${token}`);
    const provider = user["auth-provider"];
    if (isMapping(provider)) return this.#provider(provider);
    const name = this.text(user, "username", "user");
    if (name === undefined) return fixedCredentials(undefined);
    const password = this.text(user, "password", "user") ?? "";
    return fixedCredentials(`Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`);
  }

  #provider({ name, config }: Mapping): Credentials {
    if (name !== "oidc" || !isMapping(config))
      throw this.error(`user: auth-provider ${JSON.stringify(name)} is not known: use an exec plugin`);
    const text = (field: string): string | undefined => this.text(config, field, "user: auth-provider");
    const issuer = text("idp-issuer-url");
    if (issuer === undefined) throw this.error("user: auth-provider: idp-issuer-url is missing");
    return new OidcCredentials({
      issuer,
      clientId: text("client-id") ?? "",
      clientSecret: text("client-secret"),
      idToken: text("id-token"),
      refreshToken: text("refresh-token"),
      ca: this.#source(config, "idp-certificate-authority", "user: auth-provider"),
    });
  }

  #exec(user: Mapping, cluster: Mapping): ExecCredentials | undefined {
    const exec = user["exec"];
    if (exec === undefined || exec === null) return undefined;
    if (!isMapping(exec)) throw this.error("user: exec: expected a mapping");
    const text = (field: string): string | undefined => this.text(exec, field, "user: exec");
    const command = text("command");
    const apiVersion = text("apiVersion") ?? "";
    if (command === undefined) throw this.error("user: exec: command is missing");
    if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
      throw this.error(`user: exec: apiVersion ${JSON.stringify(apiVersion)} is not known`);
    const variables = ((exec["env"] ?? []) as readonly Mapping[]).map(({ name, value }) => [name, value]);
    return new ExecCredentials({
      // A path with a slash is relative to the file; a name is looked for on the PATH.
      command: command.includes("/") ? this.#resolve(command) : command,
      args: ((exec["args"] ?? []) as readonly unknown[]).map(String),
      env: Object.fromEntries(variables) as Record<string, string>,
      apiVersion,
      cluster: exec["provideClusterInfo"] === true ? cluster : undefined,
      installHint: text("installHint"),
    });
  }
}

function isMapping(value: unknown): value is Mapping {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
