// Makes certificates for tests at run time: none in the repository can expire, and no other program is needed. X.509 in
// DER, RFC 5280 4.1.
import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What a certificate is made with. */
export interface CertificateRequest {
  readonly names?: readonly string[];
  /** Of IPv4. */
  readonly addresses?: readonly string[];
  readonly algorithm?: "ec" | "rsa:2048" | "rsa:512";
  /** Days until it expires, from now: -1 has expired. */
  readonly days?: number;
}

const DAY_MS = 86_400_000;
/** Certificates are valid from so long ago: a clock may be set back between making and using them. */
const BACKDATED_MS = 3_600_000;
const TAG = { INTEGER: 2, BITS: 3, OCTETS: 4, UTF8: 12, SEQUENCE: 0x30, SET: 0x31, UTC_TIME: 0x17 } as const;
/** Encoded object identifiers, the first two with their parameters. */
const ECDSA_SHA256 = Buffer.from("06082a8648ce3d040302", "hex");
const RSA_SHA256 = Buffer.from("06092a864886f70d01010b0500", "hex");
const COMMON_NAME = Buffer.from("0603550403", "hex");
const SUBJECT_ALT_NAME = Buffer.from("0603551d11", "hex");

/** A certificate that signs itself, and its key, in PEM: trust it by giving `cert` as `ca`. */
export function makeCertificate(request: CertificateRequest = {}): { cert: string; key: string } {
  const { names = ["dns.example"], addresses = ["127.0.0.1"], algorithm = "ec", days = 1 } = request;
  const { publicKey, privateKey } = makeKeys(algorithm);
  const signing = der(TAG.SEQUENCE, algorithm === "ec" ? ECDSA_SHA256 : RSA_SHA256);
  const commonName = der(TAG.SEQUENCE, COMMON_NAME, der(TAG.UTF8, Buffer.from("cluster-dns test")));
  const subject = der(TAG.SEQUENCE, der(TAG.SET, commonName));
  const now = Date.now();
  const alternatives = der(
    TAG.SEQUENCE,
    ...names.map((name) => der(0x82, Buffer.from(name))),
    ...addresses.map((address) => der(0x87, Buffer.from(address.split(".").map(Number)))),
  );
  const extension = der(TAG.SEQUENCE, SUBJECT_ALT_NAME, der(TAG.OCTETS, alternatives));
  const content = der(
    TAG.SEQUENCE,
    der(0xa0, der(TAG.INTEGER, Buffer.of(2))),
    der(TAG.INTEGER, Buffer.of(1), randomBytes(8)),
    signing,
    subject,
    der(TAG.SEQUENCE, utcTime(now - BACKDATED_MS), utcTime(now + days * DAY_MS)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(TAG.SEQUENCE, extension)),
  );
  const signature = der(TAG.BITS, Buffer.of(0), sign("sha256", content, privateKey));
  const body = der(TAG.SEQUENCE, content, signing, signature)
    .toString("base64")
    .match(/.{1,64}/g)!
    .join("\n");
  const cert = `-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`;
  return { cert, key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

function makeKeys(algorithm: "ec" | "rsa:2048" | "rsa:512"): { publicKey: KeyObject; privateKey: KeyObject } {
  if (algorithm === "ec") return generateKeyPairSync("ec", { namedCurve: "P-256" });
  return generateKeyPairSync("rsa", { modulusLength: Number(algorithm.slice(4)) });
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

function utcTime(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\..*/g, "");
  return der(TAG.UTC_TIME, Buffer.from(`${digits.slice(2)}Z`));
}
