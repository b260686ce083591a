// What the admin server sees of a running server: reads the state of its parts when it is asked, and keeps nothing.
// Decides what healthy and ready mean.
import type { AdminView, Health, Readiness, SourceState, ZoneState } from "../admin/admin-view.ts";
import type { ServedZone } from "../compile/static-zones.ts";
import { formatName } from "../dns/name.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { BatchWorker } from "../server/udp-batch.ts";
import type { Source } from "../sources/source.ts";
import { TableReader } from "../table/reader.ts";
import type { TableBuffer } from "./table-buffer.ts";

/** `starting`: until everything is loaded; `stopping`: answers go on for a while, for clients that do not know yet. */
export type ServerPhase = "starting" | "serving" | "stopping";

/** The parts of a server, as they are now. */
export interface ServerParts {
  readonly phase: ServerPhase;
  readonly sources: readonly Source[];
  readonly zones: readonly ServedZone[];
  readonly table: TableBuffer;
  readonly workers: readonly Pick<BatchWorker, "name" | "secondsStill">[];
  readonly addresses: readonly ListenAddress[];
}

/** A thread comes round its loop 30 times a second; one that has not for so long hangs. */
const STILL_SECONDS_MAX = 5;

export class ServerView implements AdminView {
  readonly #parts: () => ServerParts;

  constructor(parts: () => ServerParts) {
    this.#parts = parts;
  }

  health(): Health {
    return { stalled: stalledOf(this.#parts()) };
  }

  readiness(): Readiness {
    const parts = this.#parts();
    const { phase, workers, addresses } = parts;
    const sources = parts.sources.map((source) => stateOf(source, Date.now()));
    const zones = zonesOf(parts);
    const reasons = [
      ...(phase === "serving" ? [] : [`the server is ${phase}`]),
      ...sources.filter(({ state }) => state === "syncing").map(({ id }) => `source ${id} has not synced`),
      ...zones.filter(({ ready }) => !ready).map(({ name }) => `zone ${name} is not ready`),
      ...stalledOf(parts).map(({ name }) => `worker ${name} does not move`),
    ];
    return {
      ready: reasons.length === 0,
      reasons,
      sources,
      zones,
      workers: workers.map(({ name }) => name),
      addresses: addresses.map(formatListenAddress),
    };
  }
}

function stalledOf({ workers }: ServerParts): Health["stalled"] {
  return workers
    .filter(({ secondsStill }) => secondsStill >= STILL_SECONDS_MAX)
    .map(({ name, secondsStill: seconds }) => ({ name, seconds }));
}

function zonesOf({ table, zones }: ServerParts): readonly ZoneState[] {
  const reader = new TableReader(table.current);
  return zones.map(({ apex, index }) => ({
    name: formatName(apex),
    ready: reader.isZoneReady(index),
    serial: reader.serial(index) >>> 0,
  }));
}

function stateOf({ id, status }: Source, nowMs: number): SourceState {
  if (status.state !== "stale") return { id, state: status.state };
  return { id, state: "stale", ageSeconds: Math.round((nowMs - status.sinceMs) / 1000), reason: status.reason };
}
