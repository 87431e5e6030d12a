#!/usr/bin/env bash
# The step of the Action: find Python, which gets the locked packages and deploys.
#
# Written for bash 3.2 (macOS) and for Git's bash on Windows as well. Nothing of the checkout is run:
# Python is looked for outside of it, and started isolated (-I), so that a json.py in there does not
# stand in for Python's own, and no PYTHON... variable counts.
set -euo pipefail

fail() {
  echo "::error title=pages-deploy::$2"
  exit "$1"
}

checkout=$(pwd -P)
# Below the root is everything, and nothing is a checkout.
[ "$checkout" != / ] || checkout=none

# No interpreter that is only asked what it is sees a secret: until then they are this shell's own.
hidden=()
for name in $(compgen -e); do
  case $name in
    INPUT_* | CLOUDFLARE_* | CF_* | *TOKEN* | *SECRET* | *PASSWORD*)
      hidden+=("$name")
      export -n "${name?}"
      ;;
    *) ;;
  esac
done

# Whether a program is named from the root and is not below the working directory.
is_outside() {
  local folder
  folder=$(cd "${1%/*}/" 2>/dev/null && pwd -P) || return 1
  case $1 in
    /*) ;;
    *) return 1 ;;
  esac
  case $folder/ in
    "$checkout"/*) return 1 ;;
    *) ;;
  esac
}

# Each Python along PATH, and before them the one that the workflow names, wherever that is.
candidates() {
  local name found
  if [ -n "${PAGES_DEPLOY_PYTHON:-}" ]; then
    # A path of Windows is none for bash.
    type -P "$PAGES_DEPLOY_PYTHON" || echo "$PAGES_DEPLOY_PYTHON"
  fi
  for name in python3 python py; do
    while IFS= read -r found; do
      if is_outside "$found"; then
        echo "$found"
      fi
    done <<<"$(type -aP "$name" || true)"
  done
}

# Asks an interpreter, in one start, whether it suits and whether it has pip. It has to answer: the
# Windows Store's stand-in for Python exists, and may even end well, but runs nothing. No print(): on
# Windows it would end the line by a carriage return, which the shell keeps.
ask() {
  "$1" -I -c 'import sys
if sys.version_info >= (3, 11):
    from importlib import util
    sys.stdout.write("suits %s" % ("pip" if util.find_spec("pip") else "nothing"))' \
    2>/dev/null </dev/null || true
}

found=$(candidates)
without_pip=
while IFS= read -r python <&3; do
  answer=$([ -z "$python" ] || ask "$python")
  case $answer in
    "suits pip")
      # bash 3.2 takes an empty list for one that is not set.
      [ ${#hidden[@]} -eq 0 ] || export "${hidden[@]}"
      # File names and variables are UTF-8, whatever the machine's language.
      exec "$python" -I -B -X utf8 "${GITHUB_ACTION_PATH:?}/scripts/action_packages.py" 3<&-
      ;;
    suits*) without_pip=$python ;;
    *) ;;
  esac
done 3<<<"$found"

if [ -n "$without_pip" ]; then
  fail 2 "The Python that was found has no pip. Add actions/setup-python before this step."
fi
fail 2 "Python 3.11 or newer is needed and was not found. Add actions/setup-python before this step."
