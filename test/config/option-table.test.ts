import { expect, test } from "vitest";
import { OPTION_NAMES, optionRow } from "../../src/config/option-names.ts";

test.each(OPTION_NAMES)("%s: its defaults and its example are values that it takes", (name) => {
  const row = optionRow(name);
  const texts = [row.default, row.embeddedDefault, row.example].filter((text) => text !== undefined);
  for (const text of texts.flatMap((each) => (row.form === "list" ? each.split(row.separator ?? ",") : [each]))) {
    expect(row.parse(text), text).toHaveProperty("value");
  }
  if (row.choices !== undefined) expect(row.choices.map((choice) => row.parse(choice))).toEqual(asValues(row.choices));
  expect(row.help).not.toMatch(/\.$/);
  expect(row.placeholder === undefined, "switches, and only they, have no placeholder").toBe(row.form === "switch");
});

function asValues(texts: readonly string[]): object[] {
  return texts.map((value) => ({ value }));
}
