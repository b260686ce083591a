// The text of a manifest file into objects and problems (src/sources/manifests/parse-manifest.ts): any text gives some, with
// places that are in it, and takes nothing away from a sound document beside it.
import { readdirSync, readFileSync } from "node:fs";
import { objectKey } from "../../../src/objects/kube-object.ts";
import { parseManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import type { ParsedManifest } from "../../../src/sources/manifests/parse-manifest.ts";
import { law } from "../target.ts";
import type { Target } from "../target.ts";

const SOUND = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: sound\n";
const SOUND_KEY = "Namespace /sound";

const SEEDS = [
  SOUND,
  `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec:
  type: ClusterIP
  clusterIPs: [10.96.0.9, "fd00::9"]
  ipFamilyPolicy: PreferDualStack
  selector: {app: web}
  ports:
  - {name: http, port: 80, targetPort: http, protocol: TCP}
`,
  `apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: db
spec:
  serviceName: db
  replicas: 3
  ordinals: {start: 1}
  selector: &s
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      hostname: h
      subdomain: db
      dnsPolicy: None
      volumes: [{name: v, emptyDir: {}}]
      dnsConfig: {nameservers: [10.0.0.1], searches: [a.b], options: [{name: ndots, value: "2"}]}
      containers:
      - name: c
        image: c
        env: [{name: URL, value: "http://web.shop.svc:80/a"}]
        livenessProbe: {httpGet: {port: pg, host: web}}
        volumeMounts: [{name: v, mountPath: /v}]
        ports: [{name: pg, containerPort: 5432}]
`,
  `apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: e, labels: {kubernetes.io/service-name: web}}
addressType: IPv4
endpoints:
- addresses: [10.0.0.1]
  hostname: a
  conditions: {ready: true, serving: true}
ports: [{name: http, port: 80}]
`,
  `apiVersion: v1
kind: Endpoints
metadata: {name: e}
subsets:
- addresses: [{ip: 10.0.0.1, hostname: a}]
  ports: [{name: http, port: 80}]
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {hostname: p, subdomain: web, containers: [{name: c, image: c}]}
status: {phase: Running, podIPs: [{ip: 10.244.0.1}], conditions: [{type: Ready, status: "True"}]}
`,
  `apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: r, annotations: {helm.sh/hook: test, cluster-dns/ignore: "a, b"}}
spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: c}]}}}
---
apiVersion: kafka.strimzi.io/v1
kind: Kafka
metadata: {name: k}
spec: {kafka: {replicas: 3, listeners: [{name: plain, port: 9092, type: internal}]}, zookeeper: {replicas: 3}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {rules: [{http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}}]}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: j}
spec: {schedule: "*/5 * * * *", jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: []}}}}}
`,
  '{"apiVersion":"v1","kind":"ServiceList","items":[{"metadata":{"name":"a"},"spec":{"clusterIP":"None"}}]}',
  "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Namespace\n  metadata: {name: a}\n- null\n",
  '{"kind":"List","items":[]}{"kind": 1.10, "kind": "a"}\n--- {"a": no}\n[{"apiVersion":"v1","kind":"Pod"}]\n',
  `apiVersion: template.openshift.io/v1
kind: Template
parameters: [{name: A, value: x}, {name: B, generate: expression, from: "[a-z]{3}"}]
objects: [{apiVersion: v1, kind: Namespace, metadata: {name: "\${A}\${B}", labels: {p: "\${{A}}"}}}]
`,
  "%YAML 1.2\n---\na: &x [1, 2]\nb: *x\n<<: {c: 1}\n...\n# end\n",
  `a: &a [1, 1]\nb: &b [${"*a, ".repeat(30)}]\nc: &c [${"*b, ".repeat(30)}]\nd: [${"*c, ".repeat(30)}]\n`,
  "x: {{ .Values.name }}\n---\n- a\n- ? b\n: c\n--- |\n text\n--- >-\n folded\n",
];

const WORDS =
  "apiVersion|kind|metadata|name|namespace|labels|spec|status|v1|apps/v1|Service|Pod|List|null|~|true|yes|0|-1|1e9|" +
  "0x10|.inf|.nan|2001-01-01|''|\"|'|{|}|[|]|{}|[]|&a |*a|<<: |? |: |- |---\n|...\n|# |!!str |!!binary |!t |" +
  "!!int |!!bool |${A}|${{A}}|0120|8_0|1:30|no|on|y|}{|" +
  "|\n|>-\n|\t|\r\n|\ufeff|\0|\x85|\u2028|__proto__|constructor|toString|10.0.0.1|fd00::1|ExternalName|None|" +
  "ports|port|80|65536|selector|matchLabels|items|%YAML 1.1\n|%TAG ! x\n";

const SIZE_MAX = 2_048;
const FOLDERS = ["../../../zones/", "../../scenarios/"].map((path) => new URL(path, import.meta.url));

/** The documents of the sample cluster and of the tests' scenarios, each once. */
function sampleDocuments(): readonly string[] {
  const texts = FOLDERS.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".yaml"))
      .toSorted()
      .flatMap((path) => readFileSync(new URL(path, folder), "utf8").split(/^---$/m)),
  );
  return [...new Set(texts)].filter(({ length }) => length < SIZE_MAX);
}

export const target: Target = {
  input: "text",
  sizeMax: SIZE_MAX,
  seeds: [...SEEDS, ...sampleDocuments()].map((text) => Buffer.from(text)),
  dictionary: WORDS.split("|").map((word) => Buffer.from(word)),
  run(input) {
    const text = Buffer.from(input).toString();
    const parsed = parse(text);
    checkParsed(parsed, text);
    // One of the two, as to parse takes long.
    if (text.length % 2 === 0) law(holdsSound(parse(`${SOUND}---\n${text}`)), () => "the document before is lost");
    else if (!belongsToNext(text))
      law(holdsSound(parse(`${text}\n---\n${SOUND}`)), () => "the document behind is lost");
    const codes = new Set(parsed.problems.map(({ code }) => code));
    return [...codes].toSorted().slice(0, 2).join(" ") || `${Math.min(parsed.objects.length, 2)} objects`;
  },
};

/** Directives belong to the document behind them, whatever that is; and where nothing else is, comments too. */
function belongsToNext(text: string): boolean {
  return /^[\s\uFEFF]*%/m.test(text) || text.split("\n").every((line) => /^\s*(#.*)?$/.test(line));
}

function parse(text: string): ParsedManifest {
  return parseManifest(text, { file: "f", namespace: "default", takesNotes: true });
}

function holdsSound({ objects }: ParsedManifest): boolean {
  return objects.some((object) => objectKey(object) === SOUND_KEY);
}

function checkParsed(parsed: ParsedManifest, text: string): void {
  const keys = parsed.objects.map(objectKey);
  law(new Set(keys).size === keys.length, () => `an object is there twice: ${keys.join(", ")}`);
  law(!parsed.invalidKeys.some((key) => keys.includes(key)), () => "an object is valid and invalid");
  const lines = text.split(/\r\n|[\n\r]/);
  for (const { message, place } of parsed.problems) {
    law(message !== "" && !message.includes("\n") && !message.includes("undefined"), () => `message ${message}`);
    if (place === undefined) continue;
    const { line, column } = place;
    law(line >= 1 && line <= lines.length && column >= 1, () => `${message} at ${line}:${column}`);
  }
  law(JSON.stringify(structuredClone(parsed)) === JSON.stringify(parsed), () => "a worker can't hand it over");
}
