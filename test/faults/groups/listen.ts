// To come.
// To come.
import type { Fault } from "../fault.ts";

export const LISTEN_FAULTS: readonly Fault[] = [];
