// Loaded with --import: koffi cannot be found, as on a machine without the package.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === "koffi") throw new Error("Cannot find module 'koffi'\nRequire stack: (a second line)");
    return nextResolve(specifier, context);
  },
});
