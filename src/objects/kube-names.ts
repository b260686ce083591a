// What Kubernetes takes for names: RFC 1123 labels and subdomains in lower case, port names (RFC 6335 section 5.1).
// Every check is linear in the length of the text and says nothing of problems.

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE_NAME_CHARACTERS = /^[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?$/;
const MAX_NAME_CHARACTERS = 253;

/** At most 63 of a-z, 0-9 and inner hyphens. */
export function isDnsLabel(text: string): boolean {
  return LABEL.test(text);
}

/** Labels of a-z, 0-9 and inner hyphens, joined by dots; at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return (
    text.length <= MAX_NAME_CHARACTERS &&
    text.split(".").every((label) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(label))
  );
}

/** A host name of RFC 1123 in either case: labels of at most 63 characters, 253 in all, no trailing dot. */
export function isHostName(text: string): boolean {
  return (
    text.length <= MAX_NAME_CHARACTERS && text.toLowerCase().split(".").every(isDnsLabel) && !/[^\x21-\x7e]/.test(text)
  );
}

/** The name of a container port: at most 15 characters with a letter among them, no two hyphens together. */
export function isPortName(text: string): boolean {
  return SERVICE_NAME_CHARACTERS.test(text) && /[a-z]/.test(text) && !text.includes("--");
}
