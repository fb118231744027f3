# syntax=docker/dockerfile:1
# Two stages: Swift and headers to build, a slim Debian with three libraries to run.

FROM swift:6.3-bookworm AS build
# Debian 12 keeps one version of each: security updates are wanted, pins are not.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libxgboost-dev libssl-dev zlib1g-dev pkg-config \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Package.swift openapi.yaml ./
COPY Sources Sources
COPY Tests Tests
# Provenance names the commit; a build context has no checkout to ask: --build-arg COMMIT=$(git rev-parse HEAD)
ARG COMMIT=unknown
ENV FIRSTLEAD_COMMIT=${COMMIT}
RUN swift build -c release --static-swift-stdlib --product firstlead \
    && install -D .build/release/firstlead /install/usr/bin/firstlead

FROM debian:bookworm-slim
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends libxgboost0 libssl3 zlib1g \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --user-group --no-create-home firstlead
COPY --from=build /install /
COPY Bundles/demonstration /var/lib/firstlead/bundle
COPY LICENSE /usr/share/doc/firstlead/LICENSE
ENV FIRSTLEAD_BUNDLE=/var/lib/firstlead/bundle
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# The image has no curl; bash can ask the probe itself.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 CMD ["/bin/bash", "-c", \
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3 && read -r line <&3 && [[ $line == *' 200 '* ]]"]
ENTRYPOINT ["/usr/bin/firstlead"]
CMD ["serve", "--listen", "0.0.0.0:8080"]
