// As much of a Kubernetes API server as CoreDNS's kubernetes plugin needs to serve the fixture: lists, and watches on
// which nothing ever happens, of namespaces, services, endpoint slices and pods.
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { clusterObjects, type ManifestObject } from "./fixture.ts";

const KINDS: Readonly<Record<string, readonly [apiVersion: string, kind: string]>> = {
  "/api/v1/namespaces": ["v1", "Namespace"],
  "/api/v1/services": ["v1", "Service"],
  "/api/v1/pods": ["v1", "Pod"],
  "/apis/discovery.k8s.io/v1/endpointslices": ["discovery.k8s.io/v1", "EndpointSlice"],
};
const RESOURCE_VERSION = "1000";

/** A running API server; `url` is `http://127.0.0.1:PORT`. */
export interface ApiServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the fixture on a free port. */
export async function startApiServer(): Promise<ApiServer> {
  const objects = clusterObjects();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    const [apiVersion, kind] = KINDS[url.pathname] ?? [];
    response.setHeader("Content-Type", "application/json");
    if (apiVersion === undefined || kind === undefined) {
      response.statusCode = 404;
      response.end(JSON.stringify({ apiVersion: "v1", kind: "Status", status: "Failure", code: 404 }));
      return;
    }
    const items = objects.filter((object) => object.kind === kind).map(stored);
    const metadata = { resourceVersion: RESOURCE_VERSION };
    const isWatch = /^(true|1)$/.test(url.searchParams.get("watch") ?? "");
    if (!isWatch) response.end(JSON.stringify({ apiVersion, kind: `${kind}List`, metadata, items }));
    else
      watch({ apiVersion, kind }, url.searchParams.get("sendInitialEvents") === "true" ? items : undefined, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function watch(type: object, items: readonly object[] | undefined, response: ServerResponse): void {
  response.flushHeaders();
  if (items === undefined) return;
  for (const object of items) response.write(`${JSON.stringify({ type: "ADDED", object })}\n`);
  const annotations = { "k8s.io/initial-events-end": "true" };
  const object = { ...type, metadata: { resourceVersion: RESOURCE_VERSION, annotations } };
  response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
}

/** As an API server gives an object back. */
function stored(object: ManifestObject): object {
  return { ...object, metadata: { ...object.metadata, resourceVersion: RESOURCE_VERSION } };
}
