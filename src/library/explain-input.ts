// Explains a name over paths and objects of a program, as the command `explain` does over paths. Asks no upstream.
// explain/ finds the causes.
import type { Options } from "../config/options.ts";
import { SettingsError } from "../config/settings.ts";
import { explain } from "../explain/explain.ts";
import type { Explanation, ExplainQuestion } from "../explain/explanation.ts";
import { loadCluster } from "../planes/load-cluster.ts";
import { loadedView } from "../planes/loaded-view.ts";
import { parseObjects } from "./parse-objects.ts";

/** What to explain a name from. */
export interface ExplainedInput {
  readonly paths: readonly string[];
  readonly objects: readonly unknown[];
  readonly question: ExplainQuestion;
}

/** Rejects with a `SettingsError`, an `ObjectError` or a `SourceError`. */
export async function explainInput(
  options: Options,
  { paths, objects: given, question }: ExplainedInput,
): Promise<Explanation> {
  if (paths.includes("-")) throw new SettingsError("input: the path - is for commands; pass objects instead");
  const objects = parseObjects(given, options.namespace);
  const loaded = await loadCluster(paths, options, undefined, { objects });
  const explanation = await explain(loadedView(loaded, options), question);
  if ("fault" in explanation) throw new SettingsError(explanation.fault);
  return explanation;
}
