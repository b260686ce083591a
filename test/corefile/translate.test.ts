// What becomes of each plugin: options and files, or a loss with its line. Values are checked by the option table, so an
// option that is written here is one that `serve` reads.
import { describe, expect, test } from "vitest";
import { keyName } from "../../src/config/option-names.ts";
import { parseCorefile } from "../../src/corefile/parse-corefile.ts";
import { parseSeconds } from "../../src/corefile/plugin-row.ts";
import { translate } from "../../src/corefile/translate.ts";
import { formatFiles } from "../../src/corefile/write-config.ts";
import { formatProblem } from "../../src/objects/problem.ts";

/** Options that other parts of the product bring; until then they are lost with these words. */
const MISSING = /this version has no option/;

interface Imported {
  readonly options: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly losses: readonly string[];
  readonly notes: readonly string[];
  readonly missing: readonly string[];
}

function imported(text: string): Imported {
  const sources = { variable: () => undefined, files: () => [] };
  const { blocks, problems } = parseCorefile({ file: "Corefile", text }, sources);
  expect(problems).toEqual([]);
  const draft = translate(blocks);
  const entries = [...draft.options].map(([name, { values }]) => [keyName(name), values.join(" ")] as const);
  const shown = (severity: string): string[] =>
    draft.problems.filter((each) => each.severity === severity).map(formatProblem);
  return {
    options: Object.fromEntries(entries),
    files: Object.fromEntries(formatFiles(draft).map((file) => [file.name, file.text])),
    paths: [...draft.paths],
    losses: shown("warning").filter((line) => !MISSING.test(line)),
    notes: shown("hint"),
    missing: shown("warning").filter((line) => MISSING.test(line)),
  };
}

/** The options of a block for all names, with a cluster and these plugins; those of the cluster are left out. */
function optionsOf(plugins: string): Readonly<Record<string, string>> {
  const { options, losses } = imported(`. {\nbind 127.0.0.1\nkubernetes cluster.local\n${plugins}\n}`);
  expect(losses).toEqual([]);
  expect(options["source"]).toBe("kubernetes");
  const { listen: _, "cluster-domain": __, pods: ___, ttl: ____, source: _____, upstream, ...rest } = options;
  return upstream === "none" ? rest : { ...rest, upstream: upstream! };
}

const lossesOf = (plugins: string): readonly string[] => imported(`. {\n${plugins}\n}`).losses;

describe("addresses", () => {
  test.each<[what: string, text: string, listen: string]>([
    ["all", ". {\n}", "0.0.0.0:53 [::]:53"],
    ["a port", ".:5353 {\n}", "0.0.0.0:5353 [::]:5353"],
    ["bound", ".:53 {\n bind 127.0.0.1 ::1\n}", "127.0.0.1:53 [::1]:53"],
    ["but some", ". {\n bind 127.0.0.1 127.0.0.2 {\n  except 127.0.0.2\n }\n}", "127.0.0.1:53"],
    [
      "several keys",
      ".:53 tls://.:853 https://. {\n bind ::1\n tls a b\n}",
      "[::1]:53 tls://[::1]:853 https://[::1]:443",
    ],
    ["several blocks", "a {\n bind ::1\n}\nb c {\n bind ::1\n}", "[::1]:53"],
  ])("%s", (_, text, listen) => {
    const { options, losses } = imported(text);
    expect([options["listen"], losses]).toEqual([listen, []]);
  });

  test.each([
    [". {\n bind eth0\n}", "Corefile:2:7: bind eth0: not an address; set listen to its addresses"],
    ["grpc://. {\n}", "Corefile:1:1: server block grpc://.: its protocol; use DNS over TLS or HTTPS"],
    ["a..b {\n}", 'Corefile:1:1: server block a..b: "a..b" is not a zone; correct it'],
    ["a:53 {\n}\nb:54 {\n}", "Corefile:3:1: server block b:54: other addresses than the first block"],
  ])("lost: %j", (text, loss) => {
    expect(imported(text).losses.join("\n")).toContain(loss);
  });
});

describe("the cluster", () => {
  test("has CoreDNS's defaults", () => {
    const { options } = imported("cluster.local {\n kubernetes\n}");
    expect(options).toMatchObject({ "cluster-domain": "cluster.local", ttl: "5", pods: "disabled" });
    expect(options).not.toHaveProperty("service-cidr");
  });

  test("is moved out of the way where no plugin serves it", () => {
    expect(imported(". {\n forward . 10.0.0.1\n}").options).toMatchObject({
      "cluster-domain": "cluster.invalid",
      "cluster-services": "false",
      "service-cidr": "192.0.2.0/24",
      "pod-cidr": "192.0.2.0/24",
      upstream: "10.0.0.1",
    });
  });

  test("has its choices", () => {
    const text =
      "k8s.example in-addr.arpa {\n pods verified\n ttl 60\n endpoint_pod_names\n fallthrough in-addr.arpa\n}";
    expect(imported(`. {\n kubernetes ${text}\n}`)).toMatchObject({
      options: { "cluster-domain": "k8s.example", pods: "verified", ttl: "60", "endpoint-pod-names": "true" },
      losses: [],
    });
  });

  const own = ". {\n kubernetes cluster.local {\n  pods insecure\n }\n}\n";
  const east = "east.example {\n kubernetes {\n  pods insecure\n  kubeconfig /etc/east.yaml admin\n }\n}\n";

  test.each([[own + east], [east + own]])("of another kubeconfig and zone is one more: %j", (text) => {
    const { options, losses } = imported(text);
    expect(losses).toEqual([]);
    expect(options).toMatchObject({
      source: "kubernetes",
      "cluster-domain": "cluster.local",
      cluster: "east=kubeconfig:/etc/east.yaml,domain=east.example,context=admin",
    });
    expect(options).not.toHaveProperty("kubeconfig");
  });

  test("of another kubeconfig keeps its namespaces and labels", () => {
    const lines = [
      "kubeconfig /etc/test.yaml",
      "namespaces shop data",
      "labels tier in (a, b),x=y",
      "namespace_labels team=z",
    ];
    const more = `east.test {\n kubernetes {\n  pods insecure\n  ${lines.join("\n  ")}\n }\n}\n`;
    const { options, losses } = imported(east + more + more.replace("east.test", "west.test"));
    expect(losses).toEqual([]);
    const rest =
      "namespaces=shop,namespaces=data,namespace-selector=team=z,service-selector=tier in (a, b),service-selector=x=y";
    expect(options).toMatchObject({
      kubeconfig: "/etc/east.yaml",
      context: "admin",
      "cluster-domain": "east.example",
      cluster:
        `east=kubeconfig:/etc/test.yaml,domain=east.test,${rest} ` +
        `west=kubeconfig:/etc/test.yaml,domain=west.test,${rest}`,
    });
    expect(options).not.toHaveProperty("namespaces");
  });

  test.each([
    [own + east.replace("kubeconfig /etc/east.yaml admin", ""), "cluster-domain: east.example, for these zones only"],
    [own + east.replace("east.example", "cluster.local"), "kubernetes cluster.local: a second cluster with that zone"],
    [
      east + own + east,
      "kubernetes east.example: a second cluster with that zone; give each cluster a zone of its own",
    ],
    [own + east.replace("pods insecure", "pods verified"), "pods: verified, for these zones only"],
  ])("lost of a second one: %j", (text, loss) => {
    expect(imported(text).losses.join("\n")).toContain(loss);
  });

  test.each([
    ["kubernetes a b", "kubernetes b: a second zone; a server has one cluster domain"],
    ["kubernetes a {\n fallthrough\n}", "kubernetes: fallthrough of a; names of the cluster domain"],
    ["kubernetes a {\n noendpoints\n}", "Corefile:3:2: kubernetes: noendpoints: no counterpart for services"],
    ["kubernetes a {\n podz x\n}", "kubernetes: podz: unknown option; see kubernetes in CoreDNS; did you mean pods?"],
    ["kubernetes a {\n ttl 5000\n}", 'ttl: ttl: "5000" is not a whole number from 0 to 3600; set it by hand'],
    ["autopath /etc/resolv.conf", "autopath /etc/resolv.conf: a search list of a file"],
  ])("lost: %j", (plugins, loss) => {
    expect(lossesOf(plugins).join("\n")).toContain(loss);
  });
});

describe("other servers", () => {
  test.each<[plugins: string, options: Readonly<Record<string, string>>]>([
    ["forward . 10.0.0.1", { upstream: "10.0.0.1" }],
    ["forward . 10.0.0.1 10.0.0.2:5353", { upstream: "10.0.0.1 10.0.0.2:5353", "upstream-policy": "random" }],
    [
      "forward . 10.0.0.1 10.0.0.2 {\n policy round_robin\n}",
      { upstream: "10.0.0.1 10.0.0.2", "upstream-policy": "round-robin" },
    ],
    ["forward . dns://10.0.0.1 {\n force_tcp\n}", { upstream: "tcp://10.0.0.1" }],
    [
      "forward . tls://9.9.9.9 {\n tls_servername dns.quad9.net\n health_check 5s\n}",
      { upstream: "tls://9.9.9.9#dns.quad9.net" },
    ],
    ["forward . tls://9.9.9.9 {\n tls /ca.crt\n}", { upstream: "tls://9.9.9.9?ca=/ca.crt" }],
    ["forward . tls://9.9.9.9 {\n tls\n}", { upstream: "tls://9.9.9.9" }],
    [
      "forward . tls://9.9.9.9 {\n tls /c.crt /c.key /ca.crt\n tls_servername a.example\n}",
      { upstream: "tls://9.9.9.9#a.example?cert=/c.crt&key=/c.key&ca=/ca.crt" },
    ],
    ["forward example.org 10.0.0.1", { "stub-domain": "example.org=10.0.0.1" }],
    ["forward 10.0.0.0/8 10.0.0.1", { "stub-domain": "10.in-addr.arpa=10.0.0.1" }],
    [
      "forward . 10.0.0.1 {\n except corp.example cluster.local\n}",
      { upstream: "10.0.0.1", "stub-domain": "corp.example=none" },
    ],
    [
      "forward . 10.0.0.1 {\n except corp.example\n}\nforward corp.example 10.0.0.2",
      { upstream: "10.0.0.1", "stub-domain": "corp.example=10.0.0.2" },
    ],
    ["cache", { "cache-ttl": "3600", "cache-negative-ttl": "1800" }],
    ["cache 30", { "cache-ttl": "30", "cache-negative-ttl": "30" }],
    ["cache 30 {\n denial 9984 5\n prefetch 10\n}", { "cache-ttl": "30", "cache-negative-ttl": "5" }],
    ["cache 30 {\n serve_stale\n}", { "cache-ttl": "30", "cache-negative-ttl": "30", "serve-stale": "3600" }],
    [
      "cache 30 {\n serve_stale 1h30m verify\n}",
      { "cache-ttl": "30", "cache-negative-ttl": "30", "serve-stale": "5400" },
    ],
    [
      "cache 30 {\n disable success cluster.local\n disable denial\n}",
      { "cache-ttl": "30", "cache-negative-ttl": "0" },
    ],
    ["cache 30 cluster.local", {}],
  ])("%j", (plugins, options) => {
    expect(optionsOf(plugins)).toEqual(options);
  });

  test("a block is a stub domain; the smallest TTL of all blocks holds", () => {
    const text = "a.example {\n forward . 10.0.0.1\n cache 5\n}\n. {\n forward . 10.0.0.2\n cache 30\n}";
    expect(imported(text)).toMatchObject({
      options: { "stub-domain": "a.example=10.0.0.1", upstream: "10.0.0.2", "cache-ttl": "5" },
      losses: [],
    });
  });

  test.each([
    ["forward . dns.example", 'dns.example: upstream: "dns.example" is not an upstream'],
    ["forward .", "forward: no upstream"],
    ["forward a.example /etc/resolv.conf", "forward a.example /etc/resolv.conf: a file"],
    ["forward . /etc/resolv.conf {\n force_tcp\n}", "forward: force_tcp; name the addresses"],
    ["forward . 10.0.0.1 {\n next NXDOMAIN\n}", "forward: next: no counterpart for asking on after an answer"],
    ["forward . 10.0.0.1 {\n failover NXDOMAIN SERVFAIL\n}", "forward: failover NXDOMAIN;"],
    ["cache 30 {\n success 9984 30 60\n}", "cache: success: a smallest TTL of 60"],
    ["cache 30 {\n disable success a.example\n}", "cache: disable success a.example"],
    ["cache 30 {\n keepttl\n}", "cache: keepttl: no counterpart for TTLs that do not count down"],
    ["grpc . 10.0.0.1:443", "grpc: no counterpart for upstreams over gRPC; forward to them"],
  ])("lost: %j", (plugins, loss) => {
    expect(lossesOf(plugins).join("\n")).toContain(loss);
  });

  test("without a forward for all names, other names are refused, as in CoreDNS", () => {
    expect(imported("a {\n forward . 10.0.0.1\n}").options).toMatchObject({ upstream: "none" });
  });

  test("a block that neither holds nor forwards its zones keeps them from the upstreams of others", () => {
    const others = "a {\n file a.zone\n}\nb {\n forward . 10.0.0.2\n}\nc d {\n errors\n}\n";
    expect(imported(`${others}. {\n forward . 10.0.0.1\n}`).options).toMatchObject({
      upstream: "10.0.0.1",
      "stub-domain": "b=10.0.0.2 c=none d=none",
    });
  });

  test("names of another block are not asked from the upstreams of this one", () => {
    const text =
      "a.example {\n forward . 10.0.0.1\n}\n. {\n forward . 10.0.0.2 {\n  except b.a.example c.example\n }\n}";
    expect(imported(text)).toMatchObject({
      options: { upstream: "10.0.0.2", "stub-domain": "a.example=10.0.0.1 c.example=none" },
      losses: [],
    });
    const unreached = "a.example {\n}\n. {\n forward a.example 10.0.0.2\n}";
    expect(imported(unreached).losses.join()).toContain("no query of its server block");
  });

  test("a forward that no query reaches is lost", () => {
    expect(imported("a {\n forward b 10.0.0.1\n}").losses.join()).toContain("no query of its server block");
  });
});

describe("records", () => {
  const HEAD = "$TTL 60\n@ SOA localhost. nobody.invalid. 1 3600 600 86400 60\n@ NS localhost.\n";

  test("lines of hosts, those in the zones of the plugin", () => {
    const text = ". {\n hosts {\n  192.0.2.1 a.example a\n  2001:db8::1 a.example # b\n  ttl 60\n  fallthrough\n }\n}";
    expect(imported(text)).toMatchObject({
      files: { "corefile.hosts": "192.0.2.1 a.example a\n2001:db8::1 a.example\n" },
      paths: [],
      losses: [],
    });
    const zoned =
      "a.example {\n hosts {\n  192.0.2.1 x.a.example x.b.example\n  192.0.2.2 b.example\n  fallthrough\n }\n}";
    expect(imported(zoned).files).toEqual({ "corefile.hosts": "192.0.2.1 x.a.example\n" });
  });

  test("lines of hosts whose names go to another block are left out, as no query finds them", () => {
    const hosts = " hosts {\n  192.0.2.1 www.a.example WWW.b.example. b\n  fallthrough\n }\n";
    expect(imported(`. {\n${hosts}}\na.example {\n${hosts}}`).files).toEqual({
      "corefile.hosts": "192.0.2.1 WWW.b.example. b\n192.0.2.1 www.a.example\n",
    });
  });

  test.each<[plugins: string, paths: string[], notes: number]>([
    ["hosts {\n fallthrough\n}", ["/etc/hosts"], 0],
    ["hosts /etc/NodeHosts {\n fallthrough\n}", ["/etc/NodeHosts.hosts"], 1],
    ["root /zones\nfile db.example.org example.org", ["/zones/example.org.zone"], 1],
    ["file /zones/example.org.zone example.org", ["/zones/example.org.zone"], 0],
    ["auto example.org {\n directory /zones\n}", ["/zones"], 1],
  ])("files by their paths: %j", (plugins, paths, notes) => {
    const result = imported(`. {\n${plugins}\n}`);
    expect(result).toMatchObject({ paths, losses: [] });
    expect(result.notes).toHaveLength(notes);
  });

  test.each<[plugins: string, files: Readonly<Record<string, string>>]>([
    ["template ANY ANY a.example {\n rcode NXDOMAIN\n}", { "a.example.zone": HEAD }],
    [
      'template IN A a.example {\n answer "{{ .Name }} 60 IN A 192.0.2.1"\n}\n' +
        'template IN AAAA a.example {\n answer "{{.Name}} IN AAAA 2001:db8::1"\n}',
      {
        "a.example.zone":
          `${HEAD}@ 60 A 192.0.2.1\n* 60 A 192.0.2.1\n` + "@ 60 AAAA 2001:db8::1\n* 60 AAAA 2001:db8::1\n",
      },
    ],
    [
      String.raw`template IN A . {
        match "^www\.a\.example\.$"
        answer "www.a.example. 60 IN A 192.0.2.1"
        fallthrough
      }`,
      { "www.a.example.zone": `${HEAD}@ 60 A 192.0.2.1\n` },
    ],
    ["template ANY ANY internal.cloudapp.net {\n match .{9}\n rcode NXDOMAIN\n fallthrough\n}", {}],
  ])("templates that are fixed: %j", (plugins, files) => {
    expect(imported(`. {\n${plugins}\n}`)).toMatchObject({ files, losses: [] });
  });

  test.each([
    ["hosts {\n 192.0.2.1 a\n}", "hosts: no fallthrough of .; names in no line are forwarded"],
    ["hosts {\n 192.0.2.1 a\n no_reverse\n fallthrough\n}", "hosts: no_reverse: no counterpart for addresses"],
    ["hosts h.hosts a b {\n fallthrough b\n}", "hosts: no fallthrough of a; names"],
    ["file db.root", "file: the root zone"],
    ["file a.example.zone a.example {\n fallthrough\n}", "file: fallthrough: no counterpart for other answers"],
    ["template IN AAAA . {\n rcode NOERROR\n}", "template: answers for all names; write a zone file"],
    ['template IN A a {\n match "^(.*)\\.a\\.$"\n answer "{{ .Name }} A 192.0.2.1"\n}', "template: pattern ^(.*)"],
    ['template IN A a {\n answer "{{ .Name }} 60 IN A {{ .Remote }}"\n}', "template: answer"],
    ['template IN A a {\n answer "{{ .Name }} 60 IN CNAME b."\n}', "template: a CNAME"],
    ["template IN A a {\n rcode NXDOMAIN\n}", "template: rcode NXDOMAIN for some types"],
    ["template IN A a {\n rcode REFUSED\n}", "template: rcode REFUSED"],
    [
      "template ANY ANY internal.cloudapp.net a {\n match .{9}\n rcode NXDOMAIN\n fallthrough\n}",
      "template: pattern .{9}",
    ],
    ["template CH TXT a {\n rcode NXDOMAIN\n}", "template: class CH"],
    ["loadbalance weighted w.txt", "loadbalance weighted: an order by weights"],
  ])("lost: %j", (plugins, loss) => {
    expect(lossesOf(plugins).join("\n")).toContain(loss);
  });
});

describe("the process", () => {
  test.each<[plugins: string, options: Readonly<Record<string, string>>]>([
    ["health {\n lameduck 5s\n}", { health: "0.0.0.0:8080 [::]:8080", lameduck: "5" }],
    ["health 127.0.0.1:8081", { health: "127.0.0.1:8081" }],
    ["health localhost:8080\nready [::1]:8181", { health: "127.0.0.1:8080", ready: "[::1]:8181" }],
    ["ready", { ready: "0.0.0.0:8181 [::]:8181" }],
    ["prometheus", { admin: "127.0.0.1:9153", "metrics-names": "coredns" }],
    ["prometheus :9153", { admin: "0.0.0.0:9153 [::]:9153", "metrics-names": "coredns" }],
    ["bufsize 1100", { "edns-size": "1100" }],
    ["bufsize", { "edns-size": "1232" }],
    ["nsid dns one", { nsid: "dns one" }],
    ["debug", { "log-level": "debug" }],
    ["log", { "query-log": "all", "query-log-format": "coredns" }],
    ["log . {\n class error\n}", { "query-log": "error", "query-log-format": "coredns" }],
    ["log . {common} {\n class denial error\n}", { "query-log": "denial error", "query-log-format": "coredns" }],
    ["log {\n class denial\n class all\n}", { "query-log": "all", "query-log-format": "coredns" }],
    [
      "log Shop.example. a.example",
      { "query-log": "all", "query-log-name": "shop.example a.example", "query-log-format": "coredns" },
    ],
    ["log a.example\nlog", { "query-log": "all", "query-log-format": "coredns" }],
    ["log\nlog a.example", { "query-log": "all", "query-log-format": "coredns" }],
    ["dnstap /tmp/dnstap.sock", { dnstap: "/tmp/dnstap.sock" }],
    ["dnstap tcp://127.0.0.1:6000 full", { dnstap: "tcp://127.0.0.1:6000" }],
    ["multisocket 2", { "udp-workers": "2" }],
    ["autopath @kubernetes", { autopath: "true" }],
    ["acl {\n allow net 10.0.0.0/8 192.0.2.1\n block\n}", { allow: "10.0.0.0/8 192.0.2.1/32" }],
    ["tls cert.pem key.pem", { "tls-cert": "cert.pem", "tls-key": "key.pem" }],
    ["errors {\n consolidate 5m x\n}\nloop\nreload 30s\nloadbalance round_robin\nlocal\nany\nminimal", {}],
  ])("%j", (plugins, options) => {
    expect(optionsOf(plugins)).toEqual(options);
  });

  test.each([
    ["nsid", "nsid: the name of the host; set CLUSTER_DNS_NSID"],
    ["health dns.example:8080", 'health: health: "dns.example:8080" is not an address'],
    ["acl {\n block net 10.0.0.0/8\n}", 'acl: rule "block net 10.0.0.0/8"; only --allow exists'],
    ["acl {\n allow type A net 10.0.0.0/8\n block\n}", 'acl: rule "allow type A net 10.0.0.0/8"'],
    ["acl a.example {\n block\n}", "acl: rules for some zones"],
    ["acl {\n block\n}", "acl: a rule that blocks all clients"],
    ["acl {\n allow net 10.0.0.0/8\n drop\n}", 'acl: rule "drop"'],
    ["tls a b c", "tls: CA c"],
    ['log . "{remote}"', "log: a format; lines are in the common log format of CoreDNS, or JSON"],
    ["log . {combined}", "log: a format"],
    ["log {\n minDuration 1s\n}", "log: minDuration: no counterpart for slow answers beside others"],
    ["log a.example {\n class error\n}\nlog", "log: classes all, for these names only; the whole server has one"],
    ["dnstap tls://dns.example:6000 full", 'dnstap: "tls://dns.example:6000" is not a receiver'],
    ["dnstap tcp://dns.example:6000", "host names are not accepted"],
    ["dnstap /tmp/d.sock {\n identity a\n}", "dnstap: identity: no counterpart for an identity; set `nsid`"],
    ["dnssec {\n key file K\n}", "dnssec: no counterpart for signatures made while answering; sign the zone file"],
    ["kubernetai x", "kubernetai: unknown plugin; it is not part of CoreDNS 1.13; did you mean kubernetes?"],
    ["rewrite ttl a 30", "rewrite ttl a 30: it does not rewrite name, type, class"],
  ])("lost: %j", (plugins, loss) => {
    expect(lossesOf(plugins).join("\n")).toContain(loss);
  });

  test.each<[plugins: string, key: string, value: string]>([
    ["kubernetes a {\n namespaces x y\n}", "namespaces", "y"],
    ["kubernetes a {\n labels app in (a), b\n}", "service-selector", "app in (a), b"],
    ["kubernetes a {\n namespace_labels x=y\n}", "namespace-selector", "x=y"],
    ["kubernetes a {\n kubeconfig /k c\n}", "kubeconfig", "/k"],
    ["kubernetes a {\n kubeconfig /k c\n}", "context", "c"],
    ["kubernetes a {\n startup_timeout 1m\n}", "startup-timeout", "60"],
    ["rewrite name exact a.example b.example", "rewrite", "name exact a.example b.example"],
    [
      'rewrite stop {\n name regex "a b" c\n answer value d e\n}',
      "rewrite",
      'stop name regex "a b" c answer value d e',
    ],
  ])("%j is %s, or reported as an option that does not exist", (plugins, key, value) => {
    const { options, missing } = imported(`. {\n${plugins}\n}`);
    const given = options[key]?.includes(value) === true;
    expect(
      given || missing.some((line) => line.endsWith(`: ${key}: ${value}; this version has no option ${key}`)),
    ).toBe(true);
  });

  test.each([
    ["name suffix .c.example .b", "c.example", true],
    ["name suffix c.example b", "c.example", true],
    ["name a.c.example b", "c.example", true],
    ["name a.xc.example b", "c.example", false],
    ["name prefix a b", "c.example", false],
    ["type A AAAA", "c.example", false],
    ["type A AAAA", ".", true],
  ])("rewrite %s in the block of %s is kept: %s", (rule, zone, isKept) => {
    const { options, losses } = imported(`${zone} {\n rewrite ${rule}\n}`);
    expect(options["rewrite"]).toBe(isKept ? rule : undefined);
    expect(losses.some((line) => line.includes(`rewrite ${rule}: for these zones only`))).toBe(!isKept);
  });

  test("a rewrite rule may have commas", () => {
    const { options, losses } = imported('. {\n rewrite name regex "a{1,2}" b\n}');
    expect([options["rewrite"], losses]).toEqual(["name regex a{1,2} b", []]);
  });

  test("two values of one option: the second is lost", () => {
    const { losses } = imported("a {\n bufsize 512\n}\nb {\n bufsize 1232\n}");
    expect(losses).toEqual([
      "Corefile:5:2: edns-size: 1232, for these zones only; the whole server has one value, here 512",
    ]);
  });
});

test.each([
  ["30", 30],
  ["1h30m", 5400],
  ["1.5h", 5400],
  ["500ms", 1],
  ["0s", 0],
  ["soon", undefined],
  ["", undefined],
])("the duration %s", (text, seconds) => {
  expect(parseSeconds(text)).toBe(seconds);
});
