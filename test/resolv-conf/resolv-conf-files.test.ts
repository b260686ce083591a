import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { KubeObject, Pod } from "../../src/objects/kube-object.ts";
import { atPod, OWN_FILE_LINE, resolvConfFiles } from "../../src/resolv-conf/resolv-conf-files.ts";
import { parseResolvConf } from "../../src/resolv-conf/resolv-conf.ts";

const SETTINGS = {
  clusterDomain: "k8s.test",
  clusterNameservers: ["10.96.0.10"],
  node: { nameservers: ["192.0.2.1"], searches: ["example.com"], options: ["rotate"] },
};

function pod(namespace: string, name: string, rest: Partial<Pod> = {}): Pod {
  return {
    kind: "Pod",
    namespace,
    name,
    labels: new Map(),
    ips: [],
    phase: "",
    ready: false,
    namedPorts: [],
    hostNetwork: false,
    dnsPolicy: "ClusterFirst",
    enableServiceLinks: true,
    ...rest,
  };
}

function plain(namespace: string): string {
  const searches = `${namespace}.svc.k8s.test svc.k8s.test k8s.test example.com`;
  return `${OWN_FILE_LINE}nameserver 10.96.0.10\nsearch ${searches}\noptions ndots:5\n`;
}

describe("resolvConfFiles", () => {
  const cases: readonly (readonly [string, readonly KubeObject[], Readonly<Record<string, string>>])[] = [
    ["default, without any object", [], { "default.conf": plain("default") }],
    [
      "a namespace that is declared",
      [{ kind: "Namespace", namespace: "", name: "shop" }],
      { "default.conf": plain("default"), "shop.conf": plain("shop") },
    ],
    [
      "a namespace that an object of any kind lives in",
      [{ kind: "Other", namespace: "data", name: "x", apiVersion: "v1", otherKind: "ConfigMap" }],
      { "data.conf": plain("data"), "default.conf": plain("default") },
    ],
    [
      "a node, which lives nowhere",
      [{ kind: "Node", namespace: "", name: "node-1" }],
      { "default.conf": plain("default") },
    ],
    [
      "a pod and its namespace",
      [pod("shop", "web.0", { dnsPolicy: "Default" })],
      {
        "default.conf": plain("default"),
        "shop.conf": plain("shop"),
        "shop/web.0.conf": `${OWN_FILE_LINE}nameserver 192.0.2.1\nsearch example.com\noptions rotate\n`,
      },
    ],
    [
      "a pod that is called as another namespace",
      [pod("shop", "data"), { kind: "Namespace", namespace: "", name: "data" }],
      {
        "data.conf": plain("data"),
        "default.conf": plain("default"),
        "shop.conf": plain("shop"),
        "shop/data.conf": plain("shop"),
      },
    ],
  ];
  it.each(cases)("%s", (_, objects, expected) => {
    const { files, warnings } = resolvConfFiles(objects, SETTINGS);
    expect(Object.fromEntries(files)).toEqual(expected);
    expect(warnings).toEqual([]);
  });

  it("a warning has the key of its pod or namespace", () => {
    const place = { file: "web.yaml", line: 3, column: 1 };
    const own = pod("shop", "web-0", { dnsPolicy: "None", place });
    const { warnings } = resolvConfFiles([own], { ...SETTINGS, clusterNameservers: [] });
    const code = "resolv-conf-no-nameserver";
    expect(warnings).toMatchObject([
      { code, object: "Pod shop/web-0", place },
      { code, object: "Namespace default" },
      { code, object: "Namespace shop" },
    ]);
    expect(atPod(warnings[1]!, own)).toMatchObject({ object: "Pod shop/web-0", place });
  });

  it("begins each file with the comment line, which resolvers ignore", () => {
    const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,10}[a-z0-9])?$/);
    fc.assert(
      fc.property(fc.array(fc.tuple(label, label), { maxLength: 8 }), (names) => {
        const pods = names.map(([namespace, name]) => pod(namespace, name));
        const { files } = resolvConfFiles(pods, SETTINGS);
        const namespaces = new Set(["default", ...names.map(([namespace]) => namespace)]);
        const distinct = new Set(names.map((parts) => parts.join("/")));
        expect(files.size).toBe(namespaces.size + distinct.size);
        for (const [name, text] of files) {
          expect(text.startsWith(OWN_FILE_LINE)).toBe(true);
          expect(parseResolvConf(text, name).conf).toEqual(
            parseResolvConf(text.slice(OWN_FILE_LINE.length), name).conf,
          );
        }
      }),
    );
  });
});
