// Why names of a service are not there, as hidden names beside the missing ones: what the answer path can't tell from
// the names that exist. They change with the service as its other names do.
import { TYPE } from "../dns/constants.ts";
import { LABEL_SIZE_MAX, prependLabels } from "../dns/name.ts";
import { formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { visible } from "../std/visible.ts";
import { ENTRY_FLAG } from "../table/layout.ts";
import { NOTE_PREFIX } from "../table/reason-texts.ts";
import { fits } from "./cluster-names.ts";
import { servedTarget } from "./compile-service.ts";
import { NODE } from "./node-kind.ts";
import type { NodeKind } from "./node-kind.ts";
import type { CompileSettings, OwnerPlan, ServiceState } from "./compile-service.ts";

const PREFIX = String.fromCharCode(NOTE_PREFIX);
const TEXT_SIZE_MAX = 255;

/** The notes on names of the service that do not exist. */
export function compileNotes(state: ServiceState, { names }: CompileSettings): readonly OwnerPlan[] {
  const { service, owner, endpoints, notReady } = state;
  const place = { service: service.name, namespace: service.namespace };
  const above = names.servicesOf(service.namespace);
  if (service.type === "ExternalName") {
    if (servedTarget(service) !== undefined) return [];
    return note(
      service.name,
      above,
      { code: "no-external-name", ...place, target: service.externalName ?? "" },
      NODE.SERVICE,
    );
  }
  if (service.headless && endpoints.length === 0)
    return note(service.name, above, { code: "no-ready-endpoint", ...place, notReady: notReady.count }, NODE.SERVICE);
  return notReady.labels.flatMap((label) => note(label, owner, { code: "endpoint-not-ready", label, ...place }));
}

/** The hidden name of a note on `label` below `parent`, if it fits; its text is a TXT record. */
function note(label: string, parent: Uint8Array, reason: Reason, node?: NodeKind): readonly OwnerPlan[] {
  const own = `${PREFIX}${label}`;
  if (own.length > LABEL_SIZE_MAX) return [];
  const name = prependLabels([own], parent);
  if (!fits(name)) return [];
  const text = visible(formatReason(reason));
  const sets = [{ type: TYPE.TXT, ttlSeconds: 0, rdata: [textRdata(text)] }];
  return [
    {
      labels: own,
      name: () => name,
      inputs: text,
      flags: ENTRY_FLAG.HIDDEN,
      ...(node !== undefined && { node }),
      sets: () => sets,
    },
  ];
}

/** One character string of UTF-8, cut where it is too long. */
function textRdata(text: string): Uint8Array {
  let bytes = Buffer.from(text);
  for (let end = TEXT_SIZE_MAX; bytes.length > TEXT_SIZE_MAX; end--) bytes = Buffer.from(text.slice(0, end));
  return Uint8Array.from([bytes.length, ...bytes]);
}
