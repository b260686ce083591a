// The answerers that a batch worker can run in tests, by name: functions cannot be posted to another thread. Queries are
// those of test/contract/transport-clients.ts; byte 3 selects what `mixed` does.
import { HAND_OVER } from "../../../src/answer/answerer.ts";
import type { Answerer } from "../../../src/answer/answerer.ts";
import { broken, echo, sized } from "../../contract/transport-clients.ts";

/** Values of byte 3 of a query for `mixed`; any other is echoed. */
export const MIXED = { silent: 0xf0, handOver: 0xf1, tooLong: 0xf2, stuck: 0xf3 } as const;
/** A UDP reply of this many bytes is refused by the system. */
const TOO_LONG_BYTES = 65_535;
/** How long the thread hangs at a query that is `stuck`. */
const STUCK_MS = 1_000;

const mixed: Answerer = {
  answer(query, start, ...rest) {
    const kind = query[start + 3];
    if (kind === MIXED.silent) return 0;
    if (kind === MIXED.handOver) return HAND_OVER;
    if (kind === MIXED.tooLong) return TOO_LONG_BYTES;
    if (kind === MIXED.stuck) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STUCK_MS);
    return echo.answer(query, start, ...rest);
  },
};

const SLOW_US = 20;

/** Takes its time, so that queries pile up. */
const slow: Answerer = {
  answer(...query) {
    const until = performance.now() + SLOW_US / 1000;
    while (performance.now() < until);
    return echo.answer(...query);
  },
};

export const ANSWERERS = { echo, sized, broken, mixed, slow } as const satisfies Readonly<Record<string, Answerer>>;
export type AnswererName = keyof typeof ANSWERERS;
