// Tokens of an OpenID Connect provider, as the older kind of kubeconfig has them: the ID token while it lasts, then a
// new one for the refresh token. Nothing is written back to the kubeconfig.
// OpenID Connect Discovery 1.0 4, OpenID Connect Core 1.0 12 (refresh tokens), RFC 7519 4.1.4 (exp).
import { request } from "node:https";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { SourceError } from "../../files/source-error.ts";
import type { Credentials } from "./api-access.ts";
import { readBody } from "./api-connection.ts";

export interface OidcSettings {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string | undefined;
  readonly idToken: string | undefined;
  readonly refreshToken: string | undefined;
  readonly ca: (() => Promise<string>) | undefined;
}

type Answer = Readonly<Record<string, unknown>>;

const BODY_MAX = 1 << 20;
const EARLY_MS = 10_000;
const TIMEOUT_MS = 30_000;

export class OidcCredentials implements Credentials {
  readonly #settings: OidcSettings;
  #idToken: string | undefined;
  #refreshToken: string | undefined;
  /** Shared by all who wait: many providers take a refresh token only once. */
  #renewing: Promise<void> | undefined;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
    this.#idToken = settings.idToken;
    this.#refreshToken = settings.refreshToken;
  }

  async authorization(signal?: AbortSignal): Promise<string> {
    if (this.#idToken === undefined || Date.now() > expiryOf(this.#idToken) - EARLY_MS) {
      this.#renewing ??= this.#renew(signal).finally(() => (this.#renewing = undefined));
      await this.#renewing;
    }
    return `Bearer ${this.#idToken}`;
  }

  refresh(refused = `Bearer ${this.#idToken}`): void {
    if (refused === `Bearer ${this.#idToken}`) this.#idToken = undefined;
  }

  async #renew(signal: AbortSignal | undefined): Promise<void> {
    const { issuer, clientId, clientSecret } = this.#settings;
    if (this.#refreshToken === undefined)
      throw new SourceError("the ID token of the kubeconfig has expired, and there is no refresh token");
    const found = await this.#ask(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, undefined, signal);
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: this.#refreshToken,
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    });
    const tokens = await this.#ask(String(found["token_endpoint"]), form.toString(), signal);
    if (typeof tokens["id_token"] !== "string") throw new SourceError(`${issuer} gave no ID token`);
    this.#idToken = tokens["id_token"];
    if (typeof tokens["refresh_token"] === "string") this.#refreshToken = tokens["refresh_token"];
  }

  async #ask(url: string, form: string | undefined, signal: AbortSignal | undefined): Promise<Answer> {
    if (!url.startsWith("https://") || !URL.canParse(url))
      throw new SourceError(`${url}: expected an https URL of a token provider`);
    const ca = await this.#settings.ca?.();
    const sent = request(url, {
      method: form === undefined ? "GET" : "POST",
      signal: AbortSignal.any([AbortSignal.timeout(TIMEOUT_MS), ...(signal === undefined ? [] : [signal])]),
      ...(ca !== undefined && { ca }),
      ...(form !== undefined && { headers: { "content-type": "application/x-www-form-urlencoded" } }),
    });
    sent.end(form);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const body = await readBody(response, BODY_MAX);
    if (response.statusCode !== 200) throw new SourceError(`${url} answered with HTTP status ${response.statusCode}`);
    const answer = parseAnswer(body);
    if (answer === undefined) throw new SourceError(`${url} answered with something else than a JSON object`);
    return answer;
  }
}

function parseAnswer(body: string): Answer | undefined {
  try {
    const answer = JSON.parse(body) as unknown;
    return typeof answer === "object" && answer !== null ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** When the token ends, wall clock in milliseconds; if it does not say so, the API server will. */
function expiryOf(token: string): number {
  try {
    const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp?: unknown };
    return typeof payload.exp === "number" ? payload.exp * 1000 : Infinity;
  } catch {
    return Infinity;
  }
}
