// The problems of files and objects that may be the cause: the service is in a file that can't be read, the zone is not
// served, the slice lacks its label. Told as `check` tells them. Pure.
import { formatProblem } from "../objects/problem.ts";
import type { Problem } from "../objects/problem.ts";
import type { Reason } from "../reasons/reason.ts";

const SHOWN_MAX = 3;
const ZONE_FILE = /(?:^|[/\\])([^/\\]+)\.zone$/;

/** Of the name that has the reason, without its final dot. */
export function problemHints(reason: Reason, name: string, problems: readonly Problem[]): readonly string[] {
  const causes = problems.filter((problem) => isOfZone(problem, reason, name) || isOfService(problem, reason));
  const wanted = causes.length > 0 || reason.code !== "no-service" ? causes : problems.filter(isOfFile);
  return [...new Set(wanted.map(formatProblem))].slice(0, SHOWN_MAX);
}

/** Whether the problem is of the service, or of a slice that names no service and may be of this one. */
function isOfService({ code, object }: Problem, reason: Reason): boolean {
  if (object === undefined || !("namespace" in reason) || !("service" in reason)) return false;
  if (object === `Service ${reason.namespace}/${reason.service}`) return true;
  const isOfSlices = code === "no-service-name" && object.startsWith(`EndpointSlice ${reason.namespace}/`);
  return isOfSlices && reason.code === "no-ready-endpoint";
}

/** Whether the problem is of a zone file whose zone would have the name. */
function isOfZone({ place }: Problem, { code }: Reason, name: string): boolean {
  const origin = ZONE_FILE.exec(place?.file ?? "")?.[1]?.toLowerCase();
  const isMissing = ["not-served", "no-service", "no-namespace", "no-cluster-name", "upstream-denied"].includes(code);
  return origin !== undefined && isMissing && `.${name}`.endsWith(`.${origin}`);
}

/** Whether what the file has is not known. */
function isOfFile({ object, place, severity }: Problem): boolean {
  return object === undefined && place !== undefined && severity === "error" && !ZONE_FILE.test(place.file);
}
