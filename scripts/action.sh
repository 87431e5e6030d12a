#!/usr/bin/env bash
# The step of the Action: find Python, install the locked wheels once a job, deploy.
set -euo pipefail

# The Windows Store's stand-in for Python exists but cannot run anything.
python=
for candidate in "${PAGES_DEPLOY_PYTHON:-}" python3 python py; do
  if [ -n "$candidate" ] &&
    "$candidate" -I -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
    python=$candidate
    break
  fi
done
if [ -z "$python" ]; then
  echo "::error title=pages-deploy::Python 3.11 or newer is needed and was not found. Add actions/setup-python before this step."
  exit 2
fi

# Isolated (-I) everywhere: a json.py in the user's checkout must not stand in for Python's own.
lock=$GITHUB_ACTION_PATH/requirements.txt
tag=$("$python" -I -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:12], "%d%d" % sys.version_info[:2], sep="-")' "$lock")
export PAGES_DEPLOY_PACKAGES="${RUNNER_TEMP:-${TMPDIR:-/tmp}}/pages-deploy-$tag"
if [ ! -d "$PAGES_DEPLOY_PACKAGES" ]; then
  # Into a name of its own first, so that a step that was cut off leaves nothing half done.
  fresh=$PAGES_DEPLOY_PACKAGES.$$
  if ! "$python" -I -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --root-user-action ignore \
    --only-binary=:all: --require-hashes --target "$fresh" --requirement "$lock"; then
    echo "::error title=pages-deploy::The Python packages could not be installed; the lines above say why."
    exit 1
  fi
  mv "$fresh" "$PAGES_DEPLOY_PACKAGES" 2>/dev/null || rm -rf "$fresh"
fi

exec "$python" -I "$GITHUB_ACTION_PATH/entrypoint.py"
