import { describe, expect, test } from "vitest";
import { check, explain, ListenError, ObjectError, serve, service, SettingsError, SourceError } from "../src/main.ts";

describe("serve", () => {
  test("resolves when it answers", async () => {
    await using dns = await serve({ objects: service({ name: "web", clusterIP: "10.96.0.80" }) });
    expect(await dns.resolver().resolve4("web.default.svc.cluster.local")).toEqual(["10.96.0.80"]);
  });

  test("without arguments serves what every cluster has", async () => {
    await using dns = await serve();
    expect(await dns.resolver().resolve4("kubernetes.default.svc.cluster.local")).toEqual(["10.96.0.1"]);
  });

  test.each<[settings: unknown, message: string]>([
    ["manifests/", "serve: expected an object with settings, got a string"],
    [["manifests/"], "serve: expected an object with settings, got an array"],
    [null, "serve: expected an object with settings, got null"],
    [{ paths: "manifests/" }, "paths: expected an array of strings"],
    [{ paths: [1] }, "paths: expected an array of strings"],
    [{ objects: "web" }, "objects: expected a Kubernetes object, got a string"],
    [{ objects: [service({ name: "web" }), undefined] }, "objects[1]: expected a Kubernetes object, got undefined"],
    [{ questions: -1 }, "questions: expected a whole number from 0"],
    [{ ttl: -1 }, 'ttl: "-1" is not a whole number from 0 to 3600'],
    [{ ttl: "30" }, "ttl: expected a number"],
    [{ clusterDoman: "x" }, 'unknown setting "clusterDoman"; did you mean clusterDomain?'],
  ])("rejects %j", async (settings, message) => {
    const started = serve(settings as object);
    await expect(started).rejects.toThrow(SettingsError);
    await expect(started).rejects.toThrow(message);
  });

  test("rejects an object that is not valid, by its name and field", async () => {
    const bad = serve({ objects: [service({ name: "web", clusterIP: "10.0.0.999" })] });
    await expect(bad).rejects.toThrow(ObjectError);
    await expect(bad).rejects.toThrow(/^Service default\/web: spec\.clusterIPs?\[0\]: /);
    await expect(bad).rejects.toMatchObject({ object: "Service default/web" });
  });

  test("rejects a port that is taken, and a path that is not there", async () => {
    await using dns = await serve();
    await expect(serve({ listen: `127.0.0.1:${dns.port}` })).rejects.toThrow(ListenError);
    await expect(serve({ paths: ["/nowhere/at/all"] })).rejects.toThrow(SourceError);
  });
});

describe("check", () => {
  const selecting = service({ name: "web", clusterIP: "10.96.0.80", selector: { app: "web" } });

  test("finds what would not resolve, in objects", async () => {
    const { problems, objects } = await check(selecting);
    expect(objects).toBe(1);
    expect(problems.map(({ code, object }) => [code, object])).toEqual([
      ["selector-unseen-pods", "Service default/web"],
    ]);
  });

  test("leaves out codes", async () => {
    const { problems, ignored } = await check([selecting], { ignore: ["selector-unseen-pods"] });
    expect([problems, ignored]).toEqual([[], 1]);
  });

  test("takes paths and objects together", async () => {
    const { problems, files } = await check(["zones", selecting]);
    expect(files).toBeGreaterThan(1);
    expect(problems.map(({ object, place }) => [object, place?.file])).toEqual([
      ["Endpoints data/ledger", "zones/data.yaml"],
      ["Service default/web", "zones/web.yaml"],
    ]);
  });

  test("an object that is not valid is a problem", async () => {
    const bad = { apiVersion: "v1", kind: "Service", metadata: { name: "Web" }, spec: { ports: [{ port: 80 }] } };
    const { problems } = await check(bad);
    expect(problems).toMatchObject([{ code: "invalid-field", severity: "error" }]);
    expect(problems[0]!.place).toBeUndefined();
  });

  test("problems of objects name kind, namespace and name, as far as the objects say", async () => {
    const spec = { ports: [{ port: 80 }] };
    const { problems } = await check([
      { apiVersion: "v1", kind: "Servce", metadata: { name: "x", namespace: "shop" }, spec },
      { apiVersion: "v1", kind: "Service", metadata: { namespace: "shop" }, spec },
      {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "b", namespace: "shop" },
        spec: { ...spec, clusterIP: "x" },
      },
      { apiVersion: "v1", metadata: {}, spec },
    ] as never);
    expect(problems.map(({ object }) => object)).toEqual([
      "Servce shop/x",
      "Service shop (object 2)",
      "Service shop/b",
      "object 4",
    ]);
  });

  test.each<[input: unknown, settings: unknown, message: string]>([
    [undefined, {}, "input: expected a Kubernetes object, got undefined"],
    [[1], {}, "input[0]: expected a Kubernetes object, got a number"],
    ["-", {}, "input: the path - is for commands"],
    [[], { ignore: "x" }, "ignore: expected an array of codes"],
    [[], { ttl: "x" }, "ttl: expected a number"],
  ])("rejects %j with %j", async (input, settings, message) => {
    const report = check(input as string, settings as object);
    await expect(report).rejects.toThrow(SettingsError);
    await expect(report).rejects.toThrow(message);
  });

  test("rejects an object that can't be read", async () => {
    const parent: { kind: string; child?: object } = { kind: "Service" };
    parent.child = parent;
    for (const bad of [parent, { kind: "Service", port: 80n }]) {
      const report = check(["zones", selecting, bad]);
      await expect(report).rejects.toThrow(ObjectError);
      await expect(report).rejects.toThrow(/^object 2 can't be read: (Converting circular|Do not know).*$/);
    }
  });

  test("rejects a path that is not there", async () => {
    await expect(check("/nowhere/at/all")).rejects.toThrow(SourceError);
  });
});

describe("explain", () => {
  const web = service({ name: "web", clusterIP: "10.96.0.80" });

  test("says why a name resolves or not, over objects and paths", async () => {
    expect(await explain(web, { name: "web" })).toMatchObject({
      isResolved: true,
      sentence: "web resolves to 10.96.0.80: service web in namespace default (source program).",
    });
    expect(await explain(["zones", web], { name: "ledger.dta", type: "A" })).toMatchObject({
      isResolved: false,
      sentence: "ledger.dta does not resolve: no such namespace: dta; nearest: data.",
    });
  });

  test("for who asks", async () => {
    expect(await explain(web, { name: "web", from: "shop" }, { namespace: "shop" })).toMatchObject({
      isResolved: true,
    });
  });

  test.each<[question: unknown, settings: unknown, message: string]>([
    ["web", {}, "question: expected an object with settings, got a string"],
    [{}, {}, "name: expected a string, got undefined"],
    [{ name: "a..b" }, {}, '"a..b" is not a DNS name'],
    [{ name: "web", type: "AAAAA" }, {}, "explain: type: expected a record type, such as AAAA, got a string"],
    [{ name: "web", form: "shop" }, {}, 'explain: unknown field "form"; did you mean from?'],
    [{ name: "web", from: "shop/web-0" }, {}, "there is no pod shop/web-0"],
    [{ name: "web" }, { ttl: "x" }, "ttl: expected a number"],
  ])("rejects %j with %j", async (question, settings, message) => {
    const explanation = explain(web, question as never, settings as object);
    await expect(explanation).rejects.toThrow(SettingsError);
    await expect(explanation).rejects.toThrow(message);
  });

  test("rejects objects and paths that can't be used", async () => {
    await expect(explain({ apiVersion: "v1", kind: "Service" }, { name: "web" })).rejects.toThrow(ObjectError);
    await expect(explain("/nowhere/at/all", { name: "web" })).rejects.toThrow(SourceError);
  });
});
