{{/* Not empty where a service is scaled by KEDA. */}}
{{- define "freshet.keda" -}}
{{- range $component := include "freshet.services" . | fromYamlArray -}}
{{- $service := include "freshet.service" (dict "root" $ "component" $component) | fromYaml -}}
{{- if eq $service.autoscaling.mode "keda" -}}{{ $component }} {{ end -}}
{{- end -}}
{{- end -}}
