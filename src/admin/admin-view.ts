// What the admin server shows of a server: plain values, asked for anew at each request. The planes provide them.
// Types only.

/** A server as the admin server sees it. */
export interface AdminView {
  health(): Health;
  readiness(): Readiness;
}

/** Whether the threads that answer queries move. */
export interface Health {
  /** Those that do not, and since when; empty: the server is healthy. */
  readonly stalled: readonly StalledWorker[];
}

/** A thread that has not come round its loop for some seconds. */
export interface StalledWorker {
  /** Such as `udp 127.0.0.1:53 #0`. */
  readonly name: string;
  readonly seconds: number;
}

/** Whether everything can be answered, and what that depends on; as JSON it is `/ready?verbose`. */
export interface Readiness {
  readonly ready: boolean;
  /** Why not, a line each. */
  readonly reasons: readonly string[];
  readonly sources: readonly SourceState[];
  readonly zones: readonly ZoneState[];
  readonly workers: readonly string[];
  /** Where queries are answered. */
  readonly addresses: readonly string[];
}

/** How current the objects of a source are. */
export interface SourceState {
  readonly id: string;
  readonly state: "syncing" | "synced" | "stale";
  /** How old the objects are that are served, where the source is out of reach. */
  readonly ageSeconds?: number;
  readonly reason?: string;
}

/** A zone that the server answers for. */
export interface ZoneState {
  /** With the last dot. */
  readonly name: string;
  readonly ready: boolean;
  readonly serial: number;
}
