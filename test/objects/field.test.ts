import { describe, expect, test } from "vitest";
import { parseManifest } from "../../src/sources/manifests/parse-manifest.ts";
import { parseObject } from "../../src/objects/parse-object.ts";

const parse = (text: string): ReturnType<typeof parseManifest> =>
  parseManifest(text, { file: "a.yaml", namespace: "default" });

interface Fields {
  readonly name?: string;
  readonly label?: string;
  readonly port?: string;
  readonly portName?: string;
  readonly protocol?: string;
  readonly publish?: string;
  readonly type?: string;
  readonly ip?: string;
}

/** A Service whose fields are written as given, each on a line of its own. */
function service({ name = "web", label = "x", port = "80", portName = "http", ...rest }: Fields): string {
  const { protocol = "TCP", publish = "true", type = "ClusterIP", ip = "10.96.0.7" } = rest;
  return `apiVersion: v1
kind: Service
metadata:
  name: ${name}
spec:
  type: ${type}
  clusterIP: ${ip}
  publishNotReadyAddresses: ${publish}
  selector:
    a: ${label}
  ports:
    - name: ${portName}
      protocol: ${protocol}
      port: ${port}
`;
}

describe("messages quote what is written", () => {
  test.each<[fields: Fields, message: string, advice: RegExp]>([
    [{ name: "no" }, "got the boolean no", /^put it in quotes: "no"$/],
    [{ name: "y" }, "got the boolean y", /^put it in quotes: "y"$/],
    [{ name: "true" }, "got true", /^put it in quotes: "true"$/],
    [{ name: "1.10" }, "got 1.10", /^correct/],
    [{ label: "1.10" }, "got 1.10", /^put it in quotes: "1.10"$/],
    [{ label: "0120" }, "got 0120, which is 80", /^put it in quotes: "0120"$/],
    [{ label: "0x50" }, "got 0x50", /^put it in quotes: "0x50"$/],
    [{ label: "8_080" }, "got 8_080, which is 8080", /^put it in quotes: "8_080"$/],
    [{ port: "0777777" }, "got 0777777, which is 262143", /^correct/],
    [{ port: "'0120'" }, 'got "0120"', /^write the number without quotes: 120$/],
    [{ port: "'99999'" }, 'got "99999"', /^correct/],
    [{ port: "yes" }, "got the boolean yes", /^correct/],
    [{ publish: "'yes'" }, 'got "yes"', /^write true or false, without quotes$/],
    [{ publish: "1" }, "got 1", /^correct/],
    [{ label: "9".repeat(200) }, `got ${"9".repeat(80)}…`, /^correct/],
  ])("%j", (fields, message, advice) => {
    const { problems } = parse(service(fields));
    expect(problems[0]!.message).toContain(message);
    expect(problems[0]!.advice).toMatch(advice);
  });

  test("of JSON, and through aliases and merge keys", () => {
    const object = '{"apiVersion":"v1","kind":"Service","metadata":{"name":1.10},"spec":{}}';
    expect(parse(object).problems[0]!.message).toContain("got 1.10");
    const merged = "x: &x {name: 0120}\napiVersion: v1\nkind: Service\nmetadata: {<<: *x}\nspec: {}\n";
    expect(parse(merged).problems[0]!.message).toContain("got 0120, which is 80");
    const list = `kind: List\nitems:\n${service({ name: "no" }).trimEnd().replaceAll(/^/gm, "  ").replace("  ", "- ")}`;
    expect(parse(list).problems[0]!.message).toContain("got the boolean no");
  });

  test("an object without a text has the value", () => {
    const input = { apiVersion: "v1", kind: "Service", metadata: { name: false }, spec: {} };
    const { problems } = parseObject(input, { namespace: "default", locate: () => undefined });
    expect(problems[0]).toMatchObject({ advice: 'put it in quotes: "false"' });
    expect(problems[0]!.message).toContain("got false");
  });
});

// The advice names the very text to write. Each value is tried in each field; who follows the advice has no problem there.
describe("advice is true when followed", () => {
  const values =
    `yes No on y ~ true 1.10 0120 0x50 0b11 8_080 1e3 80 99999 99999999999999999999 .5 -1 '80' '0120' '99999'
    'yes' "on" 'True' '' "0x50" 'Web' 'a.b' tcp 'http' []`.split(/\s+/);
  const fields: (keyof Fields)[] = ["name", "label", "port", "portName", "protocol", "publish", "type", "ip"];
  test.each(fields)("in the field %s", (field) => {
    for (const value of values) {
      for (const problem of parse(service({ [field]: value })).problems) {
        const line = service({ [field]: value }).split("\n")[problem.place!.line - 1]!;
        if (!line.includes(value)) continue;
        const better = /^(?:put it in quotes: |write the number without quotes: )(\S+)$/.exec(problem.advice)?.[1];
        const written = problem.advice.startsWith("write true or false") ? "true" : better;
        if (written === undefined) continue;
        const left = parse(service({ [field]: written })).problems.filter(
          ({ place }) => place!.line === problem.place!.line,
        );
        expect(left, `${field}: ${value}`).toEqual([]);
      }
    }
  });
});
