import { describe, expect, test } from "vitest";
import fc from "fast-check";
import { makeQuestions, makeServices } from "../../bench/cluster.ts";
import {
  distinctQuestions,
  foreignQuestions,
  missingQuestion,
  missingQuestions,
  toCluster,
  toForeign,
} from "../../bench/foreign.ts";

describe("the cluster's records under a domain of others", () => {
  const questions = makeQuestions(makeServices({ services: 40, endpoints: 2 }), 2_000);

  test.each([
    ["a.b.svc.cluster.local.", "a.b.svc.bench.example."],
    [
      "_http._tcp.a.b.svc.cluster.local. 30 SRV 0 100 80 a.b.svc.cluster.local.",
      "_http._tcp.a.b.svc.bench.example. 30 SRV 0 100 80 a.b.svc.bench.example.",
    ],
    ["a.mycluster.local.", "a.mycluster.local."],
  ])("%s is there %s", (text, foreign) => {
    expect(toForeign(text)).toBe(foreign);
    expect(toCluster(foreign)).toBe(text);
  });

  test("questions are the same ones, in the same order, and as long", () => {
    const foreign = foreignQuestions(questions);
    expect(foreign.map(({ name }) => toCluster(name))).toEqual(questions.map(({ name }) => name));
    expect(foreign.every(({ name, type }, i) => type === questions[i]!.type && name.endsWith(".bench.example."))).toBe(
      true,
    );
    expect(foreign.map(({ name }) => name.length)).toEqual(questions.map(({ name }) => name.length));
  });

  test("each question is in the list of different ones, once", () => {
    const lines = distinctQuestions(questions).map(({ name, type }) => `${name} ${type}`);
    expect(lines).toEqual([...new Set(questions.map(({ name, type }) => `${name} ${type}`))]);
    expect(lines.length).toBeLessThan(questions.length);
  });
});

describe("names that nobody has asked for", () => {
  test("no two numbers have the same name", () => {
    const number = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(number, number, (a, b) => (missingQuestion(a).name === missingQuestion(b).name) === (a === b)),
    );
  });

  test("stretches continue each other, all names as long and in one domain", () => {
    const first = missingQuestions(0, 600);
    expect([...missingQuestions(0, 400), ...missingQuestions(400, 200)]).toEqual(first);
    expect(new Set(first.map(({ name }) => name)).size).toBe(600);
    expect(first.every(({ name }) => /^[0-9a-f]{8}\.random\.example\.$/.test(name))).toBe(true);
  });
});
