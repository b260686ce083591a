// Logs what happens at upstreams: when one goes down, and why; when it is back; and what one that is up fails with, at
// most once a minute for each upstream and cause.
import { HEADER_SIZE } from "../dns/constants.ts";
import { readExtendedErrors } from "../dns/extended-error.ts";
import { rcodeOf } from "../dns/message.ts";
import { formatName, readName } from "../dns/name.ts";
import { rcodeName } from "../dns/rcode-name.ts";
import { FAILURE_CAUSES } from "../forward/failure-cause.ts";
import type { OnUpstreamEvent, UpstreamEvent } from "../forward/upstream-event.ts";
import type { Logger } from "../observe/log.ts";
import { Repetitions } from "../observe/repetitions.ts";
import { visible } from "../std/visible.ts";

const INTERVAL_MS = 60_000;

/** The listener that logs. `now`: monotonic time, milliseconds. */
export function upstreamLog(log: Logger, now: () => number): OnUpstreamEvent {
  const repetitions = new Repetitions(INTERVAL_MS);
  /** Once in an interval, with the number of times. */
  const tell = (kind: string, write: (count: number) => void): void => {
    const count = repetitions.count(kind, now());
    if (count > 0) write(count);
  };
  return (event: UpstreamEvent): void => {
    const upstream = event.upstream.text;
    if (event.kind === "up") return log.info({ upstream, downMs: Math.round(event.downMs) }, "upstream is up again");
    if (event.kind === "plain")
      return log.info(
        { upstream },
        "upstream is asked without EDNS, with which it is of no use; ?edns=off says so at once",
      );
    if (event.kind === "error")
      return tell(`${upstream} ${rcodeOf(event.reply).rcode}`, (count) =>
        log.info({ upstream, ...aboutError(event.reply), count }, "upstream answers with an error"),
      );
    const { cause, detail } = event;
    const about = { upstream, cause, ...(detail !== undefined && { detail }) };
    const { text } = FAILURE_CAUSES[cause];
    if (event.kind === "down") return log.warn(about, `upstream is down: it ${text}`);
    return tell(`${upstream} ${cause}`, (count) => log.warn({ ...about, count }, `upstream fails: it ${text}`));
  };
}

/** The question, the rcode, and what the upstream itself says of the error. */
function aboutError(reply: Uint8Array): object {
  const name = readName(reply, HEADER_SIZE);
  const [error] = readExtendedErrors(reply);
  return {
    rcode: rcodeName(rcodeOf(reply).rcode),
    ...(name !== undefined && { name: formatName(name) }),
    ...(error !== undefined && { ede: error.code }),
    ...(error !== undefined && error.text.length > 0 && { edeText: visible(error.text.toString()) }),
  };
}
