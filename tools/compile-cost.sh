#!/usr/bin/env bash
# What each room costs to compile, from ninja's own log: seconds of one core, as a Markdown table.
set -euo pipefail

usage() {
  cat <<'TEXT'
Usage: tools/compile-cost.sh [--fresh] [--write] [BUILD_FOLDER]

  BUILD_FOLDER  a build by ninja; build/release when not given. Only what was really compiled there
                tells the truth: ccache answers in no time.
  --fresh       builds the release preset anew in a temporary folder, without ccache, one file at a time
  --write       puts the table into CONTRIBUTING.md
TEXT
}

cd "$(dirname "${BASH_SOURCE[0]}")/.."
folder=build/release fresh=no write=no
for argument in "$@"; do
  case "$argument" in
    -h | --help) usage && exit 0 ;;
    --fresh) fresh=yes ;;
    --write) write=yes ;;
    -*) usage >&2 && exit 1 ;;
    *) folder=$argument ;;
  esac
done

if [[ "$fresh" == yes ]]; then
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  export CCACHE_DISABLE=1
  cmake --preset release -B "$folder" >&2
  # Two at a time would slow each other down on a small machine.
  cmake --build "$folder" -j 1 >&2
fi
[[ -f "$folder/.ninja_log" ]] || { echo "$folder has no .ninja_log: not a build by ninja" >&2 && exit 1; }

# Columns of the log: start, end (milliseconds), time of the file, output, hash. The last line about
# an output is the one that counts. Tests are a row of their own for each room.
table() {
  awk -F '\t' '
    /^#/ { next }
    $4 ~ /twinlake_pch/ { pch[$4] = ($2 - $1) / 1000; next }
    $4 ~ /^src\/CMakeFiles\/.*\.o$/ || $4 ~ /^tests\/.*\.o$/ { cost[$4] = ($2 - $1) / 1000 }
    END {
      for (output in pch) { ++files["(precompiled)"]; seconds["(precompiled)"] += pch[output] }
      for (output in cost) {
        name = output
        sub(/\.o$/, "", name)
        sub(/^.*\.dir\//, "", name)
        together = sub(/^Unity\/unity_/, "", name)
        room = name
        if (together) {  # several files of one folder (ADR 0020)
          room = output
          sub(/\.dir\/.*/, "", room)
          sub(/^.*\//, "", room)
          if (sub(/^test_/, "", room)) name = name "_test.cpp"
        }
        if (output ~ /^tests\//) room = "tests"
        else if (together) ;
        else if (room ~ /\//) sub(/\/.*/, "", room)
        else { room = output; sub(/\.dir\/.*/, "", room); sub(/^.*\//, "", room) }  # generated
        if (name ~ /_test\.cpp$/) room = room " (tests)"
        ++files[room]; seconds[room] += cost[output]
        if (cost[output] > most[room]) { most[room] = cost[output]; slowest[room] = name }
      }
      for (room in files) {
        printf "| %s | %d | %.1f | %s | %.1f |\n", room, files[room], seconds[room], slowest[room], most[room]
        all_files += files[room]; all += seconds[room]
      }
      printf "| ~ all | %d | %.1f | | |\n", all_files, all
    }' "$folder/.ninja_log" | sort | sed 's/^| ~ all/| all/'
}

if [[ "$write" == no ]]; then
  table
else
  rows=$(table)
  ROWS=$rows awk '
    /<!-- compile-cost -->/ { print; skip = 3 }
    /<!-- \/compile-cost -->/ { print ENVIRON["ROWS"]; skip = 0 }
    skip == 0 { print }
    skip > 0 && /^\|/ && heads < 2 { print; ++heads }' CONTRIBUTING.md >"CONTRIBUTING.md.new"
  mv CONTRIBUTING.md.new CONTRIBUTING.md
fi
