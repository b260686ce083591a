// Outcomes and expectations for tests.
import type { Expectation, Outcome } from "../../src/expect/expectation.ts";

/** An expectation of `web`, type A, in line 2 of dns.yaml. */
export function expectation(more: Partial<Expectation> = {}): Expectation {
  return { place: { file: "dns.yaml", line: 2, column: 5 }, document: 0, index: 0, name: "web", type: 1, ...more };
}

/** What `web.` got. */
export function outcome(status: string, answer: readonly string[] = [], more: Partial<Outcome> = {}): Outcome {
  return { status, name: "web.", answer, ...more };
}
