import { expect, test } from "vitest";
import { linkFault, tooManyLinked } from "../../../src/sources/manifests/link-faults.ts";

const KNOWN = new Map([
  ["/m", { real: "/m", isLinked: false }],
  ["/m/a", { real: "/m/a", isLinked: false }],
]);

test.each([
  ["/m/a/b", "/m/a/b", undefined],
  ["/m/a/link", "/m/other", undefined],
  ["/m/a/link", "/etc", "outside-folder"],
  ["/m/a/link", "/m/a", "link-loop"],
  ["/m/a/link", "/m", "link-loop"],
])("%s that leads to %s: %s", (path, real, code) => {
  expect(linkFault({ path, real, root: "/m", roots: ["/m"] }, KNOWN)?.code).toBe(code);
});

test("at most 1,000 folders behind links", () => {
  const known = new Map(Array.from({ length: 1_000 }, (_, i) => [`/m/${i}`, { real: "/m/a", isLinked: i > 0 }]));
  expect(tooManyLinked("/m", known)).toBeUndefined();
  known.set("/m/0", { real: "/m/a", isLinked: true });
  expect(tooManyLinked("/m", known)?.code).toBe("too-many-links");
});
