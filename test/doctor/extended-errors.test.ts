// Which questions are asked again for a reason, and where the reasons go.
import { expect, test } from "vitest";
import { reasonProbes, withReasons } from "../../src/doctor/extended-errors.ts";
import { observe, reply, situationOf } from "./situation.ts";

const NOPE = "nope.shop.svc.cluster.local.";

test("questions for an address without an answer are asked once more with EDNS", () => {
  const situation = situationOf({ names: ["nope", "nope", "web."] });
  const probes = reasonProbes(observe(situation));
  expect(probes.map(({ questions: [question], ednsSize, transport }) => [question?.name, ednsSize, transport])).toEqual(
    [NOPE, "nope.svc.cluster.local.", "nope.cluster.local.", "nope.", "web."].map((name) => [name, 1232, "udp"]),
  );
});

test("a server that does not answer with EDNS is not asked again", () => {
  const observed = observe(situationOf({ names: ["nope"] }), ({ probe }) =>
    probe.ednsSize === undefined ? undefined : { kind: "timeout", ms: 1 },
  );
  expect(reasonProbes(observed)).toEqual([]);
});

test("the reasons are put beside the replies without records", () => {
  const observed = observe(situationOf({ names: ["nope"] }));
  const extendedErrors = [{ code: 0, text: "no service nope in namespace shop; nearest: node" }];
  const replies = reasonProbes(observed).flatMap((probe) =>
    probe.questions.map((question) => ({
      probe,
      question,
      outcome: reply({ rcode: "NXDOMAIN", extendedErrors: question.name === NOPE ? extendedErrors : [] }),
    })),
  );
  const explained = withReasons(observed, replies).filter(
    ({ outcome }) => outcome.kind === "reply" && outcome.extendedErrors.length > 0,
  );
  expect(explained.map(({ question }) => question)).toEqual([{ name: NOPE, type: "A" }]);
});
