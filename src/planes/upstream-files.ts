// The certificates and keys by which upstreams are trusted and trust us: PEM files that are followed. A file whose new
// contents are no certificate or key is logged, and the contents before stay in force.
import { createPrivateKey, X509Certificate } from "node:crypto";
import type { Options } from "../config/options.ts";
import { followFiles } from "../files/followed-files.ts";
import type { FollowedFiles } from "../files/followed-files.ts";
import { SourceError } from "../files/source-error.ts";
import type { TlsSettings } from "../forward/stream-exchange.ts";
import type { Upstream } from "../net/upstream.ts";
import type { Logger } from "../observe/log.ts";

export interface UpstreamFilesSettings {
  /** All upstreams that may be asked. */
  readonly upstreams: readonly Upstream[];
  /** What to trust where an upstream has no file of its own; undefined: what Node.js trusts. */
  readonly caFile: string | undefined;
  readonly log: Logger;
  /** Called when contents have changed. */
  readonly onChange: () => void;
}

export class UpstreamFiles {
  readonly #settings: UpstreamFilesSettings;
  readonly #paths: readonly string[];
  /** Keys by the certificates that they belong to. */
  readonly #keyPaths: ReadonlyMap<string, string>;
  #files: FollowedFiles | undefined;
  /** By path. */
  #texts: ReadonlyMap<string, string> = new Map();

  constructor(settings: UpstreamFilesSettings) {
    const secure = settings.upstreams.filter(isSecure);
    this.#settings = settings;
    this.#keyPaths = new Map(
      secure.flatMap(({ clientFiles: own }) => (own === undefined ? [] : [[own.cert, own.key]])),
    );
    const certificates = secure.flatMap(({ caFile = settings.caFile, clientFiles }) => [
      ...(caFile === undefined ? [] : [caFile]),
      ...(clientFiles === undefined ? [] : [clientFiles.cert]),
    ]);
    this.#paths = [...new Set([...certificates, ...this.#keyPaths.values()])];
  }

  /** Reads the files and follows them. Rejects with a `SourceError` that says which one is of no use, and why. */
  async open(): Promise<void> {
    if (this.#paths.length === 0) return;
    const { log, onChange } = this.#settings;
    this.#files = await followFiles(this.#paths, (texts) => {
      const fault = this.#take(texts);
      if (fault === undefined) onChange();
      else log.warn(`${fault}; the contents before stay in use`);
    });
    const fault = this.#take(this.#files.texts);
    if (fault === undefined) return;
    await this.#files.close();
    throw new SourceError(fault);
  }

  /** What connections to the upstream are made with. */
  tlsOf({ caFile = this.#settings.caFile, clientFiles }: Upstream): TlsSettings {
    const ca = caFile === undefined ? undefined : this.#texts.get(caFile);
    if (clientFiles === undefined) return ca === undefined ? {} : { ca };
    const [cert, key] = [this.#texts.get(clientFiles.cert)!, this.#texts.get(clientFiles.key)!];
    return { ...(ca !== undefined && { ca }), cert, key };
  }

  /** Reads the files again; what is wrong with them is logged, and changes nothing. */
  async reload(): Promise<void> {
    const { log } = this.#settings;
    await this.#files?.reread().catch((error: Error) => log.warn(`${error.message}; the contents before stay in use`));
  }

  async close(): Promise<void> {
    await this.#files?.close();
  }

  /** Takes the contents of all files, unless one has a fault. */
  #take(texts: readonly string[]): string | undefined {
    const all = new Map(this.#paths.map((path, i) => [path, texts[i]!]));
    const keys = new Set(this.#keyPaths.values());
    for (const [path, text] of all) {
      const fault = keys.has(path) ? faultOfKey(text) : faultOfCertificates(text);
      if (fault !== undefined) return `${path} ${fault}`;
    }
    // The two are rarely written at the same moment: until both are, the pair before stays.
    for (const [cert, key] of this.#keyPaths)
      if (!new X509Certificate(all.get(cert)!).checkPrivateKey(createPrivateKey(all.get(key)!)))
        return `${key} is not the key of ${cert}: name those of one pair`;
    this.#texts = all;
    return undefined;
  }
}

/** The file of certificates to trust, as the options or the environment name it. */
export function trustedFile({ upstreamCa }: Options): string | undefined {
  return upstreamCa ?? (process.env["SSL_CERT_FILE"] || undefined);
}

function isSecure({ protocol }: Upstream): boolean {
  return protocol === "tls" || protocol === "https";
}

function faultOfCertificates(text: string): string | undefined {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g) ?? [];
  if (blocks.length === 0) return "has no certificate: name a PEM file, with lines such as -----BEGIN CERTIFICATE-----";
  try {
    for (const block of blocks) new X509Certificate(block);
    return undefined;
  } catch {
    return "has a certificate that can't be read: write it anew";
  }
}

function faultOfKey(text: string): string | undefined {
  try {
    createPrivateKey(text);
    return undefined;
  } catch {
    return "has no private key that can be read: name a PEM file without a passphrase";
  }
}
