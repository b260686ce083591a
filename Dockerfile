# The image serves the manifests in /manifests on port 53 of all its addresses. Both base images are arguments, so that a
# build can name them by digest. docs/docker.md explains its use; test/dockerfile.test.ts checks this file without a
# container engine, and `npm run image` builds and runs it with buildah.
ARG NODE_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${NODE_IMAGE} AS build
# Debian's archive has only the newest version of a package.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install -y --no-install-recommends gcc libc6-dev libcap2-bin \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without the workspace, which has the Node.js of a checkout.
RUN npm ci --workspaces=false
COPY tsconfig.json tsconfig.build.json ./
COPY tools/build.ts tools/man-pages.ts tools/
COPY src src
# What the packages hold for compilers, and koffi for musl, stays behind.
RUN npm run build \
  && npm prune --omit=dev --workspaces=false \
  && find node_modules -regextype egrep -regex '.*\.([cm]?ts|map|h|hh|cc|S|asm|inc)' -delete \
  && rm -r node_modules/@koromix/*/musl_*
COPY deploy/image/health-probe.c ./
# The server does not run as root. The capability only lets its Node bind ports below 1024. With no_new_privs a program
# keeps a capability that the one before it had, and gains none: so the shell of the launcher has it too.
RUN gcc -Os -s -o health-probe health-probe.c \
  && setcap cap_net_bind_service=+ep /usr/local/bin/node cap_net_bind_service=+ep /bin/dash

FROM ${BASE_IMAGE}
# The launcher is a shell script; this shell needs nothing but the C library.
COPY --from=build /bin/dash /bin/sh
COPY --from=build /usr/local/LICENSE /usr/local/LICENSE
COPY --from=build /usr/local/bin/node /usr/local/bin/node
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/health-probe bin/
COPY --from=build /app/dist/*.js dist/
COPY package.json LICENSE ./
COPY bin bin
# The sample cluster; mount a volume here to serve other manifests.
COPY zones /manifests
ENV NODE_ENV=production CLUSTER_DNS_LISTEN="0.0.0.0:53,[::]:53" CLUSTER_DNS_ADMIN="0.0.0.0:9153,[::]:9153"
USER 65532:65532
EXPOSE 53/udp 53/tcp 9153/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 CMD ["/app/bin/health-probe"]
ENTRYPOINT ["/app/bin/cluster-dns"]
CMD ["serve", "/manifests"]
# Last, because they change with each build.
ARG VERSION=0.1.0
ARG REVISION=unknown
ARG SOURCE=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="cluster-dns" \
  org.opencontainers.image.description="A DNS server for Kubernetes clusters, and for Kubernetes manifests without a cluster" \
  org.opencontainers.image.licenses="Apache-2.0" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.source="${SOURCE}" \
  org.opencontainers.image.created="${CREATED}"
