// The measured cluster behind a Kubernetes API server, for servers that read it from there: the scripted one of the
// tests.
import { ApiServer } from "../test/support/api-server/api-server.ts";
import { namespaceObjects, serviceObject, sliceObjects } from "./cluster.ts";
import type { ModelService } from "./cluster.ts";

/** An API server on a free port of 127.0.0.1 that has the objects of the services. */
export async function startApiServer(services: readonly ModelService[]): Promise<ApiServer> {
  const api = await ApiServer.start();
  api.put(...namespaceObjects(services));
  for (const service of services) api.put(serviceObject(service), ...sliceObjects(service));
  return api;
}
