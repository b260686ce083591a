import { expect, test } from "vitest";
import { chooseFormat } from "../../src/metrics/exposition-format.ts";

const PROMETHEUS_2 =
  "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
  "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
const PROMETHEUS_3_WITH_PROTOBUF =
  "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6," +
  "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;q=0.3,*/*;q=0.2";

test.each([
  [undefined, "text"],
  ["", "text"],
  ["*/*", "text"],
  ["text/html,application/xhtml+xml,*/*;q=0.8", "text"],
  ["text/plain; version=0.0.4", "text"],
  ["application/openmetrics-text", "openmetrics"],
  ["Application/OpenMetrics-Text; version=1.0.0", "openmetrics"],
  ["application/openmetrics-text;q=0, text/plain;q=0.1", "text"],
  ["application/openmetrics-text;q=0", "text"],
  ["application/openmetrics-text;q=nonsense", "text"],
  ["text/plain, application/openmetrics-text;q=0.9", "text"],
  [PROMETHEUS_2, "openmetrics"],
  [PROMETHEUS_3_WITH_PROTOBUF, "openmetrics"],
])("Accept: %s gets %s", (accept, format) => {
  expect(chooseFormat(accept)).toBe(format);
});
