{{/* Variables of a service, as YAML: { root, component, service, files }. The user's own win. */}}
{{- define "freshet.service.env" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $kafka := $values.kafka -}}
{{- if not $kafka.brokers -}}{{- fail "kafka.brokers is required: at least one host:port" -}}{{- end -}}
{{- $env := dict
  "FRESHET_LOG_LEVEL" $values.log.level
  "FRESHET_DATASETS_DIR" "/etc/freshet/datasets"
  "FRESHET_KAFKA_BROKERS" (join "," $kafka.brokers)
  "FRESHET_KAFKA_CREATE_TOPICS" $kafka.createTopics
  "FRESHET_KAFKA_PARTITIONS" $kafka.partitions -}}
{{- if $kafka.replication -}}{{- $_ := set $env "FRESHET_KAFKA_REPLICATION" $kafka.replication -}}{{- end -}}
{{- if $kafka.tls.enabled -}}{{- $_ := set $env "FRESHET_KAFKA_TLS" true -}}{{- end -}}
{{- if $kafka.sasl.mechanism -}}
{{- $_ := set $env "FRESHET_KAFKA_SASL_MECHANISM" $kafka.sasl.mechanism -}}
{{- $_ := set $env "FRESHET_KAFKA_USERNAME" (include "freshet.sasl.username" $root) -}}
{{- end -}}
{{- with $values.otel.endpoint -}}{{- $_ := set $env "OTEL_EXPORTER_OTLP_ENDPOINT" . -}}{{- end -}}
{{- if has .component (list "coordinator" "loader" "reporter") -}}
{{- $_ := set $env "FRESHET_MIGRATIONS" (ternary "run" "wait" (and (not $values.migrations.job) (eq .component "coordinator"))) -}}
{{- end -}}
{{- if eq .component "coordinator" -}}
{{- $_ := set $env "FRESHET_LEASE_SECONDS" $values.leaseSeconds -}}
{{- /* One of the two starts refreshes. Both would start a tick once, but CronJobs that are suspended would not hold. */ -}}
{{- $_ := set $env "FRESHET_SCHEDULES" (not $values.cronjobs.enabled) -}}
{{- else if eq .component "fetcher" -}}
{{- $_ := set $env "FRESHET_COORDINATOR_GRPC" (printf "%s-coordinator:9090" (include "freshet.fullname" $root)) -}}
{{- else if eq .component "loader" -}}
{{- $_ := set $env "FRESHET_EXPORT_ROOT" "/exports" -}}
{{- end -}}
{{- range .files -}}{{- $_ := set $env (printf "%s_FILE" .variable) (printf "/etc/freshet/secrets/%s" .path) -}}{{- end -}}
{{- mergeOverwrite $env $values.env .service.env | include "freshet.env" -}}
{{- end -}}
