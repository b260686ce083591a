// The observations of one server, and how it can be asked at all. Pure.
// Rules read this; a server that does not answer has one finding, and no other rule looks at it.
import { formatListenAddress } from "../net/listen-address.ts";
import type { Observation, Purpose } from "./observation.ts";

/** A server, with what it was asked. */
export interface ServerView {
  /** `ADDR:PORT`. */
  readonly name: string;
  readonly host: string;
  readonly observations: readonly Observation[];
  /** Questions over each transport; those by a socket that takes replies from anywhere are left out. */
  readonly udp: readonly Observation[];
  readonly tcp: readonly Observation[];
  readonly isAliveByUdp: boolean;
  readonly isAliveByTcp: boolean;
}

/** The views of all servers, in the order in which they were asked. Questions that were not asked are left out. */
export function serverViews(observations: readonly Observation[]): readonly ServerView[] {
  const asked = observations.filter(({ outcome }) => outcome.kind !== "late");
  const byServer = Map.groupBy(asked, ({ probe }) => formatListenAddress(probe.server));
  return [...byServer].map(([name, its]) => {
    const resolverLike = its.filter(({ probe }) => probe.purpose !== "anySource");
    const [udp, tcp] = (["udp", "tcp"] as const).map((transport) =>
      resolverLike.filter(({ probe }) => probe.transport === transport),
    );
    return {
      name,
      host: its[0]!.probe.server.host,
      observations: its,
      udp: udp!,
      tcp: tcp!,
      isAliveByUdp: udp!.some(isReply),
      isAliveByTcp: tcp!.some(isReply),
    };
  });
}

/** The observations of a purpose. */
export function withPurpose(observations: readonly Observation[], ...purposes: Purpose[]): readonly Observation[] {
  return observations.filter(({ probe }) => purposes.includes(probe.purpose));
}

/** Whether something came that can be read. */
export function isReply({ outcome }: Observation): boolean {
  return outcome.kind === "reply";
}

/** A and AAAA that left one socket. */
export interface Pair {
  readonly a: Observation;
  readonly aaaa: Observation;
}

/** The pairs among observations. */
export function pairsOf(observations: readonly Observation[]): readonly Pair[] {
  return [...Map.groupBy(observations, ({ probe }) => probe).values()].flatMap(([a, aaaa]) =>
    a?.question.type === "A" && aaaa?.question.type === "AAAA" ? [{ a, aaaa }] : [],
  );
}
