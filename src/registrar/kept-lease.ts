// A lease of etcd that is kept alive until it is let go. Where etcd is away it is tried again; only etcd says that a
// lease has ended.
import type { EtcdClient } from "../etcd/etcd-client.ts";

/** Of the time of a lease: when it is renewed, and how soon again after a fault. */
const RENEWAL_SHARE = 1 / 3;
const RETRY_SHARE = 1 / 12;

export class KeptLease {
  readonly id: string;
  readonly #etcd: EtcdClient;
  readonly #ttlMs: number;
  readonly #onEnd: () => void;
  #timer: NodeJS.Timeout | undefined;
  #isLive = true;

  /** `onEnd` is called when etcd says that the lease has ended. */
  constructor(etcd: EtcdClient, id: string, ttlSeconds: number, onEnd: () => void) {
    this.id = id;
    this.#etcd = etcd;
    this.#ttlMs = ttlSeconds * 1_000;
    this.#onEnd = onEnd;
    this.#schedule(RENEWAL_SHARE);
  }

  /** Etcd has not said that the lease has ended. */
  get isLive(): boolean {
    return this.#isLive;
  }

  /** Keeps it alive no longer. */
  letGo(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #schedule(share: number): void {
    this.#timer = setTimeout(() => void this.#renew(), this.#ttlMs * share);
  }

  async #renew(): Promise<void> {
    const timer = this.#timer;
    const kept = await this.#etcd.keepAlive(this.id);
    // Let go meanwhile.
    if (timer !== this.#timer) return;
    if ("fault" in kept) return this.#schedule(RETRY_SHARE);
    if (kept.value > 0) return this.#schedule(RENEWAL_SHARE);
    this.#isLive = false;
    this.#timer = undefined;
    this.#onEnd();
  }
}
