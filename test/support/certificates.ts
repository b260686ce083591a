// Certificates for tests, made by openssl when they are asked for: none is kept in the repository, so none expires.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What a certificate is made with. */
export interface CertificateRequest {
  readonly names?: readonly string[];
  readonly addresses?: readonly string[];
  /** Its key, as `openssl req -newkey` has it. */
  readonly algorithm?: "ec" | "rsa:2048" | "rsa:512";
  /** Days until it expires, from now: -1 has expired, and openssl makes none that is older. */
  readonly days?: number;
}

/** A certificate that signs itself, and its key, in PEM: trust it by giving `cert` as `ca`. */
export function makeCertificate(request: CertificateRequest = {}): { cert: string; key: string } {
  const { names = ["dns.example"], addresses = ["127.0.0.1"], algorithm = "ec", days = 1 } = request;
  const folder = mkdtempSync(join(tmpdir(), "cluster-dns-certificate-"));
  try {
    const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
    const [signing, extensions] = [join(folder, "request.pem"), join(folder, "extensions")];
    const run = (...args: string[]): void => void execFileSync("openssl", args, { stdio: "pipe" });
    const newKey = algorithm === "ec" ? ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"] : [algorithm];
    run("req", "-newkey", ...newKey, "-noenc", "-keyout", key, "-out", signing, "-subj", "/CN=cluster-dns test");
    const sans = [...names.map((name) => `DNS:${name}`), ...addresses.map((address) => `IP:${address}`)];
    writeFileSync(extensions, `subjectAltName=${sans.join(",")}\n`);
    // Unlike `req -x509`, this makes expired ones too.
    const signed = ["-in", signing, "-signkey", key, "-extfile", extensions, "-days", String(days), "-out", cert];
    run("x509", "-req", ...signed);
    return { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
