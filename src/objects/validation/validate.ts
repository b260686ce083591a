// Checks an object against the rules of its kind, after it has decoded. Pure; faults go to the sink.
// An API server that checks the same object reports the same fields.
import type { Field, ProblemSink } from "../field.ts";
import { fieldAt, OBJECT_PROBLEMS_MAX } from "../schema/strict-decoding.ts";
import { ENDPOINT_SLICE_RULES, ENDPOINTS_RULES } from "./endpoints-rules.ts";
import { METADATA_RULES, NAMESPACE_RULES } from "./metadata-rules.ts";
import { NODE_RULES } from "./node-rules.ts";
import { POD_RULES } from "./pod-rules.ts";
import type { Row, Rule } from "./rules.ts";
import { below, checkRules, RuleTable } from "./rules.ts";
import { SERVICE_RULES } from "./service-rules.ts";
import { isMapping } from "../raw-values.ts";
import {
  CRON_JOB_RULES,
  DAEMON_SET_RULES,
  DEPLOYMENT_RULES,
  JOB_RULES,
  REPLICA_SET_RULES,
  REPLICATION_CONTROLLER_RULES,
  STATEFUL_SET_RULES,
} from "./workload-rules.ts";

const OF_KINDS: Readonly<Record<string, readonly Row[]>> = {
  Namespace: NAMESPACE_RULES,
  Node: NODE_RULES,
  Service: SERVICE_RULES,
  Endpoints: ENDPOINTS_RULES,
  EndpointSlice: ENDPOINT_SLICE_RULES,
  Pod: POD_RULES,
  Deployment: DEPLOYMENT_RULES,
  StatefulSet: STATEFUL_SET_RULES,
  ReplicaSet: REPLICA_SET_RULES,
  DaemonSet: DAEMON_SET_RULES,
  ReplicationController: REPLICATION_CONTROLLER_RULES,
  Job: JOB_RULES,
  CronJob: CRON_JOB_RULES,
};

const SPEC: Rule = { at: "spec", expected: "a mapping", holds: (spec) => spec !== undefined };
const WITHOUT_SPEC = ["Namespace", "Node", "Endpoints", "EndpointSlice"];

const TABLES: ReadonlyMap<string, RuleTable> = new Map(
  Object.entries(OF_KINDS).map(([kind, rows]) => {
    const spec = WITHOUT_SPEC.includes(kind) ? [] : [SPEC];
    return [kind, new RuleTable([below("metadata", METADATA_RULES), ...spec, ...rows])];
  }),
);

/** Reports to `sink` each field of the object `root` that an API server would refuse. */
export function validate(root: Field, kind: string, sink: ProblemSink): void {
  const table = TABLES.get(kind);
  if (table === undefined || !isMapping(root.value)) return;
  checkRules(root.value, table, (path, rule) => {
    if (sink.problems.length >= OBJECT_PROBLEMS_MAX) return;
    const field = fieldAt(root, sink, path);
    if (rule.code === undefined) field.invalid(rule.expected, rule.advice);
    else field.warn(rule.code, `${field.name}: expected ${rule.expected}`, rule.advice ?? "correct the field");
  });
}
