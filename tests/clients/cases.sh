# Sourced by the scripts of command lines: cases with plain checks. CLIENT is the program; whoever
# sources this fills `cases` with names of functions and ends with run_cases.
# shellcheck shell=bash
# shellcheck disable=SC2034 # the variables are for whoever sources this

cases=()
node=Standard_DS3_v2 spark=15.4.x-scala2.12
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

cli() { "$CLIENT" "$@"; }

fail() {
  printf '  %s\n' "$1"
  exit 1
}

# same WHAT WANTED GOT
same() { [[ "$3" == "$2" ]] || fail "$1: '$3', not '$2'"; }
# has WHAT PART WHOLE
has() { grep -qF -- "$2" <<<"$3" || fail "$1: '$2' is not in: ${3:0:400}"; }
lacks() { ! grep -qF -- "$2" <<<"$3" || fail "$1: '$2' is in: ${3:0:400}"; }

# refused TEXT ARGUMENTS...: the client must fail and say TEXT.
refused() {
  local text=$1 said
  shift
  ! said=$(cli "$@" 2>&1) || fail "was not refused: $*"
  has "refused: $*" "$text" "$said"
}

# Ids are larger than what jq keeps exactly, so they are taken from the text.
number() { grep -o "\"$1\": *[0-9]*" | head -n 1 | grep -o '[0-9]*$'; }

# definition [JQ OPTIONS] TEMPLATE: JSON with the versions that everything here uses.
definition() { jq -cn --arg spark "$spark" --arg node "$node" "$@"; }

run_cases() {
  local name status passed=0 failed=0
  for name in "${cases[@]}"; do
    set +e # a failed case ends its own subshell only
    (
      set -e
      "$name"
    )
    status=$?
    set -e
    if ((status == 0)); then
      passed=$((passed + 1))
      printf 'ok     %s\n' "$name"
    else
      failed=$((failed + 1))
      printf 'FAILED %s\n' "$name"
    fi
  done
  printf '%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0))
}
