{{/* The spec of a TriggerAuthentication for the brokers; empty where KEDA is not used or needs none. */}}
{{- define "freshet.keda.authentication" -}}
{{- $tls := .Values.kafka.tls -}}
{{- $sasl := .Values.kafka.sasl -}}
{{- $references := list -}}
{{- if $sasl.mechanism -}}
{{- $references = append $references (dict "parameter" "password" "name" (include "freshet.sasl.secret" .) "key" $sasl.passwordKey) -}}
{{- end -}}
{{- if and $tls.enabled $tls.caSecret -}}
{{- $references = append $references (dict "parameter" "ca" "name" $tls.caSecret "key" $tls.caKey) -}}
{{- end -}}
{{- if and $tls.enabled $tls.clientSecret -}}
{{- $references = append $references (dict "parameter" "cert" "name" $tls.clientSecret "key" $tls.clientCertKey) -}}
{{- $references = append $references (dict "parameter" "key" "name" $tls.clientSecret "key" $tls.clientKeyKey) -}}
{{- end -}}
{{- if and $references (eq .Values.autoscaling.mode "keda") -}}
secretTargetRef: {{- toYaml $references | nindent 2 }}
{{- if $sasl.mechanism }}
env:
  - { parameter: username, name: FRESHET_KAFKA_USERNAME }
{{- end }}
{{- end -}}
{{- end -}}
