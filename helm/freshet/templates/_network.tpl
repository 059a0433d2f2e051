{{/*
An egress rule to public addresses: { root, ports }. Everything but private and reserved ranges (RFC 6890), link-local ones with the metadata
services of clouds among them; IPv6 from global unicast alone.
*/}}
{{- define "freshet.egress.public" -}}
- to:
    - ipBlock:
        cidr: 0.0.0.0/0
        except:
          {{- range list "0.0.0.0/8" "10.0.0.0/8" "100.64.0.0/10" "127.0.0.0/8" "168.63.129.16/32" "169.254.0.0/16" "172.16.0.0/12" "192.0.0.0/24" "192.0.2.0/24" "192.88.99.0/24" "192.168.0.0/16" "198.18.0.0/15" "198.51.100.0/24" "203.0.113.0/24" "224.0.0.0/4" "240.0.0.0/4" }}
          - {{ . }}
          {{- end }}
          {{- range .root.Values.networkPolicy.privateRanges }}{{- if not (contains ":" .) }}
          - {{ . }}
          {{- end }}{{- end }}
    - ipBlock:
        cidr: 2000::/3
        except:
          - 2001::/23
          - 2001:db8::/32
          - 2002::/16
          {{- range .root.Values.networkPolicy.privateRanges }}{{- if contains ":" . }}
          {{- if not (regexMatch "^[23][0-9a-f]{3}:" .) }}{{- fail (printf "networkPolicy.privateRanges: %s is outside 2000::/3, where no publisher is reached anyway; remove it" .) }}{{- end }}
          - {{ . | quote }}
          {{- end }}{{- end }}
  ports: {{- include "freshet.tcp" .ports | nindent 4 }}
{{- end -}}

{{/* TCP ports of a rule, from a list of numbers. */}}
{{- define "freshet.tcp" -}}
{{- range . }}
- { protocol: TCP, port: {{ int . }} }
{{- end }}
{{- end -}}

{{/* A rule to some peers: { to, ports }; without peers, to any address. */}}
{{- define "freshet.egress" -}}
- ports: {{- include "freshet.tcp" .ports | nindent 4 }}
  {{- with .to }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* A rule to pods of the release: { root, component, ports }. */}}
{{- define "freshet.egress.component" -}}
- to:
    - podSelector:
        matchLabels: {{- include "freshet.selector" . | nindent 10 }}
  ports: {{- include "freshet.tcp" .ports | nindent 4 }}
{{- end -}}

{{/* A rule from pods of the release: { root, component, ports }. */}}
{{- define "freshet.ingress.component" -}}
- from:
    - podSelector:
        matchLabels: {{- include "freshet.selector" . | nindent 10 }}
  ports: {{- include "freshet.tcp" .ports | nindent 4 }}
{{- end -}}

{{/* A rule from some peers, which are never empty: { from, ports }. */}}
{{- define "freshet.ingress" -}}
- from: {{- toYaml .from | nindent 4 }}
  ports: {{- include "freshet.tcp" .ports | nindent 4 }}
{{- end -}}

{{/* Ports of the brokers. */}}
{{- define "freshet.kafkaPorts" -}}
{{- $ports := list -}}
{{- range .Values.kafka.brokers -}}{{- $ports = append $ports (regexFind "[0-9]+$" . | int) -}}{{- end -}}
{{- uniq $ports | toYaml -}}
{{- end -}}

{{/* Port of the OTLP endpoint. */}}
{{- define "freshet.otlpPort" -}}
{{- $host := (urlParse .Values.otel.endpoint).host -}}
{{- $port := regexFind ":[0-9]+$" $host | trimPrefix ":" -}}
{{- default (ternary "443" "80" (hasPrefix "https:" .Values.otel.endpoint)) $port -}}
{{- end -}}

{{/* Who may connect to a service, as a list: { root, component, service }. Empty: no one. */}}
{{- define "freshet.service.ingress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- with $policy.metrics }}
{{ include "freshet.ingress" (dict "from" . "ports" (list 8080)) }}
{{- end }}
{{- if eq .component "coordinator" }}
{{ include "freshet.ingress.component" (dict "root" .root "component" "fetcher" "ports" (list 9090)) }}
{{ include "freshet.ingress.component" (dict "root" .root "component" "cli" "ports" (list 8080)) }}
{{- with $policy.api }}
{{ include "freshet.ingress" (dict "from" . "ports" (list 8080 9090)) }}
{{- end }}
{{- if and $policy.keda (eq .root.Values.autoscaling.mode "keda") }}
{{ include "freshet.ingress" (dict "from" $policy.keda "ports" (list 8080)) }}
{{- end }}
{{- end }}
{{- with .service.extraIngress }}
{{ toYaml . }}
{{- end }}
{{- end -}}
