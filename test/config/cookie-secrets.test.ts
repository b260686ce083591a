import { expect, test } from "vitest";
import { parseCookieSecrets } from "../../src/config/cookie-secrets.ts";

const [FIRST, SECOND] = ["00112233445566778899aabbccddeeff", "e5e973e5a6b2a43f48e7dc849e37bfcf"];

test.each<[string, readonly string[]]>([
  [FIRST, [FIRST]],
  [`${FIRST}\n${SECOND}\n`, [FIRST, SECOND]],
  [`# made on Monday\r\n\r\n  ${FIRST.toUpperCase()}  # in force\r\n`, [FIRST]],
])("%j", (text, secrets) => {
  const parsed = parseCookieSecrets(text);
  expect("value" in parsed && parsed.value.map((each) => Buffer.from(each).toString("hex"))).toEqual(secrets);
});

test.each([
  ["", "has no secret"],
  ["# none\n", "has no secret"],
  [FIRST.slice(1), "line 1 is not 32 hexadecimal digits"],
  [`${FIRST}\n${SECOND}0`, "line 2 is not 32 hexadecimal digits"],
  [`${FIRST}\nxyz`, "line 2 is not 32 hexadecimal digits"],
  [`${FIRST}\n${SECOND}\n${FIRST}`, "has 3 secrets"],
])("%j is refused", (text, fault) => {
  const parsed = parseCookieSecrets(text);
  expect(parsed).toEqual({ fault: expect.stringContaining(fault) });
  expect(JSON.stringify(parsed), "no part of a secret is shown").not.toMatch(/[0-9a-f]{8}/);
});
