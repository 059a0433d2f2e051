{{/*
The spec of a pod that runs one command of the CLI: { root, name, args, env, resources, deadlineSeconds }. `env` adds variables to those
with which the command finds the coordinator and says why it failed.
*/}}
{{- define "freshet.cli.pod" -}}
{{- $files := (include "freshet.secretFiles" (dict "root" .root "component" "cli") | fromYaml).files -}}
{{- $mounts := dict "files" $files "databaseCa" dict -}}
{{- $env := dict
  "FRESHET_URL" (include "freshet.coordinator.url" .root)
  "FRESHET_TOKEN_FILE" "/etc/freshet/secrets/cli-token"
  "FRESHET_TERMINATION_LOG" "/dev/termination-log"
  "FRESHET_PATIENCE_SECONDS" .root.Values.cronjobs.patienceSeconds
  "NO_COLOR" "1" -}}
{{ include "freshet.pod.head" (dict "root" .root "account" (printf "%s-cli" (include "freshet.fullname" .root))) }}
restartPolicy: Never
containers:
  - name: {{ .name }}
    image: {{ include "freshet.image" (dict "root" .root "image" "cli") }}
    imagePullPolicy: {{ .root.Values.image.pullPolicy }}
    args: {{ toJson .args }}
    securityContext: {{- include "freshet.container.security" . | nindent 6 }}
    env:
      {{- include "freshet.env" (merge $env (default dict .env)) | nindent 6 }}
      # Pods do not know when they were scheduled; the name of the Job says it.
      {{- if .job }}
      - name: FRESHET_JOB_NAME
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/job-name']" } }
      - name: FRESHET_JOB_UID
        valueFrom: { fieldRef: { fieldPath: "metadata.labels['batch.kubernetes.io/controller-uid']" } }
      {{- end }}
    terminationMessagePath: /dev/termination-log
    terminationMessagePolicy: FallbackToLogsOnError
    resources: {{- toYaml .root.Values.cronjobs.resources | nindent 6 }}
    volumeMounts: {{- include "freshet.volumeMounts" $mounts | nindent 6 }}
volumes: {{- include "freshet.volumes" $mounts | nindent 2 }}
{{- end -}}
