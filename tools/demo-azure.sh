# Sourced by ./demo --azure: an empty second region, and everything up to a failover to it.
# shellcheck shell=bash disable=SC2034,SC2154

# What the operator would write: where the workspace goes, and what differs there.
write_configuration() {
  local tenant
  tenant=$(sed -n 's/^azure_tenant_id *= *//p' databrickscfg | head -n 1)
  cat >twinlake.yml <<TEXT
groups:
  lakeside:
    primary: primary
    secondary: secondary
    state: $work/state
    helper_clusters: {primary: auto, secondary: auto}
    rewrites:
      - {from: stlake, to: stlakedr}
      - {same: kv-lakeside}          # replicated to the pair by Azure
      - {same: fog-lakeside}         # a listener that follows the primary
    mounts:
      credentials:
        - source: "wasbs://*@stlakesidewe.*"
          configs: {fs.azure.account.key.stlakesidewe.blob.core.windows.net: "{{secrets/ingest-keys/lake-key}}"}
        - source: "abfss://*@stlakesidewe.*"
          configs:
            fs.azure.account.auth.type: OAuth
            fs.azure.account.oauth.provider.type: org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider
            fs.azure.account.oauth2.client.id: 11111111-2222-3333-4444-555555555555
            fs.azure.account.oauth2.client.secret: "{{secrets/ingest-keys/lake-client}}"
            fs.azure.account.oauth2.client.endpoint: https://login.microsoftonline.com/$tenant/oauth2/token
    azure:
      secondary:
        region: northeurope
        network: {vnet: vnet-lakeside-ne, public_subnet: adb-host, private_subnet: adb-container}
        storage_sku: Standard_LRS
TEXT
}

# Lines that fit the page, with a mark where something is left out.
shortened() { sed -E 's/^(.{96}).{2,}$/\1…/'; }

show_provision() {
  run provision provision
  ((status == 0)) || good=no
  show '1. provision' "$(jq -r '"\(.steps | length) step: \(.steps[0].title)"' provision.json)"
  jq -r '[.properties[] | select(.fate != "copied" and .secondary != null)] | group_by(.fate) |
    map("\(.[0].fate): " + (map(.property | split(".") | last) | join(", "))) | join("\n")' provision.json |
    fold -s -w 84 | sed 's/^/             /; s/ *$//'
  run made provision --apply
  ((status == 0)) || good=no
  printf '             made; it answers at %s\n' "$(jq -r .host made.json)"
  run twice provision --apply
  [[ $(jq '.steps | length' twice.json) == 0 ]] || good=no
  printf '             a second run: %s steps\n' "$(jq '.steps | length' twice.json)"
}

show_storage() {
  run storage storage
  show '4. storage' "$(jq -r '"\(.accounts | length) accounts, \([.accounts[].advice[] | select(.gravity != "note")] | length) warnings"' storage.json)"
  jq -r '.accounts[] | select(.dbfs_root | not) |
    "   \(.name) \(.sku), \(if .loss_minutes == null then "no copy elsewhere" else
      "a loss would cost \(.loss_minutes | round) min" end): " +
    ([.advice[] | select(.gravity != "note") | .message][0] // "in order")' storage.json | shortened
}

show_dependencies() {
  run dependencies dependencies
  show '5. depends on' "$(jq -r '"\(.dependencies | length) services besides storage"' dependencies.json)"
  jq -r '.dependencies[] | "   \(.service) \(.name): " + ([.advice[] | .message][0] // "in order")' dependencies.json | shortened
}

show_readiness() {
  "$twinlake" -o json readiness >readiness.json 2>readiness.log && status=0 || status=$?
  ((status == 0 || status == 10)) || fail_with_log "twinlake readiness ended with $status" "$work/readiness.log"
  show '6. readiness' "$(jq -r '"\(.verdict): " + ([.checks[].level] | group_by(.) | map("\(length) \(.[0])") | join(", "))' readiness.json)"
  jq -r '.checks[] | select(.level != "good" and (.check | IN("cores", "node sizes", "addresses", "storage", "key vaults", "region health"))) |
    "   \(.check): \(.message)"' readiness.json | shortened
}

azure_fail_over() {
  local live _
  live=$(call primary GET /sim/world | jq '.live_job_triggers | length')
  call primary POST /sim/outage '{}' >/dev/null
  run lost failover --forced
  ((status == 0)) || good=no
  show '7. failover' "westeurope is lost; $(turned_line lost release) released in northeurope"
  local now
  now=$(call secondary GET /sim/world | jq '.live_job_triggers | length')
  printf '             %s triggers were live there, %s are live here\n' "$live" "$now"
  [[ $live == "$now" ]] || good=no
}

demo_azure() {
  write_configuration
  roles=()
  show regions "primary $primary (westeurope), no second workspace yet"
  show_primary
  show_provision
  run sync sync
  ((status == 0)) || good=no
  show '2. sync' "$(sync_line sync)"
  show_requests sync
  show_trouble sync 4
  show_standby
  run end reconcile
  ((status == 0)) || good=no
  show '3. reconcile' "$(verdict_line end)"
  show_trouble end 4
  show_storage
  show_dependencies
  show_readiness
  azure_fail_over
}
