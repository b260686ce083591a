// A rule for names of the cluster that exceed the limit of DNS, so that they have no records. Pure.
// RFC 1035 section 2.3.4: 255 octets, with a length octet before each label and the root at the end.
import type { Service } from "../objects/kube-object.ts";
import type { Finding } from "./finding.ts";
import { finding } from "./finding.ts";
import type { DiagnosticView } from "./view.ts";

const NAME_SIZE_MAX = 255;
/** The length octet of the first label, and the root. */
const ENDS_SIZE = 2;

/** A warning for each service that has such names, with the longest of them. */
export function findLongNames(view: DiagnosticView): readonly Finding[] {
  return view.services.flatMap((service) => {
    const name = longestNameOf(service, view);
    const size = Buffer.byteLength(name) + ENDS_SIZE;
    if (size <= NAME_SIZE_MAX) return [];
    return finding("name-too-long", service, ["metadata", "name"], {
      message: `the name ${name} has ${size} octets, more than the ${NAME_SIZE_MAX} of DNS, so it has no records`,
      advice: "use shorter names, or a shorter cluster domain",
    });
  });
}

/** The service's own name, or the longer of those below it: its ports' and its endpoints'. */
function longestNameOf(service: Service, view: DiagnosticView): string {
  let longest = "";
  const add = (label: string): void => {
    if (label.length > longest.length) longest = label;
  };
  for (const port of service.ports) if (port.name !== "") add(`_${port.name}._${port.protocol.toLowerCase()}.`);
  for (const slice of view.registry.slicesOf(service.namespace, service.name)) {
    for (const { hostname } of slice.endpoints) if (hostname !== undefined) add(`${hostname}.`);
  }
  return `${longest}${service.name}.${service.namespace}.svc.${view.settings.clusterDomain}`;
}
