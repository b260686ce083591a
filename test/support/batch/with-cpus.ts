// Loaded with --import: the program sees as many CPUs as the variable TEST_CPUS says.
import { syncBuiltinESMExports } from "node:module";
import os from "node:os";

os.availableParallelism = () => Number(process.env["TEST_CPUS"]);
syncBuiltinESMExports();
