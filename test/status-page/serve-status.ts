// A status page behind a real admin server, on a port of 127.0.0.1.
import { createAdminApp } from "../../src/admin/admin-app.ts";
import { openHttp } from "../../src/admin/http-transport.ts";
import { createStatusPage } from "../../src/status-page/status-page.ts";
import { onFault } from "./scripted-status.ts";
import type { ScriptedStatus } from "./scripted-status.ts";

export interface ServedStatus {
  readonly port: number;
  /** Of the first page. */
  readonly url: string;
  close(): Promise<void>;
}

/** Port 0: a free one. */
export async function serveStatus(status: ScriptedStatus, port = 0): Promise<ServedStatus> {
  const page = createStatusPage(status, onFault);
  const view = {
    health: () => ({ stalled: [] }),
    readiness: () => ({ ...status.readiness(), workers: [], addresses: [] }),
  };
  const app = createAdminApp({ view, hosts: [], page: page.app, onFault });
  const transport = await openHttp({ host: "127.0.0.1", port }, app, { onFault });
  return {
    port: transport.address.port,
    url: `http://127.0.0.1:${transport.address.port}/`,
    close: () => {
      page.close();
      return transport.close();
    },
  };
}
