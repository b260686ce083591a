// To come.
// To come.
import type { Fault } from "../fault.ts";

export const RESOURCE_FAULTS: readonly Fault[] = [];
