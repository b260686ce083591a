// The file of DNS cookie secrets (RFC 9018): 32 hexadecimal digits a line; the first secret makes cookies. Skips blank
// lines and comments after #. Pure.
import type { Parsed } from "./option-values.ts";

const SECRET = /^[0-9a-f]{32}$/i;
const SECRET_COUNT_MAX = 2;

/** One or two secrets of 16 bytes. */
export function parseCookieSecrets(text: string): Parsed<readonly Uint8Array[]> {
  const secrets: Uint8Array[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    const secret = line.replace(/#.*/, "").trim();
    if (secret === "") continue;
    // The message must not quote the line: it may be most of a secret.
    if (!SECRET.test(secret)) return { fault: `line ${i + 1} is not 32 hexadecimal digits (openssl rand -hex 16)` };
    secrets.push(new Uint8Array(Buffer.from(secret, "hex")));
  }
  if (secrets.length === 0) return { fault: "has no secret: a line of 32 hexadecimal digits (openssl rand -hex 16)" };
  if (secrets.length > SECRET_COUNT_MAX)
    return { fault: `has ${secrets.length} secrets instead of one, or two during a change` };
  return { value: secrets };
}
