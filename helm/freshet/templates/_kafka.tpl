{{/* User name and Secret for SASL; those of the KafkaUser of this release where it has one. */}}
{{- define "freshet.sasl.username" -}}
{{- $own := ternary (include "freshet.fullname" .) "" .Values.strimzi.user -}}
{{- required "kafka.sasl.username is required with kafka.sasl.mechanism" (default $own .Values.kafka.sasl.username) -}}
{{- end -}}

{{- define "freshet.sasl.secret" -}}
{{- $own := ternary (include "freshet.fullname" .) "" .Values.strimzi.user -}}
{{- required "kafka.sasl.passwordSecret is required with kafka.sasl.mechanism" (default $own .Values.kafka.sasl.passwordSecret) -}}
{{- end -}}
