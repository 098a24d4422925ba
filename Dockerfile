# Barrage in a container: a build stage that runs the same set-up as `npm start`, and a small stage that serves.

FROM node:24-trixie-slim AS build
WORKDIR /app
ENV XDG_CACHE_HOME=/cache
COPY package.json package-lock.json ./
COPY scripts ./scripts
RUN node scripts/run.cjs setup \
 && mv /cache/barrage/mediasoup-worker/*/mediasoup-worker /usr/local/bin/ \
 && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
 # Debian packages of the libraries the worker is linked with: few when it was built here, hardly any when published.
 && ldd /usr/local/bin/mediasoup-worker | sed -nE 's#.* => .*/([^/ ]+) .*#*/\1#p' | xargs dpkg -S \
  | cut -d: -f1 | sort -u > /worker-packages

FROM node:24-trixie-slim
WORKDIR /app
COPY --from=build /worker-packages /usr/local/share/
RUN apt-get update \
 && xargs apt-get install -y --no-install-recommends ffmpeg < /usr/local/share/worker-packages \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o node -g node /data
COPY --from=build /usr/local/bin/mediasoup-worker /usr/local/bin/
COPY --from=build /app/node_modules ./node_modules
COPY . .
# Inside a container every interface is the container's own; what is published is decided by whoever runs it.
ENV NODE_ENV=production \
    MEDIASOUP_WORKER_BIN=/usr/local/bin/mediasoup-worker \
    BARRAGE_HTTP__HOST=0.0.0.0 \
    BARRAGE_RTMP__HOST=0.0.0.0 \
    BARRAGE_WEBRTC__HOST=0.0.0.0 \
    BARRAGE_DATA__DIR=/data
USER node
VOLUME /data
EXPOSE 8080/tcp 1935/tcp 44444-44447/udp 44444-44447/tcp
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
  CMD node -e "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"
CMD ["node", "server/main.ts"]
