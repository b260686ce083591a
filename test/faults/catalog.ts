// All faults, in the order of their ids. A row that nobody can do yet says why.
import type { Fault } from "./fault.ts";
import { CLIENT_FAULTS } from "./groups/clients.ts";
import { FILE_FAULTS } from "./groups/files.ts";
import { FOLDER_FAULTS } from "./groups/folders.ts";
import { FORWARDING_FAULTS } from "./groups/forwarding.ts";
import { KUBERNETES_FAULTS } from "./groups/kubernetes.ts";
import { LISTEN_FAULTS } from "./groups/listen.ts";
import { OUTPUT_FAULTS } from "./groups/output.ts";
import { RESOURCE_FAULTS } from "./groups/resources.ts";
import { RESTART_FAULTS } from "./groups/restarts.ts";
import { SIGNAL_FAULTS } from "./groups/signals.ts";
import { TIME_FAULTS } from "./groups/time.ts";
import { UPSTREAM_FAULTS } from "./groups/upstreams.ts";

/** The fault list. */
export const FAULTS: readonly Fault[] = [
  ...FILE_FAULTS,
  ...FOLDER_FAULTS,
  ...TIME_FAULTS,
  ...UPSTREAM_FAULTS,
  ...FORWARDING_FAULTS,
  ...CLIENT_FAULTS,
  ...SIGNAL_FAULTS,
  ...RESTART_FAULTS,
  ...OUTPUT_FAULTS,
  ...RESOURCE_FAULTS,
  ...KUBERNETES_FAULTS,
  ...LISTEN_FAULTS,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
