#!/usr/bin/env bash
# What the action runs: inputs from the environment, the report to the job's summary, SARIF to a file, the scanner's own
# exit code at the end.
set -uo pipefail
countersign="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
words=(--gate "${SCAN_GATE:-high}" --write "sarif=${SCAN_SARIF:-countersign.sarif}")
[ -n "${SCAN_ONLY:-}" ] && words+=(--only "$SCAN_ONLY")
[ -n "${SCAN_WAIVERS:-}" ] && words+=(--waivers "$SCAN_WAIVERS")
[ -n "${SCAN_LOCK:-}" ] && words+=(--lock "$SCAN_LOCK")
[ -n "${SCAN_OSV:-}" ] && words+=(--osv "$SCAN_OSV")
[ "${SCAN_CHANGED:-false}" = true ] && [ "${SCAN_EVENT:-}" = pull_request ] && words+=(--changed)
summary="$(mktemp)"
words+=(--write "md=$summary")
# The paths are separated by spaces, are not patterns, and none of them is an option.
words+=(--)
set -f
for path in ${SCAN_PATH:-.}; do words+=("$path"); done
set +f
"$countersign/node_modules/.bin/node" "$countersign/packages/cli/src/main.ts" scan "${words[@]}"
code=$?
[ -n "${GITHUB_STEP_SUMMARY:-}" ] && cat "$summary" >> "$GITHUB_STEP_SUMMARY"
rm -f "$summary"
[ -n "${GITHUB_OUTPUT:-}" ] && echo "exit-code=$code" >> "$GITHUB_OUTPUT"
exit "$code"
