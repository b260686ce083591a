# The image serves the manifests in /manifests on port 53 of all its addresses.
# docs/docker.md explains its use; test/dockerfile.test.ts checks this file without a container engine.

FROM node:26-bookworm-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/runtime tools/runtime
RUN npm ci --omit=dev
# The server does not run as root. This capability only lets its Node bind ports below 1024.
RUN setcap cap_net_bind_service=+ep node_modules/node-linux-*/bin/node

FROM debian:bookworm-slim
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY package.json LICENSE ./
COPY bin bin
COPY src src
# The sample cluster; mount a volume here to serve other manifests.
COPY zones /manifests
ENV NODE_ENV=production CLUSTER_DNS_LISTEN="0.0.0.0:53,[::]:53"
USER 65532:65532
EXPOSE 53/udp 53/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD /app/bin/cluster-dns query "dns-version.${CLUSTER_DNS_CLUSTER_DOMAIN:-cluster.local}" TXT
ENTRYPOINT ["/app/bin/cluster-dns"]
CMD ["serve", "/manifests"]
