// Composition root of the admin server: which of its addresses serves what. Its code is loaded only where there is one.
// Metrics and the status page are joined to it here.
import type { AdminParts } from "../admin/admin-app.ts";
import type { AdminView } from "../admin/admin-view.ts";
import type { Options } from "../config/options.ts";
import type { ListenAddress } from "../net/listen-address.ts";
import type { MetricsView } from "../metrics/metrics-view.ts";
import type { Transport } from "../server/transport.ts";
import type { StatusPage } from "../status-page/status-page.ts";
import type { Explainer, ExplainParts } from "./explain-plane.ts";
import type { ServerStatus, StatusParts } from "./server-status.ts";

/** Connections of each address; files that are kept free for them. */
const CONNECTIONS_MAX = 64;

/** What an admin plane is built from. */
export interface AdminPlaneSettings {
  readonly options: Options;
  readonly view: AdminView;
  readonly status: Omit<StatusParts, "explainer"> & ExplainParts;
  /** The server's numbers now. */
  readonly readMetrics: () => MetricsView;
  readonly onFault: (fault: Error) => void;
}

interface OpenedPage {
  readonly status: ServerStatus;
  readonly page: StatusPage;
}

export class AdminPlane implements Explainer {
  readonly #settings: AdminPlaneSettings;
  /** One for all addresses. */
  #page: Promise<OpenedPage> | undefined;
  #explainer: Explainer | undefined;

  constructor(settings: AdminPlaneSettings) {
    this.#settings = settings;
  }

  /** All addresses of the admin server; none: there is none. */
  static addressesOf({ admin, health, ready }: Options): readonly ListenAddress[] {
    return [...admin, ...health, ...ready];
  }

  /** The connections of the admin server. */
  static connectionsOf(options: Options): number {
    return AdminPlane.addressesOf(options).length * CONNECTIONS_MAX;
  }

  /** Opens `requested`, one of `addressesOf`, at `address`; rejects with a `ListenError`. */
  async open(requested: ListenAddress, address: ListenAddress, given?: number): Promise<Transport> {
    const { options, onFault } = this.#settings;
    const [{ createAdminApp, createHealthApp, createReadyApp }, { openHttp }] = await Promise.all([
      import("../admin/admin-app.ts"),
      import("../admin/http-transport.ts"),
    ]);
    const hasAll = options.admin.includes(requested);
    const createApp = hasAll ? createAdminApp : options.health.includes(requested) ? createHealthApp : createReadyApp;
    const app = createApp(await this.#partsOf(hasAll));
    return openHttp(address, app, { given, onFault, limits: { connections: CONNECTIONS_MAX } });
  }

  /** What an address serves; probes need neither metrics nor pages, nor their code. */
  async #partsOf(hasAll: boolean): Promise<AdminParts> {
    const { options, view, readMetrics, onFault } = this.#settings;
    const parts = { view, hosts: options.adminHosts, onFault };
    if (!hasAll) return parts;
    const [{ Metrics }, { page }] = await Promise.all([import("../metrics/metrics.ts"), this.#openPage()]);
    return { ...parts, metrics: new Metrics(options.metricsNames, readMetrics), page: page.app };
  }

  /** Ends what lasts longer than a request. Call it before the transports close. */
  async close(): Promise<void> {
    const opened = await this.#page?.catch(() => undefined);
    opened?.page.close();
    opened?.status.close();
  }

  /** Needs no address: programs ask too. */
  async explain(...question: Parameters<Explainer["explain"]>): ReturnType<Explainer["explain"]> {
    const { ExplainPlane } = await import("./explain-plane.ts");
    this.#explainer ??= new ExplainPlane(this.#settings.status);
    return this.#explainer.explain(...question);
  }

  #openPage(): Promise<OpenedPage> {
    this.#page ??= Promise.all([import("./server-status.ts"), import("../status-page/status-page.ts")]).then(
      ([{ ServerStatus }, { createStatusPage }]) => {
        const status = new ServerStatus(this.#settings.view, { ...this.#settings.status, explainer: this });
        return { status, page: createStatusPage(status, this.#settings.onFault) };
      },
    );
    return this.#page;
  }
}
