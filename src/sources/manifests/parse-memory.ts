// Gives parses their memory from the room of the server, and refuses what does not fit: before it is read, where its
// size says so, otherwise before it is kept. Remembers refusals, so that a file is not parsed over and over.
import type { MemoryRoom } from "../../std/memory-room.ts";
import { costOfContent, noMemory, UNREAD_FILE_BYTES } from "../content-cost.ts";
import { HEAP_BYTES_MAX } from "./parse-lane.ts";
import type { LaneOutcome, ParseMemory } from "./parse-lane.ts";
import type { ReadOutcome } from "./read-manifest.ts";
import { zoneTextKind } from "./zone-text.ts";

/** A parse gets this much of what is free: the rest is for small files meanwhile. */
const LANE_SHARE = 0.8;
/** A file that died of its heap's bound needs more than that: how much is not known. */
const OVERRUN = 1.5;
/** The thread with the parser's code. */
const LANE_BYTES = 26 << 20;
/** Of that, its heap. */
const LANE_HEAP_BYTES = 10 << 20;
/** Memory for a byte of a file, while it is parsed: JSON is parsed at once, and `[{},{},…` is the worst of it. */
const JSON_PARSE_BYTES = 20;
const YAML_PARSE_BYTES = 10;
/** Parsed, each record is a value of its own; lines of hosts files are not. */
const ZONE_PARSE_BYTES = 40;
const HOSTS_PARSE_BYTES = 8;
/** In the main thread: no more than a fraction of a second. */
const HERE_BYTES_MAX = 192 * 1024;
/** Memory that this thread takes to parse a byte. */
export const BYTES_PARSED_HERE = 100;
/** How long a refused file of the same size is not parsed again, unless there is room; twice as long each time. */
const REFUSED_MS = { least: 30_000, most: 3_600_000 };
const REFUSALS_MAX = 10_000;

interface Refusal {
  readonly bytes: number;
  readonly neededBytes: number;
  /** As it was told: its figures change all the time. */
  readonly outcome: ReadOutcome;
  readonly waitMs: number;
  readonly untilMs: number;
}

type NoMemory = Extract<LaneOutcome, { kind: "no-memory" }>;

export class ParseMemories {
  readonly #room: MemoryRoom;
  readonly #refusals = new Map<string, Refusal>();

  constructor(room: MemoryRoom) {
    this.#room = room;
  }

  /** The refusal of a file of `bytes` bytes that is not worth a try now. */
  refusal(path: string, bytes: number): ReadOutcome | undefined {
    const earlier = this.#refusals.get(path);
    const isSame = earlier?.bytes === bytes && performance.now() < earlier.untilMs;
    const neededBytes = isSame ? earlier.neededBytes : UNREAD_FILE_BYTES;
    if (neededBytes <= this.#room.freeNow + this.#room.heldBy(path)) return undefined;
    return isSame ? earlier.outcome : this.refuse(path, bytes, neededBytes);
  }

  /** Refuses a file that needs `neededBytes`, or an unknown number, and remembers that. */
  refuse(path: string, bytes: number, neededBytes = this.#room.freeNow * OVERRUN): ReadOutcome {
    const earlier = this.#refusals.get(path);
    const isSame = earlier?.bytes === bytes;
    const waitMs = isSame ? Math.min(earlier.waitMs * 2, REFUSED_MS.most) : REFUSED_MS.least;
    const outcome = isSame ? earlier.outcome : refused(path, neededBytes, this.#room.freeNow);
    this.#refusals.delete(path);
    if (this.#refusals.size >= REFUSALS_MAX) this.#refusals.delete(this.#refusals.keys().next().value!);
    this.#refusals.set(path, { bytes, neededBytes, outcome, waitMs, untilMs: performance.now() + waitMs });
    return outcome;
  }

  /** The memory to parse a file in `lane`, until it is closed. */
  open(lane: string, path: string, bytes: number): (ParseMemory & { close(): void }) | NoMemory {
    const room = this.#room;
    const least = LANE_BYTES + costOfParsing(path, bytes);
    const free = room.freeNow;
    const grant = Math.min(LANE_BYTES + HEAP_BYTES_MAX, Math.max(least, free * LANE_SHARE));
    if (grant > free || !room.take(lane, grant)) return { kind: "no-memory", neededBytes: least };
    return {
      heapBytes: grant - LANE_BYTES,
      findExcess: (costBytes, heapBytes) => {
        room.set(lane, Math.min(LANE_BYTES + heapBytes - LANE_HEAP_BYTES, grant));
        const isKept = costBytes <= room.freeNow && this.#mayKeep(path, costBytes);
        return isKept ? undefined : costBytes + room.heldBy(lane);
      },
      close: () => room.set(lane, 0),
    };
  }

  /** Whether this thread may parse a file for which there is no room in a lane. */
  mayParseHere(bytes: number): boolean {
    return bytes <= HERE_BYTES_MAX && bytes * BYTES_PARSED_HERE <= this.#room.freeNow;
  }

  /** What was parsed, if it may be kept. */
  keep(path: string, outcome: ReadOutcome): LaneOutcome {
    if (outcome.kind === "refused") return outcome;
    const neededBytes = costOfContent(outcome.parsed);
    return this.#mayKeep(path, neededBytes) ? outcome : { kind: "no-memory", neededBytes };
  }

  // What the file held until now is still there when the new content comes: half of it is shared.
  #mayKeep(path: string, bytes: number): boolean {
    const isKept = this.#room.take(path, bytes + Math.min(this.#room.heldBy(path), bytes) / 2);
    if (isKept) this.#refusals.delete(path);
    return isKept;
  }
}

/** The bytes that parsing the file at `path`, of `size` bytes, takes. */
function costOfParsing(path: string, size: number): number {
  const kind = zoneTextKind(path);
  if (kind !== undefined) return size * (kind === "zone" ? ZONE_PARSE_BYTES : HOSTS_PARSE_BYTES);
  return size * (path.endsWith(".json") ? JSON_PARSE_BYTES : YAML_PARSE_BYTES);
}

function refused(path: string, neededBytes: number, freeBytes: number): ReadOutcome {
  const place = { file: path, line: 1, column: 1 };
  return { kind: "refused", problem: { ...noMemory(neededBytes, freeBytes), place } };
}
