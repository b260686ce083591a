// Discovery: which groups, versions and resources the scripted API server has. Kubernetes API concepts, "Discovery API",
// unaggregated; and as much of OpenAPI as kubectl needs to send objects without checking them.
import { RESOURCES, type Resource } from "./resources.ts";

const VERSION = {
  major: "1",
  minor: "32",
  gitVersion: "v1.32.0",
  gitCommit: "0".repeat(40),
  gitTreeState: "clean",
  buildDate: "2025-01-01T00:00:00Z",
  goVersion: "go1.23.0",
  compiler: "gc",
  platform: "linux/amd64",
};
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** What a path of discovery has, in JSON; undefined: it is none of them. */
export function discover(path: string): object | undefined {
  switch (path) {
    case "/version":
      return VERSION;
    case "/api":
      return { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] };
    case "/apis":
      return { kind: "APIGroupList", apiVersion: "v1", groups: groups().map(describeGroup) };
    default:
      return discoverGroup(path);
  }
}

/** An OpenAPI v2 document without paths in protobuf, the only form in which old clients take it. */
export function openApiV2(): Buffer {
  const field = (tag: number, value: Uint8Array): Buffer => Buffer.concat([Buffer.of(tag, value.length), value]);
  const text = (tag: number, value: string): Buffer => field(tag, Buffer.from(value));
  const info = Buffer.concat([text(0x0a, "Kubernetes"), text(0x12, VERSION.gitVersion)]);
  return Buffer.concat([text(0x0a, "2.0"), field(0x12, info), field(0x42, Buffer.alloc(0))]);
}

function discoverGroup(path: string): object | undefined {
  const group = groups().find((name) => path === `/apis/${name}`);
  if (group !== undefined) return { kind: "APIGroup", apiVersion: "v1", ...describeGroup(group) };
  const resources = RESOURCES.filter((resource) => pathOf(resource) === path);
  if (resources.length === 0) return undefined;
  const groupVersion = path.replace(/^\/apis?\//, "");
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources: resources.map(describeResource) };
}

function groups(): string[] {
  return [...new Set(RESOURCES.map(({ group }) => group))].filter((group) => group !== "");
}

function describeGroup(name: string): object {
  const version = RESOURCES.find(({ group }) => group === name)!.version;
  const described = { groupVersion: `${name}/${version}`, version };
  return { name, versions: [described], preferredVersion: described };
}

function pathOf({ group, version }: Resource): string {
  return group === "" ? `/api/${version}` : `/apis/${group}/${version}`;
}

function describeResource({ plural, singular, kind, isNamespaced, shortNames }: Resource): object {
  return { name: plural, singularName: singular, namespaced: isNamespaced, kind, verbs: VERBS, shortNames };
}
