{{/* The restricted Pod Security Standard, for pods. The group lets the user read mounted Secrets. */}}
{{- define "freshet.pod.security" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end -}}

{{/* The same for containers. */}}
{{- define "freshet.container.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities: { drop: [ALL] }
{{- end -}}

{{/* What every pod has before its containers: { root, account }. */}}
{{- define "freshet.pod.head" -}}
serviceAccountName: {{ .account }}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext: {{- include "freshet.pod.security" . | nindent 2 }}
{{- with .root.Values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end -}}

{{/* Variables from a map of name to value, sorted. Whole numbers, which Helm reads as floating point, without an exponent. */}}
{{- define "freshet.env" -}}
{{- range $name, $value := . }}
- name: {{ $name }}
  {{- if and (kindIs "float64" $value) (eq (float64 (int64 $value)) $value) }}
  value: {{ int64 $value | quote }}
  {{- else }}
  value: {{ toString $value | quote }}
  {{- end }}
{{- end -}}
{{- end -}}

{{/*
Seconds from SIGTERM to SIGKILL: { root, service }. First the pod still accepts connections (preStop). Then a service finishes what it
has begun, for 20 seconds at most (libs/messaging), and a fetcher gives its tasks back. After a lease nothing is worth waiting for: the task
has been given to another fetcher, and what this one still sends is fenced. Ten seconds are for disconnecting and telemetry.
*/}}
{{- define "freshet.graceSeconds" -}}
{{- add (int .service.preStopSeconds) (max (int .root.Values.leaseSeconds) 20) 10 -}}
{{- end -}}

{{/* Files of Secrets that a component needs, as YAML: a list of { secret, key, path, variable }. Nothing else is mounted. */}}
{{- define "freshet.secretFiles" -}}
{{- $root := .root -}}
{{- $values := $root.Values -}}
{{- $files := list -}}
{{- $own := dict
  "coordinator" (list "database-url" "api-tokens" "worker-token")
  "fetcher" (list "worker-token")
  "loader" (list "database-url")
  "reporter" (list "database-url")
  "migrate" (list "database-url")
  "cli" (list "cli-token") -}}
{{- $variables := dict "database-url" "FRESHET_DATABASE_URL" "api-tokens" "FRESHET_API_TOKENS" "worker-token" "FRESHET_WORKER_TOKEN" "cli-token" "FRESHET_TOKEN" -}}
{{- range $key := default list (get $own .component) -}}
{{- $files = append $files (dict "secret" (include "freshet.existingSecret" $root) "key" $key "path" $key "variable" (get $variables $key)) -}}
{{- end -}}
{{- if has .component (fromYamlArray (include "freshet.services" .)) -}}
{{- with $values.kafka.tls -}}
{{- if and .enabled .caSecret -}}
{{- $files = append $files (dict "secret" .caSecret "key" .caKey "path" "kafka/ca.crt" "variable" "FRESHET_KAFKA_CA") -}}
{{- end -}}
{{- if and .enabled .clientSecret -}}
{{- $files = append $files (dict "secret" .clientSecret "key" .clientCertKey "path" "kafka/tls.crt" "variable" "FRESHET_KAFKA_CERT") -}}
{{- $files = append $files (dict "secret" .clientSecret "key" .clientKeyKey "path" "kafka/tls.key" "variable" "FRESHET_KAFKA_KEY") -}}
{{- end -}}
{{- end -}}
{{- with $values.kafka.sasl -}}
{{- if .mechanism -}}
{{- $files = append $files (dict "secret" (include "freshet.sasl.secret" $root) "key" .passwordKey "path" "kafka/password" "variable" "FRESHET_KAFKA_PASSWORD") -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- $references := ternary $values.datasets.credentials dict (eq .component "fetcher") -}}
{{- range $variable, $reference := merge dict (default dict .secretEnv) $references -}}
{{- $files = append $files (dict "secret" $reference.secret "key" $reference.key "path" (printf "env/%s" $variable) "variable" $variable) -}}
{{- end -}}
{{- toYaml (dict "files" $files) -}}
{{- end -}}

{{/*
Volumes of a component: { files, databaseCa }, and the folder for temporary files, which is the only one that can be written. Secrets are
readable for the user's group alone: mode 0440, which is 288 in decimal, because parsers differ in what 0440 means.
*/}}
{{- define "freshet.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 64Mi }
{{- with .files }}
- name: secrets
  projected:
    defaultMode: 288
    sources:
      {{- range . }}
      - secret:
          name: {{ .secret }}
          items: [{ key: {{ .key | quote }}, path: {{ .path | quote }} }]
      {{- end }}
{{- end }}
{{- with .databaseCa }}
- name: database-tls
  secret:
    secretName: {{ .caSecret }}
    defaultMode: 288
    items: [{ key: {{ .caKey | quote }}, path: ca.crt }]
{{- end }}
{{- end -}}

{{- define "freshet.volumeMounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .files }}
- { name: secrets, mountPath: /etc/freshet/secrets, readOnly: true }
{{- end }}
{{- if .databaseCa }}
- { name: database-tls, mountPath: /etc/freshet/database-tls, readOnly: true }
{{- end }}
{{- end -}}
