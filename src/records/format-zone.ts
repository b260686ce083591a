// Listed records as the text of zone files: a record a line, each with its full owner name, so that a line says all and
// a diff needs no context. RFC 1035 5.1.
import { formatName } from "../dns/name.ts";
import { formatType } from "../dns/type-names.ts";
import { formatRdata } from "../zonefile/rdata-text.ts";
import { formatHosts } from "./format-hosts.ts";
import type { ListedRecord, ListedZone, RecordList } from "./listed-record.ts";
import { formatOwner } from "./name-texts.ts";

/** What ends the first line of each file. */
const MADE_HERE = ", by cluster-dns dump";
const SOURCES = { cluster: "the cluster", reverse: "reverse names", file: "a zone file", special: "special names" };

/** A file of a dump. */
export interface DumpedFile {
  readonly name: string;
  readonly text: string;
}

/** `web.shop.svc.cluster.local. 30 IN A 10.96.0.12` */
export function formatRecord({ owner, type, ttl, rdata }: ListedRecord): string {
  return `${formatOwner(owner)} ${ttl} IN ${formatType(type)} ${formatRdata(type, rdata)}`;
}

/** The text of a zone file. It has the origin, so that the file may have any name. */
export function formatZone({ apex, origin, records, notes }: ListedZone): string {
  const name = formatName(apex);
  return formatLines([
    `; zone ${name}: ${SOURCES[origin]}${MADE_HERE}`,
    `$ORIGIN ${name}`,
    ...records.map(formatRecord),
    ...notes.map((note) => `; ${note}`),
  ]);
}

/** All zones as one text, and the records of hosts files, which belong to no zone. */
export function formatZones({ zones, hosts }: RecordList): string {
  const texts = zones.map(formatZone);
  if (hosts.length > 0) texts.push(formatLines([`; hosts files${MADE_HERE}`, ...hosts.map(formatRecord)]));
  return texts.join("\n");
}

/** A file for each zone, and a hosts file where there are names of hosts files. */
export function dumpedFiles({ zones, hosts }: RecordList): readonly DumpedFile[] {
  const files = zones.map((zone) => {
    const name =
      formatName(zone.apex)
        .slice(0, -1)
        .replaceAll(/[^\w.-]/g, "_") || "root";
    return { name: `${name}.zone`, text: formatZone(zone) };
  });
  if (hosts.length === 0) return files;
  return [...files, { name: "hosts", text: `# hosts files${MADE_HERE}\n${formatHosts(hosts)}` }];
}

/** Whether a file's text begins as those of a dump do. */
export function isDumped(text: string): boolean {
  return text.split("\n", 1)[0]!.endsWith(MADE_HERE);
}

function formatLines(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
