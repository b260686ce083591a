// As much of a Kubernetes API server as a DNS server's reflectors need: lists and open watches of namespaces, services
// and endpoint slices, over HTTP on a loopback address, of objects that never change.
// Kubernetes API concepts: "Efficient detection of changes", "Streaming lists".
import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { namespaceObjects, serviceObject, sliceObjects } from "./cluster.ts";
import type { KubernetesObject, ModelService } from "./cluster.ts";

interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly objects: () => readonly KubernetesObject[];
}

const RESOURCE_VERSION = "1000";

/** A running API server; `url` is `http://127.0.0.1:PORT`. */
export class FakeApiServer {
  readonly url: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** Serves the objects of `services` on a free port. */
  static async start(services: readonly ModelService[]): Promise<FakeApiServer> {
    const resources = new Map<string, Resource>([
      ["/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", objects: () => namespaceObjects(services) }],
      ["/api/v1/services", { apiVersion: "v1", kind: "Service", objects: () => services.map(serviceObject) }],
      [
        "/apis/discovery.k8s.io/v1/endpointslices",
        { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", objects: () => services.flatMap(sliceObjects) },
      ],
    ]);
    const server = createServer((request, response) => respond(resources, request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeApiServer(server);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

function respond(resources: ReadonlyMap<string, Resource>, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const resource = resources.get(url.pathname);
  const isWatch = url.searchParams.get("watch") === "true" || url.searchParams.get("watch") === "1";
  response.setHeader("Content-Type", "application/json");
  if (resource === undefined) {
    response.statusCode = 404;
    const status = { apiVersion: "v1", kind: "Status", status: "Failure", reason: "NotFound", code: 404 };
    response.end(JSON.stringify(status));
  } else if (isWatch) {
    watch(resource, url.searchParams.get("sendInitialEvents") === "true", response);
  } else {
    const { apiVersion, kind, objects } = resource;
    const metadata = { resourceVersion: RESOURCE_VERSION };
    response.end(JSON.stringify({ apiVersion, kind: `${kind}List`, metadata, items: objects().map(stored) }));
  }
}

/** An open watch: nothing ever happens, but for the objects themselves where they are asked for as events. */
function watch(resource: Resource, sendInitialEvents: boolean, response: ServerResponse): void {
  response.flushHeaders();
  if (!sendInitialEvents) return;
  for (const object of resource.objects()) {
    response.write(`${JSON.stringify({ type: "ADDED", object: stored(object) })}\n`);
  }
  const { apiVersion, kind } = resource;
  const annotations = { "k8s.io/initial-events-end": "true" };
  const object = { apiVersion, kind, metadata: { resourceVersion: RESOURCE_VERSION, annotations } };
  response.write(`${JSON.stringify({ type: "BOOKMARK", object })}\n`);
}

/** As the API server gives it back. */
function stored(object: KubernetesObject): KubernetesObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: RESOURCE_VERSION } };
}
