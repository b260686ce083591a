// Run by test/answer/reason-writer.test.ts in a process of its own, with --expose-gc and room for a young generation that
// nothing here fills: asks for what gets no records, with EDNS, and prints what the heap grew by, as JSON.
import { QueryAnswerer } from "../../../src/answer/query-answerer.ts";
import { optionsFromSettings } from "../../../src/config/settings.ts";
import { accessSettings } from "../../../src/planes/access-settings.ts";
import { CompiledCluster } from "../../../src/planes/compiled-cluster.ts";
import { loadCluster } from "../../../src/planes/load-cluster.ts";
import { printAllocations } from "./measure-allocation.ts";
import { REASON_ROWS, REASONS_FOLDER } from "./reason-rows.ts";

const options = optionsFromSettings({});
const { cluster, zones } = await loadCluster([REASONS_FOLDER], options);
const { table } = new CompiledCluster(cluster, zones, options);
const answerer = new QueryAnswerer(table, accessSettings(options), 1);
const kinds = REASON_ROWS.map(([name, type]) => [`${name} ${type}`, { name, type, opt: { size: 1232 } }] as const);
await printAllocations(answerer, kinds, { warmUpQueries: 30_000, queries: 50_000 });
