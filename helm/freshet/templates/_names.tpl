{{/* Name at the front of all objects: the release's, as long as the name of a CronJob of it may be. */}}
{{- define "freshet.fullname" -}}
{{- default .Release.Name .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{/* What selects the pods of a component: { root, component }. Never changes, because selectors of Deployments cannot. */}}
{{- define "freshet.selector" -}}
app.kubernetes.io/name: freshet
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end -}}

{{/* Labels of every object: { root, component }. */}}
{{- define "freshet.labels" -}}
{{ include "freshet.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: freshet
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name (.root.Chart.Version | replace "+" "_") }}
{{- end -}}

{{- define "freshet.image" -}}
{{- printf "%s%s/%s:%s" .root.Values.image.registry .root.Values.image.repository .image (default .root.Chart.AppVersion .root.Values.image.tag) | quote -}}
{{- end -}}

{{- define "freshet.services" -}}
[coordinator, fetcher, parser, validator, loader, reporter]
{{- end -}}

{{/* Values of one service, as YAML: `defaults` with the service's own on top. */}}
{{- define "freshet.service" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.defaults) (deepCopy (default dict (get .root.Values.services .component))) | toYaml -}}
{{- end -}}

{{- define "freshet.coordinator.url" -}}
http://{{ include "freshet.fullname" . }}-coordinator:8080
{{- end -}}

{{- define "freshet.existingSecret" -}}
{{- required "existingSecret is required: the name of a Secret with the keys database-url, api-tokens, worker-token and cli-token" .Values.existingSecret -}}
{{- end -}}
