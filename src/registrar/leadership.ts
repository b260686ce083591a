// Which of several registrars writes: the one that holds a key of etcd, under a lease of its own. The key's first
// revision is a condition of each of its transactions, so that a registrar that has lost it can't write any more.
import type { Condition, EtcdClient, Result } from "../etcd/etcd-client.ts";
import { KeptLease } from "./kept-lease.ts";

/** How soon another registrar takes over from one that has crashed. */
const TERM_SECONDS = 6;

/** The turn of a registrar as the leader. */
export interface Leadership {
  /** Holds as long as nobody else leads. */
  readonly fence: Condition;
  readonly lease: KeptLease;
}

/**
 * Takes the lead if nobody has it. Undefined: `holder` has it, or the lead has changed hands in between. `onEnd` is
 * called when the lease has ended.
 */
export async function takeLead(
  etcd: EtcdClient,
  key: string,
  name: string,
  onEnd: () => void,
): Promise<Result<Leadership | { readonly holder: string }>> {
  const held = await etcd.range(key);
  if ("fault" in held) return held;
  const [holder] = held.value;
  if (holder !== undefined) return { value: { holder: holder.value } };
  const granted = await etcd.grant(TERM_SECONDS);
  if ("fault" in granted) return granted;
  const lease = granted.value;
  const taken = await etcd.transact([{ key, createRevision: "0" }], [{ put: key, value: name, lease }]);
  if ("value" in taken && taken.value !== undefined) {
    const fence = { key, createRevision: taken.value };
    return { value: { fence, lease: new KeptLease(etcd, lease, TERM_SECONDS, onEnd) } };
  }
  // After a fault the key may be there, and would keep everybody out until the lease ends.
  await etcd.revoke(lease);
  return "fault" in taken ? taken : { value: { holder: "another registrar" } };
}

/** Lets another registrar take over at once. */
export async function giveUp(etcd: EtcdClient, { lease }: Leadership): Promise<void> {
  lease.letGo();
  if (lease.isLive) await etcd.revoke(lease.id);
}
