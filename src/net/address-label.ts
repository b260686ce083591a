// An address as a label of a name, such as 10-244-1-5: of a pod, or of an endpoint without a name of its own.
// Pure.

/** The address in canonical form, with `-` for `.` and `:`. */
export function addressLabel(address: string): string {
  const dashed = address.replaceAll(/[.:]/g, "-");
  // A host name neither begins nor ends with a hyphen (RFC 952, RFC 1123 2.1).
  return `${dashed.startsWith("-") ? "0" : ""}${dashed}${dashed.endsWith("-") ? "0" : ""}`;
}
