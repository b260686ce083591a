// The admin server's requests and responses: health, readiness, and the parts that others mount. Knows no sockets.
// Every part is behind the same guard (request-guard.ts), reads only, and may cost no query anything.
import { Hono } from "hono";
import type { AdminView } from "./admin-view.ts";
import { healthRoutes, readyRoutes } from "./probes.ts";
import { checkHost, checkMethod, setResponseHeaders } from "./request-guard.ts";

/** Makes the text of `/metrics`. */
export interface MetricsRenderer {
  /** `accept`: the header of the request, which chooses the format. */
  render(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>;
}

/** What an admin server serves. */
export interface AdminParts {
  readonly view: AdminView;
  /** Names, beside `localhost`, by which the server may be asked. */
  readonly hosts: readonly string[];
  readonly metrics?: MetricsRenderer;
  /** The status page and all that belongs to it, below `/`: routes of GET only, which sets its own headers. */
  readonly page?: Hono;
  /** Gets what a part threw. */
  readonly onFault: (fault: Error) => void;
}

/** Everything: what `--admin` serves. */
export function createAdminApp(parts: AdminParts): Hono {
  const { view, metrics, page } = parts;
  const app = guardedApp(parts);
  app.route("/", healthRoutes(view));
  app.route("/", readyRoutes(view));
  if (metrics !== undefined) {
    app.get("/metrics", async (c) => {
      const { contentType, body } = await metrics.render(c.req.header("accept"));
      return c.body(body, 200, { "content-type": contentType });
    });
  }
  if (page !== undefined) app.route("/", page);
  return app;
}

/** `/health` alone: what `--health` serves. */
export function createHealthApp(parts: AdminParts): Hono {
  return guardedApp(parts).route("/", healthRoutes(parts.view));
}

/** `/ready` alone: what `--ready` serves. */
export function createReadyApp(parts: AdminParts): Hono {
  return guardedApp(parts).route("/", readyRoutes(parts.view));
}

function guardedApp({ hosts, onFault }: AdminParts): Hono {
  const app = new Hono();
  app.use(setResponseHeaders, checkMethod, checkHost(hosts));
  app.notFound((c) => c.text("there is nothing here\n", 404));
  app.onError((thrown, c) => {
    onFault(thrown);
    return c.text("internal server error\n", 500);
  });
  return app;
}
