// What all parts of a run share: the measured cluster, the questions about it, and the files that servers and the load
// generator read them from.
import { makeQuestions, makeServices } from "./cluster.ts";
import type { ModelService, Question } from "./cluster.ts";
import { writeManifests, writeQuestions } from "./manifests.ts";
import type { Bed } from "./servers.ts";
import type { BenchSettings } from "./settings.ts";

/** A run's cluster and questions, with the files they are in. */
export interface Workload {
  readonly bed: Bed;
  readonly settings: BenchSettings;
  readonly services: readonly ModelService[];
  readonly questions: readonly Question[];
  /** The folder of the cluster's manifests. */
  readonly manifests: string;
  readonly questionFile: string;
}

const QUESTIONS = 50_000;

/** Makes a run's cluster and writes its files. */
export function prepareWorkload(bed: Bed, settings: BenchSettings): Workload {
  const services = makeServices(settings);
  const questions = makeQuestions(services, QUESTIONS);
  const [manifests, questionFile] = [`${bed.folder}/manifests`, `${bed.folder}/questions.txt`];
  writeManifests(manifests, services, "json");
  writeQuestions(questionFile, questions);
  return { bed, settings, services, questions, manifests, questionFile };
}
