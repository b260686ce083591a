// Which certificates and keys are accepted, and the messages for all others.
import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:tls";
import { describe, expect, test } from "vitest";
import { TlsIdentity, TlsIdentityError } from "../../src/server/tls-identity.ts";
import { makeCertificate } from "../support/certificates.ts";

const ec = makeCertificate({ names: ["one.example"] });
const other = makeCertificate({ names: ["two.example"] });
const rsa = makeCertificate({ algorithm: "rsa:2048" });

function encryptedKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" }).toString();
}

/** A server that follows `identity`, with the certificates that it has been given since. */
function certificatesShown(identity: TlsIdentity) {
  const server = createServer(identity.secureContextOptions);
  const certs: unknown[] = [];
  server.setSecureContext = ({ cert }) => void certs.push(cert);
  identity.follow(server);
  return { server, certs };
}

describe("TlsIdentity", () => {
  test.each([
    ["an elliptic curve's", ec],
    ["RSA's", rsa],
    ["with its issuer behind it", { ...ec, cert: ec.cert + other.cert }],
    ["with text around it", { ...ec, cert: `made by hand\n${ec.cert}\n` }],
  ])("a pair is accepted: %s", (_name, pem) => {
    const identity = new TlsIdentity(pem);
    expect(identity.secureContextOptions).toMatchObject({ ...pem, minVersion: "TLSv1.2" });
    expect(identity.notAfter.getTime()).toBeGreaterThan(Date.now());
  });

  test("an expired certificate is accepted, with its date", () => {
    const { notAfter } = new TlsIdentity(makeCertificate({ days: -1 }));
    expect(notAfter.getTime()).toBeLessThan(Date.now());
    expect(notAfter.getTime()).toBeGreaterThan(Date.now() - 2 * 86_400_000);
  });

  test.each([
    ["no certificate", { ...ec, cert: "" }, /^no PEM certificate was found; /],
    ["the key as certificate", { ...ec, cert: ec.key }, /^no PEM certificate was found; /],
    ["a cut certificate", { ...ec, cert: ec.cert.slice(0, 200) }, /^no PEM certificate was found; /],
    ["no key", { ...ec, key: "" }, /^no PEM private key was found \(.+\); /],
    ["the certificate as key", { ...ec, key: ec.cert }, /^no PEM private key was found \(.+\); /],
    ["an encrypted key", { ...ec, key: encryptedKey() }, /^the key is encrypted; decrypt it first/],
    [
      "the key of another",
      { ...ec, key: other.key },
      /^the key does not match the certificate of DNS:one\.example, IP Address:127\.0\.0\.1; /,
    ],
    ["the issuer's certificate first", { ...ec, cert: other.cert + ec.cert }, /two\.example.+comes first in its file/],
    ["a key that is too short", makeCertificate({ algorithm: "rsa:512" }), /can't be used: .*too small; /],
    ["a broken issuer behind it", { ...ec, cert: ec.cert + other.cert.slice(0, 200) }, /can't be used: .+; /],
  ])("%s: the message says what to do, and a replacement keeps the old", (_name, pem, message) => {
    expect(() => new TlsIdentity(pem)).toThrow(message);
    expect(() => new TlsIdentity(pem)).toThrow(TlsIdentityError);
    const identity = new TlsIdentity(rsa);
    const seen = certificatesShown(identity);
    expect(() => identity.replace(pem)).toThrow(message);
    expect(identity.secureContextOptions.cert).toBe(rsa.cert);
    expect(seen.certs).toEqual([]);
  });

  test("a server shows the replacement, until it closes", () => {
    const identity = new TlsIdentity(ec);
    const seen = certificatesShown(identity);
    identity.replace(other);
    seen.server.emit("close");
    identity.replace(rsa);
    expect(seen.certs).toEqual([other.cert]);
    expect(identity.secureContextOptions.key).toBe(rsa.key);
  });

  test("all suites have authenticated encryption and forward secrecy", () => {
    const suites = new TlsIdentity(ec).secureContextOptions.ciphers!.split(":");
    expect(suites.length).toBeGreaterThan(6);
    for (const suite of suites) expect(suite).toMatch(/^(TLS_|ECDHE-).*(GCM|POLY1305)/);
  });
});
