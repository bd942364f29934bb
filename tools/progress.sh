# Sourced by ./test and .ci/run: numbered steps with their output in a file, and a tally of tests.
# shellcheck shell=bash

running=            # process group of the command under way
step_number=0
step_count=0
tests_total=0
tests_failed=0
summary_rows=()     # what | seconds | result

# PIPE, too: whoever reads the output may be gone first.
trap 'stop_running; exit 130' INT TERM HUP PIPE
stop_running() {
  [[ -z "$running" ]] || kill -TERM -- "-$running" 2>/dev/null || true
}

# logged FILE COMMAND...: runs it with its output in FILE; every half minute says how far it is.
logged() {
  local log=$1 started=$SECONDS next=30 status=0
  shift
  mkdir -p "$(dirname "$log")"
  set -m # a process group of its own, so that an interrupt reaches all of it
  "$@" >"$log" 2>&1 </dev/null &
  running=$!
  set +m
  while kill -0 "$running" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - started >= next)); then
      printf '      %4d s: %s\n' "$next" "$(tail -n 1 "$log" | cut -c 1-80)"
      next=$((next + 30))
    fi
  done
  wait "$running" || status=$?
  running=
  return "$status"
}

# step TITLE FILE COMMAND...: one numbered step, with its time and what went wrong. Says no more
# than that: who calls it decides what a failure means.
step() {
  local title=$1 log=$2 started=$SECONDS status=0
  shift 2
  step_number=$((step_number + 1))
  printf '[%d/%d] %s ...\n' "$step_number" "$step_count" "$title"
  logged "$log" "$@" || status=$?
  local took=$((SECONDS - started))
  if ((status == 0)); then
    printf '      done in %d s\n' "$took"
    summary_rows+=("$title|$took|good")
  elif ((status == 77)); then
    printf '      did not run: %s\n' "$(tail -n 1 "$log")"
    summary_rows+=("$title|$took|did not run")
  else
    show_failure "$title" "$log"
    summary_rows+=("$title|$took|FAILED")
  fi
  return "$status"
}

# The errors of a log, or its end when it names none; all of it is in the file.
show_failure() {
  local errors
  errors=$(grep -n -m 20 -E '(error|Error|ERROR):|FAILED|FATAL|Sanitizer|\*\*\*' "$2" || true)
  printf '      %s FAILED; the whole output is in %s\n' "$1" "$2"
  [[ -z "$errors" ]] || printf '%s\n' "$errors" | cut -c 1-300 | sed 's/^/      | /'
  tail -n 25 "$2" | cut -c 1-300 | sed 's/^/      > /'
  show_failed_tests "$2"
}

# The ends of what failed tests said, where the log is ctest's; last, so that no summary hides them.
show_failed_tests() {
  awk '
    / Test +#[0-9]+: / || /^ +Start +[0-9]+: / || /^[0-9]+% tests passed/ { flush_test() }
    / Test +#[0-9]+: .*\*\*\*/ { name = $4; kept = 0; failing = 1; next }
    failing { lines[kept++ % 40] = $0 }
    function flush_test(   i) {
      if (failing) print "== " name
      for (i = kept > 40 ? kept - 40 : 0; failing && i < kept; ++i) print lines[i % 40]
      failing = 0
    }' "$1" | head -n 200 | cut -c 1-300 | sed 's/^/      ! /'
}

count_tests() {
  tests_total=$((tests_total + $1))
  tests_failed=$((tests_failed + $2))
}

# count_from FILE: adds what the last line in ctest's form in FILE says; false when there is none.
count_from() {
  local form='^([0-9]+)% tests passed, ([0-9]+) tests failed out of ([0-9]+)' line
  line=$(grep -E "$form" "$1" | tail -n 1) || return 1
  [[ "$line" =~ $form ]]
  count_tests "${BASH_REMATCH[3]}" "${BASH_REMATCH[2]}"
}

print_summary() {
  local row what took result
  printf '\n%-34s %7s  %s\n' "" seconds result
  for row in "${summary_rows[@]}"; do
    IFS='|' read -r what took result <<<"$row"
    printf '%-34s %7d  %s\n' "$what" "$took" "$result"
  done
  printf '%-34s %7d\n\n' "in all" "$SECONDS"
}

# The last line, as ctest writes it. Never 100 % while something failed, nor when nothing ran.
print_tally() {
  ((tests_total > 0)) || count_tests 1 1
  local percent=$((((tests_total - tests_failed) * 200 / tests_total + 1) / 2))
  ((tests_failed == 0 || percent < 100)) || percent=99
  printf '%d%% tests passed, %d tests failed out of %d\n' "$percent" "$tests_failed" "$tests_total"
}
