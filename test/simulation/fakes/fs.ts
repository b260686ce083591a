// The synchronous part of node:fs for a simulated process.
import { constants } from "node:fs";
import { FakeHandle, statsOf } from "../fake-handle.ts";
import type { FakeStats } from "../fake-handle.ts";
import { world } from "../world.ts";

export { constants };

export const statSync = (path: string): FakeStats => statsOf(world().files.find(path));
export const realpathSync = (path: string): string => world().files.realPath(path);
export const openSync = (path: string, flags: number): FakeHandle => FakeHandle.open(path, flags);
export const fstatSync = (handle: FakeHandle): FakeStats => handle.stats();
export const readFileSync = (handle: FakeHandle): Buffer => Buffer.from(handle.text());
export const closeSync = (handle: FakeHandle): void => handle.end();
/** The real process's descriptors are none of the simulated one's. */
export const readdirSync = (): readonly string[] => [];
