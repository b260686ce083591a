// The schedules of CronJobs: five fields of numbers, names, ranges and steps, or a word such as @daily. Pure.
// Source: https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#schedule-syntax

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DAYS = "sun mon tue wed thu fri sat".split(" ");
const WORDS = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const TEXT_MAX = 1000;

interface CronField {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const FIELDS: readonly CronField[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];

/** Whether `schedule` is one that a CronJob may have. */
export function isSchedule(schedule: string): boolean {
  if (schedule.length > TEXT_MAX || schedule.includes("TZ")) return false;
  const words = schedule.trim().split(/\s+/);
  if (schedule.startsWith("@")) return WORDS.includes(schedule) || isInterval(schedule);
  return words.length === FIELDS.length && words.every((word, i) => isField(word, FIELDS[i]!));
}

function isInterval(schedule: string): boolean {
  return /^@every (?:\d+(?:\.\d*)?(?:ns|us|ms|s|m|h))+$/.test(schedule);
}

function isField(word: string, field: CronField): boolean {
  return word.split(",").every((part) => isPart(part, field));
}

// `*`, a number or a range, with a step after a slash.
function isPart(part: string, field: CronField): boolean {
  const [range = "", step, ...moreSteps] = part.split("/");
  if (moreSteps.length > 0 || (step !== undefined && !(/^\d+$/.test(step) && Number(step) > 0))) return false;
  const [start = "", end, ...moreEnds] = range.split("-");
  if (moreEnds.length > 0) return false;
  if (start === "*" || start === "?") return end === undefined;
  const first = numberOf(start, field);
  const last = end === undefined ? first : numberOf(end, field);
  return first >= field.min && last <= field.max && first <= last;
}

function numberOf(word: string, { names = [], min }: CronField): number {
  const index = names.indexOf(word.toLowerCase());
  if (index !== -1) return index + min;
  return /^\d+$/.test(word) ? Number(word) : Number.NaN;
}

/** Whether there is a time zone of this name. */
export function isTimeZone(name: string): boolean {
  // Names such as +01:00 and Local are no names of the database.
  if (!/^[A-Za-z][-A-Za-z0-9_+/]*$/.test(name) || name.toLowerCase() === "local") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).format(0) !== "";
  } catch {
    return false;
  }
}
