// Plugins for what is asked and answered: rows of the plugin table.
// Rules for some names and classes become one rule for the whole server, which logs all that they log.
import { optionLines } from "../plugin-row.ts";
import type { PluginRow, PluginUse } from "../plugin-row.ts";
import { zonesOrBlock } from "../server-key.ts";

/** A format, not a name. */
const FORMAT = /[{ ]/;

function applyLog(use: PluginUse): void {
  const { name, args, zones, draft } = use;
  for (const format of args.filter(({ text }) => FORMAT.test(text) && text !== "{common}"))
    draft.lose(format, "log: a format", "lines are in the common log format of CoreDNS, or JSON");
  const names = args.map(({ text }) => text).filter((text) => !FORMAT.test(text));
  const domains = zonesOrBlock(names, zones);
  const asked = optionLines(use, "class").flatMap(([, ...words]) => words.map(({ text }) => text));
  const classes = asked.length === 0 || asked.includes("all") ? ["all"] : asked;
  const before = draft.options.get("queryLog")?.values;
  const wasForAll = before !== undefined && !draft.options.has("queryLogName");
  if (before !== undefined && before.toSorted().join() !== classes.toSorted().join())
    draft.lose(name, `log: classes ${classes.join(" ")}, for these names only`, "the whole server has one query log");
  for (const each of classes) draft.append("query-log", each, name);
  if (domains.includes(".") || wasForAll) draft.options.delete("queryLogName");
  else for (const domain of domains) draft.append("query-log-name", domain, name);
  draft.set("query-log-format", "coredns", name);
}

function applyDnstap({ name, args: [target], draft }: PluginUse): void {
  if (target !== undefined) draft.set("dnstap", target.text, name);
}

export const LOG_PLUGINS = {
  errors: {
    fate: "needless",
    text: "errors are logged, at most one line a second for each kind",
    options: {
      stacktrace: { fate: "needless", text: "`CLUSTER_DNS_DEBUG=1` shows the stack of an internal error" },
      consolidate: { fate: "needless", text: "equal errors are counted, not repeated" },
    },
  },
  log: {
    fate: "kept",
    text: "`query-log`, `query-log-name`, `query-log-format: coredns`; other formats are lost",
    options: {
      class: { fate: "kept", text: "the value of `query-log`" },
      minDuration: { fate: "lost", text: "slow answers beside others; `query-log-slower-than` logs slow ones alone" },
    },
    apply: applyLog,
  },
  dnstap: {
    fate: "kept",
    text: "`dnstap`, always with the messages (`full`); TLS and host names are lost",
    options: {
      identity: { fate: "lost", text: "an identity; set `nsid`" },
      version: { fate: "lost", text: "a version" },
      extra: { fate: "lost", text: "extra data" },
      skipverify: { fate: "needless", text: "there is no TLS" },
    },
    apply: applyDnstap,
  },
} satisfies Readonly<Record<string, PluginRow>>;
