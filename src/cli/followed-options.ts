// The options of `serve` while it runs: they follow the configuration file as far as they can change. What is wrong
// with a new version of the file, and what of it needs a restart, is logged.
import { changeOptions } from "../config/changed-options.ts";
import type { Values } from "../config/changed-options.ts";
import { keyName } from "../config/option-names.ts";
import type { Options } from "../config/options.ts";
import { parseOptions } from "../config/parse-options.ts";
import type { Environment, ParsedOptions } from "../config/parse-options.ts";
import { followFiles } from "../files/followed-files.ts";
import type { FollowedFiles } from "../files/followed-files.ts";
import type { Logger } from "../observe/log.ts";

/** Where the options come from, and who takes new ones. */
export interface FollowedInput {
  readonly args: readonly string[];
  readonly env: Environment;
  readonly parsed: Exclude<ParsedOptions, { readonly errors: readonly string[] }>;
  readonly log: Logger;
  /** Called with all options when some have changed. */
  readonly onChange: (options: Options) => void;
}

export class FollowedOptions {
  readonly #input: FollowedInput;
  #values: Values;
  #options: Options;
  #file: FollowedFiles | undefined;

  /** Follows the configuration file, if there is one that can be followed. */
  static async open(input: FollowedInput): Promise<FollowedOptions> {
    const followed = new FollowedOptions(input);
    await followed.#follow();
    return followed;
  }

  private constructor(input: FollowedInput) {
    this.#input = input;
    this.#values = input.parsed.values;
    this.#options = input.parsed.options;
  }

  /** The options that hold now. */
  get current(): Options {
    return this.#options;
  }

  /** Reads the file again. */
  async reload(): Promise<void> {
    const { log } = this.#input;
    await this.#file
      ?.reread()
      .catch((error: Error) => log.warn(`configuration: ${error.message}; the options before stay in force`));
  }

  async close(): Promise<void> {
    await this.#file?.close();
  }

  async #follow(): Promise<void> {
    const { parsed, log } = this.#input;
    if (parsed.configFile === undefined) return;
    try {
      this.#file = await followFiles([parsed.configFile], ([text]) => this.#take(text!));
      // It may have changed since the start.
      this.#take(this.#file.texts[0]!);
    } catch (error) {
      // A pipe, for example, is read once.
      log.debug({ reason: (error as Error).message }, "the configuration file is not followed");
    }
  }

  #take(text: string): void {
    const { args, env, log, onChange } = this.#input;
    const next = parseOptions(args, env, text);
    if ("errors" in next) {
      log.warn({ errors: next.errors }, "the configuration has errors: the options before stay in force");
      return;
    }
    const { changed, waiting, values, options } = changeOptions(this.#values, next.values);
    if (waiting.length > 0)
      log.warn({ options: waiting.map(keyName) }, "options have changed that need a restart: their values before hold");
    if (changed.length === 0) return;
    this.#values = values;
    this.#options = options;
    onChange(options);
    log.info({ options: changed.map(keyName) }, "options have changed: their new values are in force");
  }
}
