// Which problems of files and objects an explanation tells.
import { expect, test } from "vitest";
import { problemHints } from "../../src/explain/problem-hints.ts";
import { fileProblem } from "../../src/objects/problem.ts";
import type { Problem } from "../../src/objects/problem.ts";
import type { Reason } from "../../src/reasons/reason.ts";

function problem(code: string, file: string, object?: string): Problem {
  return { ...fileProblem(file, code, code, "do"), ...(object !== undefined && { object }) };
}

const PROBLEMS = [
  problem("yaml-syntax", "web.yaml"),
  problem("invalid-field", "db.yaml", "Service prod/db"),
  problem("no-service-name", "slice.yaml", "EndpointSlice prod/db-1"),
  problem("zone-record", "zones/example.org.zone"),
];
const OF_DB = { service: "db", namespace: "prod" };

test.each<[reason: Reason, name: string, files: readonly string[]]>([
  [{ code: "no-service", ...OF_DB }, "db.prod.svc.c", ["db.yaml"]],
  [{ code: "no-service", service: "api", namespace: "prod" }, "api.prod.svc.c", ["web.yaml"]],
  [{ code: "no-ready-endpoint", ...OF_DB, notReady: 0 }, "db.prod.svc.c", ["db.yaml", "slice.yaml"]],
  [{ code: "not-served", name: "www.example.org" }, "www.example.org", ["zones/example.org.zone"]],
  [{ code: "not-served", name: "www.myexample.org" }, "www.myexample.org", []],
  [{ code: "no-namespace", namespace: "prd" }, "db.prd.svc.c", []],
])("for %j", (reason, name, files) => {
  expect(problemHints(reason, name, PROBLEMS).map((text) => text.split(":")[0])).toEqual(files);
});
