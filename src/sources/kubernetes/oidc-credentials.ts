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

const BODY_MAX = 1 << 20;
const EARLY_MS = 10_000;
const TIMEOUT_MS = 30_000;

export class OidcCredentials implements Credentials {
  readonly #settings: OidcSettings;
  #idToken: string | undefined;
  #refreshToken: string | undefined;

  constructor(settings: OidcSettings) {
    this.#settings = settings;
    this.#idToken = settings.idToken;
    this.#refreshToken = settings.refreshToken;
  }

  async authorization(): Promise<string> {
    if (this.#idToken === undefined || Date.now() > expiryOf(this.#idToken) - EARLY_MS) await this.#renew();
    return `Bearer ${this.#idToken}`;
  }

  refresh(): void {
    this.#idToken = undefined;
  }

  async #renew(): Promise<void> {
    const { issuer, clientId, clientSecret } = this.#settings;
    if (this.#refreshToken === undefined)
      throw new SourceError("the ID token of the kubeconfig has expired, and there is no refresh token");
    const found = await this.#ask(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, undefined);
    const form = new URLSearchParams({
      grant_type: "refresh_token",
      refresh_token: this.#refreshToken,
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    });
    const tokens = await this.#ask(String(found["token_endpoint"]), form.toString());
    if (typeof tokens["id_token"] !== "string") throw new SourceError(`${issuer} gave no ID token`);
    this.#idToken = tokens["id_token"];
    if (typeof tokens["refresh_token"] === "string") this.#refreshToken = tokens["refresh_token"];
  }

  async #ask(url: string, form: string | undefined): Promise<Readonly<Record<string, unknown>>> {
    if (!url.startsWith("https://")) throw new SourceError(`${url}: a token provider needs https`);
    const ca = await this.#settings.ca?.();
    const sent = request(url, {
      method: form === undefined ? "GET" : "POST",
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(ca !== undefined && { ca }),
      ...(form !== undefined && { headers: { "content-type": "application/x-www-form-urlencoded" } }),
    });
    sent.end(form);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    const body = await readBody(response, BODY_MAX);
    if (response.statusCode !== 200) throw new SourceError(`${url} answered with HTTP status ${response.statusCode}`);
    return JSON.parse(body) as Readonly<Record<string, unknown>>;
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
