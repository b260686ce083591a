// Any bytes to at most one reply (src/answer/query-answerer.ts and all behind it), by several settings and transports.
import { readMessage, writeQuery } from "../../support/wire.ts";
import { EDNS_SIZE, fuzzedAskers } from "../fuzzed-answerers.ts";
import { checkReply, readAsked } from "../reply-laws.ts";
import { NAME_PIECES, SAMPLE_QUERIES } from "../sample-messages.ts";
import type { Target } from "../target.ts";

const askers = fuzzedAskers();

export const target: Target = {
  input: "message",
  sizeMax: 1_024,
  seeds: [...SAMPLE_QUERIES, ...withValidCookie()],
  dictionary: NAME_PIECES,
  run(input) {
    const asked = readAsked(input);
    const outcomes = askers.map(({ transport, ask }) => {
      const reply = ask(input);
      if (reply === undefined) return "handed over";
      const message = checkReply(asked, reply, transport, EDNS_SIZE);
      if (message === undefined) return "silent";
      const { rcode, flags, answer, authority, opt } = message;
      const sections = `${answer.length > 0 ? "A" : ""}${authority.length > 0 ? "N" : ""}`;
      return `${rcode}${flags.tc ? " TC" : ""} ${sections} ${opt?.options.map(({ code }) => code).join("+") ?? ""}`;
    });
    return `${outcomes[0]} / ${outcomes[2]}`;
  },
};

/** A server's cookie is no random find. */
function withValidCookie(): readonly Buffer[] {
  const cookie = (data: Buffer): Buffer => Buffer.concat([Buffer.from([0, 10, 0, data.length]), data]);
  const query = (options: Buffer): Buffer =>
    writeQuery({ id: 9, name: "many.z.", type: "A", opt: { size: 1232, options } });
  const { ask } = askers.find(({ name }) => name === "limited")!;
  const given = readMessage(ask(query(cookie(Buffer.alloc(8, 1))))!).opt?.options.find(({ code }) => code === 10);
  return given === undefined ? [] : [query(cookie(given.data))];
}
