// The forms of an answer that a client can ask for by its Accept header: objects as they are, their metadata alone, or
// rows of a table. Kubernetes API concepts, "Alternate representations of resources" and "Receiving resources as Tables".
import type { ListMetadata, ListPage } from "./list.ts";
import { withType, type StoredObject } from "./object-store.ts";
import { apiVersionOf, type Resource, type Target } from "./resources.ts";

const META = "meta.k8s.io/v1";
const COLUMNS = ["Name", "Created At"].map((name) => ({
  name,
  type: "string",
  format: name === "Name" ? "name" : "",
  description: name,
  priority: 0,
}));

/** Objects, events and lists in one of the forms. */
export interface Representation {
  readonly contentType: string;
  object(stored: StoredObject): string;
  list(resource: Resource, page: ListPage): string;
  bookmark(target: Target, metadata: object): string;
  formatEvent(type: string, object: string): string;
}

const formatEvent = (type: string, object: string): string => `{"type":"${type}","object":${object}}`;
const join = (kind: string, apiVersion: string, metadata: ListMetadata, items: readonly string[]): string =>
  `{"kind":"${kind}","apiVersion":"${apiVersion}","metadata":${JSON.stringify(metadata)},"items":[${items.join(",")}]}`;

const WHOLE: Representation = {
  contentType: "application/json",
  object: withType,
  list: (resource, { items, metadata }) =>
    join(
      `${resource.kind}List`,
      apiVersionOf(resource),
      metadata,
      items.map(({ json }) => json),
    ),
  bookmark: ({ resource }, metadata) =>
    JSON.stringify({ kind: resource.kind, apiVersion: apiVersionOf(resource), metadata }),
  formatEvent,
};

const METADATA: Representation = {
  contentType: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
  object: ({ value }) => partial(value.metadata),
  list: (_, { items, metadata }) =>
    join(
      "PartialObjectMetadataList",
      META,
      metadata,
      items.map(({ value }) => partial(value.metadata)),
    ),
  bookmark: (_, metadata) => partial(metadata),
  formatEvent,
};

const TABLE: Representation = {
  contentType: "application/json;as=Table;g=meta.k8s.io;v=v1",
  object: (stored) => table([stored], { resourceVersion: stored.value.metadata.resourceVersion! }),
  list: (_, { items, metadata }) => table(items, metadata),
  bookmark: (_, metadata) =>
    JSON.stringify({ kind: "Table", apiVersion: META, metadata, columnDefinitions: [], rows: [] }),
  formatEvent,
};

/** The first form of an Accept header that the server has; undefined: it has none (406). */
export function chooseRepresentation(accept = "*/*"): Representation | undefined {
  for (const range of accept.split(",")) {
    const [type, ...parameters] = range.split(";").map((part) => part.trim());
    if (type !== "application/json" && type !== "*/*" && type !== "application/*") continue;
    const form = parameters.find((parameter) => parameter.startsWith("as="))?.slice("as=".length);
    if (form === undefined) return WHOLE;
    if (form === "Table" && parameters.includes("v=v1")) return TABLE;
    if (/^PartialObjectMetadata(List)?$/.test(form) && parameters.includes("v=v1")) return METADATA;
  }
  return undefined;
}

function partial(metadata: object): string {
  return JSON.stringify({ kind: "PartialObjectMetadata", apiVersion: META, metadata });
}

function table(items: readonly StoredObject[], metadata: ListMetadata): string {
  const rows = items.map(({ value }) => ({
    cells: [value.metadata.name, value.metadata.creationTimestamp],
    object: { kind: "PartialObjectMetadata", apiVersion: META, metadata: value.metadata },
  }));
  return JSON.stringify({ kind: "Table", apiVersion: META, metadata, columnDefinitions: COLUMNS, rows });
}
