// Mutated messages: a fixed seed gives the same ones on every machine. Changes bits, bytes and words, cuts, repeats and
// joins what real and malformed messages are made of; the id stays, so that a reply can be told.
import { writeHeader, writeOpt, writeQuery, writeQuestion, writeTsig } from "../support/wire.ts";
import { COOKIE, ID, KUBERNETES, MALFORMED, message, SUBNET, ZONE } from "./packets.ts";

/** A generator of numbers from 0 up to but not including 1. Mulberry32. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

/** Messages to begin with. */
export function seedMessages(): readonly Buffer[] {
  const names = [
    KUBERNETES,
    `big.default.svc.${ZONE}`,
    `_http._tcp.headless.default.svc.${ZONE}`,
    "1.0.96.10.in-addr.arpa.",
  ];
  const types = ["A", "AAAA", "SRV", "PTR", "ANY", "TYPE65"];
  const good = names.flatMap((name) =>
    types.flatMap((type) => [
      writeQuery({ name, type }),
      writeQuery({ name, type, opt: { size: 4096, flags: 0x8000, options: Buffer.concat([COOKIE, SUBNET]) } }),
    ]),
  );
  const odd = [
    message(0, [1, 0, 0, 1], writeQuestion(ZONE, 6), writeTsig({ id: ID })),
    message(0x2800, [1, 0, 0, 0], writeQuestion(ZONE, 6)),
    message(0x2000, [1, 0, 0, 0], writeQuestion(ZONE, 6)),
    message(0, [1, 0, 0, 2], writeQuestion(ZONE, 252), writeOpt({ size: 512 }), writeTsig({ id: ID, key: "k." })),
    writeHeader(0, 0, 0, 0, 0, 0),
  ];
  return [...good, ...odd, ...Object.values(MALFORMED).flatMap((rows) => rows.map(([, bytes]) => bytes))];
}

const WORDS = [0, 1, 0x29, 0xff, 0x8000, 0xc00c, 0xffff, 0x3fff, 0x4000];
const MOST_BYTES = 1_400;

/** One message of `seeds`, changed in one to eight places. */
export function mutate(seeds: readonly Buffer[], random: () => number): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = (): Buffer => seeds[below(seeds.length)]!;
  let bytes: Buffer = Buffer.from(pick());
  for (let changes = 1 + below(8); changes > 0; changes--) {
    if (bytes.length < 4) break;
    const at = 2 + below(bytes.length - 3);
    switch (below(7)) {
      case 0:
        bytes[at]! ^= 1 << below(8);
        break;
      case 1:
        bytes[at] = below(256);
        break;
      case 2:
        bytes.writeUInt16BE(WORDS[below(WORDS.length)]!, at);
        break;
      case 3:
        bytes = bytes.subarray(0, Math.max(2, at));
        break;
      case 4:
        bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at), bytes.subarray(at)]);
        break;
      case 5:
        bytes = Buffer.concat([bytes.subarray(0, at), pick().subarray(below(12))]);
        break;
      default:
        bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([below(256)]), bytes.subarray(at)]);
    }
  }
  return Buffer.from(bytes.subarray(0, MOST_BYTES));
}
