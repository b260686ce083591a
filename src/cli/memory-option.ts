// The memory that a command may use: what was asked for, within the limit of the system. A program that embeds the
// server has no such limit, as its memory is its own.
import type { Options } from "../config/options.ts";
import { memoryLimit } from "../process/memory-limit.ts";

/** `options` with the memory that this process may use. */
export function withMemoryLimit(options: Options): Options {
  return { ...options, memoryBytes: Math.min(options.memoryBytes ?? Number.POSITIVE_INFINITY, memoryLimit()) };
}
