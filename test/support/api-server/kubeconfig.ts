// Kubeconfig files for the scripted API server. Kubernetes documents, "Organizing Cluster Access Using kubeconfig Files" and
// the reference of kubeconfig (v1).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";

/** A certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** How clients with this file prove who they are. */
export interface KubeconfigOptions {
  readonly token?: string;
  readonly tokenFile?: string;
  /** With the client certificate that the server trusts, or another one. */
  readonly clientCertificate?: boolean | Identity;
  /** A program that writes an ExecCredential. */
  readonly exec?: {
    readonly command: string;
    readonly args?: readonly string[];
    readonly env?: readonly { readonly name: string; readonly value: string }[];
  };
  /** The namespace of the context. */
  readonly namespace?: string;
  /** Certificates and keys go into files here, and the kubeconfig names them as if it were here, too. */
  readonly folder?: string;
}

/** What a kubeconfig says of a server. */
interface ServerFacts {
  readonly url: string;
  readonly ca: string | undefined;
  readonly clientIdentity: Identity | undefined;
}

/** The text of a kubeconfig with one cluster, one user and one context, all of the name `scripted`. */
export function formatKubeconfig({ url, ca, clientIdentity }: ServerFacts, options: KubeconfigOptions): string {
  const { token, tokenFile, clientCertificate = false, exec, namespace, folder } = options;
  const pem = (field: string, file: string, text: string | undefined): Record<string, string> => {
    if (text === undefined) return {};
    if (folder === undefined) return { [`${field}-data`]: Buffer.from(text).toString("base64") };
    writeFileSync(join(folder, file), text, { mode: 0o600 });
    return { [field]: file };
  };
  const identity = typeof clientCertificate === "boolean" ? clientIdentity : clientCertificate;
  const user = {
    ...(token !== undefined && { token }),
    ...(tokenFile !== undefined && { tokenFile }),
    ...(clientCertificate !== false && {
      ...pem("client-certificate", "client.crt", identity?.cert),
      ...pem("client-key", "client.key", identity?.key),
    }),
    ...(exec !== undefined && {
      exec: { apiVersion: "client.authentication.k8s.io/v1", interactiveMode: "Never", ...exec },
    }),
  };
  const name = "scripted";
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: url, ...pem("certificate-authority", "ca.crt", ca) } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name, ...(namespace !== undefined && { namespace }) } }],
    "current-context": name,
  });
}
