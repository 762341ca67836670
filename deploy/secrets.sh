#!/bin/sh
# Makes the secrets that compose.yaml hands to the containers as files, each once. Those who run in the containers
# must be able to read them, so the files are readable, and their directory is closed to other users of this machine.
set -eu
directory="$(dirname "$0")/secrets"
mkdir -p "$directory"
chmod 700 "$directory"
cd "$directory"
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
put() { [ -e "$1" ] || { printf '%s\n' "$2" >"$1.new" && chmod 444 "$1.new" && mv "$1.new" "$1"; }; }
for name in postgres_password database_password grafana_password grafana_admin_password; do
    put "$name" "$(secret)"
done
put database_url "postgresql://perps_stats:$(cat database_password)@timescaledb:5432/perps_stats"
put api_key "ps_compose_$(secret)"
