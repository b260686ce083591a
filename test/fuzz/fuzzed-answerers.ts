// Answerers over the sample zone as the fuzz targets ask them: by setting, and each of them twice. The two are asked the
// same and write into rooms that were filled differently: a byte that was never written shows as a difference.
import type { AnswerSettings } from "../../src/answer/answer-settings.ts";
import { HAND_OVER } from "../../src/answer/answerer.ts";
import type { Answerer } from "../../src/answer/answerer.ts";
import { KnownClient } from "../../src/answer/client.ts";
import type { ClientTransport } from "../../src/answer/client.ts";
import { Clock } from "../../src/std/clock.ts";
import { newCookieMemory, SECRET_SIZE, setCookieSecrets } from "../../src/answer/cookies.ts";
import { QueryAnswerer } from "../../src/answer/query-answerer.ts";
import { newRateMemory } from "../../src/answer/rate-limiter.ts";
import { AnswerCache } from "../../src/cache/answer-cache.ts";
import { CACHE_BYTES_MIN, CacheWriter } from "../../src/cache/cache-writer.ts";
import { ENTRY_FLAG } from "../../src/table/layout.ts";
import { fillNames, serveZone } from "../support/core/sample-zone.ts";
import { content, key, record, soaOf } from "../support/core/cached.ts";
import { records } from "../support/core/table.ts";
import { wantsReply } from "./reply-laws.ts";
import { law } from "./target.ts";

const SEED = 7;
const QUERY_START = 5;
const REPLY_START = 9;
const GUARD_SIZE = 64;
const STREAM_SIZE_MAX = 65_535;
/** So much of a room is filled before an answer; no answer of the sample zone is longer. */
const FILLED_SIZE = 8_192;
const RECURSION_DESIRED = 0x01;
const FILLS = [0xaa, 0x55] as const;
/** The longest that the option takes. */
const NSID_SIZE = 64;
const ADDRESS = Uint8Array.of(10, 244, 0, 9);

export const EDNS_SIZE = 1232;

/** One way to ask: an answerer's settings, by name, and a transport. */
export interface Asker {
  readonly name: string;
  readonly transport: ClientTransport;
  /**
   * The reply's own bytes, none for silence; undefined where others are to be asked. Throws when it depends on what was
   * in the room, or lies outside of it.
   */
  ask(query: Uint8Array): Buffer | undefined;
}

/** All ways that matter. The clock stands still, so that the same queries have the same replies. */
export function fuzzedAskers(): readonly Asker[] {
  const clock = new Clock();
  clock.update(1_790_000_000_000, 1_000_000);
  const cookies = newCookieMemory();
  setCookieSecrets(cookies, [new Uint8Array(SECRET_SIZE).fill(1), new Uint8Array(SECRET_SIZE).fill(2)]);
  const plain: AnswerSettings = { ednsSize: EDNS_SIZE, recursion: false };
  const timed = { ...plain, clock: clock.memory, cookies };
  const cached = filledCache(clock);
  const full: AnswerSettings = {
    ...timed,
    recursion: true,
    cache: cached,
    nsid: Buffer.alloc(NSID_SIZE, "n"),
    keepalive: 300,
  };
  // No answer is within a rate of 0: each one is cut, but those to whom a cookie stands.
  const limited = { ...timed, rateLimit: { rate: 0, exempt: [], memory: newRateMemory([1, 2]) } };
  return [
    ...(["udp", "tcp"] as const).map((transport) => newAsker("plain", plain, transport)),
    ...(["udp", "tls"] as const).map((transport) => newAsker("full", full, transport)),
    newAsker("limited", limited, "udp"),
    newAsker("refused", { ...full, allow: [] }, "udp"),
    newAsker("early", full, "udp", false),
  ];
}

/** Answers of others, as the names of the sample queries go on. */
function filledCache(clock: Clock): SharedArrayBuffer {
  const writer = new CacheWriter(CACHE_BYTES_MIN, [5, 6]);
  const cache = new AnswerCache(writer, clock, { staleSeconds: 60, positive: 86_400, negative: 300 });
  const many = Array.from({ length: 90 }, (_, i) => record("www.up.", 60 + i, "A", `10.2.0.${i}`));
  for (const dnssecOk of [false, true]) {
    for (const name of ["www.up.", "a.others.z."]) {
      const asked = key(name, "A", { dnssecOk });
      cache.store(
        asked,
        content(
          many.map((each) => ({ ...each, owner: asked.name })),
          { authenticated: true },
        ),
      );
    }
    const nothing = content([], { rcode: 3, authority: [soaOf("up.", 60, 60)] });
    cache.store(key("b.up.", "AAAA", { dnssecOk }), nothing);
    cache.storeFailure(key("c.up.", "A", { dnssecOk }), content([], { rcode: 2, ede: 22 }));
  }
  return writer.memory;
}

function newAsker(name: string, settings: AnswerSettings, transport: ClientTransport, ready = true): Asker {
  const answerers = FILLS.map(() => newAnswerer(settings, ready));
  const roomSize = transport === "udp" ? EDNS_SIZE : STREAM_SIZE_MAX;
  const room = Buffer.alloc(REPLY_START + roomSize + GUARD_SIZE);
  const client = new KnownClient(transport, ADDRESS);
  const askOne = (answerer: Answerer, query: Uint8Array, fill: number): Buffer | undefined => {
    const held = new Uint8Array(QUERY_START + query.length + QUERY_START).fill(fill);
    held.set(query, QUERY_START);
    room.fill(fill, 0, REPLY_START + Math.min(FILLED_SIZE, roomSize)).fill(fill, REPLY_START + roomSize);
    const size = answerer.answer(held, QUERY_START, QUERY_START + query.length, room, REPLY_START, client);
    const mayHandOver = settings.recursion && wantsReply(query) && (query[2]! & RECURSION_DESIRED) !== 0;
    const isFit = (size >= 0 && size <= roomSize) || (size === HAND_OVER && mayHandOver);
    law(isFit, () => `${name} over ${transport}: a reply of ${size} bytes`);
    const outside = [...room.subarray(0, REPLY_START), ...room.subarray(REPLY_START + roomSize)];
    law(!outside.some((byte) => byte !== fill), () => `${name} over ${transport}: written outside the room`);
    law(Buffer.compare(held.subarray(QUERY_START, -QUERY_START), query) === 0, () => "the query was written");
    return size === HAND_OVER ? undefined : Buffer.from(room.subarray(REPLY_START, REPLY_START + size));
  };
  return {
    name,
    transport,
    ask(query) {
      const [one, other] = answerers.map((answerer, i) => askOne(answerer, query, FILLS[i]!));
      const areEqual = one === undefined || other === undefined ? one === other : one.equals(other);
      law(areEqual, () => `${name} over ${transport}: bytes that were in the room before`);
      return one;
    },
  };
}

function newAnswerer(settings: AnswerSettings, ready: boolean): Answerer {
  const { table } = serveZone((filled) => {
    fillNames(filled);
    const addresses = Array.from({ length: 100 }, (_, i) => `10.1.0.${i}`);
    filled.put("many.z.", [records("A", addresses)]);
    // With all its targets' addresses it just fits in some datagrams.
    const targets = addresses.slice(0, 14).map((_, i) => `0 1 80 t${i}.z.`);
    const beside = Object.fromEntries(targets.map((_, i) => [i, [addresses[i]!, `fd00::${i}`]]));
    filled.put("few.z.", [records("SRV", targets, beside)]);
    filled.put("few.alias.z.", [records("CNAME", ["few.z."])]);
    filled.put("w.z.", [], ENTRY_FLAG.WILDCARD);
    filled.put("*.w.z.", [records("A", ["10.0.0.7"])]);
    filled.put("cut.z.", [records("NS", ["ns.cut.z."], { 0: ["10.0.0.8"] })], ENTRY_FLAG.CUT);
    filled.put("ns.cut.z.", [records("A", ["10.0.0.8"])]);
    filled.put("d.z.", [records("TYPE39", ["w.z."])], ENTRY_FLAG.REDIRECTS);
    filled.put("dd.z.", [records("TYPE39", ["d.z."])], ENTRY_FLAG.REDIRECTS);
    filled.put("loop.z.", [records("TYPE39", ["loop.z."])], ENTRY_FLAG.REDIRECTS);
    filled.put("others.z.", [], ENTRY_FLAG.FOREIGN);
  });
  table.writer.setZonesKnown(ready);
  table.writer.setZoneReady(0, ready);
  return new QueryAnswerer(table.reader, settings, SEED);
}
