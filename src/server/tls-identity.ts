// The certificate and key of DNS over TLS and HTTPS, and the TLS that servers accept: 1.2 and 1.3, suites with
// authenticated encryption and forward secrecy, no renegotiation (RFC 9325). Reads no files and opens no sockets.
import { constants, createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContextOptions, type Server } from "node:tls";

/** A certificate, followed by the chain to its issuer, and its private key; both in PEM. */
export interface TlsPem {
  readonly cert: string;
  readonly key: string;
}

/** A certificate or key that can't be used; the message tells the operator what is wrong and what to do. */
export class TlsIdentityError extends Error {
  override name = "TlsIdentityError";
}

const SUITES = [
  "TLS_AES_128_GCM_SHA256",
  "TLS_AES_256_GCM_SHA384",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-CHACHA20-POLY1305",
  "ECDHE-RSA-CHACHA20-POLY1305",
] as const;

type SecureServer = Pick<Server, "setSecureContext" | "on">;

interface Checked {
  readonly options: SecureContextOptions;
  readonly notAfter: Date;
}

/** A server's certificate and key, which can be replaced while servers use them. */
export class TlsIdentity {
  #checked: Checked;
  readonly #servers = new Set<SecureServer>();

  /** Throws a `TlsIdentityError` if certificate and key can't be used together. An expired certificate can be used. */
  constructor(pem: TlsPem) {
    this.#checked = checkPem(pem);
  }

  /** For `createServer` of node:tls and `createSecureServer` of node:http2. */
  get secureContextOptions(): SecureContextOptions {
    return this.#checked.options;
  }

  /** When the certificate expires. */
  get notAfter(): Date {
    return this.#checked.notAfter;
  }

  /** Replaces the pair, on the servers too. Throws as the constructor does, and then keeps the old pair. */
  replace(pem: TlsPem): void {
    this.#checked = checkPem(pem);
    for (const server of this.#servers) server.setSecureContext(this.#checked.options);
  }

  /** Passes each replacement to `server` until that closes. */
  follow(server: SecureServer): void {
    this.#servers.add(server);
    server.on("close", () => this.#servers.delete(server));
  }
}

function checkPem({ cert, key }: TlsPem): Checked {
  const certificate = parseCertificate(cert);
  if (!certificate.checkPrivateKey(parseKey(key))) {
    throw new TlsIdentityError(
      `the key does not match the certificate of ${nameOf(certificate)}; ` +
        "give the key that the certificate was issued for (the server's own certificate comes first in its file)",
    );
  }
  const options: SecureContextOptions = {
    cert,
    key,
    minVersion: "TLSv1.2",
    ciphers: SUITES.join(":"),
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  try {
    createSecureContext(options);
  } catch (thrown) {
    throw new TlsIdentityError(
      `the certificate of ${nameOf(certificate)} can't be used: ${reasonOf(thrown)}; ` +
        "make one with a key of at least 2048 bits (RSA) or on the curve P-256, signed with SHA-256",
    );
  }
  return { options, notAfter: new Date(certificate.validTo) };
}

function parseCertificate(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch {
    throw new TlsIdentityError(
      'no PEM certificate was found; it begins with "-----BEGIN CERTIFICATE-----", the server\'s own one first',
    );
  }
}

function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (thrown) {
    if (/BEGIN ENCRYPTED|Proc-Type: 4,ENCRYPTED/.test(pem)) {
      throw new TlsIdentityError("the key is encrypted; decrypt it first: openssl pkey -in KEY -out PLAIN-KEY");
    }
    throw new TlsIdentityError(
      `no PEM private key was found (${reasonOf(thrown)}); it begins with "-----BEGIN PRIVATE KEY-----"`,
    );
  }
}

/** The names that the certificate is for; without any, its subject in one line. */
function nameOf(certificate: X509Certificate): string {
  return certificate.subjectAltName ?? certificate.subject.replaceAll("\n", ", ");
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
