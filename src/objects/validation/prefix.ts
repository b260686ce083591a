// Prefixes as the API server takes them: host bits may be set, and the parts of an address may have leading zeros.
// Pure. Source: https://kubernetes.io/docs/reference/kubernetes-api/service-resources/service-v1/
import { parseIp, withoutLeadingZeros } from "../../net/ip.ts";

/** Whether `text` is an address, a slash and the length of a prefix. */
export function isPrefix(text: string): boolean {
  const slash = text.indexOf("/");
  const address = slash === -1 ? undefined : parseIp(withoutLeadingZeros(text.slice(0, slash)));
  const bits = text.slice(slash + 1);
  return address !== undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= address.length * 8;
}
