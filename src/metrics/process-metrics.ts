// Metrics of the process: those that all Prometheus clients have, and the event loop of the main thread, which serves
// all but UDP in batches. Rows of the table in all-metrics.ts.
import { counter, gauge, histogram, sample } from "./metric.ts";
import type { Metric } from "./metric.ts";

export const PROCESS_METRICS: readonly Metric[] = [
  counter("process_cpu_seconds_total", [], "CPU time, user and system, of all threads", ({ process }) => [
    [process.cpuSeconds],
  ]),
  gauge("process_start_time_seconds", [], "When the process started, since 1970", ({ process }) => [
    [process.startSeconds],
  ]),
  gauge("process_resident_memory_bytes", [], "Resident memory", ({ process }) => [[process.residentBytes]]),
  gauge("process_virtual_memory_bytes", [], "Virtual memory", ({ process }) => sample(process.virtualBytes)),
  gauge("process_open_fds", [], "Open file descriptors", ({ process }) => sample(process.openFiles)),
  gauge("process_max_fds", [], "Largest number of open file descriptors", ({ process }) =>
    sample(process.openFilesMax),
  ),
  gauge("nodejs_heap_size_total_bytes", [], "Heap of the main thread", ({ process }) => [[process.heapBytes]]),
  gauge("nodejs_heap_size_used_bytes", [], "Heap of the main thread in use", ({ process }) => [
    [process.heapUsedBytes],
  ]),
  gauge(
    "nodejs_external_memory_bytes",
    [],
    "Memory outside the heap that objects of the main thread hold, zones and cache included",
    ({ process }) => [[process.externalBytes]],
  ),
  counter(
    "cluster_dns_event_loop_active_seconds_total",
    [],
    "Time that the main thread has spent with work; its rate is how busy that thread is",
    ({ process }) => [[process.loopActiveSeconds]],
  ),
  histogram(
    "cluster_dns_event_loop_lag_seconds",
    [],
    "How late a timer of the main thread fires, ten times a second",
    ({ process }) => [[process.loopLag]],
  ),
];
