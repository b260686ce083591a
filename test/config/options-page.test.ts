import { expect, test } from "vitest";
import { parseConfigFile } from "../../src/config/config-file.ts";
import { buildOptions } from "../../src/config/build-options.ts";
import { flagName, OPTION_NAMES } from "../../src/config/option-names.ts";
import { formatOptionsPage, optionHelpRows } from "../../src/config/options-page.ts";

test("docs/options.md is what the option table says", async () => {
  await expect(formatOptionsPage()).toMatchFileSnapshot("../../docs/options.md");
});

test("the page's example file sets every option, and is valid", () => {
  const example = /```yaml\n(.*?)```/s.exec(formatOptionsPage())?.[1] ?? "";
  const { given, errors } = parseConfigFile(example, "example.yaml");
  expect(errors).toEqual([]);
  expect([...given.keys()]).toEqual(OPTION_NAMES);
  expect(buildOptions([given])).toHaveProperty("options");
});

test("help has a row for each option and for the configuration file", () => {
  const flags = optionHelpRows().map((row) => row.flag.split(" ")[0]);
  expect(flags).toEqual([...OPTION_NAMES.map(flagName), "--config"]);
});
