// Reads a scenario's `questions.txt` and compares answers with it. test/scenarios.test.ts describes the format. Knows the
// shape that all answers share (flags, one SOA in a negative answer, no authority section in a positive one), so that a
// case states only what is particular to it.
import { readFileSync } from "node:fs";
import type { EngineSettings } from "./engine.ts";
import type { Message, Query, ResourceRecord } from "./wire.ts";
import { canonicalIpv6, formatName, parseLabels, parseType, readMessage, writeQuery } from "./wire.ts";
import { differencesFromDns2 } from "./second-opinion.ts";

export interface Expectation {
  readonly rcode: string;
  readonly authoritative: boolean;
  /** Apex of the zone whose SOA a negative answer carries. */
  readonly soaZone: string | undefined;
  /** Any chain of CNAMEs may stand in the answer. */
  readonly anyChain: boolean;
  readonly answer: readonly string[];
  readonly additional: readonly string[];
}

export interface ScenarioQuestion {
  readonly name: string;
  readonly type: string;
  readonly rows: readonly string[];
  readonly line: number;
  readonly expected: Expectation;
}

export interface ZoneSettings {
  readonly clusterDomain: string;
  readonly ttl: number;
  readonly negativeTtl: number;
}

/** The settings that shape every answer, with the product's defaults. */
export function zoneSettings(settings: EngineSettings): ZoneSettings {
  const ttl = settings.ttl ?? 30;
  return {
    clusterDomain: `${settings.clusterDomain ?? "cluster.local"}.`,
    ttl,
    negativeTtl: settings.negativeTtl ?? ttl,
  };
}

/** The text that two equal records share: lower case, the SOA's serial as `*`. */
function canonicalRecord(record: ResourceRecord): string {
  const rdata = record.type === "SOA" ? record.rdata.replace(/^(\S+ \S+) \d+/, "$1 *") : record.rdata;
  const text = `${record.owner} ${record.ttl} ${record.type} ${record.rdata === "" ? "" : rdata}`;
  return record.type === "HINFO" || record.type === "TXT" ? text : text.toLowerCase();
}

/** `OWNER [TTL] [IN] TYPE RDATA`, names relative to `origin`, in the text of `canonicalRecord`. */
function parseRecordLine(line: string, origin: string, defaultTtl: number): string {
  const match = /^(\S+)(?:\s+(\d+))?(?:\s+IN)?\s+([A-Z][A-Z0-9]*)\s+(\S.*)$/.exec(line);
  if (match === null) throw new Error(`not a record: ${line}`);
  const [, owner = "", ttl, type = "", rdata = ""] = match;
  parseType(type);
  const name = (text: string): string => formatName(parseLabels(text, origin));
  const fields = rdata.split(/\s+/);
  const canonicalFields = (): string => {
    if (type === "AAAA") return canonicalIpv6(rdata);
    if (type === "NS" || type === "CNAME" || type === "PTR") return name(rdata);
    if (type === "SRV") return [...fields.slice(0, 3), name(fields[3] ?? "")].join(" ");
    if (type === "SOA") return [name(fields[0] ?? ""), name(fields[1] ?? ""), ...fields.slice(2)].join(" ");
    return rdata;
  };
  const text = `${name(owner)} ${ttl ?? defaultTtl} ${type} ${canonicalFields()}`;
  return type === "HINFO" || type === "TXT" ? text : text.toLowerCase();
}

/** The SOA line that a negative answer of `zone` carries. */
function soaLine(zone: string, settings: ZoneSettings, ttl: number): string {
  const domain = settings.clusterDomain;
  const rdata = `ns.dns.${domain} hostmaster.${domain} * 7200 1800 86400 ${settings.negativeTtl}`;
  return `${zone} ${ttl} SOA ${rdata}`.toLowerCase();
}

type Status = Pick<Expectation, "rcode" | "authoritative" | "soaZone">;

function parseStatus(line: string, settings: ZoneSettings): Status {
  const [rcode = "", zone = settings.clusterDomain] = line.slice(1).trim().split(/\s+/);
  if (rcode === "NODATA" || rcode === "NXDOMAIN") {
    return { rcode: rcode === "NODATA" ? "NOERROR" : rcode, authoritative: true, soaZone: zone };
  }
  if (!["NOERROR", "REFUSED", "SERVFAIL"].includes(rcode)) throw new Error(`not a status: ${line}`);
  return { rcode, authoritative: rcode === "NOERROR", soaZone: undefined };
}

/** Reads `questions.txt` line by line; a block is the questions that share one expectation. */
class QuestionsReader {
  readonly questions: ScenarioQuestion[] = [];
  readonly #settings: ZoneSettings;
  #origin: string;
  #rows: readonly string[] = [];
  #asked: { name: string; type: string; line: number }[] = [];
  #expected: { status: Status; answer: string[]; additional: string[]; anyChain: boolean } | undefined;
  #section: "answer" | "additional" = "answer";

  constructor(settings: ZoneSettings) {
    this.#settings = settings;
    this.#origin = settings.clusterDomain;
  }

  finishBlock(): void {
    if (this.#asked.length > 0 && this.#expected === undefined)
      throw new Error(`no status for ${this.#asked[0]?.name}`);
    if (this.#expected !== undefined) {
      const { status, ...sections } = this.#expected;
      const rows = this.#rows;
      this.questions.push(...this.#asked.map((asked) => ({ ...asked, rows, expected: { ...status, ...sections } })));
    }
    this.#asked = [];
    this.#expected = undefined;
    this.#section = "answer";
  }

  readLine(line: string, number: number): void {
    if (line.startsWith("$ORIGIN ")) {
      this.finishBlock();
      this.#origin = formatName(parseLabels(line.slice(8).trim(), this.#settings.clusterDomain));
    } else if (line.startsWith("# row:")) {
      this.finishBlock();
      this.#rows = line.slice(6).trim().split(/\s+/);
    } else if (line.startsWith("?")) {
      if (this.#expected !== undefined) this.finishBlock();
      this.#readQuestion(line, number);
    } else if (line !== "" && !line.startsWith("#")) {
      this.#readExpectation(line);
    }
  }

  #readQuestion(line: string, number: number): void {
    const [name = "", ...types] = line.slice(1).trim().split(/\s+/);
    if (types.length === 0 || this.#rows.length === 0) throw new Error("a question needs a type, and a row above it");
    types.forEach(parseType);
    const full = formatName(parseLabels(name, this.#origin));
    this.#asked.push(...types.map((type) => ({ name: full, type, line: number })));
  }

  #readExpectation(line: string): void {
    if (line === ";; additional") {
      this.#section = "additional";
    } else if (line.startsWith("; ")) {
      this.#expected = { status: parseStatus(line, this.#settings), answer: [], additional: [], anyChain: false };
    } else if (this.#expected === undefined) {
      throw new Error("a record before any status");
    } else if (line === "...") {
      this.#expected.anyChain = true;
    } else {
      this.#expected[this.#section].push(parseRecordLine(line, this.#origin, this.#settings.ttl));
    }
  }
}

/** Questions of a `questions.txt`; throws, with the line, on text that means nothing. */
export function parseQuestions(text: string, settings: ZoneSettings): ScenarioQuestion[] {
  const reader = new QuestionsReader(settings);
  text.split("\n").forEach((line, index) => {
    try {
      reader.readLine(line.trim(), index + 1);
    } catch (error) {
      throw new Error(`line ${index + 1}: ${String(error)}`, { cause: error });
    }
  });
  reader.finishBlock();
  return reader.questions;
}

/** `settings.json` of a scenario's folder, empty when there is none. */
export function readSettings(folder: URL): EngineSettings {
  try {
    return JSON.parse(readFileSync(new URL("settings.json", folder), "utf8")) as EngineSettings;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

function differencesOfSets(section: string, expected: readonly string[], actual: readonly string[]): string[] {
  const left = [...actual];
  const missing = expected.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  return [
    ...missing.map((line) => `${section} lacks    ${line}`),
    ...left.map((line) => `${section} also has ${line}`),
  ];
}

/** CNAMEs stand first, each one's owner the target of the one before; returns what breaks that. */
function differencesOfChain(name: string, answer: readonly ResourceRecord[]): string[] {
  const chain = answer.filter((record) => record.type === "CNAME");
  let at = name.toLowerCase();
  for (const [index, record] of chain.entries()) {
    if (answer[index] !== record) return ["a CNAME stands behind another record"];
    if (record.owner.toLowerCase() !== at) return [`the CNAME of ${record.owner} stands where ${at} is due`];
    at = record.rdata.toLowerCase();
  }
  return answer.slice(chain.length).some((record) => record.owner.toLowerCase() !== at)
    ? [`a record in the answer is not at ${at}`]
    : [];
}

function differencesOfFlags(query: Buffer, message: Message, authoritative: boolean | undefined): string[] {
  const wanted = {
    qr: true,
    tc: false,
    rd: (query.readUInt16BE(2) & 0x0100) !== 0,
    ra: false,
    z: false,
    ad: false,
    cd: false,
    ...(authoritative === undefined ? {} : { aa: authoritative }),
  };
  return Object.entries(wanted)
    .filter(([flag, value]) => message.flags[flag as keyof Message["flags"]] !== value)
    .map(([flag, value]) => `${flag.toUpperCase()} is not ${value ? 1 : 0}`);
}

function differencesOfEdns(asked: Query["opt"], message: Message): string[] {
  if (asked === undefined) return message.opt === undefined ? [] : ["an OPT that nobody asked for"];
  if (message.opt === undefined) return ["no OPT in reply to one"];
  const unwanted = message.opt.options.filter((option) => option.code !== 15);
  return message.opt.version === 0 && message.opt.extendedRcode === 0 && unwanted.length === 0
    ? []
    : ["an OPT with another version, rcode or options than it should have"];
}

/** Every way in which a reply is not what the scenario expects; empty when it is right. */
export function differences(
  question: ScenarioQuestion,
  query: Buffer,
  opt: Query["opt"],
  reply: Buffer,
  settings: ZoneSettings,
): string[] {
  const { expected } = question;
  let message: Message;
  try {
    message = readMessage(reply);
  } catch (error) {
    return [`does not decode: ${String(error)}: ${reply.toString("hex")}`];
  }
  const questionEnd = query.length - (opt === undefined ? 0 : 11 + (opt.options?.length ?? 0));
  const answer = expected.anyChain ? message.answer.filter((record) => record.type !== "CNAME") : message.answer;
  const chain = message.answer.filter((record) => record.type === "CNAME").map(canonicalRecord);
  const soa = expected.soaZone === undefined ? [] : [soaLine(expected.soaZone, settings, settings.negativeTtl)];
  return [
    ...(message.id === query.readUInt16BE(0) ? [] : ["another id"]),
    ...(message.opcode === 0 ? [] : [`opcode ${message.opcode}`]),
    ...(message.rcode === expected.rcode ? [] : [`rcode is ${message.rcode}, not ${expected.rcode}`]),
    ...(message.questionBytes.equals(query.subarray(12, questionEnd)) ? [] : ["the question came back changed"]),
    ...differencesOfFlags(query, message, expected.rcode === "SERVFAIL" ? undefined : expected.authoritative),
    ...differencesOfEdns(opt, message),
    ...[...message.answer, ...message.authority, ...message.additional]
      .filter((record) => record.class !== 1)
      .map((record) => `class ${record.class} at ${record.owner}`),
    ...differencesOfChain(question.name, message.answer),
    ...(chain.length > 10 || new Set(chain).size < chain.length ? ["more than 10 CNAMEs, or one of them twice"] : []),
    ...differencesOfSets("answer", expected.answer, answer.map(canonicalRecord)),
    ...differencesOfSets("authority", soa, message.authority.map(canonicalRecord)),
    ...differencesOfSets("additional", expected.additional, message.additional.map(canonicalRecord)),
    ...differencesFromDns2(reply, message),
  ];
}

/** The queries that a scenario asks for one question: over UDP with EDNS and RD, over TCP without either. */
export function writeQueries(
  question: ScenarioQuestion,
): { transport: "UDP" | "TCP"; query: Buffer; opt: Query["opt"] }[] {
  const { name, type } = question;
  const opt = { size: 1232 };
  return [
    { transport: "UDP", query: writeQuery({ name, type, opt }), opt },
    { transport: "TCP", query: writeQuery({ name, type, flags: 0 }), opt: undefined },
  ];
}
