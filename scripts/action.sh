#!/usr/bin/env bash
# The step of the Action: find Python, install the locked wheels once a job, deploy.
#
# Written for bash 3.2 (macOS) and for Git's bash on Windows as well. Python is started isolated (-I)
# everywhere: a json.py in the user's checkout must not stand in for Python's own.
set -euo pipefail

fail() {
  echo "::error title=pages-deploy::$2"
  exit "$1"
}

# No program of the checkout may run, whatever an earlier step has put into PATH.
here=$(pwd -P)
search_path=
while IFS= read -r -d : folder; do
  case $folder in
    /*) place=$(cd -P -- "$folder" 2>/dev/null && pwd -P) || continue ;;
    *) continue ;;
  esac
  case $place in
    "$here" | "$here"/*) ;;
    *) search_path=$search_path${search_path:+:}$folder ;;
  esac
done <<<"$PATH:"
export PATH=$search_path

# Nor does any program but the last one see a secret: until then they are this shell's own.
hidden=(PATH)
for name in $(compgen -e); do
  case $name in
    INPUT_* | CLOUDFLARE_* | CF_* | *TOKEN* | *SECRET* | *PASSWORD*)
      hidden+=("$name")
      export -n "${name?}"
      ;;
    *) ;;
  esac
done

lock=${GITHUB_ACTION_PATH:?}/requirements-action.txt

# Asks an interpreter, in one start, whether it suits, what to call the packages that fit the lock file
# and itself, and whether it has pip. It has to answer: the Windows Store's stand-in for Python exists,
# and may even end well, but runs nothing. No print(): on Windows it would end the line by a carriage
# return, which the shell keeps.
ask() {
  "$1" -I -c 'import sys
if sys.version_info >= (3, 11):
    import hashlib
    from importlib import machinery, util
    lock = open(sys.argv[1], "rb").read() + machinery.EXTENSION_SUFFIXES[0].encode()
    pip = "pip" if util.find_spec("pip") else "nothing"
    sys.stdout.write("suits %s %s" % (hashlib.sha256(lock).hexdigest()[:16], pip))' "$lock" 2>/dev/null || true
}

python=
for candidate in "${PAGES_DEPLOY_PYTHON:-}" python3 python py; do
  if [ -n "$candidate" ]; then
    answer=$(ask "$candidate")
    if [ "${answer%% *}" = suits ]; then
      python=$candidate
      break
    fi
  fi
done
if [ -z "$python" ]; then
  fail 2 "Python 3.11 or newer is needed and was not found. Add actions/setup-python before this step."
fi
read -r _ tag pip <<<"$answer"

# The runner empties RUNNER_TEMP after each job. Elsewhere, a name that can be foretold could have
# been filled by somebody else.
home=${RUNNER_TEMP:-}
if [ -z "$home" ]; then
  home=$(mktemp -d)
fi
export PAGES_DEPLOY_PACKAGES="$home/pages-deploy-$tag"

install() {
  local fresh wheelhouse=${INPUT_WHEELHOUSE:-}
  set --
  if [ -n "$wheelhouse" ]; then
    [ -d "$wheelhouse" ] || fail 2 "The input wheelhouse does not name a directory."
    set -- --no-index --find-links "$wheelhouse"
  fi
  [ "$pip" = pip ] ||
    fail 2 "The Python that was found has no pip. Add actions/setup-python before this step."
  # Into a name of its own first: a step that is cut off leaves nothing half done, and two steps at
  # once do not meet.
  fresh=$(mktemp -d "$PAGES_DEPLOY_PACKAGES.XXXXXX")
  # The three variables are settings of some machines that contradict --target and the hashes.
  if ! PIP_REQUIRE_VIRTUALENV=0 PIP_USER=0 PIP_CONSTRAINT='' "$python" -I -m pip install --quiet \
    --disable-pip-version-check --no-input --no-deps --no-compile --only-binary=:all: --require-hashes \
    --root-user-action ignore --target "$fresh" --requirement "$lock" "$@"; then
    rm -rf "$fresh"
    fail 1 "The Python packages could not be installed; the lines above say why. A runner without the network needs the input wheelhouse."
  fi
  # Whoever is first gives the name. mv would move into a directory that is there already.
  if ! "$python" -I -c 'import os, sys; os.rename(*sys.argv[1:])' "$fresh" "$PAGES_DEPLOY_PACKAGES" 2>/dev/null; then
    if [ -d "$PAGES_DEPLOY_PACKAGES" ]; then
      rm -rf "$fresh"
    else
      # A virus scanner that still reads the files keeps them where they are.
      PAGES_DEPLOY_PACKAGES=$fresh
    fi
  fi
}

if [ ! -d "$PAGES_DEPLOY_PACKAGES" ]; then
  install
fi

export "${hidden[@]}"
# File names and variables are UTF-8, whatever the machine's language.
exec "$python" -I -X utf8 "$GITHUB_ACTION_PATH/entrypoint.py"
