// The settings of an answerer that decide what a client gets, from the options alone: the same for a server and for
// commands that ask without one.
import type { AnswerSettings } from "../answer/answer-settings.ts";
import { reasonTexts } from "../compile/reason-templates.ts";
import { rangesOf } from "../config/cluster-value.ts";
import type { Options } from "../config/options.ts";
import { formatCidr, parseCidr } from "../net/ip.ts";
import { ForwardPlane } from "./forward-plane.ts";

/** Addresses of this machine alone. */
export const LOOPBACK = ["127.0.0.0/8", "::1/128"].flatMap((text) => parseCidr(text) ?? []);

export function accessSettings(options: Options): AnswerSettings {
  const { ednsSize, ednsSizeLocal, podCidrs, clusters, allow, allowRecursion, reasons, rewriteRules } = options;
  const isForAll = ["0.0.0.0/0", "::/0"].every((any) => allow.some((each) => formatCidr(each) === any));
  return {
    ednsSize,
    ...(ednsSizeLocal !== undefined &&
      ednsSizeLocal > ednsSize && {
        near: { ednsSize: ednsSizeLocal, clients: [...LOOPBACK, ...podCidrs, ...rangesOf(clusters)] },
      }),
    recursion: ForwardPlane.isWanted(options),
    // A list that includes every address is left out: no look-up for each query.
    ...(isForAll ? {} : { allow }),
    allowRecursion,
    ...(reasons !== "off" && { reasons: { texts: reasonTexts(), toAll: reasons === "all" } }),
    ...(rewriteRules.length > 0 && { rewriteRules }),
  };
}

/** The size of the largest UDP answer to any client, bytes. */
export function udpReplySizeMax({ ednsSize, ednsSizeLocal }: Options): number {
  return Math.max(ednsSize, ednsSizeLocal ?? 0);
}
