// The text of a file of cookie secrets: one a line, 32 hexadecimal digits, the one that makes cookies first (RFC 9018).
// Blank lines and comments behind # count for nothing. Pure.
import type { Parsed } from "./option-values.ts";

const SECRET = /^[0-9a-f]{32}$/i;
const SECRET_COUNT_MAX = 2;

/** The secrets, 16 bytes each, at least one and at most two. */
export function parseCookieSecrets(text: string): Parsed<readonly Uint8Array[]> {
  const secrets: Uint8Array[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const secret = line.replace(/#.*/, "").trim();
    if (secret === "") continue;
    // The line itself stays out of the message: it may be most of a secret.
    if (!SECRET.test(secret)) return { fault: `line ${i + 1} is not 32 hexadecimal digits (openssl rand -hex 16)` };
    secrets.push(new Uint8Array(Buffer.from(secret, "hex")));
  }
  if (secrets.length === 0) return { fault: "holds no secret: a line of 32 hexadecimal digits (openssl rand -hex 16)" };
  if (secrets.length > SECRET_COUNT_MAX)
    return { fault: `holds ${secrets.length} secrets: one, or two while they change` };
  return { value: secrets };
}
