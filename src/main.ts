// What programs import: a server inside their process for tests, checks of manifests, and builders of objects.
// docs/library.md explains it, docs/options.md the settings.
import type { OptionSettings } from "./config/option-row.ts";
import type { OptionTable } from "./config/option-table.ts";
import { optionsFromSettings, SettingsError } from "./config/settings.ts";
import { SourceError } from "./files/source-error.ts";
import { checkInput } from "./library/check-input.ts";
import type { Explanation, ExplainQuestion } from "./explain/explanation.ts";
import { EmbeddedServer } from "./library/embedded-server.ts";
import { explainInput } from "./library/explain-input.ts";
import type { ObjectInput } from "./library/object-types.ts";
import { ObjectError } from "./library/parse-objects.ts";
import { takeCheckArguments, takeExplainArguments, takeServeArguments } from "./library/take-arguments.ts";
import type { ProblemReport } from "./planes/check-cluster.ts";
import { ListenError } from "./server/listen-error.ts";

export { externalName, headless, pod, service } from "./library/builders.ts";
export { ListenError, ObjectError, SettingsError, SourceError };
export type { EmbeddedServer, Explanation, ExplainQuestion, ProblemReport };
export type { Counts } from "./answer/counts.ts";
export type { ClientTransport } from "./answer/client.ts";
export type { AskedOptions } from "./library/embedded-server.ts";
export type { EndpointFields, ExternalNameFields, HeadlessFields, NamedObject } from "./library/builders.ts";
export type { PodFields, Ports, ServiceFields } from "./library/builders.ts";
export type { EndpointSliceObject, KubernetesObject, ObjectInput, ObjectList } from "./library/object-types.ts";
export type { ObjectMeta, PodObject, Protocol, ServiceObject, ServicePort } from "./library/object-types.ts";
export type { ExplainOptions } from "./library/take-arguments.ts";
export type { CandidateOutcome, DecidedBy, EndpointState } from "./explain/explanation.ts";
export type { Outcome, PodState, PortState } from "./explain/explanation.ts";
export type { ReplySize, SearchList, ServiceChain, SliceState, TypeReply } from "./explain/explanation.ts";
export type { Reason, ReasonCode } from "./reasons/reason.ts";
export type { OverrideAnswer, RcodeName } from "./library/overrides.ts";
export type { AnswerRecord, Question } from "./library/question-log.ts";
export type { ListenAddress } from "./net/listen-address.ts";
export type { Place, Problem, Severity } from "./objects/problem.ts";

/**
 * The settings of `serve`: every option of the command, with the comment of its row in config/option-table.ts. Defaults
 * are those of the flags, except where the row has an `embeddedDefault`.
 */
export interface ServeSettings extends OptionSettings<OptionTable> {
  /** Manifest files and folders (recursive), which are watched. */
  paths?: readonly string[];
  /** Kubernetes objects as parsed JSON or YAML, or from builders, with or without `paths`. */
  objects?: ObjectInput | readonly ObjectInput[];
  /**
   * How many of the last questions to keep. Default 1,000 with `udpTransport: "dgram"`, which is the default; 0 with
   * others, because threads would hand over every query. 0: `questions`, `asked` and `override` do not work.
   */
  questions?: number;
}

/** The settings of `check`: options of the command `check`, and codes of problems to leave out. */
export interface CheckSettings extends OptionSettings<OptionTable> {
  /** Codes of problems to leave out, such as `service-no-endpoints`. */
  ignore?: readonly string[];
}

/**
 * Starts a server in this process; resolves when it answers. Rejects with a `SettingsError` on a bad setting, an
 * `ObjectError` on an object that is not valid, a `ListenError` if an address is not available, and a `SourceError`
 * if a path does not exist. Then nothing is left open.
 */
export async function serve(settings: ServeSettings = {}): Promise<EmbeddedServer> {
  const { options, ...input } = takeServeArguments(settings);
  return EmbeddedServer.start(optionsFromSettings(options), input);
}

/**
 * Checks manifests and objects without a server: what would not resolve, and why. `input`: paths of files and folders
 * (strings) and Kubernetes objects, in any mixture. Rejects with a `SettingsError`, a `SourceError`, or an
 * `ObjectError` if an object can't be read; what is wrong with the input is among the report's `problems`.
 */
export async function check(
  input: string | ObjectInput | readonly (string | ObjectInput)[],
  settings: CheckSettings = {},
): Promise<ProblemReport> {
  const { options, ...taken } = takeCheckArguments(input, settings);
  return checkInput(optionsFromSettings(options), taken);
}

/**
 * Explains without a server why a name resolves or not: the search list, what becomes of each name of it, and the
 * objects behind them. `input`: as for `check`. `question`: the name as a program has it, and optionally the type and
 * who asks. Nobody is asked for names that a server would forward. Rejects with a `SettingsError` if the question or a
 * setting is not valid, an `ObjectError` or a `SourceError`.
 */
export async function explain(
  input: string | ObjectInput | readonly (string | ObjectInput)[],
  question: ExplainQuestion,
  settings: OptionSettings<OptionTable> = {},
): Promise<Explanation> {
  const { options, ...taken } = takeExplainArguments(input, question, settings);
  return explainInput(optionsFromSettings(options), taken);
}
