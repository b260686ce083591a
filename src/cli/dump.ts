// `cluster-dns dump`: all records that a server of the manifests and zone files would answer, as zone files, as a hosts
// file, as JSON or as SkyDNS's keys. Arguments and output only; records/ lists and formats.
import { parseSwitch, parseText } from "../config/option-values.ts";
import type { Options } from "../config/options.ts";
import { optionHelpRows } from "../config/options-page.ts";
import { formatName, lowerName, nameKey, parseName } from "../dns/name.ts";
import { formatHosts } from "../records/format-hosts.ts";
import { formatJson } from "../records/format-json.ts";
import { dumpedFiles, formatZones } from "../records/format-zone.ts";
import { formatSkyDns } from "../records/format-skydns.ts";
import type { RecordList } from "../records/listed-record.ts";
import { didYouMean } from "../std/nearest.ts";
import { ANSWER_OPTIONS } from "./cluster-options.ts";
import { readArguments } from "./command-arguments.ts";
import type { CommandIo } from "./command-io.ts";
import { writeDump } from "./dump-folder.ts";
import type { Failure } from "./failure.ts";
import { writeFailure } from "./failure.ts";
import { flagReader, formatFlag, readFormat } from "./flag-reader.ts";
import type { CommandHelp } from "./help.ts";
import { loadRecords } from "./load-records.ts";

const FORMATS = ["zone", "hosts", "json", "skydns"] as const;
type Format = (typeof FORMATS)[number];

const OWN_FLAGS = {
  "--format": "value",
  "--zone": "value",
  "--all-zones": "switch",
  "--output": "value",
  "--serial": "value",
} as const;
const SERIAL_MAX = 0xffff_ffff;

export const HELP: CommandHelp = {
  name: "dump",
  usage: "PATH... [FLAGS]",
  about: [
    "Prints all records that a server of these manifests and zone files would answer, sorted, a record a line:",
    "to compare, to search, or to load into Knot DNS, NSD or BIND. PATH is a manifest file, a zone file, a",
    "folder (recursive) or - for standard input.",
    "Exit codes: 0 success, 1 failure, 2 wrong usage.",
  ],
  flags: [
    formatFlag(FORMATS),
    { flag: "--zone NAME", help: "Only this zone, such as cluster.local; can be given several times" },
    {
      flag: "--all-zones",
      help: "Also zones with nothing but what any server has: empty reverse zones, special names such as localhost",
    },
    { flag: "--output FOLDER", help: "Write a file for each zone, to load into a name server, instead of printing" },
    { flag: "--serial NUMBER", help: "Serial of the zones that no zone file gives (default 1)" },
    ...optionHelpRows(ANSWER_OPTIONS),
  ],
  examples: [
    "cluster-dns dump manifests",
    "cluster-dns dump manifests --zone cluster.local > cluster.local.zone",
    "cluster-dns dump manifests --output zones",
    "cluster-dns dump manifests --format hosts",
  ],
};

interface DumpArguments {
  readonly paths: readonly string[];
  readonly format: Format;
  /** Empty: all zones that hold something. */
  readonly zones: readonly Uint8Array[];
  readonly hasAllZones: boolean;
  readonly output: string | undefined;
  readonly serial: number;
  readonly options: Options;
}

/** Prints or writes the records; resolves with the exit code: 0, 1 (no such path or zone), 2 (usage). */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseArguments(args, io.env);
  if ("faults" in parsed) return writeFailure(HELP, io, parsed);
  const { paths, format, output, options, serial } = parsed;
  const loaded = await loadRecords(paths, options, io, { serial });
  if ("faults" in loaded) return writeFailure(HELP, io, loaded);
  const list = chooseZones(loaded.list, parsed);
  if ("faults" in list) return writeFailure(HELP, io, list);
  if (output !== undefined) {
    const fault = await writeDump(output, dumpedFiles(list));
    return fault === undefined ? 0 : writeFailure(HELP, io, { faults: [fault], exitCode: 1 });
  }
  io.stdout.write(formatList(list, format));
  return 0;
}

function parseArguments(args: readonly string[], env: CommandIo["env"]): DumpArguments | Failure {
  const { values, operands, faults, options } = readArguments(args, env, OWN_FLAGS, ANSWER_OPTIONS);
  const read = flagReader(values, faults);
  if (operands.length === 0) faults.push("no PATH given; e.g. cluster-dns dump manifests");
  const format = readFormat(read, FORMATS);
  if (values.has("--output") && format !== undefined && format !== "zone")
    faults.push("--output: it is for --format zone alone");
  const zones = (values.get("--zone") ?? []).map((text) => ({ text, name: parseName(text) }));
  for (const { text, name } of zones)
    if (name === undefined) faults.push(`--zone: ${JSON.stringify(text)} is not a domain name`);
  const hasAllZones = read("--all-zones", "false", parseSwitch);
  const serial = read("--serial", "1", parseSerial);
  const output = values.has("--output") ? read("--output", "", parseText) : undefined;
  const isRead = format !== undefined && hasAllZones !== undefined && serial !== undefined;
  if (faults.length > 0 || options === undefined || !isRead) return { faults, exitCode: 2 };
  return {
    paths: operands,
    format,
    zones: zones.flatMap(({ name }) => name ?? []),
    hasAllZones,
    output,
    serial,
    options,
  };
}

function parseSerial(text: string): { readonly value: number } | { readonly fault: string } {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
  return value <= SERIAL_MAX ? { value } : { fault: `is not a whole number from 0 to ${SERIAL_MAX}` };
}

function chooseZones(list: RecordList, { zones, hasAllZones }: DumpArguments): RecordList | Failure {
  if (zones.length === 0) return hasAllZones ? list : { ...list, zones: list.zones.filter(({ isBare }) => !isBare) };
  const byApex = new Map(list.zones.map((zone) => [nameKey(zone.apex), zone]));
  const chosen = zones.map((name) => ({ name, zone: byApex.get(nameKey(lowerName(name))) }));
  const names = list.zones.filter(({ isBare }) => !isBare).map(({ apex }) => formatName(apex).slice(0, -1));
  const faults = chosen
    .filter(({ zone }) => zone === undefined)
    .map(({ name }) => formatName(name).slice(0, -1))
    .map((name) => `there is no zone ${name}; zones: ${names.join(", ")}${didYouMean(name, names)}`);
  if (faults.length > 0) return { faults, exitCode: 1 };
  return { zones: [...new Set(chosen.flatMap(({ zone }) => zone ?? []))], hosts: [] };
}

function formatList(list: RecordList, format: Format): string {
  if (format === "json") return formatJson(list);
  if (format === "zone") return formatZones(list);
  if (format === "skydns") return formatSkyDns(list);
  return formatHosts([...list.zones.flatMap(({ records }) => records), ...list.hosts]);
}
