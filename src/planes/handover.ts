// Restarts without a gap: where the sockets of a server come from if they are open already, and who gets them after it.
// A service manager passes them at the start, or a predecessor does when this server has loaded everything.
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { formatListenAddress } from "../net/listen-address.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { Logger } from "../observe/log.ts";
import type { GivenListener } from "../server/given-listener.ts";
import { isSameAddress } from "../server/given-listener.ts";
import { inheritedCount, inheritedListeners } from "../server/inherited-listeners.ts";
import type { Libc } from "../server/libc.ts";
import type { Listeners } from "../server/listen.ts";
import { notifyReady } from "../server/notify-ready.ts";
import { Predecessor } from "../server/predecessor.ts";
import { TakeoverPoint } from "../server/takeover-point.ts";
import { AdminPlane } from "./admin-plane.ts";

/** What a process that may be restarted without a gap hands in; programs that embed a server have none. */
export interface HandoverInput {
  /** The variables of the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Called when a successor answers: this server is to be closed. */
  onHandedOver(): void;
}

/** The sockets that a server gets from others and leaves to others. */
export class Handover {
  readonly #options: Options;
  /** All that are wanted, those of the admin server among them. */
  readonly #listen: readonly ListenAddress[];
  readonly #libc: Libc | undefined;
  readonly #input: HandoverInput;
  readonly #log: Logger;
  readonly #inherited: number;
  #predecessor: Predecessor | undefined;
  #point: TakeoverPoint | undefined;

  /** Throws a `SettingsError` where sockets are to be taken over and this system can't. */
  constructor(options: Options, libc: Libc | undefined, input: HandoverInput, log: Logger) {
    this.#options = options;
    this.#listen = [...AdminPlane.addressesOf(options), ...options.listen];
    this.#libc = libc;
    this.#input = input;
    this.#log = log;
    this.#inherited = inheritedCount(input.env, process.pid);
    const wanted = options.takeover === undefined ? "sockets of a service manager need" : "--takeover needs";
    if ((this.#inherited > 0 || options.takeover !== undefined) && libc === undefined)
      throw new SettingsError(`${wanted} UDP in batches: see --udp-transport`);
  }

  /**
   * The listeners whose sockets are open already. If there are some, `load` gets their addresses first, and whether no
   * socket is left to bind: until everything is loaded here, the predecessor answers, or queries wait in the sockets.
   * Rejects with an `OperatorError` when the sockets can't be had.
   */
  async given(
    load: (addresses: readonly ListenAddress[], isComplete: boolean) => Promise<void>,
  ): Promise<readonly GivenListener[]> {
    const { takeover } = this.#options;
    const listen = this.#listen;
    if (this.#libc === undefined) return [];
    if (this.#inherited > 0) {
      const inherited = inheritedListeners(this.#libc, this.#inherited, listen);
      const isWhole = ({ address, stream, datagrams }: GivenListener): boolean =>
        stream !== undefined && (address.scheme !== undefined || datagrams.length > 0);
      await load(addressesOf(listen, inherited), inherited.length === listen.length && inherited.every(isWhole));
      return inherited;
    }
    if (takeover === undefined) return [];
    this.#predecessor = await Predecessor.find(this.#libc, takeover);
    if (this.#predecessor === undefined) return [];
    const isWanted = ({ requested }: Pick<GivenListener, "requested">): boolean =>
      listen.some((address) => isSameAddress(address, requested));
    const wanted = this.#predecessor.listeners.filter(isWanted);
    await load(addressesOf(listen, wanted), wanted.length === listen.length);
    const given = await this.#predecessor.take();
    for (const listener of given) if (!isWanted(listener)) this.#close(listener);
    return given.filter(isWanted);
  }

  /** The server answers on `listeners` now: the predecessor may go, and a successor may come. */
  started(listeners: Listeners): void {
    const reason = notifyReady(this.#input.env);
    if (reason !== undefined) this.#log.warn({ reason }, "can't tell the service manager that the server is ready");
    const { takeover } = this.#options;
    const libc = this.#libc;
    if (libc === undefined || takeover === undefined) return;
    // Before the predecessor goes: there is always a socket at the path.
    this.#point = new TakeoverPoint(libc, takeover, listeners, () => {
      this.#log.info("a successor answers: handing over");
      this.#input.onHandedOver();
    });
    if (this.#predecessor === undefined) return;
    this.#log.info({ addresses: listeners.addresses.map(formatListenAddress) }, "taken over");
    void this.#predecessor.taken((address, descriptor) => {
      if (!listeners.adopt(address, descriptor)) libc.close(descriptor);
    });
  }

  close(): void {
    this.#predecessor?.abandon();
    this.#point?.close();
  }

  #close({ stream, datagrams }: GivenListener): void {
    for (const fd of [stream ?? [], datagrams].flat()) this.#libc?.close(fd);
  }
}

/** The addresses that are asked for: those that are open with their actual ports. */
function addressesOf(
  listen: readonly ListenAddress[],
  open: readonly Pick<GivenListener, "requested" | "address">[],
): readonly ListenAddress[] {
  return listen.map((each) => open.find(({ requested }) => isSameAddress(requested, each))?.address ?? each);
}
