// The laws of a reply to arbitrary bytes: when there is one, its size, and that the tests' decoder reads it as a message
// that fits the query. RFC 1035 4.1, RFC 6891 6.2.5, RFC 8906.
import type { ClientTransport } from "../../src/answer/client.ts";
import { readMessage } from "../support/wire.ts";
import type { Message } from "../support/wire.ts";
import { law } from "./target.ts";

const HEADER_SIZE = 12;
const QR = 0x80;
const PLAIN_SIZE = 512;
const STREAM_SIZE_MAX = 65_535;
const OPT_TYPE = 41;

/** Whether bytes are to be answered: replies and what is shorter than a header are not. */
export function wantsReply(query: Uint8Array): boolean {
  return query.length >= HEADER_SIZE && (query[2]! & QR) === 0;
}

/** Bytes that are asked, and what the tests' decoder says of them. */
export interface Asked {
  readonly bytes: Uint8Array;
  /** Undefined where they are no well-formed message. */
  readonly whole: Message | undefined;
  /** What they say that a reply may have; of what is not well-formed, the most that could be meant. */
  readonly udpSize: number;
}

export function readAsked(bytes: Uint8Array): Asked {
  const whole = readWhole(bytes);
  return { bytes, whole, udpSize: whole === undefined ? largestSizeIn(bytes) : (whole.opt?.size ?? 0) };
}

/** The most bytes that a reply may have. */
export function replySizeMax({ udpSize }: Asked, transport: ClientTransport, ednsSize: number): number {
  return transport === "udp" ? Math.max(PLAIN_SIZE, Math.min(udpSize, ednsSize)) : STREAM_SIZE_MAX;
}

/** Throws where a reply, whose bytes are its own, breaks a law; returns what it says. */
export function checkReply(
  asked: Asked,
  reply: Buffer,
  transport: ClientTransport,
  ednsSize: number,
): Message | undefined {
  const query = asked.bytes;
  law(reply.length > 0 === wantsReply(query), () => `${reply.length} bytes of reply`);
  if (reply.length === 0) return undefined;
  const sizeMax = replySizeMax(asked, transport, ednsSize);
  law(reply.length <= sizeMax, () => `${reply.length} bytes of reply, not at most ${sizeMax}`);
  const message = readMessage(reply);
  const { flags, opcode, questionBytes, opt } = message;
  law(reply[0] === query[0] && reply[1] === query[1], () => `id ${message.id}`);
  law(flags.qr && opcode === ((query[2]! >> 3) & 15), () => `QR ${flags.qr}, opcode ${opcode}`);
  law(!flags.z, () => "a reserved flag is set");
  law(transport === "udp" || !flags.tc, () => `cut over ${transport}`);
  const question = query.subarray(HEADER_SIZE, HEADER_SIZE + questionBytes.length);
  law(questionBytes.equals(question), () => "the question is another one");
  const hasOpt = asked.whole === undefined || asked.whole.opt !== undefined;
  law(opt === undefined || hasOpt, () => "an OPT that nobody asked with");
  return message;
}

/** A message as the tests' decoder reads it; undefined when it is not well-formed. */
export function readWhole(bytes: Uint8Array): Message | undefined {
  try {
    return readMessage(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  } catch {
    return undefined;
  }
}

function largestSizeIn(bytes: Uint8Array): number {
  let largest = 0;
  for (let at = HEADER_SIZE; at + 4 <= bytes.length; at++) {
    if (bytes[at] === 0 && bytes[at + 1] === OPT_TYPE)
      largest = Math.max(largest, (bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return largest;
}
