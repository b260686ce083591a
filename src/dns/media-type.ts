// The media type of DNS messages in HTTP, for servers and clients of DNS over HTTPS.
// RFC 8484 6; pure.

export const DNS_MESSAGE = "application/dns-message";

/** Whether a content type is that of DNS messages: in any letter case, with parameters or without (RFC 9110 8.3.1). */
export function isDnsMessage(contentType: string | undefined): boolean {
  return contentType?.split(";", 1)[0]!.trim().toLowerCase() === DNS_MESSAGE;
}
