#!/usr/bin/env bash
# Installs what Twinlake needs from Debian 12, and nothing when all of it is there.
set -euo pipefail

build_packages=(
  ninja-build cmake pkgconf ccache mold clang-19
  libboost1.81-dev libcurl4-openssl-dev libssl-dev nlohmann-json3-dev libsqlite3-dev libsqlitecpp-dev
  libzstd-dev libsodium-dev libcli11-dev libfmt-dev libyaml-cpp-dev libexpected-dev libre2-dev
  libhowardhinnant-date-dev libkainjow-mustache-dev
  tzdata ca-certificates git
)
# llvm-19 has the symbolizer, without which a sanitizer's report is a list of addresses.
test_packages=(libclang-rt-19-dev llvm-19 libgtest-dev librapidcheck-dev sqlite3 jq python3 curl)
extra_packages=(clang-tidy-19 clang-format-19)

usage() {
  cat <<'TEXT'
Usage: tools/install-packages.sh [build | test | all | package...]

  build   what compiles the program
  test    that, and what the tests need (the default)
  all     that, and the linter and the formatter
  Any other word is the name of a package, for tools that only some suites need.

Does nothing when all are installed. Uses sudo when not run as root.
TEXT
}

fail() {
  printf 'install-packages: %s\n' "$1" >&2
  exit 1
}

wanted=()
for group in "${@:-test}"; do
  case "$group" in
    -h | --help) usage && exit 0 ;;
    build) wanted+=("${build_packages[@]}") ;;
    test) wanted+=("${build_packages[@]}" "${test_packages[@]}") ;;
    all | --all) wanted+=("${build_packages[@]}" "${test_packages[@]}" "${extra_packages[@]}") ;;
    -*) usage >&2 && exit 1 ;;
    *) wanted+=("$group") ;;
  esac
done

command -v dpkg-query >/dev/null && command -v apt-get >/dev/null ||
  fail "this system has no apt-get. Install what corresponds to these Debian 12 packages: ${wanted[*]}"

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  # A package for several architectures answers once for each.
  [[ "$status" == *installed* && "$status" != not-installed ]] || missing+=("$package")
done
((${#missing[@]} > 0)) || exit 0

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null ||
    fail "as root, run: apt-get update && apt-get install -y --no-install-recommends ${missing[*]}"
  as_root=(sudo)
fi
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=120 "$@"
}

# apt-get takes a name that it does not know for a pattern ("g++-13" fits "python3-clang-13") and
# installs whatever fits. So only exact names may reach it.
known_to_apt() {
  local package described
  for package in "${missing[@]}"; do
    described=$(apt-cache show -- "$package" 2>/dev/null || true)
    grep -qFx "Package: $package" <<<"$described" || return 1
  done
}

install_missing() {
  apt install -y --no-install-recommends "${missing[@]}"
}

printf 'installing %d packages: %s\n' "${#missing[@]}" "${missing[*]}"
updated=no
if ! known_to_apt; then
  apt update || fail "apt-get update failed: is there a way to a Debian mirror?"
  updated=yes
  known_to_apt || fail "this release lacks some of: ${missing[*]}. The names are those of Debian 12"
fi
if ! install_missing; then
  # Lists that are too old name files that the mirror no longer has.
  [[ $updated == no ]] && apt update && install_missing ||
    fail "could not install: ${missing[*]}. See what apt-get said above"
fi
