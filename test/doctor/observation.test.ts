// Outcomes as text, and what kind of outcome each is.
import { describe, expect, test } from "vitest";
import { formatObservation, formatOutcome, hasAnswer, isFailure, verdict } from "../../src/doctor/observation.ts";
import type { Observation, Outcome } from "../../src/doctor/observation.ts";
import { reply } from "./situation.ts";

function observed(outcome: Outcome): Observation {
  const question = { name: "web.example.", type: "A" } as const;
  const server = { host: "fd00::10", port: 53 };
  return { probe: { purpose: "step", server, transport: "udp", questions: [question] }, question, outcome };
}

describe("an outcome", () => {
  test.each<[outcome: Outcome, text: string, verdict: string]>([
    [reply({ answers: ["192.0.2.1"] }), "NOERROR, 192.0.2.1 in 2 ms", "records"],
    [reply({ ms: 0.2 }), "NOERROR, no records in 1 ms", "NODATA"],
    [reply({ answers: ["a", "b", "c", "d", "e"] }), "NOERROR, a, b, c, 2 more records in 2 ms", "records"],
    [reply({ answers: ["", ""] }), "NOERROR, 2 records in 2 ms", "records"],
    [
      reply({ isTruncated: true, size: 512 }),
      "NOERROR, no records, truncated at 512 bytes in 2 ms",
      "a truncated reply",
    ],
    [
      reply({
        rcode: "SERVFAIL",
        extendedErrors: [
          { code: 14, text: "" },
          { code: 22, text: "upstream" },
        ],
      }),
      'SERVFAIL, EDE 14, EDE 22 "upstream" in 2 ms',
      "SERVFAIL",
    ],
    [reply({ rcode: "NXDOMAIN", from: "10.0.0.1:53" }), "NXDOMAIN in 2 ms from 10.0.0.1:53", "NXDOMAIN"],
    [{ kind: "timeout", ms: 3000.4 }, "no reply in 3000 ms", "no reply"],
    [{ kind: "refused", ms: 1 }, "connection refused in 1 ms", "no reply"],
    [{ kind: "malformed", ms: 1 }, "a malformed reply in 1 ms", "no reply"],
    [{ kind: "error", ms: 1, code: "ENETUNREACH" }, "ENETUNREACH in 1 ms", "no reply"],
    [{ kind: "late" }, "not asked, the time was over", "no reply"],
  ])("%j: %s", (outcome, text, word) => {
    expect(formatOutcome(outcome)).toBe(text);
    expect(verdict(observed(outcome))).toBe(word);
    expect(hasAnswer(observed(outcome))).toBe(word === "records");
    expect(isFailure(observed(outcome))).toBe(["SERVFAIL", "no reply"].includes(word));
  });

  test("has who was asked what in front", () => {
    expect(formatObservation(observed(reply()))).toBe("[fd00::10]:53 UDP: web.example. A: NOERROR, no records in 2 ms");
    const { probe, ...rest } = observed({ kind: "refused", ms: 1 });
    expect(formatObservation({ ...rest, probe: { ...probe, transport: "tcp", ednsSize: 1232 } })).toBe(
      "[fd00::10]:53 TCP with EDNS: web.example. A: connection refused in 1 ms",
    );
  });
});
