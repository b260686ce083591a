// Chooses the format of metrics by the header Accept (RFC 9110 12.5.1): OpenMetrics for those who prefer it, else the
// text format of Prometheus, which every scraper reads. Pure.

export type ExpositionFormat = "text" | "openmetrics";

const OPEN_METRICS = "application/openmetrics-text";

/** The format with the larger weight; `accept`: the header, undefined where there is none. */
export function chooseFormat(accept: string | undefined): ExpositionFormat {
  let [text, openMetrics] = [0, 0];
  for (const range of (accept ?? "").split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = weightOf(parameters);
    if (type === OPEN_METRICS) openMetrics = Math.max(openMetrics, weight);
    else if (type === "text/plain") text = Math.max(text, weight);
  }
  return openMetrics > text ? "openmetrics" : "text";
}

function weightOf(parameters: readonly string[]): number {
  const given = parameters.find((parameter) => parameter.startsWith("q="));
  if (given === undefined) return 1;
  const weight = Number(given.slice(2));
  return weight >= 0 && weight <= 1 ? weight : 0;
}
