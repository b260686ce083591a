// Looks names up as a C program does, linked with glibc or musl: a line `addresses NAME` or `services NAME` on standard
// input, a line on standard output: what was found, `-` for nothing, `!reason` where the look-up itself failed.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static int is_absence(int code) {
#ifdef EAI_NODATA
  if (code == EAI_NODATA) return 1;
#endif
  return code == EAI_NONAME;
}

static void addresses(const char *name) {
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *list;
  int code = getaddrinfo(name, NULL, &hints, &list);
  if (code != 0) {
    printf(is_absence(code) ? "-\n" : "!%s\n", gai_strerror(code));
    return;
  }
  for (struct addrinfo *each = list; each != NULL; each = each->ai_next) {
    char text[INET6_ADDRSTRLEN];
    const void *bytes = each->ai_family == AF_INET6 ? (void *)&((struct sockaddr_in6 *)each->ai_addr)->sin6_addr
                                                    : (void *)&((struct sockaddr_in *)each->ai_addr)->sin_addr;
    printf("%s ", inet_ntop(each->ai_family, bytes, text, sizeof text));
  }
  printf("\n");
  freeaddrinfo(list);
}

static void services(const char *name) {
  unsigned char reply[65535];
  int size = res_query(name, ns_c_in, ns_t_srv, reply, sizeof reply);
  ns_msg message;
  if (size < 0 || ns_initparse(reply, size, &message) < 0) {
    printf(h_errno == HOST_NOT_FOUND || h_errno == NO_DATA ? "-\n" : "!%s\n", hstrerror(h_errno));
    return;
  }
  for (int i = 0; i < ns_msg_count(message, ns_s_an); i++) {
    ns_rr record;
    char target[NS_MAXDNAME];
    if (ns_parserr(&message, ns_s_an, i, &record) < 0 || ns_rr_type(record) != ns_t_srv) continue;
    dn_expand(reply, reply + size, ns_rr_rdata(record) + 6, target, sizeof target);
    printf("%d:%s ", ns_get16(ns_rr_rdata(record) + 4), target);
  }
  printf("\n");
}

int main(void) {
  char kind[16], name[512];
  while (scanf("%15s %511s", kind, name) == 2) {
    if (strcmp(kind, "services") == 0) services(name);
    else addresses(name);
    fflush(stdout);
  }
  return 0;
}
