// The keys that the registrars have written: those under their lease. The lease outlives a registrar, so that the next
// one goes on with the same keys; a key beside them says which lease it is, and ends with it.
import type { Condition, EtcdClient, Result } from "../etcd/etcd-client.ts";
import { KeptLease } from "./kept-lease.ts";
import type { PresentKey } from "./plan-writes.ts";

/** The lease that `key` names, or a new one that it names from now on. Undefined: `fence` does not hold. */
export async function openLease(
  etcd: EtcdClient,
  { key, fence, ttlSeconds, onEnd }: LeasePlace,
): Promise<Result<KeptLease | undefined>> {
  const named = await etcd.range(key);
  if ("fault" in named) return named;
  const known = named.value[0]?.value;
  if (known !== undefined) {
    const kept = await etcd.keepAlive(known);
    if ("fault" in kept) return kept;
    // It may be another time than is wanted now: a lease never changes.
    if (kept.value > 0) return { value: new KeptLease(etcd, known, kept.value, onEnd) };
  }
  const granted = await etcd.grant(ttlSeconds);
  if ("fault" in granted) return granted;
  const lease = granted.value;
  const put = await etcd.transact([fence], [{ put: key, value: lease, lease }]);
  if ("fault" in put) return put;
  return { value: put.value === undefined ? undefined : new KeptLease(etcd, lease, ttlSeconds, onEnd) };
}

export interface LeasePlace {
  readonly key: string;
  readonly fence: Condition;
  readonly ttlSeconds: number;
  /** Called when etcd says that the lease has ended. */
  readonly onEnd: () => void;
}

/** All keys below `prefix`. */
export async function readKeys(
  etcd: EtcdClient,
  prefix: string,
  lease: string,
): Promise<Result<Map<string, PresentKey>>> {
  const read = await etcd.range(prefix, true);
  if ("fault" in read) return read;
  const keys = read.value.map(({ key, value, modRevision, lease: of }) => {
    return [key, { value, revision: modRevision, isOwn: of === lease }] as const;
  });
  return { value: new Map(keys) };
}
