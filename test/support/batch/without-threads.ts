// Loaded with --import: threads that answer queries can't start, as where memory or the number of threads is used up.
import { isMainThread, workerData } from "node:worker_threads";

if (!isMainThread && (workerData as { fd?: unknown } | null)?.fd !== undefined) throw new Error("no thread is left");
