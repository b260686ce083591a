// DNS messages out of a TCP stream (src/dns/framing.ts): the same ones, and the same end, however the stream
// is cut. An input's first four bytes are the sizes of chunks, less one, in turn; the rest is the stream.
import { MessageReader } from "../../../src/dns/framing.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const SIZES = 4;
const MESSAGE_SIZE_MIN = 12;

export const target: Target = {
  input: "bytes",
  sizeMax: 2_048,
  seeds: [
    [0, 0, 0, 0, 0, 12, ...Array(12).fill(1)],
    [0, 1, 12, 255, 0, 13, ...Array(13).fill(2), 0, 12, ...Array(12).fill(3), 0],
    [11, 2, 0, 0, 0, 12, ...Array(12).fill(4), 0, 11, 5, 5],
    [255, 255, 255, 255, 2, 88, ...Array(600).fill(6), 0, 12, ...Array(12).fill(7)],
  ].map((bytes) => Uint8Array.from(bytes)),
  dictionary: [
    [0, 12],
    [0, 11],
    [0, 0],
    [255, 255],
    [0, 14, ...Array(14).fill(8)],
  ].map((bytes) => Uint8Array.from(bytes)),
  run(input) {
    const stream = new Uint8Array(input.subarray(SIZES));
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < stream.length;) {
      const size = input[chunks.length % SIZES]! + 1;
      chunks.push(stream.slice(at, at + size));
      at += size;
    }
    const { messages, end } = readByHand(stream);
    const read = readAll(chunks);
    law(read.end === end, () => `${read.end}, not ${end}`);
    law(read.messages.length === messages.length, () => `${read.messages.length} messages, not ${messages.length}`);
    for (const [i, message] of messages.entries())
      law(Buffer.compare(read.messages[i]!, message) === 0, () => `message ${i} is another one`);
    if (end === "more") law(read.midMessage === restOf(stream, messages) > 0, () => `midMessage ${read.midMessage}`);
    return `${Math.min(messages.length, 3)} ${end}`;
  },
};

interface Read {
  readonly messages: readonly Uint8Array[];
  readonly end: "more" | "malformed";
}

function readByHand(stream: Uint8Array): Read {
  const messages: Uint8Array[] = [];
  let at = 0;
  while (at + 2 <= stream.length) {
    const size = stream[at]! * 256 + stream[at + 1]!;
    if (size < MESSAGE_SIZE_MIN) return { messages, end: "malformed" };
    if (at + 2 + size > stream.length) break;
    messages.push(stream.slice(at + 2, at + 2 + size));
    at += 2 + size;
  }
  return { messages, end: "more" };
}

function readAll(chunks: readonly Uint8Array[]): Read & { readonly midMessage: boolean } {
  const reader = new MessageReader();
  const messages: Uint8Array[] = [];
  for (const chunk of chunks) {
    reader.feed(chunk);
    let step = reader.next();
    for (; step === "message"; step = reader.next()) messages.push(reader.bytes.slice(reader.start, reader.end));
    // What was a chunk may hold anything by now.
    chunk.fill(0xaa);
    if (step === "malformed") return { messages, end: step, midMessage: reader.midMessage };
  }
  return { messages, end: "more", midMessage: reader.midMessage };
}

function restOf(stream: Uint8Array, messages: readonly Uint8Array[]): number {
  return stream.length - messages.reduce((sum, { length }) => sum + 2 + length, 0);
}
