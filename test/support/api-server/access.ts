// Who asks the scripted API server: by a bearer token or a client certificate. Kubernetes documents, "Authenticating". Its
// refusals have the forms of the real server.
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { ApiFailure, unauthorized } from "./api-failure.ts";
import type { ApiRequest } from "./api-request.ts";

/** The user of each token that is valid. */
export type Tokens = Readonly<Record<string, string>>;

/** The user of a request; without `tokens` everybody is the administrator. Throws 401. */
export function identify({ authorization }: ApiRequest, socket: Socket, tokens: Tokens | undefined): string {
  if (socket instanceof TLSSocket) {
    const { subject } = socket.getPeerCertificate();
    if (subject !== undefined && !socket.authorized) throw unauthorized();
    if (subject !== undefined) return String(subject.CN);
  }
  if (tokens === undefined) return "system:admin";
  const token = /^Bearer (\S+)$/i.exec(authorization ?? "")?.[1];
  const user = token !== undefined && Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (user === undefined) throw unauthorized();
  return user;
}

/** 403 as RBAC gives it: who may not do what, to what, and where. */
export function forbidden({ user = "system:anonymous", verb, target, path, method }: ApiRequest): ApiFailure {
  if (target === undefined) {
    const message = `forbidden: User "${user}" cannot ${method.toLowerCase()} path "${path}"`;
    return new ApiFailure(403, "Forbidden", message, { details: {} });
  }
  const { name, namespace, resource } = target;
  const { plural, group } = resource;
  const what = `${plural}${name === undefined ? "" : ` "${name}"`} is forbidden`;
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const why = `User "${user}" cannot ${verb} resource "${plural}" in API group "${group}" ${where}`;
  return new ApiFailure(403, "Forbidden", `${what}: ${why}`, {
    details: { ...(name !== undefined && { name }), ...(group !== "" && { group }), kind: plural },
  });
}
