// To come.
// To come.
import type { Fault } from "../fault.ts";

export const OUTPUT_FAULTS: readonly Fault[] = [];
