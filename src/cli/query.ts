// The command `query`: sends one question to one server in the messages of dns2, and prints the reply as zone-file
// lines. Shares no code with the answer path for what dns2 reads, so that the two cannot have the same bug (RFC 1035 4,
// RFC 7766 5).
import { randomInt } from "node:crypto";
import { connect } from "node:net";
import { createSocket } from "node:dgram";
import { Packet } from "dns2";
import { didYouMean } from "../std/nearest.ts";
import { OPT_SIZE, OPTION, TYPE } from "../dns/constants.ts";
import { rcodeOf, readRecords, writeOpt } from "../dns/message.ts";
import { RECORD_TYPES } from "../dns/record-types.ts";
import { parseType } from "../dns/type-names.ts";
import { parseSwitch } from "../config/option-values.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import { parseFlags } from "../config/parse-flags.ts";
import type { CommandIo } from "./command-io.ts";
import { parseDnsServer, parseTimeout } from "./dns-client-flags.ts";
import { formatExtendedErrors } from "./extended-error.ts";
import { flagReader } from "./flag-reader.ts";
import { formatNsid } from "./format-nsid.ts";
import { formatReply } from "./format-reply.ts";
import { refuseUsage } from "./help.ts";
import type { CommandHelp } from "./help.ts";

/** Pseudo-types that nobody can ask for (RFC 6895 3.1). */
const NO_QUESTIONS: readonly string[] = ["OPT", "TSIG", "TKEY", "SIG0"];
const QUERY_TYPES = Object.keys(RECORD_TYPES).filter((type) => !NO_QUESTIONS.includes(type));
const DEFAULT_SERVER = "127.0.0.1:53";
const EXIT_OTHER_RCODE = 1;
const EXIT_NO_REPLY = 2;
const TIMEOUT_SECONDS_MAX = 60;
/** The largest reply over UDP, as most resolvers ask for. */
const UDP_SIZE = 1232;
/** Asks for the server's name (RFC 5001 2.1). */
const NSID_OPTION = Buffer.from([0, OPTION.NSID, 0, 0]);
/** A type whose records dns2 leaves as bytes (RFC 6895 3.1: reserved). */
const UNKNOWN_TYPE = 65_535;
/** Errors of the system in words; the code stands behind them. */
const SYSTEM_ERRORS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused: nothing listens there",
  ECONNRESET: "the server closed the connection",
  EHOSTUNREACH: "no route leads there",
  ENETUNREACH: "no route leads there",
};

export const HELP: CommandHelp = {
  name: "query",
  usage: "NAME [TYPE] [FLAGS]",
  words: QUERY_TYPES,
  about: [
    "Prints the reply as zone-file lines, with its flags, its extended errors (EDE) and the server's name (NSID).",
    "TYPE is a record type: A (the default), AAAA, SRV, MX, TXT, CAA, HTTPS, ANY and so on, or a number: TYPE65.",
    "Exit codes: 0 NOERROR, 1 another rcode, 2 no reply or wrong usage.",
  ],
  flags: [
    {
      flag: "--server ADDR[:PORT]",
      help: "Server to query; IPv6 in brackets (default: CLUSTER_DNS_LISTEN, else 127.0.0.1:53)",
    },
    { flag: "--tcp", help: "Use TCP; without it UDP, then TCP if the reply is truncated" },
    { flag: "--timeout SECONDS", help: `How long to wait for the reply, at most ${TIMEOUT_SECONDS_MAX} (default 5)` },
  ],
  examples: ["cluster-dns query kubernetes.default.svc.cluster.local A --server 127.0.0.1:5300"],
};

interface Query {
  readonly name: string;
  /** Its code. */
  readonly type: number;
  readonly server: ListenAddress;
  readonly tcp: boolean;
  readonly timeoutMs: number;
}

/** Prints the reply. Resolves with 0 on NOERROR, 1 on another rcode, 2 without a usable reply and on wrong usage. */
export async function run(args: readonly string[], io: CommandIo): Promise<number> {
  const parsed = parseQuery(args, io.env);
  if ("errors" in parsed) return refuseUsage(HELP.name, parsed.errors, io);
  const { query } = parsed;
  const server = formatListenAddress(query.server);
  try {
    const { reply, message, transport } = await ask(query);
    const edns = [...formatNsid(message), ...formatExtendedErrors(message)];
    io.stdout.write(formatReply(reply, `${server} over ${transport}`, edns, message));
    return reply.header.rcode === 0 ? 0 : EXIT_OTHER_RCODE;
  } catch (error) {
    const reason = reasonOf(error);
    io.stderr.write(`cluster-dns query: no reply from ${server}: ${reason}\n`);
    return EXIT_NO_REPLY;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const words = SYSTEM_ERRORS["code" in error ? String(error.code) : ""];
  return words === undefined ? error.message : `${words} (${error.message})`;
}

/** The first address of plain DNS that a server with the same variables listens on. */
function ownAddress(env: CommandIo["env"]): string {
  const addresses = (env["CLUSTER_DNS_LISTEN"] ?? "").split(",").map((text) => text.trim());
  return addresses.find((text) => text !== "" && !text.includes("://")) ?? DEFAULT_SERVER;
}

function parseQuery(args: readonly string[], env: CommandIo["env"]): { query: Query } | { errors: readonly string[] } {
  const flags = parseFlags(args, { "--server": "value", "--tcp": "switch", "--timeout": "value" });
  const errors = [...flags.errors];
  const [name, typeText = "A", extra] = flags.operands;
  if (name === undefined) errors.push("no name given; e.g. cluster-dns query kubernetes.default.svc.cluster.local A");
  else if (!isName(name)) errors.push(`${JSON.stringify(name)} is not a domain name`);
  if (extra !== undefined) errors.push(`unexpected argument ${JSON.stringify(extra)}: give one name and one type`);
  const type = NO_QUESTIONS.includes(typeText.toUpperCase()) ? undefined : parseType(typeText);
  if (type === undefined) {
    const nearest = didYouMean(typeText.toUpperCase(), QUERY_TYPES);
    errors.push(`unknown type ${JSON.stringify(typeText)}: give a record type such as A, MX or TYPE65${nearest}`);
  }
  const read = flagReader(flags.values, errors);
  const server = read("--server", ownAddress(env), parseDnsServer);
  const tcp = read("--tcp", "false", parseSwitch);
  const timeoutMs = read("--timeout", "5", (text) => parseTimeout(text, TIMEOUT_SECONDS_MAX));
  const isRead = server !== undefined && tcp !== undefined && timeoutMs !== undefined;
  if (errors.length > 0 || name === undefined || type === undefined || !isRead) return { errors };
  return { query: { name, type, server, tcp, timeoutMs } };
}

/** Whether dns2 encodes `text` as it is: it drops empty labels, and truncates characters above 255. */
function isName(text: string): boolean {
  if (text === ".") return true;
  const name = text.replace(/\.$/, "");
  return name.length <= 253 && name.split(".").every((label) => /^[\x21-\x7e]{1,63}$/.test(label));
}

interface Answered {
  readonly reply: Packet;
  readonly message: Buffer;
  readonly transport: "UDP" | "TCP";
}

async function ask(query: Query): Promise<Answered> {
  const end = performance.now() + query.timeoutMs;
  const left = (): number => Math.max(1, end - performance.now());
  const answered = await askOver(query, left, true);
  // A server that knows no EDNS (RFC 6891 7).
  const { rcode, arcount } = answered.reply.header;
  return (rcode === 1 || rcode === 4) && arcount === 0 ? askOver(query, left, false) : answered;
}

/** Asks over UDP, then over TCP where the reply is truncated. */
async function askOver(query: Query, left: () => number, withEdns: boolean): Promise<Answered> {
  if (!query.tcp) {
    const message = await askUdp(query, left(), withEdns);
    const reply = parseReply(message);
    if (reply.header.tc === 0) return { reply, message, transport: "UDP" };
  }
  const message = await askTcp(query, left(), withEdns);
  return { reply: parseReply(message), message, transport: "TCP" };
}

function newQuestion({ name, type }: Query, withEdns: boolean): { readonly id: number; readonly bytes: Buffer } {
  const id = randomInt(0x10000);
  const message = new Packet(new Packet.Header({ id, rd: 1 }));
  message.questions.push(new Packet.Question({ name, type, class: 1 }));
  const bytes = message.toBuffer();
  return { id, bytes: withEdns ? addOpt(bytes) : bytes };
}

/** The query with an OPT record that asks for NSID, which dns2 has no name for. */
function addOpt(query: Buffer): Buffer {
  const opt = Buffer.alloc(OPT_SIZE);
  writeOpt(opt, 0, UDP_SIZE, 0, false, NSID_OPTION.length);
  const whole = Buffer.concat([query, opt, NSID_OPTION]);
  whole.writeUInt16BE(1, 10);
  return whole;
}

/** Replaces dns2's UDP client, which has no EDNS without a client's address, and does not give the message. */
function askUdp(query: Query, timeoutMs: number, withEdns: boolean): Promise<Buffer> {
  const { id, bytes } = newQuestion(query, withEdns);
  const { host, port } = query.server;
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  const received = Promise.withResolvers<Buffer>();
  const timer = setTimeout(
    () => received.reject(new Error(`DNS query timed out after ${Math.round(timeoutMs)}ms`)),
    timeoutMs,
  );
  socket.on("error", received.reject);
  socket.on("message", (message) => {
    if (isReadable(message) && message.readUInt16BE(0) === id) received.resolve(message);
  });
  // Connected: messages of others are dropped, and a port that is closed is an error.
  socket.connect(port, host, (error?: Error) => (error === undefined ? socket.send(bytes) : received.reject(error)));
  return received.promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

/** Reads a message without the options of its OPT record, of which dns2 takes the bytes for bits. */
function parse(message: Buffer): Packet {
  const additional = readRecords(message)?.filter(({ section }) => section === "additional") ?? [];
  const index = additional.findIndex(({ type }) => type === TYPE.OPT);
  if (index < 0) return Packet.parse(message);
  const copy = Buffer.from(message);
  copy.writeUInt16BE(UNKNOWN_TYPE, additional[index]!.rdataAt - 10);
  const reply = Packet.parse(copy);
  const opt = reply.additionals[index];
  if (opt !== undefined) opt.type = TYPE.OPT;
  return reply;
}

function isReadable(message: Buffer): boolean {
  try {
    parse(message);
    return true;
  } catch {
    return false;
  }
}

/** Replaces dns2's TCP client, which splits IPv6 addresses at colons, waits for ever, and ignores message IDs. */
async function askTcp(query: Query, timeoutMs: number, withEdns: boolean): Promise<Buffer> {
  const { id, bytes } = newQuestion(query, withEdns);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  const socket = connect(query.server);
  let timer: NodeJS.Timeout | undefined;
  try {
    const timedOut = new Promise<never>((_, reject) => {
      const seconds = Math.round(timeoutMs) / 1000;
      timer = setTimeout(() => reject(new Error(`DNS query over TCP timed out after ${seconds} s`)), timeoutMs);
    });
    const received = Packet.readStream(socket);
    socket.write(Buffer.concat([length, bytes]));
    const reply = await Promise.race([received, timedOut]);
    if (reply.length === 0) throw new Error("the connection closed");
    if (reply.readUInt16BE(0) !== id) throw new Error("the reply has another message ID");
    return reply;
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

/** Checks the counts of the header, because dns2 silently skips records that it cannot decode. */
function parseReply(message: Buffer): Packet {
  const reply = parse(message);
  // dns2 leaves out the bits in the OPT record.
  reply.header.rcode = rcodeOf(message).rcode;
  const { qr, qdcount, ancount, nscount, arcount } = reply.header;
  if (qr !== 1) throw new Error("the message received is a query");
  const counts = [reply.questions, reply.answers, reply.authorities, reply.additionals].map((each) => each.length);
  if (counts.join() !== [qdcount, ancount, nscount, arcount].join())
    throw new Error("the message received is malformed");
  return reply;
}
