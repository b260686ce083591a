// Runs dig, kdig and drill and parses their common output: a header, then sections of records. The contents of answers are
// for the caller to judge.
import { execFile } from "node:child_process";
import type { Endpoint } from "../support/network.ts";
import { parseType } from "../../src/dns/type-names.ts";
import type { Transport } from "./kinds.ts";

const TIMEOUT_MS = 60_000;
const OUTPUT_MAX = 1 << 24;

export type Program = "dig" | "kdig" | "drill";

/** A name without a final dot, and a type by name or as `TYPE1000`. */
export interface Asked {
  readonly name: string;
  readonly type: string;
}

/** One message as a program shows it. */
export interface Shown {
  readonly status: string;
  readonly flags: readonly string[];
  /** Questions, answers, authorities, additionals. */
  readonly counts: readonly number[];
  readonly answer: readonly ShownRecord[];
  readonly authority: readonly ShownRecord[];
  readonly additional: readonly ShownRecord[];
}

export interface ShownRecord {
  readonly owner: string;
  readonly ttl: number;
  readonly type: number;
  readonly rdata: string;
}

const TRANSPORT_FLAG = {
  udp: { dig: [], kdig: [], drill: ["-u"] },
  tcp: { dig: ["+tcp", "+keepopen"], kdig: ["+tcp", "+keepopen"], drill: ["-t"] },
  tls: { dig: ["+tls", "+keepopen"], kdig: ["+tls", "+keepopen"], drill: undefined },
  https: { dig: ["+https"], kdig: ["+https"], drill: undefined },
} as const satisfies Record<Transport, Record<Program, readonly string[] | undefined>>;

/** Shows all data as bytes (RFC 3597 5); drill can't. */
const BYTES_FLAG = { dig: ["+unknownformat"], kdig: ["+generic"], drill: undefined } as const;

/** How often and how long dig and kdig try: they report a missing reply instead of asking again. */
const PATIENCE = { dig: ["+tries=1", "+time=15"], kdig: ["+retry=0", "+timeout=15"], drill: [] } as const;

/** Asks one server with options of the program's own; resolves with what it prints, whatever it makes of the answer. */
export function ask(program: Program, { host, port }: Endpoint, options: readonly string[]): Promise<string> {
  const args = [`@${host}`, "-p", `${port}`, ...PATIENCE[program], ...options];
  return new Promise((resolve, reject) => {
    const limits = { encoding: "utf8", timeout: TIMEOUT_MS, maxBuffer: OUTPUT_MAX } as const;
    execFile(program, args, limits, (error, stdout, stderr) => {
      // A number is the program's own exit code, such as that of a refused transfer.
      if (error === null || typeof error.code === "number") resolve(`${stdout}${stderr}`);
      else reject(new Error(`${program} ${args.join(" ")}: ${error.message}`));
    });
  });
}

/** Whether a program can ask that way. */
export function canAsk(program: Program, over: Transport): boolean {
  return TRANSPORT_FLAG[over][program] !== undefined;
}

/** How a program is to ask and to show. */
export interface Manner {
  readonly over: Transport;
  /** Data as bytes, where the program can. */
  readonly bytes: boolean;
}

/** Asks all questions, in order; what has no answer is left out. */
export async function askAll(
  program: Program,
  server: Endpoint,
  { over, bytes }: Manner,
  questions: readonly Asked[],
): Promise<Shown[]> {
  const flags = [...(TRANSPORT_FLAG[over][program] ?? []), ...((bytes && BYTES_FLAG[program]) || [])];
  if (program === "drill") {
    const shown: Shown[] = [];
    for (const { name, type } of questions)
      shown.push(...parseShown(await ask(program, server, [...flags, name, type])));
    return shown;
  }
  return parseShown(
    await ask(program, server, [...flags, ...questions.flatMap(({ name, type }) => ["-q", name, "-t", type])]),
  );
}

const HEADER = /^;; ->>HEADER<<- opcode: \w+[;,] (?:status|rcode): (\w+)[;,] id: \d+$/;
const COUNTS = /^;; flags: ?([a-z ]*); QUERY: (\d+)[;,] ANSWER: (\d+)[;,] AUTHORITY: (\d+)[;,] ADDITIONAL: (\d+) *$/i;
const SECTION = /^;; (ANSWER|AUTHORITY|ADDITIONAL) SECTION:$/;
const RECORD = /^(\S+)\s+(\d+)\s+(?:IN|CLASS1|CH)\s+(\S+)\s*(.*)$/;

/** Reads every message in what a program printed; throws on a line that is neither a remark nor a record. */
export function parseShown(text: string): Shown[] {
  return text
    .split(/^(?=;; ->>HEADER)/m)
    .filter((part) => part.startsWith(";; ->>HEADER"))
    .map(parseMessage);
}

function parseMessage(text: string): Shown {
  const sections = { answer: [] as ShownRecord[], authority: [] as ShownRecord[], additional: [] as ShownRecord[] };
  let section: keyof typeof sections | undefined;
  let status: string | undefined;
  let counts: RegExpExecArray | undefined;
  for (const line of text.split("\n")) {
    status ??= HEADER.exec(line)?.[1];
    counts ??= COUNTS.exec(line) ?? undefined;
    const heading = SECTION.exec(line)?.[1];
    if (heading !== undefined) section = heading.toLowerCase() as keyof typeof sections;
    else if (line.trim() === "") section = undefined;
    else if (section !== undefined && !line.startsWith(";")) sections[section].push(parseRecord(line));
  }
  if (status === undefined || counts === undefined) throw new Error(`a message without a header:\n${text}`);
  const [, flags = "", ...numbers] = counts;
  return { status, flags: flags.trim().split(/ +/), counts: numbers.map(Number), ...sections };
}

function parseRecord(line: string): ShownRecord {
  const [, owner, ttl, typeText = "", rdata = ""] = RECORD.exec(line) ?? [];
  const type = parseType(typeText);
  if (owner === undefined || type === undefined) throw new Error(`not a record: ${line}`);
  return { owner, ttl: Number(ttl), type, rdata };
}
