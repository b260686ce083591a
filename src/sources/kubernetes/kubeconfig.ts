// The access that a kubeconfig describes: the cluster and the user of a context. What it can say and is not known here
// is an error that names the field, never ignored.
// Kubernetes: "Organizing Cluster Access Using kubeconfig Files", the reference of kubeconfig (v1).
import { dirname, resolve } from "node:path";
import { SourceError } from "../../files/source-error.ts";
import { isMapping } from "../../objects/raw-values.ts";
import type { Mapping } from "../../objects/raw-values.ts";
import { didYouMean } from "../../std/nearest.ts";
import { parseDocuments } from "../../text/parse-documents.ts";
import { fixedCredentials, hashOf, readText, TokenFile } from "./api-access.ts";
import type { ApiAccess, ApiTls, Credentials } from "./api-access.ts";
import { ExecCredentials } from "./exec-credentials.ts";
import { OidcCredentials } from "./oidc-credentials.ts";

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
  return new Kubeconfig(path, await readText(path)).access(context);
}

/** The files that this access reads, beside the kubeconfig. Rejects as `accessOfKubeconfig` does. */
export async function filesOfKubeconfig(path: string, context: string | undefined): Promise<readonly string[]> {
  const config = new Kubeconfig(path, await readText(path));
  config.access(context);
  return config.files;
}

class Kubeconfig {
  /** Files that the access reads. */
  readonly files: string[] = [];
  readonly #root: Mapping;
  readonly #path: string;

  constructor(path: string, text: string) {
    this.#path = path;
    const [document] = parseDocuments(text);
    if (document === undefined || !("value" in document))
      throw this.#error(document === undefined ? "it is empty" : `line ${document.line}: ${document.fault}`);
    if (!isMapping(document.value)) throw this.#error("expected a mapping");
    this.#root = document.value;
  }

  access(context: string | undefined): ApiAccess {
    const name = context ?? this.#text(this.#root, "current-context");
    if (name === undefined || name === "") throw this.#error("it has no current-context: use --context NAME");
    const chosen = this.#entry("contexts", "context", name);
    const cluster = this.#entry("clusters", "cluster", this.#text(chosen, "cluster", `context ${name}`) ?? "");
    const user = this.#text(chosen, "user", `context ${name}`);
    return this.#access(cluster, user === undefined ? {} : this.#entry("users", "user", user));
  }

  #error(message: string): SourceError {
    return new SourceError(`kubeconfig ${this.#path}: ${message}`);
  }

  /** The entry of that name in a list of named entries. */
  #entry(list: string, field: string, name: string): Mapping {
    const named = this.#list(this.#root, list).filter(isMapping);
    const found = named.find((entry) => entry["name"] === name)?.[field];
    if (isMapping(found)) return found;
    const names = named.map((entry) => entry["name"]).filter((other) => typeof other === "string");
    throw this.#error(`there is no ${field} ${JSON.stringify(name)}${didYouMean(name, names)}`);
  }

  /** The text of a field; undefined if it is empty, as kubectl takes it. */
  #text(from: Mapping, field: string, where?: string): string | undefined {
    const value = from[field] ?? "";
    if (!isText(value)) throw this.#expected("a text", field, where);
    return value === "" ? undefined : value;
  }

  #isTrue(from: Mapping, field: string, where: string): boolean {
    const value = from[field] ?? false;
    if (typeof value !== "boolean") throw this.#expected("true or false", field, where);
    return value;
  }

  #mapping(from: Mapping, field: string, where: string): Mapping | undefined {
    const value = from[field] ?? undefined;
    if (value !== undefined && !isMapping(value)) throw this.#expected("a mapping", field, where);
    return value;
  }

  #list(from: Mapping, field: string, where?: string): readonly unknown[] {
    const value = from[field] ?? [];
    if (!Array.isArray(value)) throw this.#expected("a list", field, where);
    return value as readonly unknown[];
  }

  #expected(what: string, field: string, where?: string): SourceError {
    return this.#error(`${where === undefined ? "" : `${where}: `}${field}: expected ${what}`);
  }

  #access(cluster: Mapping, user: Mapping): ApiAccess {
    this.#refuseOthers(cluster, CLUSTER_FIELDS, "cluster");
    this.#refuseOthers(user, USER_FIELDS, "user");
    const server = this.#text(cluster, "server", "cluster");
    if (server === undefined || !/^https?:\/\/\S+$/.test(server) || !URL.canParse(server))
      throw this.#error("cluster: server: expected an URL");
    const servername = this.#text(cluster, "tls-server-name", "cluster");
    const ca = this.#source(cluster, "certificate-authority", "cluster");
    const cert = this.#source(user, "client-certificate", "user");
    const key = this.#source(user, "client-key", "user");
    const exec = this.#exec(user, cluster);
    const isUnchecked = this.#isTrue(cluster, "insecure-skip-tls-verify", "cluster");
    const tls = async (signal?: AbortSignal): Promise<ApiTls> => ({
      ...(ca && { ca: await ca() }),
      ...(cert && { cert: await cert() }),
      ...(key && { key: await key() }),
      ...(servername !== undefined && { servername }),
      ...(isUnchecked && { rejectUnauthorized: false }),
      ...(await exec?.tls(signal)),
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
    if (other !== undefined) throw this.#error(`${where}: ${other} is not known here${didYouMean(other, fields)}`);
  }

  /** Reads data in Base64, or a file, each time when it is called. */
  #source(from: Mapping, field: string, where: string): (() => Promise<string>) | undefined {
    const data = this.#text(from, `${field}-data`, where);
    if (data !== undefined) {
      const decoded = Buffer.from(data, "base64").toString();
      return async () => decoded;
    }
    const file = this.#text(from, field, where);
    if (file === undefined) return undefined;
    const path = this.#file(file);
    return () => readText(path);
  }

  #file(path: string): string {
    const resolved = this.#resolve(path);
    this.files.push(resolved);
    return resolved;
  }

  /** Paths are relative to the file. */
  #resolve(path: string): string {
    return resolve(dirname(this.#path), path);
  }

  #credentials(user: Mapping): Credentials {
    const token = this.#text(user, "token", "user");
    const tokenFile = this.#text(user, "tokenFile", "user");
    // As in kubectl, the file comes first.
    if (tokenFile !== undefined) return new TokenFile(this.#file(tokenFile));
    if (token !== undefined) return fixedCredentials(`Bearer ${token}`);
    const provider = this.#mapping(user, "auth-provider", "user");
    if (provider !== undefined) return this.#provider(provider);
    const name = this.#text(user, "username", "user");
    if (name === undefined) return fixedCredentials(undefined);
    const password = this.#text(user, "password", "user") ?? "";
    return fixedCredentials(`Basic ${Buffer.from(`${name}:${password}`).toString("base64")}`);
  }

  #provider({ name, config }: Mapping): Credentials {
    if (name !== "oidc" || !isMapping(config))
      throw this.#error(`user: auth-provider ${JSON.stringify(name)} is not known: use an exec plugin`);
    const text = (field: string): string | undefined => this.#text(config, field, "user: auth-provider");
    const issuer = text("idp-issuer-url");
    if (issuer === undefined) throw this.#error("user: auth-provider: idp-issuer-url is missing");
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
    const exec = this.#mapping(user, "exec", "user");
    if (exec === undefined) return undefined;
    const text = (field: string): string | undefined => this.#text(exec, field, "user: exec");
    const command = text("command");
    const apiVersion = text("apiVersion") ?? "";
    if (command === undefined) throw this.#error("user: exec: command is missing");
    if (!/^client\.authentication\.k8s\.io\/v1(beta1)?$/.test(apiVersion))
      throw this.#error(`user: exec: apiVersion ${JSON.stringify(apiVersion)} is not known`);
    // Its extensions are not for the program.
    const { extensions: _, ...clusterInfo } = cluster;
    return new ExecCredentials({
      // A path with a slash is relative to the file; a name is looked for on the PATH.
      command: command.includes("/") ? this.#resolve(command) : command,
      args: this.#list(exec, "args", "user: exec").map((arg, i) => this.#item(arg, `args[${i}]`)),
      env: Object.fromEntries(
        this.#list(exec, "env", "user: exec").map((item, i) => this.#variable(item, `env[${i}]`)),
      ),
      apiVersion,
      cluster: this.#isTrue(exec, "provideClusterInfo", "user: exec") ? clusterInfo : undefined,
      installHint: text("installHint"),
    });
  }

  #item(value: unknown, at: string): string {
    if (!isText(value)) throw this.#expected("a text", at, "user: exec");
    return value;
  }

  #variable(item: unknown, at: string): [name: string, value: string] {
    if (!isMapping(item)) throw this.#expected("a mapping", at, "user: exec");
    const name = this.#text(item, "name", `user: exec: ${at}`);
    if (name === undefined) throw this.#error(`user: exec: ${at}: name is missing`);
    return [name, this.#text(item, "value", `user: exec: ${at}`) ?? ""];
  }
}

/** No file, argument or header can have NUL. */
function isText(value: unknown): value is string {
  return typeof value === "string" && !value.includes("\0");
}
