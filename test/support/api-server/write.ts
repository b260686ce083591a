// Requests that change objects: create, update, patch, delete and deletecollection. Kubernetes API concepts, "API verbs",
// "Dry-run" and "Patch". Server-side apply merges, and does not know who owns a field.
import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import { admit } from "./admit.ts";
import { ApiFailure, badRequest, notFound } from "./api-failure.ts";
import type { ApiRequest } from "./api-request.ts";
import { mergePatch } from "./merge-patch.ts";
import { keyOf } from "./object-store.ts";
import { apiVersionOf, resourceOf, type KubernetesObject, type Resource, type Target } from "./resources.ts";
import { compileSelector } from "./selectors.ts";

/** What a write does with the state. */
export interface WritableState {
  find(resource: Resource, key: string): KubernetesObject | undefined;
  all(resource: Resource): readonly KubernetesObject[];
  /** The object as it is stored. */
  put(object: KubernetesObject): KubernetesObject;
  remove(object: KubernetesObject): void;
}

/** The object of the answer and its HTTP status; throws what fails. */
export function write(
  { verb, query, headers }: ApiRequest,
  target: Target,
  body: string,
  state: WritableState,
): { status: number; object: object } {
  const isDryRun = query.get("dryRun") === "All";
  const put = (object: KubernetesObject, before?: KubernetesObject): KubernetesObject => {
    const taken = (): ReadonlySet<string> => clusterIpsOf(state, object);
    const admitted = admit(object, before, taken);
    if (before !== undefined && isDeepStrictEqual(ownFieldsOf(admitted), ownFieldsOf(before))) return before;
    return isDryRun ? admitted : state.put(admitted);
  };
  const before = target.name === undefined ? undefined : state.find(target.resource, keyOf(nameOf(target)));
  const type = headers["content-type"] ?? "application/json";
  const isApply = type.startsWith("application/apply-patch");
  if (target.subresource !== undefined) throw new ApiFailure(404, "NotFound", "there are no subresources");
  if (target.name !== undefined && before === undefined && !isApply) {
    throw notFound(target.resource.plural, target.name);
  }
  switch (verb) {
    case "create": {
      const object = checkedObject(parseBody(body, type), target);
      checkNew(object, target, state);
      return { status: 201, object: put(object) };
    }
    case "update": {
      const object = checkedObject(parseBody(body, type), target);
      checkVersion(object, before!);
      return { status: 200, object: put(object, before) };
    }
    case "patch": {
      const object = checkedObject(patched(before, parseBody(body, type), type), target);
      checkVersion(object, before ?? object);
      if (before === undefined) checkNew(object, target, state);
      return { status: before === undefined ? 201 : 200, object: put(object, before) };
    }
    case "delete":
      if (!isDryRun) state.remove(before!);
      return { status: 200, object: success(target, before!) };
    default: {
      const chosen = state.all(target.resource).filter(compileSelector(target, query));
      if (!isDryRun) for (const object of chosen) state.remove(object);
      return { status: 200, object: { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success" } };
    }
  }
}

function parseBody(body: string, type: string): unknown {
  try {
    return /yaml/.test(type) ? parse(body) : JSON.parse(body);
  } catch {
    throw badRequest("the object provided is unrecognized");
  }
}

function patched(before: KubernetesObject | undefined, patch: unknown, type: string): unknown {
  if (!/^application\/(strategic-merge-patch\+json|merge-patch\+json|apply-patch\+yaml)/.test(type)) {
    throw new ApiFailure(415, "UnsupportedMediaType", `the body of the request was in an unknown format: ${type}`);
  }
  const merged = mergePatch(before, patch) as KubernetesObject;
  // The server's own list of owners is not for clients.
  return before === undefined ? merged : { ...merged, metadata: { ...merged.metadata, managedFields: undefined } };
}

/** The object with the name, namespace and kind that the path demands. */
function checkedObject(value: unknown, target: Target): KubernetesObject {
  const { resource, namespace, name } = target;
  const object = value as Partial<KubernetesObject> | null;
  const metadata = object?.metadata;
  if (object?.kind !== resource.kind || object.apiVersion !== apiVersionOf(resource) || metadata === undefined) {
    throw badRequest(`the object provided is no ${apiVersionOf(resource)} ${resource.kind}`);
  }
  if (metadata.name === undefined || metadata.name === "") throw badRequest("name or generateName is required");
  if (name !== undefined && metadata.name !== name) throw badRequest("the name of the object is not that of the URL");
  if ((metadata.namespace ?? namespace) !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return { ...(object as KubernetesObject), metadata: { ...metadata, ...(namespace !== undefined && { namespace }) } };
}

function checkNew(object: KubernetesObject, { resource, namespace }: Target, state: WritableState): void {
  const { name } = object.metadata;
  if (state.find(resource, keyOf(object.metadata)) !== undefined) {
    throw new ApiFailure(409, "AlreadyExists", `${resource.plural} "${name}" already exists`);
  }
  if (namespace === undefined || namespace === "default") return;
  const namespaces = resourceOf({ apiVersion: "v1", kind: "Namespace" });
  if (state.find(namespaces, keyOf({ name: namespace })) === undefined) throw notFound("namespaces", namespace);
}

function checkVersion({ metadata }: KubernetesObject, before: KubernetesObject): void {
  const { resourceVersion = "" } = metadata;
  if (resourceVersion === "" || resourceVersion === before.metadata.resourceVersion) return;
  throw new ApiFailure(409, "Conflict", `the object "${metadata.name}" has been modified`);
}

/** Without what the server writes. */
function ownFieldsOf({ metadata, ...fields }: KubernetesObject): object {
  const { managedFields: _owners, resourceVersion: _version, uid: _uid, creationTimestamp: _time, ...own } = metadata;
  return { ...fields, metadata: own };
}

function clusterIpsOf(state: WritableState, besides: KubernetesObject): ReadonlySet<string> {
  const others = state
    .all(resourceOf({ apiVersion: "v1", kind: "Service" }))
    .filter(({ metadata }) => keyOf(metadata) !== keyOf(besides.metadata));
  return new Set(others.map(({ spec }) => (spec as { clusterIP?: string } | undefined)?.clusterIP ?? ""));
}

function success({ resource }: Target, { metadata }: KubernetesObject): object {
  const { name, uid } = metadata;
  const details = { name, ...(resource.group !== "" && { group: resource.group }), kind: resource.plural, uid };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details };
}

/** Name and namespace as metadata has them. */
export function nameOf({ name = "", namespace }: Target): { name: string; namespace?: string } {
  return { name, ...(namespace !== undefined && { namespace }) };
}
