// The forms of names in Kubernetes: RFC 1123 labels and subdomains in lower case, port names (RFC 6335 section 5.1).
// Every check takes linear time in the length of the text.

const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const SERVICE_NAME_CHARACTERS = /^[a-z0-9](?:[-a-z0-9]{0,13}[a-z0-9])?$/;
const NAME_CHARACTERS_MAX = 253;

/** At most 63 characters of a-z, 0-9 and inner hyphens. */
export function isDnsLabel(text: string): boolean {
  return LABEL.test(text);
}

/** A DNS label that begins with a letter (RFC 1035). */
export function isServiceName(text: string): boolean {
  return isDnsLabel(text) && /^[a-z]/.test(text);
}

/** Labels of a-z, 0-9 and inner hyphens, separated by dots; at most 253 characters. */
export function isDnsSubdomain(text: string): boolean {
  return (
    text.length <= NAME_CHARACTERS_MAX &&
    text.split(".").every((label) => /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(label))
  );
}

/** The name of a container port: at most 15 characters, at least one letter, no two adjacent hyphens. */
export function isPortName(text: string): boolean {
  return SERVICE_NAME_CHARACTERS.test(text) && /[a-z]/.test(text) && !text.includes("--");
}
