// `/health` and `/ready`: whether the process is to be restarted, and whether it is to get queries.
// The answers are those of CoreDNS's plugins `health` and `ready`, with the reason where the answer is no.
import { Hono } from "hono";
import type { AdminView, Health, Readiness } from "./admin-view.ts";

/** `/health`: 200 while the threads that answer queries move, else 503 with the names of those that do not. */
export function healthRoutes(view: Pick<AdminView, "health">): Hono {
  const routes = new Hono();
  routes.get("/health", (c) => {
    const { stalled } = view.health();
    return stalled.length === 0 ? c.text("OK") : c.text(stalledText(stalled), 503);
  });
  return routes;
}

/** `/ready`: 200 while everything can be answered, else 503 with the reasons; with `?verbose` the state as JSON. */
export function readyRoutes(view: Pick<AdminView, "readiness">): Hono {
  const routes = new Hono();
  routes.get("/ready", (c) => {
    const readiness = view.readiness();
    const status = readiness.ready ? 200 : 503;
    if (c.req.query("verbose") !== undefined)
      return c.body(`${JSON.stringify(readiness, null, 2)}\n`, status, JSON_TYPE);
    return c.text(readiness.ready ? "OK" : reasonsText(readiness), status);
  });
  return routes;
}

const JSON_TYPE = { "content-type": "application/json" };

function stalledText(stalled: Health["stalled"]): string {
  return stalled.map(({ name, seconds }) => `worker ${name} has not moved for ${seconds} s\n`).join("");
}

function reasonsText({ reasons }: Readiness): string {
  return reasons.map((reason) => `${reason}\n`).join("");
}
