// Composition root of a server's credentials: its TLS certificate and its cookie secrets, read from files that are
// followed. A file whose new contents are invalid is logged, and the old contents stay in force.
import { randomBytes } from "node:crypto";
import { newCookieMemory, SECRET_SIZE, setCookieSecrets } from "../answer/cookies.ts";
import { parseCookieSecrets } from "../config/cookie-secrets.ts";
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import type { Logger } from "../observe/log.ts";
import { TlsIdentity } from "../server/tls-identity.ts";
import { followFiles } from "../files/followed-files.ts";
import type { FollowedFiles } from "../files/followed-files.ts";
import { ReloadCounts } from "../std/reload-counts.ts";

/** The flags that name the files. */
const FLAGS = { certificate: "--tls-cert", "cookie-secret": "--cookie-secret" } as const;

/** A server's TLS certificate and cookie secrets. */
export class Credentials {
  /** Memory shared with the answerers; holds a random secret until a file's is read. */
  readonly cookies = newCookieMemory();
  readonly #options: Options;
  readonly #log: Logger;
  /** Of files that have changed. */
  readonly reloads = { certificate: new ReloadCounts(), "cookie-secret": new ReloadCounts() } as const;
  readonly #files: FollowedFiles[] = [];
  #identity: TlsIdentity | undefined;

  constructor(options: Options, log: Logger) {
    this.#options = options;
    this.#log = log;
    setCookieSecrets(this.cookies, [randomBytes(SECRET_SIZE)]);
  }

  /**
   * Reads the files and follows them. Resolves with the TLS identity, undefined without certificate files; rejects with
   * a `SourceError` or `SettingsError`.
   */
  async open(): Promise<TlsIdentity | undefined> {
    const { cookieSecretFile, tlsFiles } = this.#options;
    if (cookieSecretFile !== undefined)
      await this.#follow("cookie-secret", [cookieSecretFile], ([text]) => this.#takeSecrets(text!));
    if (tlsFiles === undefined) return undefined;
    await this.#follow("certificate", [tlsFiles.cert, tlsFiles.key], ([cert, key]) => {
      const pem = { cert: cert!, key: key! };
      if (this.#identity === undefined) this.#identity = new TlsIdentity(pem);
      else this.#identity.replace(pem);
      const { notAfter } = this.#identity;
      if (notAfter.getTime() < Date.now())
        this.#log.warn({ file: tlsFiles.cert, notAfter }, "the TLS certificate has expired: clients will reject it");
    });
    return this.#identity;
  }

  /** When the certificate expires; undefined without one. */
  get notAfter(): Date | undefined {
    return this.#identity?.notAfter;
  }

  /** Reads all files again; what is wrong with them is logged, and the contents before stay in force. */
  async reload(): Promise<void> {
    await Promise.all(
      this.#files.map((file) =>
        file.reread().catch((error: Error) => this.#log.warn(`${error.message}; the contents before stay in force`)),
      ),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#files.splice(0).map((file) => file.close()));
  }

  #takeSecrets(text: string): void {
    const secrets = parseCookieSecrets(text);
    if ("fault" in secrets) throw new Error(secrets.fault);
    setCookieSecrets(this.cookies, secrets.value);
  }

  /** Passes the files' texts to `take` now and after each change. Its errors are messages for the operator. */
  async #follow(
    what: keyof Credentials["reloads"],
    paths: readonly string[],
    take: (texts: readonly string[]) => void,
  ): Promise<void> {
    const attempt = (texts: readonly string[]): string | undefined => {
      try {
        take(texts);
        return undefined;
      } catch (error) {
        return `${FLAGS[what]} ${paths.join(", ")}: ${error instanceof Error ? error.message : String(error)}`;
      }
    };
    let seen: readonly string[] = [];
    const files = await followFiles(paths, (texts) => {
      const fault = attempt(texts);
      this.reloads[what].record(fault === undefined, Date.now());
      if (fault !== undefined) this.#log.warn(`${fault}; the contents before stay in force`);
      else if (texts.some((text, i) => text !== seen[i]))
        this.#log.info({ files: paths }, "files have changed: the new contents are in force");
      seen = texts;
    });
    seen = files.texts;
    this.#files.push(files);
    const fault = attempt(files.texts);
    if (fault !== undefined) throw new SettingsError(fault);
  }
}
