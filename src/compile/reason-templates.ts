// Makes the sentences with which the answer path says why a question gets no records, from the catalogue of reasons:
// each is the sentence for arguments that are places. What the answer path can't know is left out at the end.
import { extendedErrorOf, formatReason } from "../reasons/reason.ts";
import type { Reason } from "../reasons/reason.ts";
import { assert } from "../std/assert.ts";
import { DENIAL, DENIALS, PLACE } from "../table/reason-texts.ts";
import type { ReasonTexts } from "../table/reason-texts.ts";
import { NODE, NODE_LEVELS_BELOW, NODES } from "./node-kind.ts";

const place = (code: number): string => String.fromCharCode(code);
const BELOW = place(PLACE.BELOW);
const OWN = place(PLACE.OWN);
const PARENT = place(PLACE.PARENT);
const NAME = place(PLACE.NAME);
const QUESTION = place(PLACE.QUESTION);
const APEX = place(PLACE.APEX);
const NEAREST = place(PLACE.NEAREST);
const SERVICE = { service: OWN, namespace: PARENT };

/** The sentences of one kind of node by what it denies. */
type Row = Readonly<Partial<Record<keyof typeof DENIAL, Reason>>>;

/** Of all nodes that have no sentence of their own. Names that are denied at any depth have that for one label. */
const DEFAULTS = {
  LABEL: { code: "not-in-zone", name: NAME, zone: APEX },
  TYPE: { code: "no-records-of-type", name: NAME, type: place(PLACE.TYPE), types: [] },
  EMPTY: { code: "no-records", name: NAME },
  ZONE_NOT_LOADED: { code: "not-loaded", zone: APEX },
  NOT_LOADED: { code: "not-loaded" },
  LOOP: { code: "cname-loop", name: QUESTION },
  NOT_SERVED: { code: "not-served", name: NAME },
  NOT_DESIRED: { code: "recursion-not-desired", name: NAME },
  NOT_ALLOWED: { code: "recursion-not-allowed" },
  UPSTREAM_NAME: { code: "upstream-denied", name: NAME },
} as const satisfies Row;

const NO_CLUSTER_NAME: Reason = { code: "no-cluster-name", name: NAME, domain: APEX };
const NO_ADDRESS_OF_FAMILY = { code: "no-address-of-family", ...SERVICE } as const;
const OF_SERVICE: Row = {
  LABEL: { code: "no-endpoint-name", label: BELOW, ...SERVICE },
  PORT: { code: "port-not-named", port: place(PLACE.PORT), protocol: place(PLACE.PROTOCOL), ...SERVICE, ports: [] },
};

const ROWS: Readonly<Record<keyof typeof NODE, Row>> = {
  OTHER: {},
  CLUSTER: { LABEL: NO_CLUSTER_NAME },
  NAMESPACES: {
    LABEL: { code: "no-namespace", namespace: BELOW },
    NEAREST: { code: "no-namespace", namespace: BELOW, nearest: NEAREST },
  },
  SERVICES: {
    LABEL: { code: "no-service", service: BELOW, namespace: OWN },
    NEAREST: { code: "no-service", service: BELOW, namespace: OWN, nearest: NEAREST },
  },
  ANY_PODS: { LABEL: { code: "not-an-address", label: BELOW, namespace: OWN }, DEEPER: NO_CLUSTER_NAME },
  RUNNING_PODS: {
    LABEL: { code: "not-an-address", label: BELOW, namespace: OWN },
    ADDRESS: { code: "no-pod-address", label: BELOW, namespace: OWN },
    DEEPER: NO_CLUSTER_NAME,
  },
  NO_PODS: { LABEL: { code: "pod-names-off" } },
  SERVICE: {
    ...OF_SERVICE,
    A: { ...NO_ADDRESS_OF_FAMILY, family: 4 },
    AAAA: { ...NO_ADDRESS_OF_FAMILY, family: 6 },
  },
  SERVICE_WITHOUT_ADDRESS: { ...OF_SERVICE, EMPTY: { code: "no-cluster-ip", ...SERVICE } },
  REVERSE: { REVERSE: { code: "no-pointer", address: place(PLACE.ADDRESS) } },
  DENIED_DOMAIN: { LABEL: { code: "special-not-forwarded", domain: APEX } },
};

/** The sentences of all nodes. */
export function reasonTexts(): ReasonTexts {
  const bytes: number[] = [];
  const known = new Map<string, number>();
  const starts = new Uint16Array(NODES * DENIALS);
  for (const [name, node] of Object.entries(NODE) as [keyof typeof NODE, number][]) {
    for (const [denial, reason] of Object.entries(sentencesOf(ROWS[name])) as [keyof typeof DENIAL, Reason][]) {
      const text = templateOf(reason);
      const start = known.get(text) ?? bytes.length;
      if (start === bytes.length) bytes.push(extendedErrorOf(reason.code), ...Buffer.from(text, "latin1"), 0);
      known.set(text, start);
      starts[node * DENIALS + DENIAL[denial]] = start;
    }
  }
  return { bytes: Uint8Array.from(bytes), starts, levelsBelow: NODE_LEVELS_BELOW };
}

/** A sentence for each denial: of one kind of names or types that of the more general one, unless it has its own. */
function sentencesOf(row: Row): Readonly<Record<keyof typeof DENIAL, Reason>> {
  const own = { ...DEFAULTS, ...row };
  const { LABEL, TYPE } = own;
  const ofNames = { DEEPER: LABEL, ADDRESS: LABEL, PORT: own.DEEPER ?? LABEL, REVERSE: LABEL, NEAREST: LABEL };
  return { ...ofNames, A: TYPE, AAAA: TYPE, RECORDS: TYPE, ...own };
}

/** The sentence without what only a look at all objects would tell: the ports and types that there are. */
function templateOf(reason: Reason): string {
  const text = formatReason(reason);
  assert(Buffer.byteLength(text) === text.length && !text.includes("\0"), "a sentence is ASCII");
  return reason.code === "port-not-named" || reason.code === "no-records-of-type" ? text.replace(/; .*$/s, "") : text;
}
