import { expect, test } from "vitest";
import { formatCommandHelp, wantsHelp } from "../../src/cli/help.ts";

test("flags in one column, their help wrapped in the other", () => {
  const text = formatCommandHelp({
    name: "ask",
    usage: "NAME [FLAGS]",
    about: ["Asks."],
    flags: [
      { flag: "--short", help: "word ".repeat(20).trim() },
      { flag: "--a-flag-wider-than-its-column VALUE", help: "help" },
    ],
    examples: ["cluster-dns ask a"],
  });
  expect(text).toBe(
    [
      "Usage: cluster-dns ask NAME [FLAGS]",
      "",
      "Asks.",
      "",
      "Flags:",
      `  --short                     ${"word ".repeat(13).trim()}`,
      `                              ${"word ".repeat(7).trim()}`,
      "  --a-flag-wider-than-its-column VALUE",
      "                              help",
      "",
      "Examples:",
      "  cluster-dns ask a",
      "",
    ].join("\n"),
  );
});

test.each<[string[], boolean]>([
  [[], false],
  [["a", "--help"], true],
  [["-h"], true],
  [["--", "--help"], false],
  [["--helpful"], false],
])("%j asks for help: %s", (args, expected) => {
  expect(wantsHelp(args)).toBe(expected);
});
