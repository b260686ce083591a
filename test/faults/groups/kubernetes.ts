// Faults of an API server and of etcd, which this project's server does not read today: each is named, and not done.
// The soak has a program of its own.
import type { Fault } from "../fault.ts";
import { notDone } from "../fault.ts";

const NEEDS_SOURCE = "needs the Kubernetes/etcd source";

export const KUBERNETES_FAULTS: readonly Fault[] = [
  ...Object.entries({
    X43: "the API server restarts and resets all watches",
    X44: "a watch ends with 410 Gone, and so does its resumption",
    X45: "the API server is cut off, with half-open connections",
    X46: "the API server skips events without a word",
    X47: "the API server answers 401, 403, 429 and 500; its CA changes",
    X48: "chunks that are cut, JSON that is none, events out of order",
    X49: "the API server is down at the start",
    X50: "etcd is compacted beyond the revision that is watched",
    X51: "members of etcd stop, and its leader is killed",
    X52: "etcd has no space, loses its users, ends leases, is slow",
    X57: "2,000 updates of slices a second, 5,000 endpoints of one service",
  }).map(([id, title]) => notDone(id, title, NEEDS_SOURCE)),
  notDone("X58", "a soak with changes", "`npm run soak` does this"),
];
