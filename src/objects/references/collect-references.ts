// Collects the references of one object: fields that name services, and hosts in environment variables, arguments,
// probes, ConfigMaps and Secrets. Pure; reads the parsed YAML or JSON of an object that is valid.
import type { FieldPath } from "../field.ts";
import type { KubeObject } from "../kube-object.ts";
import { objectKey } from "../kube-object.ts";
import { hostOfName, hostsInFile, hostsInValue } from "./hosts-in-text.ts";
import { child, entries, items, text } from "../raw-values.ts";
import type { HostTarget, Reference } from "./reference.ts";
import { serviceFields } from "./service-fields.ts";

const DEPTH_MAX = 12;
const REFERENCES_MAX = 10_000;
/** Where the kinds with pods have the spec of a pod. */
const POD_SPECS: readonly (readonly string[])[] = [
  ["spec"],
  ["spec", "template", "spec"],
  ["spec", "jobTemplate", "spec", "template", "spec"],
];
/** The kinds that hold files of programs, and the field with them. */
const TEXT_FIELDS: ReadonlyMap<string, string> = new Map([
  ["ConfigMap", "data"],
  ["Secret", "stringData"],
]);
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"];
/** Variables whose value is a host without a port. */
const HOST_VARIABLE = /(?:^|_)(?:HOST|HOSTNAME|SERVER|ENDPOINT|ADDR|ADDRESS)$/;
const IMAGE_VARIABLE = /IMAGE/i;

type Add = (path: FieldPath, target: Reference["target"]) => void;

/** The references of `object`, whose parsed text is `value`. */
export function collectReferences(value: unknown, object: KubeObject): readonly Reference[] {
  const found: Reference[] = [];
  const { namespace, place } = object;
  const key = objectKey(object);
  const add: Add = (path, target) => {
    if (found.length < REFERENCES_MAX) found.push({ object: key, namespace, ...(place && { place }), path, target });
  };
  addServiceFields(value, namespace, add);
  for (const path of POD_SPECS) addContainers(child(value, ...path), path, add);
  const data = TEXT_FIELDS.get(text(child(value, "kind")) ?? "");
  if (data !== undefined) {
    // Containers may get the keys as variables.
    for (const [name, file] of entries(child(value, data))) {
      addHosts([data, name], file, HOST_VARIABLE.test(name) ? hostOfName : hostsInFile, add);
    }
  }
  return found;
}

function addServiceFields(value: unknown, namespace: string, add: Add): void {
  const fields = serviceFields(text(child(value, "apiVersion")) ?? "", text(child(value, "kind")) ?? "");
  if (fields === undefined) return;
  const visit = (node: unknown, path: FieldPath): void => {
    if (path.length > DEPTH_MAX) return;
    items(node).forEach((item, index) => visit(item, [...path, index]));
    for (const [key, below] of entries(node)) {
      const read = fields.get(key);
      // The schema of a resource is large and has no references.
      if (read === undefined) {
        if (key !== "versions") visit(below, [...path, key]);
        continue;
      }
      const values = Array.isArray(below)
        ? items(below).map((item, index) => [item, index] as const)
        : [[below] as const];
      for (const [each, index] of values) {
        const target = read(each, namespace);
        if (target !== undefined) add([...path, key, ...(index === undefined ? [] : [index]), ...nameIn(each)], target);
      }
    }
  };
  for (const key of ["spec", "webhooks"]) visit(child(value, key), [key]);
}

/** The path of the service's name in the value of a field. */
function nameIn(value: unknown): FieldPath {
  if (child(value, "service") !== undefined) return ["service", "name"];
  return [["name", "serviceName", "host"].find((key) => child(value, key) !== undefined) ?? "name"];
}

function addContainers(podSpec: unknown, path: FieldPath, add: Add): void {
  for (const list of ["initContainers", "containers"]) {
    items(child(podSpec, list)).forEach((container, index) => addContainer(container, [...path, list, index], add));
  }
}

function addContainer(container: unknown, path: FieldPath, add: Add): void {
  items(child(container, "env")).forEach((variable, index) => {
    const name = text(child(variable, "name")) ?? "";
    if (IMAGE_VARIABLE.test(name)) return;
    const find = HOST_VARIABLE.test(name) ? hostOfName : hostsInValue;
    addHosts([...path, "env", index, "value"], child(variable, "value"), find, add);
  });
  for (const list of ["command", "args"]) {
    items(child(container, list)).forEach((argument, index) =>
      addHosts([...path, list, index], argument, hostsInArgument, add),
    );
  }
  for (const probe of PROBES) {
    for (const handler of ["httpGet", "tcpSocket"]) {
      addHosts([...path, probe, handler, "host"], child(container, probe, handler, "host"), hostOfName, add);
    }
  }
}

/** Of `--flag=VALUE`, the hosts in VALUE. */
function hostsInArgument(argument: string): readonly HostTarget[] {
  const [flag, value] = /^(-[\w.-]+)=([^]*)$/.exec(argument)?.slice(1) ?? [];
  if (value === undefined) return hostsInValue(argument);
  return IMAGE_VARIABLE.test(flag!) ? [] : hostsInValue(value);
}

function addHosts(path: FieldPath, value: unknown, find: (text: string) => readonly HostTarget[], add: Add): void {
  if (typeof value === "string") for (const target of find(value)) add(path, target);
}
