// Decodes a message with dns2 into the text form of wire.ts, to compare the two decoders. dns2 loses escapes (its names are
// labels joined with dots), so the comparison ignores them.
import { Packet, type Resource } from "dns2";
import type { Message, ResourceRecord } from "./wire.ts";
import { formatType } from "./wire.ts";

/** Names without escapes, in lower case. */
function plain(text: string): string {
  return text
    .replaceAll(/\\(\d{3}|.)/g, (_, escaped: string) =>
      escaped.length === 3 ? String.fromCharCode(Number(escaped)) : escaped,
    )
    .toLowerCase();
}

function fqdn(name: string | undefined): string {
  return `${name}.`;
}

function formatRdata(record: Resource): string | undefined {
  switch (formatType(record.type)) {
    case "A":
    case "AAAA":
      return record.address;
    case "NS":
      return fqdn(record.ns);
    case "CNAME":
    case "PTR":
      return fqdn(record.domain);
    case "SRV":
      return `${record.priority} ${record.weight} ${record.port} ${fqdn(record.target)}`;
    case "TXT":
      return [record.data ?? []]
        .flat()
        .map((text) => `"${text}"`)
        .join(" ");
    case "SOA":
      return [
        fqdn(record.primary),
        fqdn(record.admin),
        record.serial,
        record.refresh,
        record.retry,
        record.expiration,
        record.minimum,
      ].join(" ");
    default:
      return undefined;
  }
}

function formatOurs(record: ResourceRecord): string {
  return plain(`${record.owner} ${record.ttl} ${record.type} ${record.rdata}`);
}

/** Lines in which dns2 and `message`, of the same bytes, differ; of types unknown to dns2 the owner alone counts. */
export function differencesFromDns2(bytes: Buffer, message: Message): string[] {
  const packet = Packet.parse(bytes);
  const sections = [
    ["answer", packet.answers, message.answer],
    ["authority", packet.authorities, message.authority],
    ["additional", packet.additionals.filter((record) => formatType(record.type) !== "OPT"), message.additional],
  ] as const;
  const differences: string[] = [];
  if (packet.header.id !== message.id) differences.push(`dns2 reads id ${packet.header.id}, not ${message.id}`);
  for (const [section, theirs, ours] of sections) {
    if (theirs.length !== ours.length)
      differences.push(`${section}: dns2 reads ${theirs.length} of ${ours.length} records`);
    theirs.forEach((record, index) => {
      const our = ours[index];
      if (our === undefined) return;
      const rdata = formatRdata(record) ?? our.rdata;
      const their = plain(`${fqdn(record.name)} ${record.ttl} ${formatType(record.type)} ${rdata}`);
      if (their !== formatOurs(our)) differences.push(`${section}: dns2 reads ${their}, not ${formatOurs(our)}`);
    });
  }
  return differences;
}
