// The project's conventions as checks: who may import whom, sizes, headers, names, where tests are. Each check is a
// function from files to complaints, and is itself tested on a small bad sample.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseAst } from "vitest/node";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

interface ImportRow {
  /** Other folders of src/. */
  readonly folders: readonly string[];
  /** npm packages and node: modules; `node:fs` covers `node:fs/promises`. */
  readonly packages: readonly string[];
}

/** Who may import whom; ARCHITECTURE.md shows this table, and a test holds the two equal. Type-only imports count. */
const IMPORT_TABLE: Readonly<Record<string, ImportRow>> = {
  std: { folders: [], packages: [] },
  net: { folders: [], packages: [] },
  dns: { folders: ["std"], packages: [] },
  objects: { folders: ["net", "std"], packages: [] },
  text: { folders: ["objects"], packages: ["yaml"] },
  process: { folders: [], packages: ["node:fs", "node:v8", "node:vm"] },
  libc: { folders: [], packages: ["koffi", "node:module"] },
  files: { folders: ["libc", "objects", "std"], packages: ["chokidar", "node:fs"] },
  zonefile: { folders: ["dns", "net", "objects"], packages: [] },
  cluster: { folders: ["net", "objects", "std"], packages: [] },
  reasons: { folders: ["dns", "objects"], packages: [] },
  overview: { folders: ["cluster", "objects", "std"], packages: [] },
  "resolv-conf": { folders: ["net", "objects"], packages: [] },
  doctor: { folders: ["dns", "net", "objects", "resolv-conf"], packages: [] },
  table: { folders: ["dns", "std"], packages: [] },
  compile: {
    folders: ["cluster", "dns", "net", "objects", "reasons", "std", "table", "zonefile"],
    packages: [],
  },
  records: { folders: ["dns", "net", "std", "table", "zonefile"], packages: [] },
  diagnostics: { folders: ["cluster", "compile", "objects", "reasons", "resolv-conf", "std"], packages: [] },
  cache: { folders: ["dns", "std"], packages: [] },
  answer: { folders: ["cache", "dns", "net", "std", "table"], packages: [] },
  explain: {
    folders: [
      "answer",
      "cluster",
      "compile",
      "dns",
      "net",
      "objects",
      "overview",
      "reasons",
      "resolv-conf",
      "std",
      "zonefile",
    ],
    packages: [],
  },
  expect: { folders: ["dns", "net", "objects", "std", "text", "zonefile"], packages: ["yaml"] },
  forward: {
    folders: ["answer", "cache", "dns", "net", "reasons", "std"],
    packages: ["node:crypto", "node:dgram", "node:http2", "node:net", "node:tls"],
  },
  probe: {
    folders: ["dns", "doctor", "forward", "net", "std"],
    packages: ["node:crypto", "node:dgram", "node:net"],
  },
  server: {
    folders: ["answer", "dns", "libc", "net", "std"],
    packages: [
      "koffi",
      "node:crypto",
      "node:dgram",
      "node:fs",
      "node:http",
      "node:http2",
      "node:net",
      "node:stream",
      "node:tls",
      "node:worker_threads",
    ],
  },
  "query-log": { folders: ["answer", "dns", "net", "std"], packages: [] },
  dnstap: { folders: ["answer", "query-log"], packages: ["node:net"] },
  state: { folders: ["files", "net", "objects", "std"], packages: [] },
  sources: {
    folders: ["cluster", "files", "objects", "process", "std", "text", "zonefile"],
    packages: [
      "node:child_process",
      "node:crypto",
      "node:fs",
      "node:http",
      "node:http2",
      "node:https",
      "node:stream",
      "node:worker_threads",
    ],
  },
  config: { folders: ["dns", "net", "std"], packages: ["node:fs", "node:util", "yaml"] },
  corefile: { folders: ["compile", "config", "dns", "net", "objects", "std"], packages: [] },
  observe: {
    folders: ["objects", "std"],
    packages: ["node:fs", "node:stream", "pino", "pino-pretty"],
  },
  etcd: { folders: ["std"], packages: ["node:http", "node:https", "node:stream"] },
  registrar: { folders: ["etcd", "observe"], packages: [] },
  metrics: { folders: ["std"], packages: ["@prometheus-io/client"] },
  admin: { folders: ["net", "server"], packages: ["@hono/node-server", "hono", "node:http", "node:net"] },
  "status-page": { folders: ["admin", "explain", "objects", "overview", "std"], packages: ["hono", "node:fs"] },
  planes: {
    folders: [
      "admin",
      "answer",
      "cache",
      "cluster",
      "compile",
      "config",
      "diagnostics",
      "dns",
      "dnstap",
      "etcd",
      "expect",
      "explain",
      "files",
      "forward",
      "metrics",
      "net",
      "objects",
      "observe",
      "overview",
      "process",
      "query-log",
      "records",
      "registrar",
      "resolv-conf",
      "server",
      "sources",
      "state",
      "status-page",
      "std",
      "table",
      "text",
      "zonefile",
    ],
    packages: ["node:crypto", "node:fs", "node:stream", "node:util", "node:v8", "node:vm", "node:worker_threads"],
  },
  cli: {
    folders: [
      "cluster",
      "compile",
      "config",
      "corefile",
      "diagnostics",
      "dns",
      "doctor",
      "etcd",
      "expect",
      "explain",
      "files",
      "net",
      "objects",
      "observe",
      "overview",
      "planes",
      "probe",
      "process",
      "records",
      "resolv-conf",
      "sources",
      "status-page",
      "std",
      "zonefile",
    ],
    packages: [
      "dns2",
      "node:buffer",
      "node:child_process",
      "node:crypto",
      "node:dgram",
      "node:fs",
      "node:net",
      "node:stream",
      "node:util",
    ],
  },
  library: {
    folders: [
      "answer",
      "config",
      "dns",
      "explain",
      "net",
      "objects",
      "observe",
      "planes",
      "resolv-conf",
      "std",
      "zonefile",
    ],
    packages: ["node:dns", "node:stream"],
  },
  main: {
    folders: ["answer", "config", "explain", "files", "library", "net", "objects", "planes", "reasons", "server"],
    packages: [],
  },
};
const FREE_PACKAGES = ["node:path", "node:url", "node:events", "node:timers", "node:os"];

/** No files, sockets, timers, clock or randomness; time comes in as an argument. */
const PURE_FOLDERS = [
  "std",
  "net",
  "dns",
  "objects",
  "text",
  "zonefile",
  "cluster",
  "overview",
  "reasons",
  "resolv-conf",
  "diagnostics",
  "doctor",
  "records",
  "table",
  "compile",
  "cache",
  "answer",
  "expect",
  "explain",
  "corefile",
];
const IMPURE_GLOBALS = ["process", "performance", "setTimeout", "setInterval", "setImmediate", "fetch", "crypto"];
const IMPURE_CALLS = ["Math.random", "Date.now"];

/** Files of src/ with logic that no test of the same name covers, and the tests that cover them instead. */
const TESTED_ELSEWHERE: Readonly<Record<string, string>> = {
  // What the log takes from a record.
  "src/query-log/query-details.ts": "test/query-log/query-log.test.ts",
  "src/query-log/query-filter.ts": "test/query-log/query-log.test.ts",
  // The two ends of a ring.
  "src/query-log/query-record.ts": "test/query-log/ring-writer.test.ts",
  "src/query-log/record-layout.ts": "test/query-log/ring-writer.test.ts",
  "src/query-log/ring-reader.ts": "test/query-log/ring-writer.test.ts",
  // What an explanation is made of.
  "src/explain/cluster-reason.ts": "test/explain/explain.test.ts",
  "src/explain/decided-by.ts": "test/explain/explain.test.ts",
  "src/explain/decisive.ts": "test/explain/explain.test.ts",
  "src/explain/name-place.ts": "test/explain/explain.test.ts",
  "src/explain/nearest-names.ts": "test/explain/explain.test.ts",
  "src/explain/other-domain.ts": "test/explain/explain.test.ts",
  "src/explain/sentence.ts": "test/explain/explain.test.ts",
  "src/explain/service-chain.ts": "test/explain/explain.test.ts",
  "src/explain/zone-reason.ts": "test/explain/explain.test.ts",
  "src/planes/loaded-view.ts": "test/explain/explain.test.ts",
  // What is asked of etcd shows in what it holds.
  "src/etcd/http-json.ts": "test/etcd/etcd-client.test.ts",
  "src/registrar/kept-lease.ts": "test/registrar/registrar.test.ts",
  "src/registrar/leadership.ts": "test/registrar/registrar.test.ts",
  "src/registrar/own-keys.ts": "test/registrar/registrar.test.ts",
  "src/planes/registrar-plane.ts": "test/cli/register.test.ts",
  // The process itself.
  "src/cli/start.ts": "test/cli/cli.test.ts",
  // What an operand of the command is, and what --update writes.
  "src/cli/expectation-files.ts": "test/cli/expect.test.ts",
  // The values of expectations, and the words of their schema.
  "src/expect/expectation.ts": "test/expect/schema.test.ts",
  // What the process does when its folder goes.
  "src/cli/working-directory.ts": "test/cli/serve.test.ts",
  // The files of a folder, seen in what the folder serves.
  "src/sources/manifests/folder-files.ts": "test/sources/manifests/manifests.test.ts",
  // What the commands show of the records.
  "src/cli/load-records.ts": "test/cli/dump.test.ts",
  // The sides of a difference, with real repositories and servers.
  "src/cli/diff-side.ts": "test/cli/diff.test.ts",
  "src/cli/git-files.ts": "test/cli/diff.test.ts",
  "src/planes/ask-records.ts": "test/cli/diff.test.ts",
  "src/planes/asked-server.ts": "test/planes/server-names.test.ts",
  // A cluster without a control plane publishes nothing.
  "src/planes/served-cluster.ts": "test/planes/control-plane.test.ts",
  // The last rows of the option table.
  "src/config/process-options.ts": "test/config/build-options.test.ts",
  // Rules, how they are found, and their replies show together.
  "src/answer/compiled-rewrite.ts": "test/answer/query-rewriter.test.ts",
  "src/answer/rewrite-filter.ts": "test/answer/query-rewriter.test.ts",
  "src/answer/rewrite-index.ts": "test/answer/query-rewriter.test.ts",
  "src/answer/reply-restorer.ts": "test/answer/rewriting-answerer.test.ts",
  // Rows of metrics: their form and their values for one view.
  "src/metrics/metric.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/answer-metrics.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/control-metrics.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/forward-metrics.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/process-metrics.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/query-log-metrics.ts": "test/metrics/all-metrics.test.ts",
  "src/metrics/transport-metrics.ts": "test/metrics/all-metrics.test.ts",
  // A restart without a gap takes two processes.
  "src/planes/handover.ts": "test/cli/takeover.test.ts",
  "src/server/descriptor-of.ts": "test/cli/takeover.test.ts",
  "src/server/given-listener.ts": "test/cli/takeover.test.ts",
  "src/server/inherited-listeners.ts": "test/cli/takeover.test.ts",
  "src/server/predecessor.ts": "test/cli/takeover.test.ts",
  "src/server/takeover-point.ts": "test/cli/takeover.test.ts",
  // The errors of the sockets that it opens.
  "src/server/system-error.ts": "test/server/udp-batch-socket.test.ts",
  // Origins of controllers, seen in what they hold.
  "src/cluster/change.ts": "test/cluster/cluster.test.ts",
  // The table of operators' kinds, one test for all rows.
  "src/objects/operators/databases.ts": "test/objects/operators/operator-kinds.test.ts",
  "src/objects/operators/messaging.ts": "test/objects/operators/operator-kinds.test.ts",
  "src/objects/operators/observability.ts": "test/objects/operators/operator-kinds.test.ts",
  "src/objects/operators/operator-row.ts": "test/objects/operators/operator-kinds.test.ts",
  "src/objects/operators/platforms.ts": "test/objects/operators/operator-kinds.test.ts",
  // The texts of a controller's problems.
  "src/cluster/controllers/pod-problems.ts": "test/cluster/controllers/workload-controller.test.ts",
  // The scripts that the command prints, in the shells that they are for.
  "src/cli/bash-completion.ts": "test/cli/completion.test.ts",
  "src/cli/completable-command.ts": "test/cli/completion.test.ts",
  "src/cli/fish-completion.ts": "test/cli/completion.test.ts",
  "src/cli/zsh-completion.ts": "test/cli/completion.test.ts",
  // What the app has from them.
  "src/admin/probes.ts": "test/admin/admin-app.test.ts",
  "src/admin/request-guard.ts": "test/admin/admin-app.test.ts",
  // Rules of the doctor: one table of situations reaches them all.
  "src/doctor/answer-rules.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/cluster-rules.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/codes.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/name-rules.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/resolv-conf-rules.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/server-view.ts": "test/doctor/diagnose.test.ts",
  "src/doctor/transport-rules.ts": "test/doctor/diagnose.test.ts",
  // What a socket says.
  "src/probe/failure-of.ts": "test/probe/probe.test.ts",
  "src/probe/ask-tcp.ts": "test/probe/probe.test.ts",
  "src/probe/ask-udp.ts": "test/probe/probe.test.ts",
  // What commands share.
  "src/cli/admin-client.ts": "test/cli/list.test.ts",
  "src/cli/text-table.ts": "test/cli/list.test.ts",
  "src/cli/failure.ts": "test/cli/resolv-conf.test.ts",
  "src/cli/load-reported.ts": "test/cli/resolv-conf.test.ts",
  "src/cli/pod-command.ts": "test/cli/resolv-conf.test.ts",
  // Reached only through parse-object.ts, one table of cases for all kinds.
  "src/objects/parse-common.ts": "test/objects/parse-object.test.ts",
  "src/objects/parse-pod.ts": "test/objects/parse-object.test.ts",
  "src/objects/parse-service.ts": "test/objects/parse-object.test.ts",
  // The rules of the API server, beside its verdicts.
  "src/objects/acceptance.ts": "test/objects/parse-object.test.ts",
  "src/objects/validation/container-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/endpoints-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/metadata-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/node-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/placement-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/pod-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/selector-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/service-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/validate.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/values.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/volume-rules.ts": "test/inputs/parity.test.ts",
  "src/objects/validation/workload-rules.ts": "test/inputs/parity.test.ts",
  // What one source is made of.
  "src/sources/program/program-source.ts": "test/planes/server.test.ts",
  "src/sources/manifests/manifest-file.ts": "test/sources/manifests/manifests.test.ts",
  "src/sources/manifests/watched-folder.ts": "test/sources/manifests/manifests.test.ts",
  "src/sources/manifests/watched-path.ts": "test/sources/manifests/manifests.test.ts",
  "src/sources/manifests/watched-directory.ts": "test/sources/manifests/manifests.test.ts",
  "src/sources/manifests/watched-file.ts": "test/sources/manifests/manifests.test.ts",
  "src/sources/manifests/parse-worker.ts": "test/sources/manifests/manifest-parser.test.ts",
  "src/diagnostics/codes-of-zones.ts": "test/diagnostics/codes.test.ts",
  // Kinds and their fields, reached through collect-references.ts.
  "src/objects/raw-values.ts": "test/objects/references/collect-references.test.ts",
  "src/objects/references/service-fields.ts": "test/objects/references/collect-references.test.ts",
  "src/sources/manifests/check-notes.ts": "test/planes/silence-problems.test.ts",
  // What becomes of a folder of another program.
  "src/sources/manifests/built-kustomization.ts": "test/sources/manifests/packages.test.ts",
  "src/sources/manifests/data-files.ts": "test/sources/manifests/packages.test.ts",
  "src/sources/manifests/manifest-names.ts": "test/sources/manifests/packages.test.ts",
  "src/sources/manifests/package-reporter.ts": "test/sources/manifests/packages.test.ts",
  "src/sources/manifests/run-kustomize.ts": "test/sources/manifests/packages.test.ts",
  "src/sources/manifests/parse-lane.ts": "test/sources/manifests/manifest-parser.test.ts",
  // What a server does with it.
  "src/planes/conflict-reporter.ts": "test/planes/server.test.ts",
  "src/planes/forwarded-domains.ts": "test/planes/forward-plane.test.ts",
  "src/planes/load-cluster.ts": "test/cli/agreement.test.ts",
  "src/planes/read-resolv-conf.ts": "test/cli/resolv-conf-input.test.ts",
  "src/planes/open-cluster.ts": "test/cli/agreement.test.ts",
  // What the choice of a user depends on.
  "src/planes/readable-files.ts": "test/planes/privileges.test.ts",
  // What the forward plane follows.
  "src/planes/nameserver-file.ts": "test/planes/forward-plane.test.ts",
  // One port of the exchange that opens it.
  "src/forward/udp-port.ts": "test/forward/udp-exchange.test.ts",
  // Where things lie, which reader and writer show.
  "src/cache/cache-layout.ts": "test/cache/cache-writer.test.ts",
  // What a reply is written into, by all that answer.
  "src/answer/reply.ts": "test/answer/zone-answerer.test.ts",
  "src/answer/server-identity.ts": "test/answer/reply-opt.test.ts",
  "src/dns/tsig.ts": "test/answer/parse-query.test.ts",
  "src/answer/answerer-data.ts": "test/contract/transport-udp-batch.test.ts",
  // The data plane's thread is what a server with batches runs.
  "src/planes/worker.ts": "test/contract/transport-udp-batch.test.ts",
  // What a batch loop is made of, seen at its socket.
  "src/server/datagram-batch.ts": "test/server/batch-loop.test.ts",
  "src/server/batch-worker.ts": "test/server/udp-batch.test.ts",
  // What all transports close by.
  "src/server/transport.ts": "test/contract/transport-tcp.test.ts",
  // One connection of the listener that opens it.
  "src/server/tcp-connection.ts": "test/server/tcp.test.ts",
  // What they are for shows against an API server.
  "src/sources/kubernetes/api-access.ts": "test/sources/kubernetes/kubeconfig.test.ts",
  "src/sources/kubernetes/api-problems.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/api-reply.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/backoff.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/exec-credentials.ts": "test/sources/kubernetes/kubeconfig.test.ts",
  "src/sources/kubernetes/http2-sessions.ts": "test/sources/kubernetes/api-connection.test.ts",
  "src/sources/kubernetes/listed-objects.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/object-budget.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/oidc-credentials.ts": "test/sources/kubernetes/kubeconfig.test.ts",
  "src/sources/kubernetes/read-pages.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/reflector.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/resources.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/snapshot-keeper.ts": "test/sources/kubernetes/kubernetes-source.test.ts",
  "src/sources/kubernetes/until-event.ts": "test/sources/kubernetes/api-connection.test.ts",
  "src/planes/remote-sources.ts": "test/planes/control-plane.test.ts",
  // Rows of the option table.
  "src/config/client-options.ts": "test/config/option-table.test.ts",
  "src/config/admin-options.ts": "test/config/option-table.test.ts",
  "src/config/kubernetes-options.ts": "test/config/option-table.test.ts",
  // Rows of the table of CoreDNS's plugins, and what they are made of.
  "src/corefile/draft.ts": "test/corefile/translate.test.ts",
  "src/corefile/fixed-template.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugin-row.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugin-table.ts": "test/corefile/plugins-table.test.ts",
  "src/corefile/plugins/cluster-plugins.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugins/forward-plugins.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugins/log-plugins.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugins/lost-plugins.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugins/process-plugins.ts": "test/corefile/translate.test.ts",
  "src/corefile/plugins/record-plugins.ts": "test/corefile/translate.test.ts",
  // What the command prints, and which files it reads.
  "src/corefile/write-config.ts": "test/cli/import-corefile.test.ts",
  "src/cli/corefile-files.ts": "test/cli/import-corefile.test.ts",
  // Parts of pages, seen in the pages.
  "src/status-page/assets.ts": "test/status-page/status-page.test.ts",
  "src/status-page/detail-pages.ts": "test/status-page/status-page.test.ts",
  "src/status-page/document.ts": "test/status-page/status-page.test.ts",
  "src/status-page/explain-request.ts": "test/status-page/status-api.test.ts",
  "src/status-page/links.ts": "test/status-page/explain-page.test.ts",
  "src/status-page/live-section.ts": "test/status-page/status-page.test.ts",
  "src/status-page/markup.ts": "test/status-page/status-page.test.ts",
  "src/status-page/overview-page.ts": "test/status-page/status-page.test.ts",
  "src/status-page/part.ts": "test/status-page/status-page.test.ts",
  "src/status-page/recent-queries.ts": "test/status-page/browser.test.ts",
  "src/status-page/request-parameters.ts": "test/status-page/status-api.test.ts",
  "src/status-page/sections/answer-sections.ts": "test/status-page/explain-page.test.ts",
  "src/status-page/sections/chain-sections.ts": "test/status-page/explain-page.test.ts",
  "src/status-page/sections/facts-section.ts": "test/status-page/status-page.test.ts",
  "src/status-page/sections/problems-section.ts": "test/status-page/status-page.test.ts",
  "src/status-page/sections/query-section.ts": "test/status-page/browser.test.ts",
  "src/status-page/sections/services-section.ts": "test/status-page/status-page.test.ts",
  "src/status-page/sections/source-sections.ts": "test/status-page/status-page.test.ts",
  "src/status-page/sections/summary-section.ts": "test/status-page/status-page.test.ts",
  "src/status-page/sections/top-sections.ts": "test/status-page/status-page.test.ts",
  // What they are for shows in a server.
  "src/library/check-input.ts": "test/main.test.ts",
  "src/library/explain-input.ts": "test/main.test.ts",
  "src/library/field-forms.ts": "test/library/builders.test.ts",
  "src/library/overrides.ts": "test/library/embedded-server.test.ts",
  "src/library/parse-objects.ts": "test/library/embedded-server.test.ts",
  "src/library/question-log.ts": "test/library/embedded-server.test.ts",
  "src/library/take-arguments.ts": "test/main.test.ts",
  "src/library/watched-answerer.ts": "test/library/embedded-server.test.ts",
};

const MAX_FILE_LINES = 400;
const MAX_FUNCTION_LINES = 60;
const MAX_LINE_COLUMNS = 120;
const HEADER_LINES = { least: 2, most: 8 };

/** Written so that this file doesn't hold them itself. */
const FORBIDDEN = [
  { what: "a path of somebody's machine", pattern: /\/(?:home|Users)\/[a-z]|\/roo[t]\//i },
  { what: "a registry's host", pattern: /registry\.(?:npmjs|yarnpkg|npmmirror)|"resolve[d]": "http/ },
  { what: "a path outside the repository", pattern: /\.\.\/share[d]\b/ },
];

interface AstNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

interface SourceFile {
  /** From the repository's root, e.g. `src/net/ip.ts`. */
  readonly path: string;
  readonly text: string;
  readonly nodes: readonly AstNode[];
  readonly program: AstNode;
}

function isNode(value: unknown): value is AstNode {
  return typeof value === "object" && value !== null && typeof (value as { type?: unknown }).type === "string";
}

function* walk(node: AstNode): Generator<AstNode> {
  yield node;
  for (const value of Object.values(node)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* walk(child);
  }
}

function sourceFile(path: string, text: string): SourceFile {
  const program = parseAst(text, { lang: "ts" }) as unknown as AstNode;
  return { path, text, program, nodes: [...walk(program)] };
}

function folderOf(path: string): string {
  const [, folder = "", ...rest] = path.split("/");
  return rest.length === 0 ? folder.replace(/\.ts$/, "") : folder;
}

function lineOf(file: SourceFile, offset: number): number {
  return file.text.slice(0, offset).split("\n").length;
}

/** Where a literal specifier stands: import, export from, import(), a type's import, a worker's URL. */
function specifiersOf(file: SourceFile): string[] {
  const literal = (node: unknown): string[] => {
    const value = isNode(node) ? (node["value"] ?? (node["literal"] as AstNode | undefined)?.["value"]) : undefined;
    return typeof value === "string" ? [value] : [];
  };
  return file.nodes.flatMap((node) => {
    if (/^(Import|ExportNamed|ExportAll)Declaration$|^ImportExpression$|^TSImportType$/.test(node.type)) {
      return literal(node["source"] ?? node["argument"]);
    }
    const isUrl = node.type === "NewExpression" && (node["callee"] as AstNode)["name"] === "URL";
    return isUrl ? literal((node["arguments"] as unknown[])[0]).filter((text) => text.endsWith(".ts")) : [];
  });
}

function packageOf(specifier: string): string {
  const parts = specifier.split("/");
  return specifier.startsWith("@") ? parts.slice(0, 2).join("/") : parts[0]!;
}

function resolveImport(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier);
}

function checkImports(file: SourceFile): string[] {
  const from = folderOf(file.path);
  const row = IMPORT_TABLE[from];
  if (row === undefined) return [`${file.path}: folder "${from}" has no row in the import table`];
  return specifiersOf(file).flatMap((specifier) => {
    if (!specifier.startsWith(".")) {
      const name = packageOf(specifier);
      const allowed = row.packages.includes(name) || FREE_PACKAGES.includes(name);
      return allowed ? [] : [`${file.path}: ${from} may not import ${specifier}`];
    }
    const target = resolveImport(file.path, specifier);
    if (!target.startsWith("src/")) return [`${file.path}: imports ${specifier} from outside src/`];
    const to = folderOf(target);
    const allowed = to === from || row.folders.includes("*") || row.folders.includes(to);
    return allowed ? [] : [`${file.path}: ${from} may not import ${to} (${specifier})`];
  });
}

/** Every right of the import table that no file of its folder uses; `*` is the right of composition roots. */
function unusedRights(table: Readonly<Record<string, ImportRow>>, files: readonly SourceFile[]): string[] {
  const used = new Set<string>();
  for (const file of files) {
    for (const specifier of specifiersOf(file)) {
      const isPackage = !specifier.startsWith(".");
      const target = isPackage ? packageOf(specifier) : folderOf(resolveImport(file.path, specifier));
      used.add(`${folderOf(file.path)} ${target}`);
    }
  }
  return Object.entries(table).flatMap(([folder, { folders, packages }]) =>
    [...folders, ...packages]
      .filter((target) => target !== "*" && !used.has(`${folder} ${target}`))
      .map((target) => `${folder} may import ${target}, and does not`),
  );
}

/** A folder of the table imports only folders whose rows come before its own: data flows one way. */
function wrongWays(table: Readonly<Record<string, ImportRow>>): string[] {
  const order = Object.keys(table);
  return Object.entries(table).flatMap(([folder, { folders }], row) =>
    folders
      .filter((target) => target !== "*" && order.indexOf(target) >= row)
      .map((target) => `${folder} imports ${target}, which comes after it`),
  );
}

/** Folders of src/ that a text does not name as a word. */
function foldersNotIn(text: string, folders: readonly string[]): string[] {
  const words = new Set(text.split(/[^a-z-]+/));
  return folders.filter((folder) => !words.has(folder));
}

function checkCycles(files: readonly SourceFile[]): string[] {
  const targets = new Map(files.map((file) => [file.path, specifiersOf(file).map((s) => resolveImport(file.path, s))]));
  const done = new Set<string>();
  const complaints: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) complaints.push(`cycle: ${[...trail.slice(trail.indexOf(path)), path].join(" → ")}`);
    if (done.has(path) || trail.includes(path)) return;
    for (const target of targets.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) visit(path, []);
  return complaints;
}

function checkLengths(file: SourceFile): string[] {
  const lines = file.text.trimEnd().split("\n");
  const complaints = lines.flatMap((line, i) =>
    [...line].length > MAX_LINE_COLUMNS ? [`${file.path}:${i + 1}: longer than ${MAX_LINE_COLUMNS} columns`] : [],
  );
  if (lines.length > MAX_FILE_LINES) complaints.push(`${file.path}: ${lines.length} lines, at most ${MAX_FILE_LINES}`);
  for (const node of file.nodes) {
    if (!/^(FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) continue;
    const first = lineOf(file, node.start);
    const length = lineOf(file, node.end) - first + 1;
    if (length <= MAX_FUNCTION_LINES || saysHotLoop(lines, first)) continue;
    complaints.push(`${file.path}:${first}: a function of ${length} lines, at most ${MAX_FUNCTION_LINES}`);
  }
  return complaints;
}

/** Whether the comment that ends on the line above `line` (from 1) has the words "hot loop". */
function saysHotLoop(lines: readonly string[], line: number): boolean {
  for (let i = line - 2; i >= 0 && /^\s*(\/\/|\/?\*)/.test(lines[i]!); i--)
    if (/hot loop/i.test(lines[i]!)) return true;
  return false;
}

function checkHeader(file: SourceFile): string[] {
  const lines = file.text.split("\n");
  const length = lines.findIndex((line) => !line.startsWith("// "));
  const fits = length >= HEADER_LINES.least && length <= HEADER_LINES.most;
  return fits ? [] : [`${file.path}: opens with ${length} comment lines, not 2 to 5`];
}

function checkName(file: Pick<SourceFile, "path">): string[] {
  const name = posix.basename(file.path);
  return /^[a-z0-9]+(-[a-z0-9]+)*(\.test)?\.ts$/.test(name) ? [] : [`${file.path}: name is not in kebab-case`];
}

/** A module-level binding that can change: `let`, or a collection that starts empty. */
function isMutableState(statement: AstNode): boolean {
  const inner = statement.type === "ExportNamedDeclaration" ? statement["declaration"] : statement;
  if (!isNode(inner) || inner.type !== "VariableDeclaration" || inner["declare"] === true) return false;
  return inner["kind"] !== "const" || (inner["declarations"] as AstNode[]).some(isEmptyCollection);
}

/** One with a type of its own, such as ReadonlyMap, is a constant. */
function isEmptyCollection({ id, init }: AstNode): boolean {
  if (!isNode(init) || init.type !== "NewExpression" || isNode((id as AstNode)["typeAnnotation"])) return false;
  const isCollection = /^(Map|Set|WeakMap|WeakSet)$/.test(String((init["callee"] as AstNode)["name"]));
  return isCollection && (init["arguments"] as unknown[]).length === 0;
}

function checkStyle(file: SourceFile): string[] {
  const pure = PURE_FOLDERS.includes(folderOf(file.path));
  const complain = (node: AstNode, what: string): string[] => [`${file.path}:${lineOf(file, node.start)}: ${what}`];
  const state = (file.program["body"] as AstNode[]).filter(isMutableState);
  return [
    ...state.flatMap((node) => complain(node, "state at module level")),
    ...file.nodes.flatMap((node) => {
      if (node.type === "TSAnyKeyword") return complain(node, "any");
      if (node.type === "ExportDefaultDeclaration") return complain(node, "default export");
      const global = globalUsed(node);
      if (global === "console") return complain(node, "console");
      return pure && global !== undefined ? complain(node, `${global} in a pure folder`) : [];
    }),
  ];
}

/** The impure global that `node` uses, if it does: as `process.…`, `fetch(…)`, `Math.random`, `new Date()`. */
function globalUsed(node: AstNode): string | undefined {
  const name = (value: unknown): string => (isNode(value) && value.type === "Identifier" ? String(value["name"]) : "");
  if (node.type === "MemberExpression") {
    const object = name(node["object"]);
    const path = `${object}.${name(node["property"])}`;
    if (IMPURE_CALLS.includes(path)) return path;
    return object === "console" || IMPURE_GLOBALS.includes(object) ? object : undefined;
  }
  const callee = name(node["callee"]);
  if (node.type === "CallExpression") return IMPURE_GLOBALS.includes(callee) ? callee : undefined;
  const isNow = node.type === "NewExpression" && callee === "Date" && (node["arguments"] as unknown[]).length === 0;
  return isNow ? "new Date()" : undefined;
}

function testPathOf(path: string): string {
  return path.replace(/^src\//, "test/").replace(/\.ts$/, ".test.ts");
}

function checkTestExists(file: SourceFile, exists: (path: string) => boolean): string[] {
  const hasLogic = file.nodes.some((node) => /Function/.test(node.type) && isNode(node["body"]));
  const testPath = testPathOf(file.path);
  const covered = !hasLogic || exists(testPath) || TESTED_ELSEWHERE[file.path] !== undefined;
  return covered ? [] : [`${file.path}: ${testPath} is missing`];
}

function checkForbidden(path: string, text: string): string[] {
  return FORBIDDEN.filter(({ pattern }) => pattern.test(text)).map(({ what }) => `${path}: names ${what}`);
}

/** The rows of ARCHITECTURE.md's import table, as this file's table makes them. */
function formatImportTable(): string {
  const code = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(", ");
  const rows = Object.entries(IMPORT_TABLE).map(([folder, { folders, packages }]) => {
    const others = folders.includes("*") ? "all" : code(folders) || "none";
    return `| \`${folder}\` | ${others} | ${code(packages) || "none"} |`;
  });
  return ["| folder | folders | packages and node: modules |", "| --- | --- | --- |", ...rows].join("\n");
}

function readSources(): SourceFile[] {
  return readdirSync(`${ROOT}src`, { recursive: true, encoding: "utf8" })
    .map((path) => `src/${path}`)
    .filter((path) => path.endsWith(".ts"))
    .map((path) => sourceFile(path, readFileSync(ROOT + path, "utf8")));
}

const sources = readSources();
const exists = (path: string): boolean => existsSync(ROOT + path);

describe("the project keeps its conventions", () => {
  test.each<[string, () => string[]]>([
    ["imports follow the table", () => sources.flatMap(checkImports)],
    ["the table grants no right that is not used", () => unusedRights(IMPORT_TABLE, sources)],
    ["folders import one way", () => wrongWays(IMPORT_TABLE)],
    ["files form no cycles", () => checkCycles(sources)],
    ["files, functions and lines are short", () => sources.flatMap(checkLengths)],
    ["a file opens with what it does", () => sources.flatMap(checkHeader)],
    ["files have names in kebab-case", () => sources.flatMap(checkName)],
    ["no any, default export, console, state or impure call", () => sources.flatMap(checkStyle)],
    ["files with logic have a test", () => sources.flatMap((file) => checkTestExists(file, exists))],
    ["exceptions are needed", () => Object.keys(TESTED_ELSEWHERE).filter((path) => !isNeededException(path))],
  ])("%s", (_, check) => {
    expect(check()).toEqual([]);
  });

  test("ARCHITECTURE.md shows the import table", () => {
    const page = readFileSync(`${ROOT}ARCHITECTURE.md`, "utf8");
    const shown = /<!-- import table.*?-->\n\n(.*?)\n\n<!-- end of import table -->/s.exec(page)?.[1];
    expect(shown).toBe(formatImportTable());
  });

  test("ARCHITECTURE.md's picture and list of folders name each folder, and no others", () => {
    const page = readFileSync(`${ROOT}ARCHITECTURE.md`, "utf8");
    const folders = Object.keys(IMPORT_TABLE);
    expect(foldersNotIn(/## Data flow\n\n```\n(.*?)```/s.exec(page)![1]!, folders)).toEqual([]);
    const listed = [...page.matchAll(/^\| `src\/([a-z-]+)(?:\/|\.ts)` \|/gm)].map(([, folder]) => folder!);
    expect(listed.toSorted()).toEqual(folders.toSorted());
  });

  test("ARCHITECTURE.md's walks name files that are there", () => {
    const page = readFileSync(`${ROOT}ARCHITECTURE.md`, "utf8");
    const walks = /## Walks\n\n(.*?)\n\n/s.exec(page)![1]!;
    const names = [...walks.matchAll(/`([a-z/-]+\.ts)`/g)].map(([, name]) => name!);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !sources.some(({ path }) => path.endsWith(`/${name}`)))).toEqual([]);
  });

  test("nothing committed names machines, registries or places outside", ({ skip }) => {
    if (!exists(".git")) skip("not a git checkout: the committed files are not known");
    const git = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
    const paths = execFileSync("git", git, { cwd: ROOT, encoding: "utf8" }).split("\0");
    const files = paths.filter((path) => path !== "" && exists(path));
    expect(files.length).toBeGreaterThan(20);
    expect(files.flatMap((path) => checkForbidden(path, readFileSync(ROOT + path, "utf8")))).toEqual([]);
  });
});

function isNeededException(path: string): boolean {
  const test = TESTED_ELSEWHERE[path];
  return exists(path) && !exists(testPathOf(path)) && test !== undefined && exists(test);
}

const HEADER = "// What it does.\n// What it may not do.\n";
const lines = (count: number): string => "  f();\n".repeat(count);

describe("each check finds what it is for", () => {
  test.each<[what: string, check: (file: SourceFile) => string[], path: string, text: string, found: number]>([
    ["a folder that may not be imported", checkImports, "src/table/a.ts", 'import "../answer/query.ts";', 1],
    ["a type-only import", checkImports, "src/server/a.ts", 'import type { A } from "../objects/a.ts";', 1],
    ["a re-export", checkImports, "src/std/a.ts", 'export * from "../dns/name.ts";', 1],
    ["a dynamic import", checkImports, "src/std/a.ts", 'export const f = () => import("../dns/name.ts");', 1],
    ["a type's import", checkImports, "src/std/a.ts", 'export type A = import("../dns/name.ts").A;', 1],
    ["a worker's file", checkImports, "src/std/a.ts", 'new URL("../dns/name.ts", import.meta.url);', 1],
    ["a package", checkImports, "src/answer/a.ts", 'import { parse } from "yaml";', 1],
    ["a node: module", checkImports, "src/dns/a.ts", 'import { open } from "node:fs/promises";', 1],
    ["a folder without a row", checkImports, "src/newcomer/a.ts", "", 1],
    ["an import from outside", checkImports, "src/main.ts", 'import "../test/a.ts";', 1],
    ["nothing in allowed imports", checkImports, "src/sources/a.ts", 'import "node:fs/promises"; import "node:os";', 0],
    ["a long function", checkLengths, "src/std/a.ts", `function f() {\n${lines(60)}}`, 1],
    ["a long arrow function", checkLengths, "src/std/a.ts", `const f = () => {\n${lines(60)}};`, 1],
    ["a long method", checkLengths, "src/std/a.ts", `class A {\nf() {\n${lines(60)}}}`, 1],
    [
      "nothing in a hot loop",
      checkLengths,
      "src/std/a.ts",
      `// Hot loop: one\n// piece.\nfunction f() {\n${lines(60)}}`,
      0,
    ],
    ["nothing in sixty lines", checkLengths, "src/std/a.ts", `function f() {\n${lines(58)}}`, 0],
    ["a long file", checkLengths, "src/std/a.ts", "f();\n".repeat(401), 1],
    ["a long line", checkLengths, "src/std/a.ts", `f("${"x".repeat(120)}");`, 1],
    ["a missing header", checkHeader, "src/std/a.ts", "const a = 1;\n", 1],
    ["a header of one line", checkHeader, "src/std/a.ts", "// One.\nconst a = 1;\n", 1],
    ["a header of nine lines", checkHeader, "src/std/a.ts", `${"// Line.\n".repeat(9)}const a = 1;\n`, 1],
    ["nothing in a header of two", checkHeader, "src/std/a.ts", `${HEADER}const a = 1;\n`, 0],
    ["a name in camel case", checkName, "src/std/clientAddress.ts", "", 1],
    ["nothing in a kebab name", checkName, "src/std/client-address.ts", "", 0],
    ["any", checkStyle, "src/cli/a.ts", "export function f(a: any[]): void {}", 1],
    ["a default export", checkStyle, "src/cli/a.ts", "export default 1;", 1],
    ["console", checkStyle, "src/cli/a.ts", "console.error(1);", 1],
    ["module-level let", checkStyle, "src/cli/a.ts", "let a = 1; export let b = 2;", 2],
    ["a module-level cache", checkStyle, "src/cli/a.ts", "const cache = new Map<string, number>();", 1],
    ["nothing in a constant", checkStyle, "src/cli/a.ts", "const NONE: ReadonlyMap<string, 1> = new Map();", 0],
    ["randomness", checkStyle, "src/table/a.ts", "export const f = () => Math.random();", 1],
    ["the clock", checkStyle, "src/dns/a.ts", "export const f = () => [Date.now(), new Date()];", 2],
    ["a timer", checkStyle, "src/cluster/a.ts", "export const f = () => setTimeout(f, 1);", 1],
    ["the process", checkStyle, "src/compile/a.ts", "export const f = () => process.env;", 1],
    ["nothing outside the pure folders", checkStyle, "src/server/a.ts", "setTimeout(() => Date.now(), 1);", 0],
    ["nothing in words", checkStyle, "src/std/a.ts", 'export const any = "console.log(any); let a";', 0],
    ["a file without a test", (file) => checkTestExists(file, () => false), "src/std/a.ts", "function f() {}", 1],
    ["nothing where the test is", (file) => checkTestExists(file, () => true), "src/std/a.ts", "function f() {}", 0],
    ["nothing in types", (file) => checkTestExists(file, () => false), "src/std/a.ts", "type A = () => void;", 0],
  ])("%s", (_, check, path, text, found) => {
    expect(check(sourceFile(path, text))).toHaveLength(found);
  });

  test("a right that is not used", () => {
    const file = sourceFile("src/std/a.ts", 'import "../dns/name.ts"; import "yaml";');
    const row = (folders: string[], packages: string[]): Record<string, ImportRow> => ({ std: { folders, packages } });
    expect(unusedRights(row(["dns"], ["yaml"]), [file])).toEqual([]);
    expect(unusedRights(row(["dns", "net"], ["yaml", "koffi"]), [file])).toEqual([
      "std may import net, and does not",
      "std may import koffi, and does not",
    ]);
  });

  test("a folder that imports one after it", () => {
    const table = { std: { folders: [], packages: [] }, dns: { folders: ["std", "net"], packages: [] } };
    expect(wrongWays({ ...table, net: { folders: ["std"], packages: [] } })).toEqual([
      "dns imports net, which comes after it",
    ]);
    expect(wrongWays({ ...table, dns: { folders: ["std"], packages: [] } })).toEqual([]);
  });

  test("a folder that a picture does not name", () => {
    expect(foldersNotIn("sources ─→ cluster", ["cluster", "sources", "dns"])).toEqual(["dns"]);
  });

  test("a cycle of types", () => {
    const a = sourceFile("src/std/a.ts", 'import type { B } from "./b.ts";');
    const b = sourceFile("src/std/b.ts", 'export { c } from "./c.ts";');
    const c = sourceFile("src/std/c.ts", 'import "./a.ts"; import "./d.ts";');
    const d = sourceFile("src/std/d.ts", "");
    expect(checkCycles([a, b, c, d])).toEqual(["cycle: src/std/a.ts → src/std/b.ts → src/std/c.ts → src/std/a.ts"]);
    expect(checkCycles([b, c, d])).toEqual([]);
  });

  test.each([
    "cd /hom" + "e/me",
    "/roo" + "t/x",
    "https://registry.npm" + "js.org",
    ".." + "/shared/a",
    '"resolve' + 'd": "http://x"',
  ])("forbidden: %s", (text) => {
    expect(checkForbidden("a.md", text)).toHaveLength(1);
  });
});
