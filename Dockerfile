# The container for GitLab, Jenkins, Woodpecker and whoever runs images.
FROM docker.io/library/python:3.13-slim-trixie AS build
COPY requirements.txt /build/
RUN python3 -m venv --without-pip /opt/pages-deploy \
    && python3 -m pip install --no-cache-dir --no-deps --only-binary=:all: --require-hashes \
       --target "$(/opt/pages-deploy/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')" \
       --requirement /build/requirements.txt
COPY entrypoint.py /opt/pages-deploy/app/
COPY pages_deploy /opt/pages-deploy/app/pages_deploy
RUN /opt/pages-deploy/bin/python -m compileall -q /opt/pages-deploy \
    && printf '#!/bin/sh\nexec /opt/pages-deploy/bin/python -I /opt/pages-deploy/app/entrypoint.py "$@"\n' \
       > /opt/pages-deploy/bin/pages-deploy \
    && chmod 0755 /opt/pages-deploy/bin/pages-deploy

FROM docker.io/library/python:3.13-slim-trixie
COPY --from=build /opt/pages-deploy /opt/pages-deploy
# A link, so that `script: [pages-deploy dist]` works where the entrypoint is overridden.
RUN ln -s /opt/pages-deploy/bin/pages-deploy /usr/local/bin/pages-deploy
ENV PYTHONDONTWRITEBYTECODE=1
# The interpreter by its absolute path, and no shell in between: dash drops variables such as
# INPUT_API-TOKEN. entrypoint.py passes `sh -c ...`, `cat` and other programs through.
ENTRYPOINT ["/opt/pages-deploy/bin/python", "-I", "/opt/pages-deploy/app/entrypoint.py"]
