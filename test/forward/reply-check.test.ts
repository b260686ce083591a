import { describe, expect, test } from "vitest";
import { checkReply, isTruncated } from "../../src/forward/reply-check.ts";
import { withId, writeUpstreamQuery } from "../../src/forward/upstream-query.ts";
import { name, rightAnswer, writeReply } from "../support/scripted-upstream.ts";
import type { ScriptedReply } from "../support/scripted-upstream.ts";

const QUERY = withId(
  writeUpstreamQuery({ name: name("wWw.up.test."), type: 1, class: 1, dnssecOk: false, checkingDisabled: false }),
  0x1234,
);
const asked = (question: Partial<NonNullable<ScriptedReply["question"]>>): ScriptedReply => ({
  question: { name: "wWw.up.test.", type: "A", ...question },
});

describe("whether a message is the reply", () => {
  test.each<[string, ScriptedReply, string]>([
    ["the reply", {}, "reply"],
    ["F04 another id", { id: 0x1235 }, "unrelated"],
    ["F06 another name", asked({ name: "wWx.up.test." }), "unrelated"],
    ["F06 a longer name", asked({ name: "wWw.up.test.x." }), "unrelated"],
    ["F06 another type", asked({ type: "AAAA" }), "unrelated"],
    ["F06 another class", asked({ class: 3 }), "unrelated"],
    ["F07 QR=0", { flags: 0x0100 }, "unrelated"],
    ["F07 another opcode", { flags: 0x8980 }, "unrelated"],
    ["F08 a header alone without an error", { headerOnly: true }, "malformed"],
    ["a header alone: FORMERR", { headerOnly: true, rcode: 1 }, "reply"],
    ["a header alone: NXDOMAIN", { headerOnly: true, rcode: 3 }, "malformed"],
  ])("%s", (_, reply, fit) => {
    expect(checkReply(QUERY, writeReply(QUERY, reply), true)).toBe(fit);
  });

  test("letter case counts with 0x20 alone", () => {
    const folded = writeReply(QUERY, asked({ name: "www.up.test." }));
    expect(checkReply(QUERY, folded, true)).toBe("unrelated");
    expect(checkReply(QUERY, folded, false)).toBe("reply");
  });

  test("type and class are no letters: 65 is not 97", () => {
    const query = writeUpstreamQuery({
      name: name("up.test."),
      type: 65,
      class: 1,
      dnssecOk: false,
      checkingDisabled: false,
    });
    const other = writeReply(query, { question: { name: "up.test.", type: "TYPE97" } });
    expect(checkReply(query, other, false)).toBe("unrelated");
    expect(checkReply(query, writeReply(query), false)).toBe("reply");
  });

  test("F09 cut within records: malformed, but with TC; cut before: a stranger's", () => {
    const reply = rightAnswer(QUERY);
    const questionEnd = QUERY.length - 11;
    for (let size = questionEnd; size < reply.length; size++) {
      const cut = Buffer.from(reply.subarray(0, size));
      expect(checkReply(QUERY, cut, true)).toBe("malformed");
      cut[2]! |= 0x02;
      expect([checkReply(QUERY, cut, true), isTruncated(cut)]).toEqual(["reply", true]);
    }
    for (let size = 0; size < questionEnd; size++) {
      expect(checkReply(QUERY, reply.subarray(0, size), true)).toBe("unrelated");
    }
  });
});
