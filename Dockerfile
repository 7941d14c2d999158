# The image of a Countersign server: no shell, no package manager, no root. `npm run image:check` runs these steps in a clean
# root without a Docker engine.
#   docker build -t countersign .
#   docker run --read-only --tmpfs /tmp -v countersign:/data -p 127.0.0.1:8080:8080 countersign
ARG BUILD_IMAGE=node:24-bookworm-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs24-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
COPY . .
RUN npm ci --no-audit --no-fund
RUN npm run --silent pack -- --out /tarballs
RUN mkdir -p /app /data && tar -xzf /tarballs/countersign-[0-9]*.tgz -C /app --strip-components=1
# What the lockfile names, and nothing that an install would choose by itself.
RUN npx node tools/image/copyLocked.ts /app

FROM ${RUN_IMAGE}
WORKDIR /app
COPY --from=build /app /app
COPY --from=build --chown=65532:65532 /data /data
ENV NODE_ENV=production COUNTERSIGN_HOST=0.0.0.0 COUNTERSIGN_DATA_DIR=/data XDG_CACHE_HOME=/tmp
USER 65532:65532
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s CMD ["/nodejs/bin/node", "-e", "fetch('http://127.0.0.1:8080/ready').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["/nodejs/bin/node", "/app/bin/countersign.mjs"]
CMD ["serve"]
