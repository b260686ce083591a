// Loaded before a program by --import: koffi is not there, as where its package was not installed.
import { registerHooks } from "node:module";

registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === "koffi") throw new Error("Cannot find module 'koffi'\nRequire stack: (a second line)");
    return nextResolve(specifier, context);
  },
});
