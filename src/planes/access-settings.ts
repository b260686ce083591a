// The settings of an answerer that decide what a client gets, from the options alone: the same for a server and for
// commands that ask without one.
import type { AnswerSettings } from "../answer/answer-settings.ts";
import { reasonTexts } from "../compile/reason-templates.ts";
import type { Options } from "../config/options.ts";
import { formatCidr } from "../net/ip.ts";
import { ForwardPlane } from "./forward-plane.ts";

export function accessSettings(options: Options): AnswerSettings {
  const { ednsSize, allow, allowRecursion, reasons, rewriteRules } = options;
  const isForAll = ["0.0.0.0/0", "::/0"].every((any) => allow.some((each) => formatCidr(each) === any));
  return {
    ednsSize,
    recursion: ForwardPlane.isWanted(options),
    // A list that includes every address is left out: no look-up for each query.
    ...(isForAll ? {} : { allow }),
    allowRecursion,
    ...(reasons !== "off" && { reasons: { texts: reasonTexts(), toAll: reasons === "all" } }),
    ...(rewriteRules.length > 0 && { rewriteRules }),
  };
}
