// The codes of zone files and hosts files; codes.ts joins the tables.
// RFC 1035 section 5 and its successors, section by section.
import type { CodeRow } from "./code-row.ts";
import { RFC, EVERYWHERE } from "./code-row.ts";
import type { Severity } from "../objects/problem.ts";

/** Problems of zone files and hosts files. */
export const ZONES = {
  "zone-syntax": zoneRow("error", "A line of a zone file can't be parsed", "1035#section-5.1"),
  "zone-name": zoneRow("error", "A name in a zone file, or the name of the file, is invalid", "1035#section-2.3.4"),
  "zone-ttl": zoneRow("error", "A record has no TTL, or an invalid one", "2308#section-4"),
  "zone-class": zoneRow("error", "A record has a class other than IN", "1035#section-5.2"),
  "zone-type": zoneRow("error", "A record has an unknown type", "3597#section-5"),
  "zone-record": zoneRow("error", "The rdata of a record does not match its type", "1035#section-3.3"),
  "zone-generate": {
    severity: "error",
    summary: "The range or a template of a $GENERATE is invalid",
    source: "https://bind9.readthedocs.io/en/latest/chapter3.html#the-generate-directive",
    reportedBy: EVERYWHERE,
  },
  "zone-include": zoneRow("error", "The file of an $INCLUDE can't be read", "1035#section-5.1"),
  "zone-limit": zoneRow("error", "A zone has too many records"),
  "zone-soa": zoneRow("error", "A zone has no SOA, two SOAs, or the SOA of another zone", "1035#section-5.2"),
  "zone-ns": zoneRow("error", "A zone has no NS at its apex", "1034#section-4.2.1"),
  "zone-cname": zoneRow("error", "A name has a CNAME and another record", "2181#section-10.1"),
  "zone-dname": zoneRow("error", "A name has two DNAMEs, or is below a DNAME", "6672#section-2.4"),
  "zone-wildcard": zoneRow("error", "A wildcard has an NS or a DNAME", "4592#section-4.2"),
  "zone-outside": zoneRow("warning", "The owner name of a record is outside the zone", "1035#section-5.2"),
  "zone-ttl-too-large": zoneRow("warning", "A TTL is over 2147483647 seconds, and counts as 0", "2181#section-8"),
  "zone-ttl-differs": zoneRow("warning", "An RRset has several TTLs; the smallest is used", "2181#section-5.2"),
  "zone-target": zoneRow("warning", "The target of an NS, MX or SRV has no address", "2181#section-10.3"),
  "zone-missing-dot": zoneRow("warning", "A name in a zone file lacks its final dot", "1035#section-5.1"),
  "zone-hidden": zoneRow(
    "warning",
    "A record is at or below a delegation, so it is never answered",
    "1034#section-4.2.1",
  ),
  "duplicate-zone": zoneRow("error", "A zone is in two files; the first file is served"),
  "zone-taken": { severity: "error", summary: "A zone collides with the names of the cluster", reportedBy: ["serve"] },
  "too-many-zones": { severity: "error", summary: "There are too many zones", reportedBy: ["serve"] },
  "hosts-line": {
    severity: "error",
    summary: "A line of a hosts file is not an address followed by names",
    source: "https://man7.org/linux/man-pages/man5/hosts.5.html",
    reportedBy: EVERYWHERE,
  },
} as const satisfies Readonly<Record<string, CodeRow>>;

/** `section` as in the URLs of the RFC editor, e.g. `1035#section-5.1`. */
function zoneRow(severity: Severity, summary: string, section?: string): CodeRow {
  return { severity, summary, ...(section !== undefined && { source: `${RFC}${section}` }), reportedBy: EVERYWHERE };
}
