// Changes to DNS messages that know where fields are: what they leave is mostly well-formed up to one thing, which is
// where parsers are wrong (RFC 1035 4.1, RFC 6891 6.1). Reads any bytes; what is no message is left as it is.
import { splice } from "./mutate-bytes.ts";
import type { Step } from "./mutate-bytes.ts";
import type { Random } from "./random.ts";

const HEADER_SIZE = 12;
const COUNT_AT = { question: 4, additional: 10 } as const;
const TYPES = [0, 1, 2, 5, 6, 12, 15, 16, 28, 33, 41, 65, 249, 250, 251, 252, 253, 254, 255, 256, 65_535];
const CLASSES = [0, 1, 3, 4, 254, 255, 512, 1232, 4096, 65_535];
const WORDS = [0, 1, 2, 11, 12, 255, 256, 511, 512, 513, 1232, 1233, 16_383, 16_384, 49_152, 49_164, 65_535];
/** EDNS options: NSID, client subnet, cookie, keepalive, padding, extended error, one that nobody knows. */
const OPTIONS = [3, 8, 10, 11, 12, 15, 65_001];
const OPTION_SIZES = [0, 1, 2, 4, 7, 8, 9, 16, 24, 40, 41, 255];

interface RecordPlace {
  readonly at: number;
  /** Where type, class, TTL and length stand. */
  readonly head: number;
  readonly end: number;
}

interface Layout {
  /** Where each label of the question's name begins, and the zero byte. */
  readonly labels: readonly number[];
  readonly questionEnd: number;
  readonly records: readonly RecordPlace[];
}

/** As much of a message as can be told apart. */
function layoutOf(bytes: Uint8Array): Layout {
  const labels: number[] = [];
  const questionEnd = readName(bytes, HEADER_SIZE, labels) + 4;
  const records: RecordPlace[] = [];
  for (let at = questionEnd; at < bytes.length;) {
    const head = readName(bytes, at, []);
    if (head + 10 > bytes.length) break;
    const end = Math.min(head + 10 + ((bytes[head + 8]! << 8) | bytes[head + 9]!), bytes.length);
    records.push({ at, head, end });
    at = end;
  }
  return { labels, questionEnd, records };
}

function readName(bytes: Uint8Array, at: number, labels: number[]): number {
  while (at < bytes.length) {
    labels.push(at);
    const length = bytes[at]!;
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += 1 + length;
  }
  return at;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  if (at + 1 >= bytes.length) return;
  bytes[at] = word >> 8;
  bytes[at + 1] = word;
}

function addToCount(bytes: Uint8Array, at: number, by: number): void {
  writeWord(bytes, at, ((bytes[at]! << 8) | bytes[at + 1]!) + by);
}

function words(...values: readonly number[]): number[] {
  return values.flatMap((value) => [(value >> 8) & 255, value & 255]);
}

/** An edge, or any size of a datagram: what just fits is seldom an edge. */
function randomWord(random: Random): number {
  return random.below(3) === 0 ? 480 + random.below(800) : random.pick(WORDS);
}

function randomOption(random: Random): number[] {
  const size = random.pick(OPTION_SIZES);
  return [...words(random.pick(OPTIONS), size), ...Array.from({ length: size }, () => random.below(256))];
}

/** Only where there is a whole header and a question. */
function onMessage(step: (bytes: Uint8Array, layout: Layout, random: Random) => Uint8Array): Step {
  return (bytes, { random }) => {
    const layout = layoutOf(bytes);
    return layout.questionEnd > bytes.length ? bytes : step(bytes, layout, random);
  };
}

const setFlags: Step = (bytes, { random }) => {
  // QR stays mostly off: nothing is answered with it.
  if (bytes.length > 3) bytes[2 + random.below(2)] = random.below(256) & (random.below(8) === 0 ? 0xff : 0x7f);
  return bytes;
};

const setCount: Step = (bytes, { random }) => {
  const at = COUNT_AT.question + 2 * random.below(4);
  if (bytes.length < HEADER_SIZE) return bytes;
  if (random.below(2) === 0) addToCount(bytes, at, random.below(5) - 2);
  else writeWord(bytes, at, randomWord(random));
  return bytes;
};

const setQuestion = onMessage((bytes, { questionEnd }, random) => {
  if (random.below(4) > 0) writeWord(bytes, questionEnd - 4, random.pick(TYPES));
  else writeWord(bytes, questionEnd - 2, random.pick(CLASSES));
  return bytes;
});

/** One of the dictionary's words, which are names in wire form, instead of the question's name or a record's. */
const setName: Step = (bytes, { random, dictionary }) => {
  const { questionEnd, records } = layoutOf(bytes);
  if (questionEnd > bytes.length || dictionary.length === 0) return bytes;
  const { at, head } = random.pick([{ at: HEADER_SIZE, head: questionEnd - 4 }, ...records]);
  return splice(bytes, at, head - at, random.pick(dictionary));
};

/** A name about as long as one may be, of labels about as long as they may be. */
const setLongName = onMessage((bytes, { questionEnd }, random) => {
  let left = 255 + random.below(5) - 2;
  const name: number[] = [];
  for (const size = random.pick([1, 2, 3, 30, 62, 63]); left > 1;) {
    const length = Math.min(size, left - 2);
    name.push(length, ...Array<number>(length).fill(0x61));
    left -= 1 + length;
  }
  return splice(bytes, HEADER_SIZE, questionEnd - 4 - HEADER_SIZE, Uint8Array.of(...name, 0));
});

/** Adds labels at the front, removes one, or makes one longer or shorter with its length byte. */
const setLabels = onMessage((bytes, { labels }, random) => {
  const at = random.pick(labels);
  const length = bytes[at]!;
  const size = random.pick([1, 1, 2, 8, 62, 63, 64]);
  const label = Uint8Array.of(size, ...Array.from({ length: size }, () => random.pick(LABEL_BYTES)));
  const kind = random.below(4);
  if (kind === 0) return splice(bytes, at, 1 + length, label);
  if (kind === 1) return length === 0 ? bytes : splice(bytes, at, 1 + length, new Uint8Array(0));
  return splice(bytes, at, 0, label);
});

const LABEL_BYTES = Buffer.from("aA0-1_*.\\5\0\xff\x40\xc0", "latin1");

const foldCase = onMessage((bytes, { questionEnd }, random) => {
  for (let at = HEADER_SIZE; at < questionEnd; at++)
    if (((bytes[at]! | 0x20) - 0x61) >>> 0 < 26 && random.below(2) === 0) bytes[at]! ^= 0x20;
  return bytes;
});

/** A compression pointer, forwards, backwards or to itself. */
const setPointer = onMessage((bytes, { labels, records }, random) => {
  const places = [...labels, ...records.map(({ at }) => at)];
  const target = random.below(2) === 0 ? random.pick(places) : random.below(bytes.length + 4);
  writeWord(bytes, random.pick(places), 0xc000 | target);
  return bytes;
});

const addOpt = onMessage((bytes, { questionEnd, records }, random) => {
  const options = Array.from({ length: random.below(3) }, () => randomOption(random)).flat();
  const version = random.below(8) === 0 ? random.below(256) : 0;
  const head = words(41, randomWord(random), version, random.below(4) === 0 ? 0x8000 : 0, options.length);
  const place = random.pick([{ end: questionEnd }, ...records]).end;
  addToCount(bytes, COUNT_AT.additional, 1);
  return splice(bytes, place, 0, Uint8Array.of(0, ...head, ...options));
});

const addRecord = onMessage((bytes, { questionEnd, records }, random) => {
  const owner = random.pick([[0], [0xc0, HEADER_SIZE], [1, 0x61, 0], [1, 0x61, 0xc0, HEADER_SIZE]]);
  const rdata = Array.from({ length: random.below(20) }, () => random.below(256));
  const head = words(random.pick(TYPES), random.pick(CLASSES), 0, random.below(65_536), rdata.length);
  const place = random.pick([{ end: questionEnd }, ...records]).end;
  addToCount(bytes, COUNT_AT.question + 2 + 2 * random.below(3), 1);
  return splice(bytes, place, 0, Uint8Array.of(...owner, ...head, ...rdata));
});

/** One more option in the last record, whose length is corrected. */
const addOption = onMessage((bytes, { records }, random) => {
  const last = records.at(-1);
  if (last === undefined) return bytes;
  const option = randomOption(random);
  writeWord(bytes, last.head + 8, last.end - last.head - 10 + option.length);
  return splice(bytes, last.end, 0, Uint8Array.from(option));
});

const setRecord = onMessage((bytes, { records }, random) => {
  if (records.length === 0) return bytes;
  const { head } = random.pick(records);
  const kind = random.below(4);
  if (kind === 0) writeWord(bytes, head, random.pick(TYPES));
  else if (kind === 3) addToCount(bytes, head + 8, random.below(9) - 4);
  else writeWord(bytes, head + random.pick([2, 2, 4, 6, 8]), randomWord(random));
  return bytes;
});

/** Other RDATA lengths, as many bytes as they say. */
const setRdata = onMessage((bytes, { records }, random) => {
  if (records.length === 0) return bytes;
  const { head, end } = random.pick(records);
  const rdata = bytes.slice(head + 10, head + 10 + random.below(end - head - 6));
  writeWord(bytes, head + 8, rdata.length);
  return splice(bytes, head + 10, end - head - 10, rdata);
});

const removeRecord = onMessage((bytes, { records }, random) => {
  if (records.length === 0) return bytes;
  const { at, end } = random.pick(records);
  addToCount(bytes, COUNT_AT.additional, -1);
  return splice(bytes, at, end - at, new Uint8Array(0));
});

export const MESSAGE_STEPS: readonly Step[] = [
  setFlags,
  setCount,
  setQuestion,
  setName,
  setName,
  setLongName,
  setLabels,
  foldCase,
  setPointer,
  addOpt,
  addRecord,
  addOption,
  setRecord,
  setRdata,
  removeRecord,
];
